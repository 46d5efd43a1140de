"""Orders and faulty numbers, for référents."""
