"""Assistance requests: a structure asks, Emmaüs Connect answers, both follow one thread."""
