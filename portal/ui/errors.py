"""Errors that carry the sentence to show to the person.

A service raises them when a rule says no; a view shows ``error.message`` as it is. A sentence
says what happened and what to do next, in French, without jargon and without anybody's personal
data: it may be logged.
"""

from typing import ClassVar


class DomainError(Exception):
    """A rule of the service refused the action.

    Subclasses usually set ``default_code`` and ``default_message``; both can be given at raise
    time.
    """

    default_code: ClassVar[str] = "refused"
    default_message: ClassVar[str] = (
        "Cette action n’est pas possible pour le moment. Rien n’a été modifié."
    )

    def __init__(self, message: str = "", *, code: str = "") -> None:
        """Keep the French sentence and its stable slug.

        Args:
            message: sentence for the person; the class default when empty.
            code: slug for programs and logs; the class default when empty.
        """
        self.message = message or self.default_message
        self.code = code or self.default_code
        super().__init__(self.message)

    def __str__(self) -> str:
        return self.message


class NotAllowed(DomainError):
    """The person may see the object but not do this to it."""

    default_code = "not_allowed"
    default_message = (
        "Votre compte ne permet pas de faire cela. "
        "Demandez au référent de votre structure ou à Emmaüs Connect."
    )
