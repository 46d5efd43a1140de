"""The back office of invoices, for référents and administrators."""
