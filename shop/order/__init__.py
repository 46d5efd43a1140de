"""Fork of Oscar's order app, to reach the order's number and its creator."""
