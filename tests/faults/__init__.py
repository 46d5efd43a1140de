"""A site on which things go wrong: pages crash, providers refuse, quoting what they got."""
