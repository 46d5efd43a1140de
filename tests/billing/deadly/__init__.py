"""A process of its own that dies, without any warning, at a moment that a test chooses."""
