"""What the nights look for in what editors wrote."""
