"""The shop: the only package that imports Oscar."""
