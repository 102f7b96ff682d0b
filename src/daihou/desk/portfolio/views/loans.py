"""Lists of loans: all, those that mature, those with unpaid interest; their saved views."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET, require_POST

from daihou.book.errors import DaihouError
from daihou.desk.access import needs
from daihou.desk.people import officers, orgs
from daihou.desk.portfolio import filters, listing, moments, reading, saved
from daihou.desk.portfolio.columns import chinese, code_label, columns, fields
from daihou.desk.portfolio.frame import frame
from daihou.desk.portfolio.models import SavedView
from daihou.desk.vault import people
from daihou.expressions import parse, sql, text
from daihou.monitoring.families import LOAN

if TYPE_CHECKING:
    from django.http import HttpResponse

    from daihou.desk.asked import Asked
    from daihou.desk.people.reach import Reach
    from daihou.desk.portfolio.listing import Kind, Listing
    from daihou.desk.portfolio.moments import Pair

KINDS: Final = {kind.name: kind for kind in (listing.LOANS, listing.MATURING, listing.UNPAID_INTEREST)}
TITLES: Final = {
    "loans": pgettext_lazy("page", "Loans"),
    "maturing": pgettext_lazy("page", "Maturing loans"),
    "unpaid_interest": pgettext_lazy("page", "Unpaid interest"),
}
PRESETS: Final = {
    "loans": (
        (gettext_lazy("All"), ""),
        (gettext_lazy("Overdue"), "state=overdue"),
        (gettext_lazy("31–90 days"), "state=overdue&dpd=31..90"),
        (gettext_lazy("First payment missed"), "first_payment_missed=true"),
        (gettext_lazy("Three in a row, six in all"), "state=current,overdue&repeated_arrears=true"),
        (gettext_lazy("Extended"), "extension_count=1..&state=current,overdue"),
        (gettext_lazy("Written off"), "state=written_off"),
        (gettext_lazy("Unmeasured"), "state=unmeasured"),
    ),
    "maturing": (
        (gettext_lazy("All"), ""),
        (gettext_lazy("Within 7 days"), "days_to_maturity=0..7"),
        (gettext_lazy("Within 30 days"), "days_to_maturity=0..30"),
        (gettext_lazy("Within 90 days"), "days_to_maturity=0..90"),
        (gettext_lazy("Overdue and maturing within 90 days"), "state=overdue&days_to_maturity=0..90"),
    ),
    "unpaid_interest": (
        (gettext_lazy("All"), ""),
        (gettext_lazy("Up to 30 days"), "dpd_interest=1..30"),
        (gettext_lazy("31–90 days"), "dpd_interest=31..90"),
        (gettext_lazy("Over 90 days"), "dpd_interest=91.."),
        (gettext_lazy("Written off"), "state=written_off"),
    ),
}
"""Views that come with each ledger."""
CHOICES: Final = ("state", "bucket", "product", "org_id", "asset_class")
"""Columns that the form offers as lists."""
RANGES: Final = (
    "dpd",
    "principal_outstanding",
    "overdue_amount",
    "matures_on",
    "disbursed_on",
    "days_to_maturity",
    "missed_24m",
)
TEXTS: Final = ("officer_id", "region")


@needs("portfolio.view")
@require_GET
def loans(request: Asked) -> HttpResponse:
    """All loans in reach."""
    return _page(request, listing.LOANS)


@needs("portfolio.view")
@require_GET
def maturing(request: Asked) -> HttpResponse:
    """The ledger of live loans by maturity 到期台账."""
    return _page(request, listing.MATURING)


@needs("portfolio.view")
@require_GET
def unpaid_interest(request: Asked) -> HttpResponse:
    """The ledger of unpaid interest 欠息台账."""
    return _page(request, listing.UNPAID_INTEREST)


def asked(request: Asked, kind: Kind, permission: str = "portfolio.view") -> Listing:
    """What a request asks of a ledger, within what its user may see."""
    moment = moments.moment(request.GET)
    reach = request.rights.reach(permission)
    return listing.listing(kind, request.GET, moment, reach)


def _page(request: Asked, kind: Kind) -> HttpResponse:
    tidy = [(name, value) for name, values in request.GET.lists() for value in values if value != ""]
    if len(tidy) != sum(len(values) for _, values in request.GET.lists()):  # a form sends its empty fields too
        return redirect(f"{request.path}?{urlencode(tidy)}" if tidy else request.path)
    found = asked(request, kind)
    sums = found.sums()
    found = listing.within(found, sums["loans"])
    rows = found.rows()
    in_charge = officers.names(row["officer_id"] for row in rows)
    for row in rows:
        row["officer_name"] = in_charge.get(row["officer_id"])
    return render(
        request, "portfolio/loans.html",
        {
            **frame(request, found.moment), "title": TITLES[kind.name], "kind": kind, "listing": found, "rows": rows, "sums": sums,
            "names": people.masked_names([row["borrower_id"] for row in rows]),
            "page_sums": _page_sums(found, rows),
            "chips": found.filter.chips(request.GET), "move": found.move, "without_move": _without(request.GET, "was", "now", "since", "page"),
            "views": _views(request, found), "pages": listing.pages(found.page, found.size, sums["loans"]), "sizes": listing.SIZES,
            "first": (found.page - 1) * found.size + 1, "last": (found.page - 1) * found.size + len(rows),
            "form": _form(found), "families": _families(found), "kept": _kept(request.GET),
            "saved": _saved_query(request.GET), "export_query": request.GET.urlencode(),
            "base": settings.HOME.settings.base_currency, "sorted_by": found.sort, "descending": found.descending, "list_url": reverse(kind.name),
        },
    )  # fmt: skip


def _page_sums(found: Listing, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Sums of the page, a row a currency."""
    summed = [column.name for column in found.columns if column.measure.unit in listing.SUMMED]
    by_currency: dict[str, dict[str, Any]] = {}
    for row in rows:
        into = by_currency.setdefault(
            row["currency"], {"currency": row["currency"], "loans": 0, **dict.fromkeys(summed)}
        )
        into["loans"] += 1
        for name in summed:
            if row[name] is not None:
                into[name] = (into[name] or 0) + row[name]
    return [by_currency[code] for code in sorted(by_currency, key=str)]


