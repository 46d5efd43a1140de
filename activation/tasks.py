"""What runs at night for the activations."""

from celery import shared_task

from activation import drafts
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
