"""What every snippet shares: drafts, preview, locking and moderation."""

from typing import Any, Self

from django.contrib.contenttypes.fields import GenericRelation
from django.db import models
from wagtail.models import (
    DraftStateMixin,
    LockableMixin,
    PreviewableMixin,
    RevisionMixin,
    WorkflowMixin,
)


class LiveQuerySet(models.QuerySet[Any]):
    """Snippets, of which the public sees those that are published."""

    def live(self) -> Self:
        """Keep what a modérateur has published."""
        return self.filter(live=True)


class ModeratedSnippet(
    PreviewableMixin, WorkflowMixin, DraftStateMixin, LockableMixin, RevisionMixin, models.Model
):
    """A snippet that an éditeur submits and a modérateur publishes.

    The row is the published version; what is being written lives in its revisions.
    """

    _revisions = GenericRelation(
        "wagtailcore.Revision",
        content_type_field="base_content_type",
        object_id_field="object_id",
        for_concrete_model=False,
    )
    workflow_states = GenericRelation(
        "wagtailcore.WorkflowState",
        content_type_field="base_content_type",
        object_id_field="object_id",
        for_concrete_model=False,
    )

    objects = LiveQuerySet.as_manager()

    class Meta:
        abstract = True

    @property
    def revisions(self) -> Any:
        """Every version of this snippet."""
        return self._revisions
