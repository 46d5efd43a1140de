"""Free quotas of a structure, and their ledger."""

#: The one Oscar offer that shows and records free units (a migration creates it).
OFFER_NAME = "Dotation gratuite"
