"""Register « Suivi » in the back office."""

from wagtail import hooks

from portal.outbox.backoffice import FollowUpGroup


@hooks.register("register_admin_viewset")
def follow_up() -> FollowUpGroup:
    """Messages sent, messages waiting, audit trail."""
    return FollowUpGroup()
