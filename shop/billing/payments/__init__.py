"""Payments: recorded by hand or from the bank's statements, and reminders of what is not paid."""
