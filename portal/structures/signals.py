"""What happens to agreements, told to the parts above that must act, in the same transaction."""

from django.dispatch import Signal

#: The terms of a validated avenant hold from now on: at its validation, and when its quantities
#: or its dates change later. Sent with ``amendment`` (locked) and ``by``; a receiver that raises
#: a `DomainError` refuses the whole change.
amendment_validated = Signal()
