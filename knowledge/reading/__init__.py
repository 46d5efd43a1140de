"""Reading RESSOURCES: search, favourites, what was read lately, tutorials on paper, feeds."""
