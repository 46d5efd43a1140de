"""Work on stock that nobody waits for. Arguments are keys, never a code."""

from celery import shared_task

from shop.recharges import imports, staging, stock
from shop.recharges.drafts import LotDraft

LONGEST = 1800  # seconds: a million lines of XLSX on a slow machine


@shared_task(time_limit=LONGEST)
def work_on(draft: int) -> None:
    """Read or import a deposited file; a process that has it already goes on undisturbed."""
    staging.run(draft)


@shared_task
def resume() -> None:
    """Begin again what a process that died left behind, or what no broker passed on."""
    states = (LotDraft.State.READING, LotDraft.State.IMPORTING)
    for pk in LotDraft.objects.filter(state__in=states).values_list("pk", flat=True):
        work_on.delay(pk)


@shared_task
def purge_drafts() -> None:
    """Drop the deposited files whose day is over."""
    imports.purge()


@shared_task
def watch_stock() -> None:
    """Let codes expire, keep withdrawn lots out, and alert where the stock is low."""
    stock.expire()
    stock.sweep_withdrawn()
    stock.alert()
