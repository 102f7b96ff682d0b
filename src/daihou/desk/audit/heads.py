"""Heads of the chain noted outside the database, in `audit.heads` of the home: what was sealed once cannot be cut off unseen.

A line is `seq hash time`. Copied to another machine, the file also shows a chain that was computed anew as a whole.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from daihou.desk.audit.models import Link

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from daihou.book.home import Home


class Head(NamedTuple):
    """The last link of the chain at some time."""

    seq: int
    hash: str
    at: str


def file(home: Home) -> Path:
    """Where heads are noted."""
    return home.path / "audit.heads"


def note(home: Home, at: dt.datetime) -> Head | None:
    """Append the head as it is now, unless it was noted last; answer it, or None where nothing is sealed."""
    last = Link.objects.order_by("-seq").first()
    if last is None:
        return None
    head, noted = Head(last.seq, last.hash, at.isoformat(timespec="seconds")), read(home)
    if not noted or noted[-1][:2] != head[:2]:
        with file(home).open("a", encoding="ascii") as lines:
            lines.write(f"{head.seq} {head.hash} {head.at}\n")
            lines.flush()
            os.fsync(lines.fileno())
    return head


def read(home: Home) -> list[Head]:
    """All heads noted, oldest first. A line torn off by a power cut is left out."""
    if not file(home).exists():
        return []
    words = [line.split() for line in file(home).read_text("ascii").splitlines()]
    return [Head(int(word[0]), word[1], word[2]) for word in words if len(word) == 3 and word[0].isdigit()]
