"""The partner's pages: the form and its draft, the check of a field one leaves, the follow-up."""

from activation.views.drafts import discard_draft, save_draft
from activation.views.follow_up import cancel, detail, follow_up
from activation.views.form import check_field, correct, new
from activation.views.scope import MemberRequest

__all__ = [
    "MemberRequest",
    "cancel",
    "check_field",
    "correct",
    "detail",
    "discard_draft",
    "follow_up",
    "new",
    "save_draft",
]
