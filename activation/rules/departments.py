"""The départements of birth, by the code that identity papers give."""

from portal.structures.departments import NAMES

ABROAD = "99"
DEPARTMENTS = {**NAMES, ABROAD: "Né à l’étranger"}
