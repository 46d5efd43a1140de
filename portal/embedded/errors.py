"""What can go wrong with an embedded server, said so that a newcomer knows what to do."""


class EmbeddedServerError(RuntimeError):
    """An embedded server cannot be started; the message says why and what helps."""
