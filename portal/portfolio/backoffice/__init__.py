"""Screens of the portfolio in the back office."""
