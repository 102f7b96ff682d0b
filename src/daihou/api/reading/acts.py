"""What programs may do to an alert: say something, hand it to somebody, hand it up.

All else is judgement, and people's: what a check finds, levels, plans, lifting. A program owns no alert, since whoever owns one answers for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ninja import Field, Router, Schema

from daihou.api.auth import needs_scope
from daihou.api.reading import alert_told, answers, described, refusals, values
from daihou.api.reading import asked as asking
from daihou.api.reading.alerts import reached, revision_tag
from daihou.api.reading.described import One
from daihou.desk.alerts import taking, transitions
from daihou.desk.alerts.models import Move
from daihou.desk.people.models import User
from daihou.desk.refusals import RefusedError, StaleError

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse

    from daihou.api.auth import Called
    from daihou.desk.alerts.models import Alert

router = Router(tags=["alerts"])
TEXT_MOST: Final = 4_000
"""Letters of a comment or note, as in the desk's forms."""


class Comment(Schema):
    """What is said."""

    text: str = Field(..., min_length=1, max_length=TEXT_MOST)


class Assign(Schema):
    """To whom."""

    owner: str = Field(..., max_length=150, description="The user name of somebody who works on alerts there.")
    note: str = Field("", max_length=TEXT_MOST)


class Escalate(Schema):
    """Why."""

    note: str = Field(..., max_length=TEXT_MOST)


@router.post(
    "/alerts/{number}/comment",
    response={201: One[described.Move]},
    auth=needs_scope("alerts:write"),
    summary="Say something beside an alert",
)
def comment(request: Called, number: str, said: Comment) -> HttpResponse:
    """It changes nothing of the alert, so it needs no `If-Match`; nobody is mentioned by it."""
    asking.only(request)
    found = reached(request, number)
    try:
        made = transitions.comment(found, said.text, [], request)
    except RefusedError as refused:
        raise refusals.refused(str(refused)) from None
    (told,) = alert_told.moves([made], {}, notes=True)
    return answers.answer({"data": told, "meta": {}}, status=201)


@router.post(
    "/alerts/{number}/assign",
    response=One[described.Alert],
    auth=needs_scope("alerts:write"),
    summary="Give an alert to somebody",
)
def assign(request: Called, number: str, said: Assign) -> HttpResponse:
    """To somebody who works on alerts of its part of the lender. Needs `If-Match` with the revision that was seen."""
    owner = User.objects.filter(username=said.owner, is_active=True).first()
    if owner is None:
        raise refusals.unknown("owner", said.owner, ())
    return _done(
        request, number, lambda alert, revision: transitions.assign(alert, revision, owner, said.note, request)
    )  # fmt: skip


@router.post(
    "/alerts/{number}/escalate",
    response=One[described.Alert],
    auth=needs_scope("alerts:write"),
    summary="Hand an alert up one org",
)
def escalate(request: Called, number: str, said: Escalate) -> HttpResponse:
    """As long as there is an org above. Needs `If-Match` with the revision that was seen."""
    return _done(
        request, number, lambda alert, revision: transitions.escalate(alert, revision, said.note, request)
    )  # fmt: skip


def _done(request: Called, number: str, act: Callable[[Alert, int], Alert]) -> HttpResponse:
    """The alert after an act on the revision that `If-Match` names."""
    asking.only(request)
    found = reached(request, number)
    revision = _revision(request)
    try:
        after = act(found, revision)
    except StaleError:
        raise _stale(found) from None
    except RefusedError as refused:
        raise refusals.refused(str(refused)) from None
    told = alert_told.told(after, request.user, request.rights)
    return answers.answer({"data": told, "meta": {}}, tag=revision_tag(after))


def _revision(request: Called) -> int:
    """The revision that a request names; refused where it names none."""
    stated = request.headers.get("If-Match", "").strip().removeprefix("W/").strip('"')
    if not (stated.isascii() and stated.isdecimal() and len(stated) < 10):
        raise refusals.no_revision()
    return int(stated)


def _stale(alert: Alert) -> Exception:
    """Who changed it since, and how."""
    last: Any = Move.objects.filter(alert=alert.pk).exclude(act__in=taking.BESIDE).select_related("actor").last()
    now = type(alert).objects.values_list("revision", flat=True).get(pk=alert.pk)
    return refusals.stale(
        now, {"act": last.act, "by": last.actor.username if last.actor else None, "at": values.moment(last.at)}
    )
