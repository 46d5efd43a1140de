"""« Catalogue » in the back office."""
