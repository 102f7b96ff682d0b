"""My work, the team, and who is away."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from daihou.desk.access import needs
from daihou.desk.alerts import many, scope
from daihou.desk.alerts.choices import Act
from daihou.desk.alerts.deadlines import Reckoned
from daihou.desk.people import absences
from daihou.desk.people.models import Absence, User
from daihou.desk.refusals import RefusedError
from daihou.desk.work import sources, team
from daihou.desk.work.due import grouped

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpResponse

    from daihou.desk.asked import Asked


@needs("work.view")
@require_GET
def my_work(request: Asked) -> HttpResponse:
    """What waits for oneself, by deadline."""
    reckoned = Reckoned.at(timezone.now())
    waiting = sources.waiting(request.user, request.rights)
    groups = grouped(waiting, reckoned)
    today = timezone.localdate()
    context = {
        "groups": groups,
        "counts": {name: len(rows) for name, _label, rows in groups},
        "all": len(waiting),
        "now": reckoned.now,
        "stood_in_for": request.user.standing_in.filter(from_on__lte=today, to_on__gte=today).select_related("user"),
        "away": request.user.absences.filter(from_on__lte=today, to_on__gte=today).select_related("stand_in").first(),
    }
    return render(request, "work/mine.html", context)


@needs("alerts.assign")
@require_GET
def my_team(request: Asked) -> HttpResponse:
    """Who has how many alerts, how old and how late."""
    reckoned = Reckoned.at(timezone.now())
    alerts = scope.seen(request.user, request.rights, "alerts.assign")
    members = list(absences.team(request.rights.reach("alerts.assign")))
    rows = team.loads(alerts, members, reckoned)
    context = {
        "rows": rows,
        "nobodys": next((row for row in rows if row.user is None), None),
        "open": sum(row.open for row in rows),
        "overdue": sum(row.overdue for row in rows),
        "today": sum(row.today for row in rows),
        "closed": sum(row.closed for row in rows),
        "escalated": alerts.filter(closed_at=None, escalated_org_id__isnull=False).count(),
        "members": members,
    }
    return render(request, "work/team.html", context)


@needs("alerts.assign")
@require_POST
def hand_over(request: Asked, pk: int) -> HttpResponse:
    """All open alerts of one person to another: frozen here, confirmed on the page of acts on many."""
    user = get_object_or_404(User, pk=pk)
    to = get_object_or_404(User, pk=_number(request.POST.get("to", "")))
    alerts = scope.seen(request.user, request.rights, "alerts.assign").filter(owner=user, closed_at=None)
    pairs = list(alerts.order_by("due_at", "pk").values_list("pk", "revision")[: many.MOST])
    if not pairs:
        messages.info(request, _("%(name)s has no open alert.") % {"name": user})
        return redirect("team")
    said = many.Said(note=_("Handed over by %(name)s") % {"name": user}, owner=to)
    bulk = many.freeze(request, Act.ASSIGN, pairs, f"owner={user.pk}", said)
    return redirect("alerts_bulk_confirm", number=bulk.pk)


@needs("work.view")
@require_http_methods(["GET", "POST"])
def away(request: Asked) -> HttpResponse:
    """One's own absences, and those of the team for who answers for it; a new one is entered here."""
    people = _managed(request)
    wrong = ""
    if request.method == "POST":
        try:
            wrong = _entered(request, people)
        except RefusedError as error:
            wrong = str(error)
        if not wrong:
            messages.success(request, _("The absence is entered."))
            return redirect("absences")
    today = timezone.localdate()
    chosen = _chosen(request, people)
    context = {
        "people": people,
        "chosen": chosen,
        "stand_ins": absences.stand_ins(chosen) if chosen else User.objects.none(),
        "rows": Absence.objects.filter(user__in=people, to_on__gte=today).select_related("user", "stand_in"),
        "past": Absence.objects.filter(user__in=people, to_on__lt=today).select_related("user", "stand_in")[:20],
        "today": today,
        "wrong": wrong,
        "typed": request.POST,
    }
    return render(request, "work/absences.html", context, status=422 if wrong else 200)


@needs("work.view")
@require_POST
def back(request: Asked, pk: int) -> HttpResponse:
    """End an absence sooner."""
    absence = get_object_or_404(Absence.objects.select_related("user", "stand_in"), pk=pk, user__in=_managed(request))
    absences.end(absence, request)
    messages.success(request, _("The absence has ended."))
    return redirect("absences")


def _managed(request: Asked) -> QuerySet[User]:
    """Whose absences somebody enters: their own, and those of the team they answer for."""
    own = User.objects.filter(pk=request.user.pk)
    if not request.rights.may("alerts.assign"):
        return own
    members = absences.team(request.rights.reach("alerts.assign")).values("pk")
    return User.objects.filter(pk__in=members).order_by("name")


def _chosen(request: Asked, people: QuerySet[User]) -> User | None:
    """Whose absence is being entered: the one that is named, else oneself, else the first."""
    named = _number(request.POST.get("user") or request.GET.get("user") or "")
    found = people.filter(pk=named or request.user.pk).first()
    return found or people.first()


def _entered(request: Asked, people: QuerySet[User]) -> str:
    """Enter what was typed; what is wrong with it, or nothing."""
    user = _chosen(request, people)
    if user is None:
        raise Http404
    try:
        first, last = (dt.date.fromisoformat(request.POST.get(name, "")) for name in ("from_on", "to_on"))
    except ValueError:
        return _("Say from which day to which.")
    stand_in = User.objects.filter(pk=_number(request.POST.get("stand_in", ""))).first()
    absences.enter(user, stand_in, first, last, request.POST.get("note", ""), request)
    return ""


def _number(text: str) -> int:
    """The key that a form sent; 0 for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
