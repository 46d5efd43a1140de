"""Conventions and avenants: prepared, signed on paper, validated, reminded of, ended."""

from portal.structures.agreements.preparing import Asked, prepare

__all__ = ["Asked", "prepare"]
