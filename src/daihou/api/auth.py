"""Who calls: the program that a token belongs to, as whom it acts, and what it may do."""

from __future__ import annotations

import logging
import math
import time
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.utils import timezone
from ninja.security import HttpBearer

from daihou.api.limits import FILE, REQUESTS, ROWS, Left, Limit, Shares
from daihou.api.problems import Problem, Words
from daihou.desk.asked import Asked
from daihou.desk.people.reach import Access
from daihou.desk.programs.presented import RefusedError, recognised
from daihou.desk.programs.scopes import SCOPES

if TYPE_CHECKING:
    from django.http import HttpRequest

    from daihou.desk.people.models import User
    from daihou.desk.programs.models import Program

LOG = logging.getLogger(__name__)

PROGRAM: Final = "program"
"""The permission that the views of the API carry: they are no pages, each asks for a token with a scope."""
LONGEST_TOKEN: Final = 512
SECONDS_AT_ONCE: Final = 2
"""A program may send what is due in so many seconds at once: clocks and networks bunch what was sent evenly."""
MOST_ROWS: Final = 10_000
"""Of one request; a program whose rate is lower may still send so many at once, and then waits."""

_WHY: Final[dict[str, Words]] = {
    "missing": Words(
        "The header Authorization does not hold `Bearer` and a token.", "请求头 Authorization 未含 Bearer 令牌。"
    ),
    "unknown": Words("The token is not known here.", "令牌不存在。"),
    "revoked": Words("The token was revoked.", "令牌已撤销。"),
    "expired": Words("The token has expired.", "令牌已过期。"),
    "suspended": Words("The program is suspended.", "该程序已停用。"),
}


@dataclass(frozen=True, slots=True)
class Caller:
    """A program that calls."""

    program: Program
    user: User
    """As whom it acts: what the desk's functions are given as the user."""
    rights: Access
    scopes: frozenset[str]

    def may(self, scope: str) -> bool:
        """Whether it has a scope, and its user's roles allow what that stands on."""
        needed = SCOPES[scope].permission
        return scope in self.scopes and (not needed or self.rights.may(needed))


class Called(Asked):
    """A request as the routers get it, for types alone: with its caller, beside what a request of a page has."""

    auth: Caller
    allowances: dict[str, tuple[Limit, Left]]


class Bearer(HttpBearer):
    """Asks for a token with a scope; without one, for any token."""

    def __init__(self, scope: str) -> None:
        if scope and scope not in SCOPES:
            raise ValueError(f"{scope} is no scope")
        super().__init__()
        self.scope = scope

    def __call__(self, request: HttpRequest) -> Caller:
        """The caller; Problem where there is none, or it may not do this."""
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer" or not token.strip():
            raise _unauthorized("missing")
        return self.authenticate(request, token.strip())

    def authenticate(self, request: HttpRequest, token: str) -> Caller:
        """The caller whom a token belongs to."""
        asked: Called = request  # type: ignore[assignment]  # what it lacks is set here
        try:
            presented = recognised(token, timezone.now(), asked) if len(token) <= LONGEST_TOKEN else None
        except RefusedError as refused:
            raise _unauthorized(refused.code) from None
        if presented is None:
            raise _unauthorized("unknown")
        user = presented.program.user
        caller = Caller(presented.program, user, Access(user), presented.scopes)
        asked.user, asked.rights = caller.user, caller.rights
        _take_request(asked, caller.program)
        if self.scope:
            _check(self.scope, caller)
        return caller


def needs_scope(scope: str) -> Bearer:
    """How an operation names its scope: `@router.get("/alerts", auth=needs_scope("alerts:read"))`."""
    return Bearer(scope)


def any_token() -> Bearer:
    """For what every program may read."""
    return Bearer("")


def take_rows(request: Called, count: int) -> None:
    """Count rows that a program sends; Problem where they are too many for now."""
    program = request.auth.program
    limit = Limit(program.rows_per_second, max(MOST_ROWS, program.rows_per_second * SECONDS_AT_ONCE))
    _take(request, program, "rows", ROWS, limit, count)


def limits_said(request: HttpRequest) -> dict[str, str]:
    """The headers that say what a program's limits are and what is left of them (draft-ietf-httpapi-ratelimit-headers)."""
    allowances: dict[str, tuple[Limit, Left]] = getattr(request, "allowances", {})
    if not allowances:
        return {}
    return {
        "RateLimit-Policy": ", ".join(
            f'"{name}";q={math.floor(limit.at_once)};w={math.ceil(limit.at_once / limit.per_second)}'
            for name, (limit, _left) in allowances.items()
        ),
        "RateLimit": ", ".join(
            f'"{name}";r={left.remaining};t={math.ceil(left.reset_seconds)}'
            for name, (_limit, left) in allowances.items()
        ),
    }


def take_share(program: Program, which: int, limit: Limit, cost: int) -> Left:
    """Take a share of a program's limit, over all web processes."""
    return _shares().take(program.pk, which, limit, cost, time.monotonic())


def _take_request(request: Called, program: Program) -> None:
    rate = program.requests_per_second
    _take(request, program, "requests", REQUESTS, Limit(rate, rate * SECONDS_AT_ONCE), 1)


def _take(request: Called, program: Program, name: str, which: int, limit: Limit, cost: int) -> None:
    left = take_share(program, which, limit, cost)
    request.allowances = getattr(request, "allowances", {}) | {name: (limit, left)}
    if left.allowed:
        return
    wait = max(1, math.ceil(left.wait_seconds))
    raise Problem(
        "too_often",
        Words(
            f"This program may send {limit.per_second:g} {name} a second.",
            f"该程序每秒最多 {limit.per_second:g} {'行' if which == ROWS else '次请求'}。",
        ),
        Words(
            f"Send it again in {wait} s; nothing of it was taken in.", f"请在 {wait} 秒后重新发送；本次未接收任何内容。"
        ),
        headers={"Retry-After": str(wait)},
    )


def _check(scope: str, caller: Caller) -> None:
    if scope not in caller.scopes:
        raise Problem(
            "scope_missing",
            Words(f"The token has not the scope {scope}.", f"令牌不含权限范围 {scope}。"),
            Words("Ask an administrator for it.", "请联系管理员开通。"),
            headers={"WWW-Authenticate": f'Bearer realm="daihou", error="insufficient_scope", scope="{scope}"'},
        )
    if not caller.may(scope):
        raise Problem(
            "not_permitted",
            Words(
                f"No role of this program allows {SCOPES[scope].permission}, which {scope} stands on.",
                f"该程序的角色不含 {scope} 所需的权限 {SCOPES[scope].permission}。",
            ),
            Words("Ask an administrator for a role.", "请联系管理员授予角色。"),
        )


def _unauthorized(why: str) -> Problem:
    said = 'Bearer realm="daihou"' + ("" if why == "missing" else ', error="invalid_token"')
    return Problem(
        "unauthorized",
        _WHY[why],
        Words(
            "Send `Authorization: Bearer TOKEN` with a token that an administrator made.",
            "请在请求头 Authorization 中携带管理员签发的令牌。",
        ),
        headers={"WWW-Authenticate": said},
    )


@cache
def _shares() -> Shares:
    return Shares(settings.HOME.path / FILE)
