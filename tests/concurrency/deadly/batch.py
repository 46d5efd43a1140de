"""``python -m tests.concurrency.deadly.batch KEY OPERATOR``: make a batch of all that is ready."""

import sys
import uuid


def main() -> None:
    """Make it, by the gateway of the environment."""
    import django  # noqa: PLC0415  (it reads the environment)

    django.setup()
    from activation.exchange import batches  # noqa: PLC0415
    from portal.accounts.models import User  # noqa: PLC0415

    batches.make(by=User.objects.get(pk=sys.argv[2]), key=uuid.UUID(sys.argv[1]))


if __name__ == "__main__":
    main()
