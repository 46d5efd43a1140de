"""``make bench``: the pages and the orders, measured against a bare Django view."""
