"""The collector's screen and its parts that are asked for alone: the calculator, how to make contact, what is new, the daily statement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from daihou.desk.access import needs
from daihou.desk.casework import calculator, news, queue_panel, reckoning, scope, statement, terms, workbench
from daihou.desk.casework.models import Case
from daihou.desk.refusals import RefusedError
from daihou.desk.vault import people

if TYPE_CHECKING:
    import datetime as dt

    from daihou.desk.asked import Asked

MINE: Final = 20
"""Of one's own cases, where there is no list, so many are shown."""
UNCHANGED: Final = 204


@needs("collection.view")
@require_GET
def bench(request: Asked) -> HttpResponse:
    """The first case on one's list of today that is not done; without one, why there is none."""
    queue = queue_panel.queue(request.user, timezone.localdate())
    if queue.next is not None:
        return redirect("case", queue.next)
    mine = [] if queue.all else queue_panel.mine(request.user, MINE)
    return render(request, "casework/no_list.html", {"queue": queue, "mine": mine})


@needs("collection.view")
@require_GET
def case(request: Asked, number: int) -> HttpResponse:
    """The screen of a case in reach; anything else is 404."""
    return render(
        request, "casework/workbench.html", workbench.context(found(request, number), request, timezone.now())
    )


@needs("collection.view")
@require_GET
def reckon(request: Asked, number: int) -> HttpResponse:
    """What the calculator says of what is typed."""
    of = found(request, number)
    loans = {loan.loan_id: loan for loan in of.of_loans.all()}
    loan = loans.get(request.GET.get("loan", "")) or next(iter(loans.values()), None)
    if loan is None:
        raise Http404
    try:
        told = calculator.told(loan, calculator.stated(request.GET, loan.currency), timezone.localdate())
    except RefusedError as refused:
        told = calculator.Told(trouble=str(refused))
    return render(request, "casework/_calculated.html", {"told": told})


@needs("collection.view")
@require_GET
def ways(request: Asked, number: int) -> HttpResponse:
    """How to make contact now: asked for anew when a clock has run down."""
    now = timezone.now()
    of = workbench.found(found(request, number), request, now)
    return render(request, "casework/_ways.html", {"case": of.case, "ways": of.ways})


@needs("collection.view")
@require_GET
def pulse(request: Asked, number: int) -> HttpResponse:
    """What came since the page was made, and the parts that it changes; nothing (204) while nothing came. What is typed stays."""
    of_case, now = found(request, number), timezone.now()
    loans = tuple(of_case.of_loans.all())
    payments, last = news.unbooked(loans), news.last_contact(of_case)
    owed = reckoning.reckoned(of_case, loans, timezone.localdate(now))
    stamp = news.stamp(owed.stamp, payments)
    if (request.GET.get("claim"), request.GET.get("contact"), request.GET.get("revision")) == (
        stamp,
        last,
        str(of_case.revision),
    ):
        return HttpResponse(status=UNCHANGED)
    of = workbench.found(of_case, request, now)
    told = news.told(loans, payments, news.parsed(request.GET), owed.on)
    if not told and stamp != request.GET.get("claim"):
        told = [news.changed(owed)]
    context = {
        **workbench.parts(of, request, now), "oob": True, "claim": stamp,
        "news": {"items": [*told, *news.others(of_case, request, now)], "seen": news.seen(of_case, owed.stamp, payments, last)},
    }  # fmt: skip
    return render(request, "casework/pulse.html", context)


@needs("collection.view")
@require_GET
def daily(request: Asked, number: int) -> HttpResponse:
    """The daily statement of a case, to be printed."""
    of = found(request, number)
    today = timezone.localdate()
    on = reckoning.day_of(of, today)
    from_on, to_on = _day(request, "from"), _day(request, "to") or on
    loans = list(of.of_loans.all())
    since, sheets = statement.sheets(loans, from_on, to_on, on)
    context = {
        "case": of, "who": {"name": people.masked_names([of.borrower_id]).get(of.borrower_id)}, "sheets": sheets, "from_on": since, "to_on": to_on,
        "printed_at": timezone.localtime(),
        "here": "workbench",
    }  # fmt: skip
    return render(request, "casework/statement.html", context)


def found(request: Asked, number: int) -> Case:
    """A case that the user sees; 404 for any other."""
    of = Case.objects.select_related("owner", "agency").filter(pk=number).first()
    if of is None or not scope.reaches(request.user, request.rights, of, "collection.view"):
        raise Http404
    return of


def _day(request: Asked, name: str) -> dt.date | None:
    """A day that the address names; None where it names none that can be read."""
    stated = request.GET.get(name, "")
    try:
        return terms.day_of(stated) if stated else None
    except RefusedError:
        return None
