"""« Formations » in the back office."""
