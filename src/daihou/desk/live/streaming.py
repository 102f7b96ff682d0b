"""The stream of one open page: server-sent events as long as its user is signed in and may see alerts.

Events: `hello` with what came since the page heard last, `alerts` with how many are new, `beat` while there is nothing to say, `end` when it may hear no
more. Each carries as its id the number of the act up to which it tells, so that a page that lost the connection goes on from there.

What asks the database is done in a thread of its own (`USHERS`): pages take no seat of a request, and the loop never waits.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from django.contrib import auth
from django.contrib.sessions.backends.db import SessionStore
from django.db import DatabaseError, InterfaceError, close_old_connections
from django.http import HttpRequest

from daihou.desk.alerts.models import Move
from daihou.desk.live import news
from daihou.desk.live.herald import HERALD, Ear
from daihou.desk.people.reach import Access

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from daihou.desk.asked import Asked
    from daihou.desk.live.news import Change
    from daihou.desk.people.models import User

LOG = logging.getLogger(__name__)

BEAT_SECONDS: Final = 5.0
"""Between two signs of life. A page that hears none for long knows that it is alone."""
GAP_SECONDS: Final = 0.3
"""Between two events at least: what comes in a burst is told together."""
CHECKED_SECONDS: Final = 30.0
"""Between two looks whether the user is still signed in, and what they may see."""
AGAIN_MS: Final = 2_000
"""After so long a browser connects again."""
PERMISSION: Final = "alerts.view"
USHERS: Final = ThreadPoolExecutor(1, "usher")


@dataclass(frozen=True, slots=True)
class Hearer:
    """Whose page it is, with what they may see now."""

    session: str
    user: User
    rights: Access

    def again(self) -> Hearer | None:
        """The same with what they may see now; None where they are signed out, or may see no alerts."""
        request = HttpRequest()
        request.session = SessionStore(self.session)
        user = auth.get_user(request)
        if not user.is_authenticated or user.pk != self.user.pk or user.must_change_password:
            return None
        rights = Access(user)
        return Hearer(self.session, user, rights) if rights.may(PERMISSION) else None


def hearer(request: Asked) -> Hearer:
    """Who asks."""
    return Hearer(str(request.session.session_key), request.user, request.rights)


@dataclass
class Page:
    """One open page, and up to which act it has heard. `after` is the last that it heard before; None: it comes first."""

    who: Hearer
    after: int | None
    number: int = 0
    ended: bool = False
    _checked: float = field(default_factory=time.monotonic)

    def greet(self) -> bytes:
        """The first event: what came since the page heard last."""
        self.number = Move.newest()
        came: list[Change] = []
        if self.after is not None and self.after < self.number:
            came = [one for one in news.since(self.after) if one.number <= self.number]
        return f"retry: {AGAIN_MS}\n\n".encode() + self._event("hello", new=news.count(self._seen(came), self.who.user))

    def tell(self, changes: Sequence[Change] | None) -> bytes:
        """What the page is told of changes; nothing where it sees none of them. None: there were too many to be kept."""
        if changes is None:
            self.number = Move.newest()
            return self._event("alerts", new=news.SHOWN)
        fresh = [one for one in changes if one.number > self.number]
        self.number = max([self.number, *(one.number for one in fresh)])
        mine = self._seen(fresh)
        return self._event("alerts", new=news.count(mine, self.who.user)) if mine else b""

    def check(self) -> bytes:
        """The last event where its user may hear no more; else nothing, and what they may see is as it is now. While the database does not answer it stays."""
        try:
            found = self.who.again()
        except (DatabaseError, InterfaceError) as error:
            LOG.warning("pages that listen wait for the database: %s", error)
            return b""
        self._checked = time.monotonic()
        if found is None:
            self.ended = True
            return self._event("end")
        self.who = found
        return b""

    def beat(self) -> bytes:
        """A sign of life."""
        return self._event("beat")

    @property
    def unchecked(self) -> bool:
        """Whether it is time to look who hears."""
        return time.monotonic() - self._checked > CHECKED_SECONDS

    def _seen(self, changes: Sequence[Change]) -> list[Change]:
        return news.seen(changes, self.who.user, self.who.rights)

    def _event(self, kind: str, **data: Any) -> bytes:
        return f"event: {kind}\nid: {self.number}\ndata: {json.dumps(data)}\n\n".encode()

    async def play(self, send: Callable[[bytes], Awaitable[None]]) -> None:
        """Tell the page what comes after the greeting, until it may hear no more, or whoever runs this ends it."""
        ear = Ear(asyncio.get_running_loop())
        HERALD.listen(ear, self.number)
        try:
            changes: list[Change] | None = await _ushered(news.since, self.number)  # while nobody listened
            while True:
                told = await _ushered(self.check) if self.unchecked else b""
                if not self.ended and (changes is None or changes):
                    told += await _ushered(self.tell, changes)
                elif not self.ended:
                    told += self.beat()
                if told:
                    await send(told)
                if self.ended:
                    return
                if changes is None or changes:
                    await asyncio.sleep(GAP_SECONDS)
                changes = await ear.hear(BEAT_SECONDS)
        finally:
            HERALD.leave(ear)


async def _ushered(work: Callable[..., Any], *given: Any) -> Any:
    """What asks the database, done beside the loop."""
    return await asyncio.get_running_loop().run_in_executor(USHERS, _fresh, work, given)


def _fresh(work: Callable[..., Any], given: tuple[Any, ...]) -> Any:
    close_old_connections()
    return work(*given)
