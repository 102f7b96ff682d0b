"""Which program a token belongs to, and why it opens nothing."""

from __future__ import annotations

import hashlib
import hmac
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from allauth.idp.oidc.models import Token as AccessToken
from django.db.models import Q

from daihou.desk.audit.log import record
from daihou.desk.programs.models import Program, Token

if TYPE_CHECKING:
    import datetime as dt

    from daihou.desk.asked import Asked

MARK: Final = "dh_"
"""How the tokens of the desk begin, so that a scanner of secrets knows one that was left somewhere."""
NOTED_EVERY: Final = timedelta(minutes=1)
"""Use is noted so often and no more: a program asks hundreds of times a second."""
RECALLED_SECONDS: Final = 1.0
"""How long a process recalls whose token one is, without asking the database, which would cost more than taking a row in. What an administrator
changes holds at once in the process that changed it, and within a second in every other."""
MOST_RECALLED: Final = 1_000
_NOBODY: Final = "0" * 64


@dataclass(frozen=True, slots=True)
class Presented:
    """A program that was recognised, and the scopes of what it showed."""

    program: Program
    scopes: frozenset[str]
    expires_at: dt.datetime


class RefusedError(Exception):
    """A token opens nothing; the code says why: unknown, revoked, expired, suspended."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def digest_of(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()


def recognised(value: str, now: dt.datetime, request: Asked) -> Presented:
    """The program that a token belongs to; RefusedError where it opens nothing."""
    digest, clock = digest_of(value), time.monotonic()
    recalled = _recalled.get(digest)
    if recalled is not None and clock < recalled[0] and now < recalled[1].expires_at:
        return recalled[1]
    found = _of_desk(value, now, request) if value.startswith(MARK) else _of_oauth(value, now)
    if found.program.suspended_at is not None:
        raise RefusedError("suspended")
    if len(_recalled) >= MOST_RECALLED:
        forget()
    _recalled[digest] = clock + RECALLED_SECONDS, found
    return found


def forget() -> None:
    """Ask the database anew whose every token is: something was changed."""
    _recalled.clear()


_recalled: dict[str, tuple[float, Presented]] = {}
"""By the digest of a token."""


def _of_desk(value: str, now: dt.datetime, request: Asked) -> Presented:
    """By a long-lived token. An unknown one costs as much time as a known one whose secret is wrong."""
    prefix = value.split("_", 2)[1][:12]
    token = Token.objects.select_related("program__user").filter(prefix=prefix).first()
    same = hmac.compare_digest(digest_of(value), _NOBODY if token is None else token.digest)
    if token is None or not same:
        raise RefusedError("unknown")
    if not token.holds(now):
        _note_refused(token, now, request)
        raise RefusedError("expired" if token.revoked_at is None else "revoked")
    if token.last_used_at is None or now - token.last_used_at >= NOTED_EVERY:
        Token.objects.filter(pk=token.pk).update(last_used_at=now)
    return Presented(token.program, frozenset(token.program.scopes), token.expires_at)


def _of_oauth(value: str, now: dt.datetime) -> Presented:
    """By a token that OAuth2 gave out: the scopes asked for then, as far as the program still has them."""
    asked = AccessToken.objects.select_related("client__issued__program__user")
    token = asked.filter(
        type=AccessToken.Type.ACCESS_TOKEN, hash=digest_of(value), client__issued__isnull=False
    ).first()
    if token is None or token.client is None:
        raise RefusedError("unknown")
    issued = token.client.issued
    if issued.revoked_at is not None:
        raise RefusedError("revoked")
    if token.expires_at is None or token.expires_at <= now:
        raise RefusedError("expired")
    return Presented(issued.program, frozenset(token.get_scopes()) & frozenset(issued.program.scopes), token.expires_at)


def _note_refused(token: Token, now: dt.datetime, request: Asked) -> None:
    """Say in the audit log that somebody still uses a token that has ended, once a minute."""
    before = Q(refused_at__isnull=True) | Q(refused_at__lte=now - NOTED_EVERY)
    if Token.objects.filter(before, pk=token.pk).update(refused_at=now):
        ended = "expired" if token.revoked_at is None else "revoked"
        record(request, "program.refused", "program", token.program.code, {"token": str(token), "because": ended})
