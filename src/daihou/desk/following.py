"""What parts of the desk that follow runs share: which date is the newest that counts, what names exactly what its run wrote, and some rows a transaction.

Such a part may be killed at any time and goes on where it was; done again it writes nothing.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final, TypeVar

from django.conf import settings
from django.db import transaction
from django.http import QueryDict

from daihou.book.lake import stamp as stamp_of
from daihou.desk.portfolio import moments
from daihou.runs import store

if TYPE_CHECKING:
    import datetime as dt
    import threading
    from collections.abc import Callable, Sequence

    from daihou.desk.portfolio.moments import Moment

TOGETHER: Final = 1_000
"""Rows of one transaction."""
Key = TypeVar("Key")


class OvertakenError(Exception):
    """Another process brought the rows up to what this one was about to; what it wrote stands."""


class StoppedError(Exception):
    """It was told to stop between two transactions; the next time it goes on."""


def newest(by: dt.date | None = None) -> Moment | None:
    """The newest date, up to one, that a run spoke for by its own knowledge; None before the first. A look ahead speaks for none."""
    if not stamp_of(settings.HOME.lake / "runs"):
        return None
    known = moments.moment(QueryDict())
    for as_of, known_on in reversed(known.pairs):
        if by is not None and as_of > by:
            continue
        if as_of == known_on and (store.record(settings.HOME, as_of, as_of) or {}).get("said"):
            return moments.Moment(as_of, known_on, known.pairs, known.stamp)
    return None


def stamp(moment: Moment) -> str:
    """Names exactly what the run of a date wrote: run again with facts that came late, a date is followed again."""
    names = sorted(path.name for path in store.files(settings.HOME, "snapshots", *moment.pair))
    return f"{moment.as_of} {hashlib.sha256(' '.join(names).encode()).hexdigest()[:32]}"


def each(keys: Sequence[Key], stop: threading.Event | None, act: Callable[[Sequence[Key]], int]) -> int:
    """Do an act to all, some a transaction; how many it was done to. StoppedError once told to stop."""
    done = 0
    for first in range(0, len(keys), TOGETHER):
        if stop is not None and stop.is_set():
            raise StoppedError
        with transaction.atomic():
            done += act(keys[first : first + TOGETHER])
    return done
