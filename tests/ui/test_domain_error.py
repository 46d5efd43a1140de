"""A refused rule that no view caught: a page with its sentence, never a crash."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.test import RequestFactory

from portal.ui.errors import DomainError, NotAllowed
from portal.ui.middleware import DomainErrorMiddleware


@pytest.mark.parametrize(("error", "status"), [(DomainError, 409), (NotAllowed, 403)])
def test_the_sentence_of_a_refused_rule_is_shown(
    rf: RequestFactory, error: type[DomainError], status: int
) -> None:
    request = rf.post("/panier/ajouter/")
    request.user = AnonymousUser()

    answer = DomainErrorMiddleware(lambda _: HttpResponse()).process_exception(
        request, error("La convention est finie.")
    )

    assert answer is not None
    assert answer.status_code == status
    assert "La convention est finie." in answer.content.decode()


def test_any_other_error_is_left_to_django(rf: RequestFactory) -> None:
    middleware = DomainErrorMiddleware(lambda _: HttpResponse())

    assert middleware.process_exception(rf.get("/"), ValueError("x")) is None
