"""Who is logged in, read at every request."""

from allauth.account import auth_backends

from portal.accounts.models import User
from portal.prepared import Prepared

_BY_KEY = Prepared(lambda key: User.objects.filter(pk=key).order_by())


class AuthenticationBackend(auth_backends.AuthenticationBackend):
    """allauth's; the person of a session is read by a statement that is written once."""

    def get_user(self, user_id: int) -> User | None:
        """Return the person, or None where they no longer exist or were deactivated."""
        found = next(iter(_BY_KEY.all(user_id)), None)
        return found if found is not None and self.user_can_authenticate(found) else None
