"""The overview: where the book stands, how it moved, and where to look."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from daihou.desk.access import needs
from daihou.desk.people import orgs
from daihou.desk.portfolio import drawings, moments, moves, reading, summary
from daihou.desk.portfolio.book import CUTS, Book, book, cut, option_values
from daihou.desk.portfolio.columns import code_label
from daihou.desk.portfolio.frame import frame
from daihou.desk.portfolio.heat import heat
from daihou.runs.portfolio.migration import ABSENT

if TYPE_CHECKING:
    from django.http import HttpResponse

    from daihou.desk.asked import Asked
    from daihou.desk.people.reach import Reach
    from daihou.desk.portfolio.book import Cut
    from daihou.desk.portfolio.moments import Moment


@needs("portfolio.view")
@require_GET
def overview(request: Asked) -> HttpResponse:
    """The overview of the book in reach."""
    moment = moments.moment(request.GET)
    reach: Reach = request.rights.reach("portfolio.view")
    chosen = cut(request.GET)
    found = book(moment, reach, chosen)
    balances = summary.balances(found)
    by = next((name for name in CUTS if name == request.GET.get("by")), CUTS[0])
    cells = moves.matrix(moment, moment.before, reach, chosen.values()) if moment.before else ()
    labels = reading.scheme(moment.as_of).labels
    context = {
        **frame(request, moment), "chosen": chosen, "options": cut_options(option_values(moment, reach), chosen), "by": by, "before": moment.before,
        "currency": summary.currency(), "balances": balances,
        "rates": {name: balances.rate(name) for name in ("overdue", "over_30", "over_90")},
        "overdue_amounts": _overdue_amounts(moment, reach, chosen), "moved": summary.moved(cells, labels) if moment.before else None,
        "links": _links(moment, chosen, labels),
        "heat": heat(cells, labels, lambda was, now: _move_link(moment, chosen, was, now), compact=True) if moment.before else None,
        "groups": _groups(found, by, moment, chosen), "states": _states(moment, reach, chosen),
        "drawn": {name: drawings.draw(name, found, chosen) for name in drawings.DRAWN},
        "missing": found.over.missing, "by_names": _by_names(), "query": request.GET.urlencode(),
    }  # fmt: skip
    return render(request, "portfolio/overview.html", context)


def _by_names() -> list[tuple[str, str]]:
    return [("org_id", _("By org")), ("product", _("By product")), ("region", _("By region"))]


def cut_options(values: dict[str, list[Any]], chosen: Cut) -> list[tuple[str, str, list[tuple[str, str]], str]]:
    """What the selects of a cut offer: column, label, (code, name), and the code chosen."""
    return [
        ("org_id", _("Org"), values["org_id"], chosen.org_id),
        ("product", _("Product"), [(code, code_label("product", code)) for code in values["product"]], chosen.product),
        ("region", _("Region"), [(code, code) for code in values["region"]], chosen.region),
    ]


def _loans(moment: Moment, chosen: Cut, **asked: str) -> str:
    """The address of the loans behind a figure."""
    dated = {"as_of": moment.as_of.isoformat(), "known_on": moment.known_on.isoformat()}
    return f"{reverse('loans')}?{urlencode({**dated, **chosen.asked, **asked})}"


def _links(moment: Moment, chosen: Cut, labels: list[str]) -> dict[str, str]:
    live = summary.LIVE_LOANS
    found = {
        "live": _loans(moment, chosen, state=live), "overdue": _loans(moment, chosen, state="overdue", sort="-overdue_amount"),
        "over_30": _loans(moment, chosen, state=live, dpd="31.."), "over_90": _loans(moment, chosen, state=live, dpd="91.."),
        "unmeasured": _loans(moment, chosen, state="unmeasured"),
    }  # fmt: skip
    if moment.before:
        since = moment.before[0].isoformat()
        late = ",".join(labels[1:])
        found["new"] = _loans(moment, chosen, since=since, was=f"{labels[0]},not_started,{ABSENT}", now=late)
        found["cured"] = _loans(moment, chosen, since=since, was=late, now=labels[0])
    return found


def _move_link(moment: Moment, chosen: Cut, was: str, now: str) -> str | None:
    if moment.before is None or now == ABSENT:
        return None
    return _loans(moment, chosen, since=moment.before[0].isoformat(), was=was, now=now)


def _overdue_amounts(moment: Moment, reach: Reach, chosen: Cut) -> list[dict[str, Any]]:
    """The overdue amount by currency, with what it was a month before."""
    now = summary.overdue_amounts(moment, moment.pair, reach, chosen)
    was = summary.overdue_amounts(moment, moment.before, reach, chosen) if moment.before else {}
    return [
        {"currency": code, "amount": amount, "change": amount - was[code] if code in was else None}
        for code, amount in summary.by_name(now)
    ]


def _groups(found: Book, by: str, moment: Moment, chosen: Cut) -> list[dict[str, Any]]:
    rows = summary.groups(found, by)
    top = max((row.overdue or 0 for row in rows), default=0)
    return [
        {
            "name": _group_name(by, row.code), "row": row, "rate_width": 100 * (row.overdue or 0) / top if top else 0,
            "url": _loans(moment, chosen, **{by: row.code, "state": summary.LIVE_LOANS}) if row.code else None,
        }
        for row in rows
    ]  # fmt: skip


def _group_name(by: str, code: str | None) -> str:
    if code is None:
        return _("Not stated")
    return orgs.tree().name(code) if by == "org_id" else code_label(by, code)


def _states(moment: Moment, reach: Reach, chosen: Cut) -> dict[str, Any]:
    """How many loans are in each state, with the width of its bar and the address of its loans."""
    rows = summary.states(moment, reach, chosen)
    total = sum(count for _state, count in rows)
    return {
        "total": total,
        "rows": [
            {"state": state, "loans": count, "share": count / total, "url": _loans(moment, chosen, state=state)}
            for state, count in rows
        ],
        "bars": _bars(rows, total),
    }


def _bars(rows: list[tuple[str, int]], total: int) -> list[tuple[str, float, float]]:
    """State, where its bar begins and how wide it is, of 100; a state that occurs is never invisible."""
    wide = [max(100 * count / total, 0.8) for _state, count in rows] if total else []
    whole, at, found = sum(wide), 0.0, []
    for (state, _count), width in zip(rows, wide, strict=True):
        found.append((state, round(at, 2), round(max(100 * width / whole - 0.3, 0.3), 2)))
        at += 100 * width / whole
    return found
