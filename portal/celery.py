"""The Celery application: workers and beat deliver what the outbox holds."""

import os
from typing import Any

import structlog
from celery import Celery
from celery.signals import before_task_publish, setup_logging, task_prerun

# The package imports this module first of all: what `portal.wsgi` and Celery's own command start
# from without being told is production, which refuses to run half configured.
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.production")

app = Celery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def keep_our_logging(**kwargs: Any) -> None:
    """Stop Celery from replacing the project's logging by its own."""


@before_task_publish.connect
def carry_request_id(headers: dict[str, Any], **kwargs: Any) -> None:
    """Send the request's id along, so that a task's log lines can be joined to it."""
    request_id = structlog.contextvars.get_contextvars().get("request_id")
    if request_id:
        headers["request_id"] = request_id


@task_prerun.connect
def take_request_id(task: Any, task_id: str, **kwargs: Any) -> None:
    """Bind the ids that this task's log lines carry."""
    structlog.contextvars.clear_contextvars()
    request_id = getattr(task.request, "request_id", None)
    structlog.contextvars.bind_contextvars(
        task=task.name, task_id=task_id, request_id=request_id or task_id
    )
