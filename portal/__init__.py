"""The project and what every part of it shares."""

from portal.celery import app as celery_app

__all__ = ["celery_app"]
