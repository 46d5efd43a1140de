"""The checks of an activation request, as pure functions.

Each takes what a person typed and returns its clean form, or raises Django's
``ValidationError`` with a French sentence that says what is wrong and how to mend it. None of
them reads the database. Source of every rule: the domain rules of the service, whose vectors the
tests hold.
"""
