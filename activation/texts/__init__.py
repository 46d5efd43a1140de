"""The words that référents edit: their variables, their checks, what they become, their trail."""
