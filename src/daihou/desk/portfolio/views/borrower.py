"""Borrowers: the list by exposure, and the page of one with all loans, whatever org books them."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.http import Http404
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from daihou.book.errors import DaihouError
from daihou.desk.access import needs
from daihou.desk.portfolio import accounts, listing, moments, reading, tellers, timeline
from daihou.desk.portfolio.frame import frame
from daihou.desk.vault import people
from daihou.desk.vault.views import panel
from daihou.runs.explain import explain_in

if TYPE_CHECKING:
    from django.http import HttpResponse

    from daihou.desk.asked import Asked
    from daihou.desk.people.reach import Reach
    from daihou.desk.portfolio.moments import Moment
    from daihou.runs.explain import Explanation

SORTS: Final = ("exposure", "exposure_overdue", "worst_dpd", "worst_dpd_12m", "loans", "loans_overdue", "borrower_id")
SIZE: Final = 50
TOLD: Final = 30
"""Loans of one borrower whose events the timeline tells; the largest overdue first."""
EVENTS: Final = 60
KINDS: Final = ("pay", "change", "charge", "loan")


@needs("portfolio.view")
@require_GET
def borrowers(request: Asked) -> HttpResponse:
    """The borrowers with a loan in reach, each with all loans together."""
    moment = moments.moment(request.GET)
    reach: Reach = request.rights.reach("portfolio.view")
    sort = request.GET.get("sort", "-exposure_overdue")
    if sort.removeprefix("-") not in SORTS:
        raise DaihouError(
            f"'{sort[:40]}' is not what borrowers are sorted by.",
            f"Sort by: {', '.join(SORTS)}.",
            zh=(f"不能按“{sort[:40]}”排序。", f"可用：{'、'.join(SORTS)}。"),
        )
    stated = request.GET.get("page", "")
    page = max(int(stated), 1) if stated.isdecimal() and len(stated) < 7 else 1
    late = request.GET.get("late") == "1"
    rows, count = _page(moment, reach, sort, page, late=late)
    names = people.masked_names([row["borrower_id"] for row in rows])
    context = {
        **frame(request, moment), "rows": rows, "names": names, "count": count, "sort": sort.removeprefix("-"), "descending": sort.startswith("-"),
        "page": page, "pages": listing.pages(page, SIZE, count), "late": late, "currency": settings.HOME.settings.base_currency, "heads": _heads(),
    }  # fmt: skip
    return render(request, "portfolio/borrowers.html", context)


def _heads() -> list[tuple[str, str]]:
    return [
        ("borrower_id", _("Borrower")), ("loans", _("Live loans")), ("loans_overdue", _("Overdue loans")), ("exposure", _("Exposure")),
        ("exposure_overdue", _("Overdue exposure")), ("worst_dpd", _("Worst days")), ("worst_dpd_12m", _("Worst in 12 months")),
    ]  # fmt: skip


def _page(moment: Moment, reach: Reach, sort: str, page: int, *, late: bool) -> tuple[list[dict[str, Any]], int]:
    source = reading.Source("borrower_snapshots", moment.pair, moment.stamp).sql
    condition, values = "true", list[Any]()
    if not reach.everything:
        within, values = reach.sql()
        condition = f"borrower_id IN (SELECT borrower_id FROM {reading.snapshots(moment).sql} WHERE {within})"
    if late:
        condition += " AND loans_overdue > 0"
    column, way = sort.removeprefix("-"), "DESC" if sort.startswith("-") else "ASC"
    rows = reading.rows(
        f"SELECT * FROM {source} WHERE {condition} ORDER BY {column} {way} NULLS LAST, borrower_id LIMIT {SIZE} OFFSET {(page - 1) * SIZE}",
        values,
    )
    (total,) = reading.rows(f"SELECT count(*) AS n FROM {source} WHERE {condition}", values)
    return rows, total["n"]


@needs("portfolio.view")
@require_GET
def borrower(request: Asked, borrower_id: str) -> HttpResponse:
    """The page of a borrower with a loan in reach; anything else is 404."""
    moment = moments.moment(request.GET)
    reach: Reach = request.rights.reach("portfolio.view")
    loans = reading.rows(
        f"SELECT * FROM {reading.snapshots(moment).sql} WHERE borrower_id = ? ORDER BY overdue_amount DESC NULLS LAST, loan_id",
        [borrower_id],
    )
    for row in loans:
        row["in_reach"] = reach.holds(row["org_id"], row["officer_id"])
    if not any(row["in_reach"] for row in loans):
        raise Http404
    (rolled,) = reading.rows(
        f"SELECT * FROM {reading.Source('borrower_snapshots', moment.pair, moment.stamp).sql} WHERE borrower_id = ?",
        [borrower_id],
    ) or [{}]
    told = [told for row in loans[:TOLD] if row["in_reach"] if (told := _told(row["loan_id"], moment))]
    found = timeline.events(told, tellers.told(request, borrower_id, moment.as_of))
    every = request.GET.get("events") == "all"
    shown = found if every else found[:EVENTS]
    context = {
        **frame(request, moment), **panel(borrower_id), "borrower_id": borrower_id, "loans": loans, "rolled": rolled, "currency": settings.HOME.settings.base_currency,
        "sums": _sums(loans), "months": [(month, list(group)) for month, group in itertools.groupby(shown, key=lambda event: f"{event.on:%Y-%m}")],
        "event_count": len(found), "shown_count": len(shown), "kinds": [(kind, name, sum(event.kind == kind for event in found)) for kind, name in _kinds()],
        "name": people.masked_names([borrower_id]).get(borrower_id), "outside": sum(not row["in_reach"] for row in loans),
    }  # fmt: skip
    return render(request, "portfolio/borrower.html", context)


def _kinds() -> list[tuple[str, str]]:
    own = zip(KINDS, (_("Payments"), _("Changes"), _("Charges"), _("Disbursements")), strict=True)
    return [*own, *((kind, str(label)) for kind, label in tellers.registered())]


def _told(loan_id: str, moment: Moment) -> Explanation | None:
    """A loan's explanation; None for one that the ledger does not know yet."""
    ledger = accounts.ledger()
    return explain_in(settings.HOME, ledger, loan_id, *moment.pair) if ledger.find(loan_id) else None


def _sums(loans: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Balance and overdue amount of all loans, by currency."""
    by: dict[str, dict[str, Any]] = {}
    for row in loans:
        into = by.setdefault(
            row["currency"], {"currency": row["currency"], "balance": 0, "overdue": 0, "claim": 0, "loans": 0}
        )
        into["loans"] += 1
        for name, column in (
            ("balance", "principal_outstanding"),
            ("overdue", "overdue_amount"),
            ("claim", "total_claim"),
        ):
            into[name] += row[column] or 0
    return [by[code] for code in sorted(by)]
