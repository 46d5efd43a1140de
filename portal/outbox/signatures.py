"""Messages that providers send us: signed with a shared secret, recent, small."""

import hashlib
import hmac
import json
import re
import time
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

#: How far the sender's clock may be from ours, and how long a copied message is of use, in seconds.
WINDOW = 300
#: The longest body, in bytes: these messages are a handful of words.
LONGEST = 8192
TIMESTAMP, SIGNATURE = "X-Espace-Timestamp", "X-Espace-Signature"
_TIME = re.compile(r"[0-9]{1,12}", re.ASCII)

Told = Callable[[dict[str, Any]], HttpResponse]
View = Callable[[HttpRequest], HttpResponse]


def sign(body: bytes, *, secret: str, timestamp: str) -> str:
    """Return the signature of a message: what ``X-Espace-Signature`` says.

    Args:
        body: byte for byte.
        secret: shared with the provider.
        timestamp: what ``X-Espace-Timestamp`` says: seconds since 1970.
    """
    signed = timestamp.encode() + b"." + body
    return "sha256=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def signed_by(secrets: Callable[[], Sequence[str]]) -> Callable[[Told], View]:
    """Make a view, open to the world, of a function that gets the object of a signed message.

    403 without a good and recent signature, 413 for a long body, 400 for what is no JSON object.

    Args:
        secrets: returns those that are good now: two while one replaces the other; none refuses
            every message.
    """

    def make(told: Told) -> View:
        @wraps(told)
        def view(request: HttpRequest) -> HttpResponse:
            body = request.read(LONGEST + 1)
            if len(body) > LONGEST:
                return HttpResponse(status=413)
            if not _is_signed(request, body, secrets()):
                return HttpResponse(status=403)
            try:
                content = json.loads(body)
            except ValueError:
                content = None
            if not isinstance(content, dict):
                return malformed("Le corps n’est pas un objet JSON.")
            return told(content)

        return login_not_required(csrf_exempt(never_cache(require_POST(view))))

    return make


def malformed(sentence: str) -> HttpResponse:
    """Answer a signed message that cannot be read, with a sentence for the provider's people."""
    return JsonResponse({"error": sentence}, status=400, json_dumps_params={"ensure_ascii": False})


def text(content: dict[str, Any], name: str, *, longest: int = 200) -> str:
    """Return a text of a message, trimmed; an empty one where it lacks.

    Raises:
        ValueError: it is no text, or a longer one; the sentence quotes nothing of it.
    """
    value = content.get(name)
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > longest or "\0" in value:
        raise ValueError(f"«\u00a0{name}\u00a0» est un texte de {longest} caractères au plus.")
    return value.strip()


def _is_signed(request: HttpRequest, body: bytes, secrets: Sequence[str]) -> bool:
    timestamp = request.headers.get(TIMESTAMP, "")
    given = request.headers.get(SIGNATURE, "").encode()
    if not _TIME.fullmatch(timestamp) or abs(time.time() - int(timestamp)) > WINDOW:
        return False
    wanted = [sign(body, secret=secret, timestamp=timestamp) for secret in secrets if secret]
    return any(hmac.compare_digest(one.encode(), given) for one in wanted)
