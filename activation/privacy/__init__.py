"""A beneficiary's data after the request: forgotten in time, exported or erased when asked."""
