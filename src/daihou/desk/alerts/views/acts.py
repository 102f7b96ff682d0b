"""Acts on one alert: each reads its form, does one transition, and leads back to the alert, or says why not and keeps what was typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from daihou.desk.access import needs
from daihou.desk.alerts import acting, forms, scope, transitions
from daihou.desk.alerts.choices import Act, Stage
from daihou.desk.alerts.models import Alert
from daihou.desk.refusals import RefusedError, StaleError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from django import forms as django_forms
    from django.http import HttpResponse

    from daihou.desk.asked import Asked

    Doing = Callable[[Alert, dict[str, Any]], Alert]
    """What is done to an alert with what a form said."""

REFUSED, STALE = 422, 409
TYPED: Final = ("note", "text")
"""The fields of forms that hold a person's own words."""
MOVES_SHOWN: Final = 5
BESIDE: Final = (Act.COMMENT, Act.ATTACH, Act.TASK, Act.TASK_DONE, Act.TASK_DROPPED)
"""Acts that leave the alert as it is."""


@needs("alerts.handle")
@require_POST
def conclude(request: Asked, number: int) -> HttpResponse:
    """What the check found."""

    def act(alert: Alert, said: dict[str, Any]) -> Alert:
        return transitions.conclude(
            alert, said["revision"], said["conclusion"], said["note"], request, level=said["level"], duplicate_of=said["duplicate"]
        )  # fmt: skip

    return done(request, number, _decision(request), act)


@needs("alerts.confirm")
@require_POST
def confirm(request: Asked, number: int) -> HttpResponse:
    """What is decided on the check."""

    def act(alert: Alert, said: dict[str, Any]) -> Alert:
        level = said["level"] or alert.proposed_level or alert.level
        return transitions.confirm(
            alert, said["revision"], said["conclusion"], level, said["note"], request, duplicate_of=said["duplicate"]
        )

    return done(request, number, _decision(request), act)


@needs("alerts.confirm")
@require_POST
def send_back(request: Asked, number: int) -> HttpResponse:
    """What is missing."""
    return done(request, number, forms.NoteForm(request.POST), _with_note(transitions.send_back, request))


@needs("alerts.handle")
@require_POST
def plan(request: Asked, number: int) -> HttpResponse:
    """What is to be done about it."""
    return done(request, number, forms.NoteForm(request.POST), _with_note(transitions.make_plan, request))


@needs("alerts.handle")
@require_POST
def carry_out(request: Asked, number: int) -> HttpResponse:
    """What was done of the plan."""
    return done(request, number, forms.NoteForm(request.POST), _with_note(transitions.carry_out, request))


@needs("alerts.handle")
@require_POST
def follow_up(request: Asked, number: int) -> HttpResponse:
    """What was seen since."""
    return done(request, number, forms.NoteForm(request.POST), _with_note(transitions.follow_up, request))


@needs("alerts.handle")
@require_POST
def propose_lift(request: Asked, number: int) -> HttpResponse:
    """Why it may end."""
    return done(request, number, forms.NoteForm(request.POST), _with_note(transitions.propose_lift, request))


@needs("alerts.confirm")
@require_POST
def approve_lift(request: Asked, number: int) -> HttpResponse:
    """Stand behind its end."""
    return done(request, number, forms.NoteForm(request.POST), _with_note(transitions.approve_lift, request))


@needs("alerts.handle")
@require_POST
def snooze(request: Asked, number: int) -> HttpResponse:
    """Let it rest until a day."""

    def act(alert: Alert, said: dict[str, Any]) -> Alert:
        return transitions.snooze(alert, said["revision"], said["until"], said["note"], request)

    return done(request, number, forms.SnoozeForm(request.POST), act)


@needs("alerts.handle")
@require_POST
def wake(request: Asked, number: int) -> HttpResponse:
    """End its rest."""
    return done(request, number, forms.NoteForm(request.POST), _without_words(transitions.wake, request))


@needs("alerts.handle")
@require_POST
def claim(request: Asked, number: int) -> HttpResponse:
    """Make it one's own."""
    return done(request, number, forms.NoteForm(request.POST), _without_words(transitions.claim, request))


@needs("alerts.handle")
@require_POST
def assign(request: Asked, number: int) -> HttpResponse:
    """Give it to somebody."""

    def act(alert: Alert, said: dict[str, Any]) -> Alert:
        return transitions.assign(alert, said["revision"], said["owner"], said["note"], request)

    return done(request, number, forms.AssignForm(request.POST), act)


@needs("alerts.handle")
@require_POST
def escalate(request: Asked, number: int) -> HttpResponse:
    """Hand it up."""
    return done(request, number, forms.NoteForm(request.POST), _with_note(transitions.escalate, request))


@needs("alerts.assign")
@require_POST
def chase(request: Asked, number: int) -> HttpResponse:
    """Press its owner."""
    return done(request, number, forms.NoteForm(request.POST), _with_note(transitions.chase, request))


@needs("alerts.view")
@require_POST
def level(request: Asked, number: int) -> HttpResponse:
    """Raise it, who handles alerts; or lower it, who confirms them."""

    def act(alert: Alert, said: dict[str, Any]) -> Alert:
        return transitions.set_level(alert, said["revision"], said["level"], said["note"], request)

    return done(request, number, forms.LevelForm(request.POST), act)


