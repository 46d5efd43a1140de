"""« Conventions » and « Textes des conventions » in the back office."""
