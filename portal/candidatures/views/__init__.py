"""Public pages: none needs an account, none is kept by a cache."""
