"""Pages of signals: those open on a date, the same as a file, and one with what it stood on."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from daihou.book.errors import DaihouError
from daihou.desk import errors
from daihou.desk.access import needs
from daihou.desk.audit.limits import exceeded
from daihou.desk.audit.log import record
from daihou.desk.governance import labels, published
from daihou.desk.people import orgs
from daihou.desk.portfolio import listing as pages
from daihou.desk.portfolio import moments
from daihou.desk.portfolio.frame import frame
from daihou.desk.portfolio.sheets import Watermark
from daihou.desk.signals import chosen as choice
from daihou.desk.signals import files, rows
from daihou.desk.signals.explained import Teller
from daihou.desk.signals.listing import Listing
from daihou.desk.signals.sight import sight
from daihou.desk.signals.story import in_reach, story
from daihou.desk.signals.watch import watch
from daihou.desk.vault import people
from daihou.runs.watch import told

if TYPE_CHECKING:
    from django.http import HttpResponse
    from django.http.response import HttpResponseBase

    from daihou.desk.asked import Asked
    from daihou.desk.people.reach import Reach
    from daihou.desk.signals.chosen import Chosen
    from daihou.desk.signals.story import Story

ACTION: Final = "portfolio.export"
MOST_AN_HOUR: Final = 60
SHEET_ROWS = 100_000
"""Rows of a workbook made while somebody waits; more go into CSV, which is streamed."""
EMPTY: Final = ("as_of", "known_on", "sort", "size", "page")
"""Parameters of the list that are no filter."""


@needs("portfolio.view")
@require_GET
def signals(request: Asked) -> HttpResponse:
    """The signals in reach that are open on a date."""
    tidy = [(name, value) for name, values in request.GET.lists() for value in values if value != ""]
    if len(tidy) != sum(len(values) for _, values in request.GET.lists()):  # a form sends its empty fields too
        return redirect(f"{request.path}?{urlencode(tidy)}" if tidy else request.path)
    moment = moments.moment(request.GET)
    reach: Reach = request.rights.reach("portfolio.view")
    wanted = choice.chosen(request.GET)
    sort, descending = choice.order(request.GET)
    page, size = choice.paged(request.GET)
    found = watch(moment)
    context: dict[str, Any] = {**frame(request, moment), **_form(wanted, reach), "watch": found, "chosen": wanted}
    if found is not None:
        listing = Listing(found, wanted, sight(request.rights, "portfolio.view"), sort, descending)
        page = min(page, max(-(-listing.count // size), 1))
        shown = listing.rows(page, size)
        context |= {
            "listing": listing, "rows": rows.told(shown, found.day), "counts": listing.counts.items(), "all_levels": sum(listing.by_level.values()),
            "count": listing.count, "page": page, "size": size, "sizes": choice.SIZES, "pages": pages.pages(page, size, listing.count),
            "first": (page - 1) * size + 1, "last": (page - 1) * size + len(shown), "sorted_by": sort, "descending": descending, "heads": _heads(),
        }  # fmt: skip
    return render(request, "signals/list.html", context)


def _heads() -> list[tuple[str, str, bool]]:
    """The columns of the list: by what each sorts ("" for nothing), its heading, and whether it stands to the right."""
    return [
        ("level", pgettext("of a rule", "Level"), False), ("subject", pgettext("of a signal", "About"), False), ("rule", _("Rule"), False),
        ("", pgettext("signal", "Message"), False), ("opened", _("Opened on"), False), ("balance", _("Balance"), True), ("org", _("Org"), False),
        ("officer", _("Officer"), False),
    ]  # fmt: skip


def _form(wanted: Chosen, reach: Reach) -> dict[str, Any]:
    """The fields of the filter with what they offer."""
    tree, within = orgs.tree(), reach.org_ids
    return {
        "rules": [(rule.id, labels.said(rule.name)) for rule in published.rulebook().rules],
        "topics": labels.TOPICS.items(),
        "subjects": labels.SUBJECTS.items(),
        "shadows": choice.SHADOWS.items(),
        "withins": choice.WITHIN.items(),
        "orgs": [
            (org.org_id, "　" * depth + (org.name or org.org_id))
            for depth, org in tree.in_order()
            if within is None or org.org_id in within
        ],
        "currency": settings.HOME.settings.base_currency,
        "borrower_name": people.masked_names([wanted.borrower]).get(wanted.borrower) if wanted.borrower else None,
    }


@needs("portfolio.export")
@require_GET
def export(request: Asked, ending: str) -> HttpResponseBase:
    """The list in hand as CSV or XLSX, with its filter and order; masked, marked and logged."""
    if ending not in files.KINDS:
        raise Http404
    if exceeded(request.user, ACTION, dt.timedelta(hours=1), MOST_AN_HOUR):
        return errors.often(request, MOST_AN_HOUR)
    moment = moments.moment(request.GET)
    found = watch(moment)
    if found is None:
        raise Http404
    listing = Listing(
        found, choice.chosen(request.GET), sight(request.rights, "portfolio.export"), *choice.order(request.GET)
    )
    if ending == "xlsx" and listing.count > SHEET_ROWS:
        raise DaihouError(
            f"{listing.count:,} signals are more than a workbook is made of here ({SHEET_ROWS:,}).",
            "Narrow the filter, or export CSV.",
            zh=(f"共 {listing.count:,} 条，超过 Excel 导出上限 {SHEET_ROWS:,} 条。", "请缩小筛选范围，或导出 CSV。"),
        )
    asked = _filter(request.GET)
    entry = record(
        request, ACTION, "list", "signals",
        {"as": ending, "signals": listing.count, "as_of": found.day.isoformat(), "filter": asked, "address": request.GET.urlencode()},
    )  # fmt: skip
    mark = Watermark(request.user.get_username(), request.user.name, timezone.localtime(), entry.pk, asked)
    return files.answer(listing, mark, ending)


def _filter(query: QueryDict) -> str:
    return urlencode([(name, value) for name, value in query.items() if name not in EMPTY and value])


@needs("portfolio.view")
@require_GET
def signal(request: Asked, signal_id: str) -> HttpResponse:
    """A signal in reach: what it stood on when it opened and what came of it; anything else is 404."""
    moment = moments.moment(request.GET)
    found = story(signal_id, moment)
    if found is None or not in_reach(found.opened, sight(request.rights, "portfolio.view")):
        raise Http404
    opened = found.opened
    (row,) = rows.told([{**opened, **_standing(found)}], found.closed["as_of"] if found.closed else moment.as_of)
    rule = next((rule for rule in published.rulebook().rules if rule.id == opened["rule_id"]), None)
    version = next((one for one in rule.versions if one.number == opened["version"]), None) if rule else None
    teller = Teller(opened["currency"])
    base = settings.HOME.settings.base_currency
    days = [told.evidence(one, base) for one in found.days]
    context = {
        **frame(request, moment), "story": found, "row": row, "opened": opened, "rule": rule, "version": version, "currency": base,
        "lines": teller.lines(days[0]) if days else [], "inputs": teller.inputs(opened["subject"], days), "days": [one["as_of"] for one in found.days],
        "closed_lines": teller.lines(days[1]) if len(days) > 1 else [], "ahead": opened["as_of"] > moment.as_of,
    }  # fmt: skip
    return render(request, "signals/signal.html", context)


def _standing(found: Story) -> dict[str, Any]:
    """Whose the subject is and what it owes: on the date of the page while the signal is open, else as it was said last."""
    names = ("org_id", "officer_id", "balance", "borrower_id")
    last = found.memory or (found.closed if found.closed and found.closed["evidence"] else found.opened)
    return {name: last[name] for name in names}
