"""Pages of what was delivered: the overview, batches, quarantine, coverage."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from daihou.book import business_date, contracts
from daihou.book.errors import DaihouError
from daihou.desk import errors
from daihou.desk.access import needs
from daihou.desk.audit.log import record
from daihou.desk.deliveries import coverage as coverages
from daihou.desk.deliveries import download, quarantine, registers, wording
from daihou.desk.deliveries.models import Upload
from daihou.desk.deliveries.policy import PAGE_ROWS, uploadable
from daihou.desk.deliveries.quarantine import FILTERS, Selection
from daihou.desk.portfolio import moments

if TYPE_CHECKING:
    from daihou.desk.asked import Asked
    from daihou.desk.people.reach import Reach

LAST_BATCHES = 8


@dataclass(frozen=True, slots=True)
class Pages:
    """Which page of a list is shown."""

    number: int
    rows: int

    @property
    def last(self) -> int:
        """The number of the last page."""
        return max(1, -(-self.rows // PAGE_ROWS))

    @property
    def first_row(self) -> int:
        """How many rows come before."""
        return (self.number - 1) * PAGE_ROWS

    @property
    def before(self) -> int | None:
        """The page before."""
        return self.number - 1 if self.number > 1 else None

    @property
    def after(self) -> int | None:
        """The page after."""
        return self.number + 1 if self.number < self.last else None


def pages(request: Asked, rows: int) -> Pages:
    """The page that the address asks for; beyond the last the last."""
    stated = request.GET.get("page", "1")
    number = int(stated) if stated.isdecimal() and len(stated) < 10 else 1
    return Pages(min(max(number, 1), Pages(1, rows).last), rows)


def _reach(request: Asked) -> Reach:
    found: Reach = request.rights.reach("deliveries.view")
    return found


def page(request: Asked, template: str, tab: str, **context: Any) -> HttpResponse:
    """A page of this app, with its tabs."""
    return render(
        request,
        f"deliveries/{template}.html",
        {"here": "deliveries", "tab": tab, "whole": _reach(request).everything, **context},
    )


def loan_address(loan_id: str) -> str:
    """Where a loan is shown; empty while there is no such page."""
    try:
        return reverse("loan", args=[loan_id]) if loan_id else ""
    except NoReverseMatch:
        return ""


@needs("deliveries.view")
@require_safe
def deliveries(request: Asked) -> HttpResponse:
    """Freshness, the last batches, quarantine by reason, coverage of the newest run."""
    today = business_date.business_date(settings.HOME.settings, timezone.now())
    fresh = registers.freshness()
    reasons = registers.count_by(registers.facets(), "reason")
    mine = request.rights.may("deliveries.upload")
    waiting = Upload.objects.filter(user=request.user, status=Upload.Status.WAITING) if mine else []
    return page(
        request,
        "overview",
        "overview",
        fresh=[(row, wording.table(row.table), row.age_days(today)) for row in fresh],
        silent=[(name, wording.table(name)) for name in contracts.TABLES if name not in {row.table for row in fresh}],
        uploadable=uploadable(),
        last=[registers.batch_of(row) for row in registers.deliveries().head(LAST_BATCHES).to_dicts()],
        batches=registers.deliveries().height,
        reasons=[(code, wording.reason(code), rows) for code, rows in reasons],
        quarantined=sum(rows for _code, rows in reasons),
        waiting=list(waiting),
        **_coverage(request),
    )


def _coverage(request: Asked) -> dict[str, Any]:
    """The coverage asked for; before the first run the words that say so."""
    try:
        moment = moments.moment(request.GET)
        return {"moment": moment, "coverage": coverages.coverage(moment, _reach(request))}
    except DaihouError as error:
        return {"uncovered": wording.error(error)}


@needs("deliveries.view")
@require_safe
def batches(request: Asked) -> HttpResponse:
    """Every batch, newest first, of one table or with bad rows where asked."""
    table, with_bad = request.GET.get("table", ""), request.GET.get("bad") == "1"
    found = registers.batches(table, with_bad=with_bad)
    shown = pages(request, found.height)
    return page(
        request,
        "batches",
        "batches",
        batches=[registers.batch_of(row) for row in found.slice(shown.first_row, PAGE_ROWS).to_dicts()],
        pages=shown,
        table=table,
        with_bad=with_bad,
        tables=[(name, wording.table(name)) for name in registers.deliveries()["table"].unique().sort().to_list()],
    )


@needs("deliveries.view")
@require_safe
def batch(request: Asked, number: int) -> HttpResponse:
    """One batch: what it was, what came of it, and the first of its bad rows."""
    found = registers.batch(number)
    if found is None:
        raise Http404
    upload = Upload.objects.select_related("user").filter(deliveries__contains=found.delivery).first()
    return page(
        request,
        "batch",
        "batches",
        batch=found,
        meaning=wording.table(found.table),
        reasons=[(code, wording.reason(code), rows) for code, rows in found.reasons.items()],
        upload=upload,
        rows=quarantine.examples(number) if found.quarantined and _reach(request).everything else [],
        again=[other for other in registers.same_delivery(found.delivery) if other != number],
    )


@needs("deliveries.view")
@require_safe
def quarantined(request: Asked) -> HttpResponse:
    """Rows in quarantine as the address asks for them; without the whole lender in reach, their counts alone."""
    selection = Selection.of(request.GET)
    shown = pages(request, selection.count())
    whole = _reach(request).everything
    return page(
        request,
        "quarantine",
        "quarantine",
        selection=selection,
        filters=[(name, _filter_label(name), _options(selection, name)) for name in FILTERS],
        rows=quarantine.page(selection, shown.first_row, PAGE_ROWS) if whole else [],
        pages=shown,
        tables=selection.tables(),
        reasons=[(code, wording.reason(code), rows) for code, rows in _counts(selection, "reason")],
    )


def _filter_label(name: str) -> str:
    return {"table": _("Table"), "reason": _("Reason"), "batch": _("Batch"), "file": _("File"), "column": _("Column")}[
        name
    ]


def _counts(selection: Selection, name: str) -> list[tuple[str, int]]:
    return registers.count_by(registers.facets().filter(selection.condition()), name)


def _options(selection: Selection, name: str) -> list[tuple[str, str, int]]:
    """What a filter may be set to, the others as they are, most rows first."""
    others = Selection(**{**selection.chosen, name: ""})
    label = {"table": wording.table, "reason": wording.reason}.get(name, str)
    return [(value, label(value), rows) for value, rows in _counts(others, name)[:200] if value]


@needs("deliveries.view")
@require_safe
def quarantine_file(request: Asked, kind: str) -> HttpResponse | StreamingHttpResponse:
    """Bad rows as CSV or XLSX, to be corrected and sent again; recorded."""
    if not _reach(request).everything:
        return errors.forbidden(request)
    selection = Selection.of(request.GET)
    bad = download.bad_rows(selection)
    detail = {**{name: value for name, value in selection.chosen.items() if value}, "rows": len(bad.rows), "kind": kind}
    record(request, "quarantine.download", "quarantine", bad.table, detail)
    name = f"{bad.table}-quarantine.{kind}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    if kind == "csv":
        return StreamingHttpResponse(download.as_csv(bad), content_type=download.KINDS[kind], headers=headers)
    book = io.BytesIO()
    download.as_xlsx(bad, book)
    return HttpResponse(book.getvalue(), content_type=download.KINDS[kind], headers=headers)


@needs("deliveries.view")
@require_safe
def coverage(request: Asked) -> HttpResponse:
    """How far the run of a pair of dates covers the book."""
    kind = "break" if request.GET.get("list") == "breaks" else "unmeasured"
    reason = request.GET.get("reason", "")
    context = _coverage(request)
    opens = request.rights.may("portfolio.view")
    if "coverage" in context:
        stated = pages(request, 10**9)
        rows, count = coverages.listed(context["moment"], _reach(request), kind, reason, stated.first_row, PAGE_ROWS)
        context |= {
            "rows": [(row, loan_address(row.loan_id) if opens else "") for row in rows],
            "pages": pages(request, count),
            "waiting": [(wording.table(table), table, rows) for table, rows in context["coverage"].waiting],
        }
    return page(request, "coverage", "coverage", kind=kind, reason=reason, **context)
