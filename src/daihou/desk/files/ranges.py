"""A file in parts, as browsers ask for recordings: Safari plays none that comes whole alone."""

from __future__ import annotations

import re
from typing import Final

from django.http import HttpResponse

ASKED: Final = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")


def asked(header: str, size: int) -> tuple[int, int] | None:
    """The first byte and the one behind the last that a Range header asks for; None where it asks for all, for several parts, or for what is not there."""
    found = ASKED.fullmatch(header.strip())
    if not found or not size or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    if not first:
        start, end = max(size - int(last), 0), size
    else:
        start, end = int(first), min(int(last) + 1 if last else size, size)
    return (start, end) if start < end else None


def part(content: bytes, kind: str, start: int, end: int) -> HttpResponse:
    """The answer with one part of a file; nothing in it runs, and nothing keeps a copy."""
    headers = {
        "Content-Range": f"bytes {start}-{end - 1}/{len(content)}", "Accept-Ranges": "bytes", "Cache-Control": "private, no-store",
        "Content-Security-Policy": "default-src 'none'; sandbox", "X-Content-Type-Options": "nosniff",
        "Content-Encoding": "identity",  # a part that is packed is no part of what was asked for
    }  # fmt: skip
    return HttpResponse(content[start:end], status=206, content_type=kind, headers=headers)
