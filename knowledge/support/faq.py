"""The FAQ before a request is sent, and a request that teaches the FAQ."""

import re
from typing import Final

from django.db import transaction
from django.utils.html import escape

from knowledge import search
from knowledge.models import FaqQuestion, FaqTheme
from knowledge.support import messages
from knowledge.support.models import FoundAnswer, SupportMessage
from knowledge.support.moves import MoveRefused, check_team, locked
from knowledge.support.numbers import masked
from portal.accounts.models import User
from portal.privacy.services import record

MOST: Final = 4  # answers offered
_QUESTION_LENGTH: Final = 200  # characters, as the FAQ's own
_WORD = re.compile(r"[^\W\d_]{3,}")
#: What everybody writes to anybody: it finds nothing.
_POLITE: Final = frozenset(
    _WORD.findall(
        "alors aussi avec avez avoir beaucoup besoin bien bonjour bonsoir cela cette "
        "comme comment cordialement dans depuis deux dire donc elle encore entre est "
        "etre faire fait fois ils jour journee leur leurs madame mais meme merci mon "
        "monsieur nos notre nous nouveau par pas peut peux plus pour pourquoi pourriez "
        "pouvez pouvoir quand que quel quelle qui salut sans ses son sont sur svp tous "
        "tout toute une veut voici voila vos votre vous"
    )
)


def keywords(*texts: str) -> str:
    """Return the words of a request by which the FAQ is searched: the title's come first.

    Numbers are left out, and so is what is said out of politeness.
    """
    words = (word for text in texts for word in _WORD.findall(text[:2000]))
    kept = [word for word in words if search.plain(word) not in _POLITE]
    return " ".join(list(dict.fromkeys(kept))[: search.MAX_WORDS])


def likely(*texts: str) -> list[search.Result]:
    """Return the FAQ's answers to what somebody is about to ask, best first."""
    asked = keywords(*texts)
    return search.find(asked, limit=MOST) if asked else []


def found(question: FaqQuestion) -> None:
    """Count that an answer made a request needless; nobody's name is kept."""
    FoundAnswer.objects.create(question=question)


@transaction.atomic
def draft(*, by: User, message: SupportMessage) -> FaqQuestion:
    """Make a draft of the FAQ of an answer; the éditeurs are told. Once for each answer.

    The request's title becomes the question, the answer's text the answer. Long numbers are
    masked: an éditeur reads the rest before anybody else does.

    Args:
        by: of the team.
        message: an answer of the team's to a structure.

    Raises:
        MoveRefused: it is no answer, it is anonymised, or the FAQ has no theme.
        NoSuchWork: ``by`` answers no requests.
    """
    check_team(by)
    request = locked(message.request)
    row = SupportMessage.objects.select_related("faq_question").get(pk=message.pk)
    if row.faq_question:
        return row.faq_question
    if not row.from_team or row.is_note or request.anonymised_at:
        raise MoveRefused("Seule une réponse d’Emmaüs Connect peut devenir une question de la FAQ.")
    theme = FaqTheme.objects.live().first()
    if theme is None:
        raise MoveRefused("La FAQ n’a pas encore de thème\u00a0: demandez-en un aux éditeurs.")
    question = FaqQuestion(
        theme=theme,
        question=masked(request.title)[:_QUESTION_LENGTH],
        answer=_paragraphs(masked(row.body)),
        live=False,
    )
    question.full_clean()
    question.save()
    question.save_revision(user=by)
    row.faq_question = question
    row.save(update_fields=["faq_question"])
    record(by=by, action="support.faq_drafted", target=request, question=question.pk)
    messages.tell_editors(question.pk)
    return question


def _paragraphs(text: str) -> str:
    """Return plain text as the FAQ's rich text."""
    parts = [part.strip() for part in re.split(r"\n\s*\n", text.replace("\r\n", "\n"))]
    return "".join(f"<p>{escape(part).replace(chr(10), '<br/>')}</p>" for part in parts if part)
