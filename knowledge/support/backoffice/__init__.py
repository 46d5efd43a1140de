"""The assistance requests in the back office."""
