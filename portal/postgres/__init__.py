"""Django's PostgreSQL backend, with a cheaper look at connections that are in use."""
