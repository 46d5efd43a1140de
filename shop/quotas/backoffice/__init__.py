"""« Campagnes » and « Dotations » in the back office."""
