"""The lists: letters in reach, loans of which one is due, and claims whose limitation ends soon."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.core.paginator import Paginator
from django.http import QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_GET

from daihou.book.errors import DaihouError
from daihou.desk.access import needs
from daihou.desk.letters import candidates, chosen, limits, printing, scope, serving
from daihou.desk.letters.choices import Kind
from daihou.desk.letters.policy import law, policy
from daihou.desk.people import orgs
from daihou.desk.portfolio import moments
from daihou.desk.vault import people

if TYPE_CHECKING:
    from django.http import HttpResponse

    from daihou.desk.asked import Asked
    from daihou.desk.portfolio.moments import Moment

PAGE: Final = 50


@needs("letters.view")
@require_GET
def listed(request: Asked) -> HttpResponse:
    """The letters in reach that the address asks for."""
    wanted, seen = chosen.chosen(request.GET), scope.seen(request.user, request.rights)
    found = seen.filter(wanted.condition).select_related("made_by")
    page = Paginator(found.order_by("-pk"), PAGE).get_page(request.GET.get("page"))
    views = [
        (code, label, seen.filter(state=code).count() if code in chosen.COUNTED else None)
        for code, label in chosen.VIEWS.items()
    ]
    letters = list(page.object_list)
    context = {
        "letters": letters, "names": printing.masked(letters), "page": page, "chosen": wanted, "views": views, "kinds": Kind.choices,
        "may_print": request.rights.may("letters.make") and request.rights.may("person.reveal"), "most": policy().together_most,
    }  # fmt: skip
    return render(request, "letters/letters.html", context)


@needs("letters.make")
@require_GET
def due(request: Asked) -> HttpResponse:
    """Loans in reach of which a letter is due."""
    return due_page(request, request.GET.get("kind", ""))


def due_page(request: Asked, kind: str, *, trouble: str = "", status: int = 200) -> HttpResponse:
    """The same, with what went wrong."""
    kind = kind if kind in Kind.values else Kind.OVERDUE
    moment, reach, held = newest(), request.rights.reach("letters.make"), policy()
    asked = request.GET.get("page", "")
    number = max(int(asked), 1) if asked.isdecimal() and len(asked) < 6 else 1
    size = min(PAGE, held.together_most)
    found = {code: candidates.candidates(code, moment, reach, (number - 1) * size, size if code == kind else 0) for code in Kind.values} if moment else {}  # fmt: skip
    count = found[kind].count if found else 0
    if moment and number > 1 and (number - 1) * size >= count:  # the letters of the last page were made
        number = max(-(-count // size), 1)
        found[kind] = candidates.candidates(kind, moment, reach, (number - 1) * size, size)
    rows = found[kind].rows if found else []
    names = people.masked_names({row["borrower_id"] for row in rows})
    context = {
        "rows": [(row, names.get(row["borrower_id"]) or row["borrower_id"], orgs.tree().name(row["org_id"])) for row in rows],
        "kind": kind, "views": [(code, label, found[code].count if found else 0) for code, label in Kind.choices], "moment": moment, "policy": held,
        "number": number, "count": count, "first": (number - 1) * size + 1, "last": (number - 1) * size + len(rows),
        "trouble": trouble,
    }  # fmt: skip
    return render(request, "letters/due.html", context, status=status)


@needs("letters.view")
@require_GET
def soon(request: Asked) -> HttpResponse:
    """Claims in reach whose limitation ends within the days of policy, or is over."""
    moment, today = newest(), serving.today()
    found, trouble = limits.Soon(), ""
    try:
        if moment:
            found = limits.soon(moment, request.rights.reach("letters.view"), today)
        kinds, days = {kind.code: kind for kind in law(today).kinds}, policy(today).soon_days
    except DaihouError as error:
        kinds, days, trouble = {}, 0, str(error)
    wanted = request.GET.get("view", "")
    wanted = wanted if wanted in ("running", "over") else "running"
    page = Paginator(found.over if wanted == "over" else found.running, PAGE).get_page(request.GET.get("page"))
    rows: list[Any] = list(page.object_list)
    names = people.masked_names({one.row["borrower_id"] for one in rows})
    context = {
        "rows": [(one, names.get(one.row["borrower_id"]) or one.row["borrower_id"], orgs.tree().name(one.row["org_id"])) for one in rows],
        "page": page, "view": wanted, "running": found.running_count, "over": found.over_count, "days": days, "moment": moment,
        "kinds": kinds, "currency": settings.HOME.settings.base_currency, "trouble": trouble,
    }  # fmt: skip
    return render(request, "letters/limits.html", context)


def newest() -> Moment | None:
    """The newest pair of dates; None before the first run."""
    try:
        return moments.moment(QueryDict())
    except DaihouError:
        return None
