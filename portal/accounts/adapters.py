"""allauth's hooks."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter


class AccountAdapter(DefaultAccountAdapter):
    """Our login rules."""


class MFAAdapter(DefaultMFAAdapter):
    """Our second factor."""