def _without(query: QueryDict, *names: str) -> str:
    left = query.copy()
    for name in names:
        left.pop(name, None)
    return "?" + left.urlencode()


def _kept(query: QueryDict) -> list[tuple[str, str]]:
    """What the form must hand on besides its own fields."""
    own = {*CHOICES, *RANGES, *TEXTS, "where", "page"}
    return [(name, value) for name, values in query.lists() if name not in own for value in values]


def _saved_query(query: QueryDict) -> str:
    """What a saved view keeps: everything but dates, page and what is told by other dates."""
    left = query.copy()
    for name in ("as_of", "known_on", "page", "since", "was", "now", "vintage", "view"):
        left.pop(name, None)
    return left.urlencode()


def _form(found: Listing) -> dict[str, Any]:
    """The fields of the filter form with what they hold."""
    known = fields()
    return {
        "choices": [
            (
                name,
                columns()[name].label,
                [(code, code_name(name, code), code in found.filter.values(name)) for code in _codes(found, name)],
            )
            for name in CHOICES
        ],
        "ranges": [(name, columns()[name].label, found.filter.value(name), known[name].unit) for name in RANGES],
        "texts": [(name, columns()[name].label, found.filter.value(name)) for name in TEXTS],
        "where": " and ".join(_where(found)),
    }


def _where(found: Listing) -> list[str]:
    return [text(part) for name, _, part in found.filter.parts if name == "where"]


def code_name(name: str, code: str) -> str:
    """A code as the form shows it."""
    return orgs.tree().name(code) if name == "org_id" else code_label(name, code)