def done(request: Asked, number: int, form: django_forms.Form, act: Doing) -> HttpResponse:
    """Do it and lead back to the alert; or say why not."""
    alert = found(request, number)
    try:
        after = act(alert, forms.said(form))
    except RefusedError as refused:
        return refusal(request, alert, str(refused))
    except StaleError:
        return stale(request, number)
    messages.success(request, _said(alert, after))
    return back(request, number)


def found(request: Asked, number: int) -> Alert:
    """An alert that the user sees; 404 for any other."""
    alert = Alert.objects.select_related("owner", "lead", "duplicate_of").filter(pk=number).first()
    if alert is None or not scope.reaches(request.user, request.rights, alert, "alerts.view"):
        raise Http404
    return alert


def refusal(request: Asked, alert: Alert, reason: str) -> HttpResponse:
    """Why it was not done, with what was typed."""
    return render(request, "alerts/refused.html", {**_beside(request, alert), "reason": reason}, status=REFUSED)


def stale(request: Asked, number: int, acts: Collection[Act] = ()) -> HttpResponse:
    """Who did what since the alert was looked at, with what was typed, which is carried over to the alert as it is now.

    Each act makes the revision one greater, but for those beside the alert; where it was one of these, `acts` names them.
    """
    alert = found(request, number)
    stated = request.POST.get("revision", "")
    since = alert.revision - int(stated) if stated.isdecimal() and len(stated) < 10 else 1
    moves = alert.moves.filter(act__in=acts) if acts else alert.moves.exclude(act__in=BESIDE)
    moves = moves.select_related("actor").order_by("-id")[: min(max(since, 1), MOVES_SHOWN)]
    return render(request, "alerts/stale.html", {**_beside(request, alert), "moves": moves}, status=STALE)


def back(request: Asked, number: int, part: str = "") -> HttpResponse:
    """To the alert, with the list from which it was opened and the one that comes next in it."""
    return redirect(address(request, number) + (f"#{part}" if part else ""))


def address(request: Asked, number: int) -> str:
    """The address of an alert, with the list from which it was opened and the one that comes next in it."""
    asked = {"from": request.POST.get("from", "")[:2000], "next": _next(request.POST.get("next", ""))}
    query = urlencode({name: value for name, value in asked.items() if value})
    return reverse("alert", args=[number]) + (f"?{query}" if query else "")


def _next(path: str) -> str:
    """The number of the alert to which an address of the desk leads; '' for any other address."""
    try:
        match = resolve(path.partition("?")[0])
    except Resolver404:
        return ""
    return str(match.kwargs["number"]) if match.url_name == "alert" else ""


def _beside(request: Asked, alert: Alert) -> dict[str, Any]:
    """What a page that says why nothing was done shows besides."""
    typed = next((request.POST[name].strip() for name in TYPED if request.POST.get(name, "").strip()), "")
    return {"alert": alert, "called": alert.number, "typed": typed, "back": address(request, alert.pk)}


def _decision(request: Asked) -> forms.DecisionForm:
    return forms.DecisionForm(request.POST, within=scope.seen(request.user, request.rights))


def _without_words(transition: Callable[[Alert, int, Asked], Alert], request: Asked) -> Doing:
    """An act that needs nothing said."""
    return lambda alert, said: transition(alert, said["revision"], request)


def _with_note(transition: Callable[[Alert, int, str, Asked], Alert], request: Asked) -> Doing:
    """An act that needs words alone."""
    return lambda alert, said: transition(alert, said["revision"], said["note"], request)


def _said(before: Alert, after: Alert) -> str:
    """What came of it, in a sentence."""
    if after.stage != before.stage:
        return _moved(after)
    if after.owner_id != before.owner_id:
        return _("%(name)s has it now.") % {"name": after.owner}
    if after.level != before.level:
        return _("Its level is %(level)s now.") % {"level": after.get_level_display()}
    if after.snoozed_until is not None and before.snoozed_until is None:
        return _("It rests until %(day)s.") % {"day": after.snoozed_until}
    if after.escalated_org_id != before.escalated_org_id:
        return _("It is with %(org)s now.") % {"org": acting.org_name(after.escalated_org_id)}
    if after.chased_at != before.chased_at:
        return _("%(name)s was chased.") % {"name": after.owner}
    return _("Done.")


def _moved(after: Alert) -> str:
    """Where it is now, and who is to decide."""
    if after.stage == Stage.CLOSED:
        return _("It is closed: %(outcome)s.") % {"outcome": after.get_outcome_display()}
    if after.stage in (Stage.CONFIRM, Stage.LIFT):
        but = {move.actor_id for move in after.moves.order_by("-id")[:1] if move.actor_id}
        names = acting.names(acting.deciders(after, acting.worst(after), but=but))
        if names:
            return _("It is at “%(stage)s” now and waits for %(names)s.") % {
                "stage": after.get_stage_display(),
                "names": names,
            }
    return _("It is at “%(stage)s” now.") % {"stage": after.get_stage_display()}
