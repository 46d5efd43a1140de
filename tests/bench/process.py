"""What a process of the bench needs before its work is unpickled: Django, and where to meet."""

from multiprocessing.synchronize import Barrier

#: Where processes that measure together wait for each other.
meeting: list[Barrier] = []


def start(barrier: Barrier | None = None) -> None:
    """Prepare this process."""
    import django  # noqa: PLC0415  (nothing of it before this call)

    django.setup()
    meeting[:] = [barrier] if barrier else []
