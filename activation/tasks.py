"""What runs for the activations while nobody waits. Arguments are keys."""

from celery import shared_task

from activation import drafts
from activation.exchange import imports, making
from activation.privacy import anonymise as anonymising


@shared_task
def anonymise() -> None:
    """Anonymise what was closed long ago; a full run calls the next one."""
    proof = anonymising.run()
    if proof and proof.number == anonymising.RUN:
        anonymise.delay()


@shared_task
def purge_drafts() -> None:
    """Delete the forms and the files that nobody went on with."""
    drafts.purge()
    imports.purge()


@shared_task
def make_batch(operator: int, key: str) -> None:
    """Transmit all that is ready, as one batch; a second time changes nothing."""
    making.work(operator, key)


@shared_task
def apply_answers(sheet: int) -> None:
    """Apply a file of SFR's answers, or what is left of it."""
    imports.apply(sheet)


@shared_task
def resume_answers() -> None:
    """Go on with the files that a process which died left behind, or no broker passed on."""
    for sheet in imports.unfinished():
        apply_answers.delay(sheet)
