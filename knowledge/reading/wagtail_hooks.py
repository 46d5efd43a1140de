"""Serving the films of the library: phones ask for a video in parts, and Wagtail sends wholes."""

import re
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from wagtail import hooks

#: Bytes of one answer at most: a player asks for what follows.
PART = 1024 * 1024
PARTIAL, IMPOSSIBLE = 206, 416  # HTTP: a part of it; no such part
_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")


# After Wagtail's own, which refuses whom the collection is closed to.
@hooks.register("before_serve_document", order=100)
def serve_part(document: Any, request: HttpRequest) -> HttpResponse | None:
    """Answer the part of a video that is asked for; Wagtail answers all else."""
    asked = _RANGE.fullmatch(request.headers.get("Range", ""))
    if asked is None or document.file_extension.lower() != "mp4":
        return None
    size = int(document.file.size)
    bounds = _bounds(asked, size)
    if bounds is None:
        wrong = {"Content-Range": f"bytes */{size}"}
        return HttpResponse(status=IMPOSSIBLE, headers=wrong)
    start, end = bounds
    with document.file.open("rb") as opened:
        opened.seek(start)
        content = opened.read(end - start)
    said = {"Accept-Ranges": "bytes", "Content-Range": f"bytes {start}-{end - 1}/{size}"}
    answer = HttpResponse(content, content_type="video/mp4", status=PARTIAL, headers=said)
    patch_cache_control(answer, private=True, no_cache=True)
    return answer


def _bounds(asked: re.Match[str], size: int) -> tuple[int, int] | None:
    """Return the first byte and the one after the last (RFC 9110, 14.1.2); None if impossible."""
    first, last = asked.groups()
    if first:
        start, end = int(first), min(int(last) + 1 if last else size, size)
    else:
        start, end = max(0, size - int(last or 0)), size
    return (start, min(end, start + PART)) if start < end else None
