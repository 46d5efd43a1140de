"""Rules of telephone cards and lines that several parts share."""