def _codes(found: Listing, name: str) -> list[str]:
    """The codes to choose from: those known, else those that occur."""
    if name == "org_id":
        tree = orgs.tree()
        within = found.reach.org_ids
        return [org.org_id for _, org in tree.in_order() if within is None or org.org_id in within]
    choices = fields()[name].choices
    return (
        [code for code, _, _ in choices]
        if choices
        else list(reading.occurring(found.moment.stamp, found.moment.pair, name))
    )


def _families(found: Listing) -> list[tuple[str, list[tuple[Any, bool]]]]:
    """All columns by family, and whether each is shown."""
    shown = {column.name for column in found.columns}
    return [
        (
            family.zh if chinese() else family.en,
            [(column, column.name in shown) for column in columns().values() if column.family == family.name],
        )
        for family in LOAN
    ]


def _views(request: Asked, found: Listing) -> list[dict[str, Any]]:
    """The views above the list, those that come with it first, each with its count; the one in hand is marked."""
    here = _saved_query(request.GET)
    dates = {name: request.GET[name] for name in ("as_of", "known_on") if name in request.GET}
    views: list[dict[str, Any]] = [
        {"name": name, "query": query, "own": None} for name, query in PRESETS[found.kind.name]
    ]
    views += [
        {"name": view.name, "query": view.query, "own": view if view.user_id == request.user.pk else None}
        for view in saved.views(request, found.kind.name)
    ]
    counts = _counts(found, tuple(str(view["query"]) for view in views))
    for view, count in zip(views, counts, strict=True):
        query = QueryDict(str(view["query"]), mutable=True)
        query.update(dates)
        view |= {
            "count": count,
            "url": f"?{query.urlencode()}" if query else reverse(found.kind.name),
            "here": _saved_query(QueryDict(str(view["query"]))) == here,
        }
    return views


def _counts(found: Listing, queries: tuple[str, ...]) -> list[int | None]:
    return _counted(found.moment.stamp, found.moment.pair, found.kind.base, found.reach, queries)


@lru_cache(maxsize=512)
def _counted(stamp: str, pair: Pair, base: str, reach: Reach, queries: tuple[str, ...]) -> list[int | None]:
    """How many loans each of some addresses asks for, in one reading; None for one that can no longer be read."""
    source = reading.Source("snapshots", pair, stamp)
    parts, values, places = [], [], []
    for place, query in enumerate(queries):
        try:
            condition, bound = filters.read(QueryDict(query)).sql(source.amount_unit, reading.base_unit())
        except DaihouError:
            continue
        parts.append(f"count(*) FILTER (WHERE {condition}) AS n{place}")
        values += bound
        places.append(place)
    within, reached = reach.sql()
    if base:
        text, bound = sql(parse(base, fields()), amount_unit=source.amount_unit, base_unit=reading.base_unit())
        within, reached = f"{within} AND {text}", [*reached, *bound]
    (row,) = reading.rows(f"SELECT {', '.join(parts)} FROM {source.sql} WHERE {within}", [*values, *reached])
    return [row[f"n{place}"] if place in places else None for place in range(len(queries))]


@needs("portfolio.view")
@require_POST
def save_view(request: Asked, kind: str) -> HttpResponse:
    """Keep the list in hand under a name; an own view of that name is replaced."""
    if kind not in KINDS:
        raise Http404
    query = saved.fitting(_saved_query(QueryDict(request.POST.get("query", ""))))
    filters.read(QueryDict(query))
    saved.keep(request, kind, query)
    return redirect(f"{reverse(kind)}?{query}" if query else reverse(kind))


@needs("portfolio.view")
@require_POST
def delete_view(request: Asked, view_id: int) -> HttpResponse:
    """Drop an own view."""
    view = get_object_or_404(SavedView, pk=view_id, user=request.user.pk)
    saved.drop(request, view)
    return redirect(view.page)
