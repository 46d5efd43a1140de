"""The demonstration: invented people, structures and codes, for `make run` and the tests."""
