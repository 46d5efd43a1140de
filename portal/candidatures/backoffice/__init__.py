"""Candidatures in the back office, for référents."""
