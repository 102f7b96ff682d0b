"""Where loans stand, and the other snapshots of a run: pages of JSON, or everything in bulk."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.http import HttpResponse, StreamingHttpResponse
from ninja import Field, Query, Router

from daihou.api.app import missing
from daihou.api.auth import needs_scope
from daihou.api.reading import answers, bulk, cursors, refusals, values
from daihou.api.reading import asked as asking
from daihou.api.reading.asked import Dates, Paged
from daihou.api.reading.described import One, Page, Row
from daihou.api.reading.kinds import LOAN, kind
from daihou.api.reading.rows import Rows, mark
from daihou.desk.audit.limits import exceeded
from daihou.desk.audit.log import record

if TYPE_CHECKING:
    from collections.abc import Collection

    from daihou.api.auth import Called
    from daihou.api.reading.kinds import Kind
    from daihou.desk.portfolio.moments import Moment

router = Router(tags=["standings"])
ACTION: Final = "portfolio.export"
MOST_AN_HOUR: Final = 60
"""Bulk answers of one program; who needs more is carrying the book away, as with exports of one user."""
STANDING: Final = (
    "loan_id", "borrower_id", "org_id", "officer_id", "product", "region", "asset_class", "basis", "state", "currency", "dpd", "bucket",
    "oldest_unpaid_due_on", "overdue_amount", "overdue_principal", "overdue_interest", "overdue_fee", "charges_accrued", "total_claim",
    "principal_outstanding", "paid_amount", "last_paid_on", "next_due_on", "next_due_amount", "unpaid_due_dates", "days_to_maturity",
)  # fmt: skip
"""What is told of a loan unless the request names columns; GET /measures tells what else there is."""


class Wanted(Dates, Paged):
    """Which rows, and which of their columns."""

    where: str = Field("", max_length=4_000, description="A condition over the columns, as in the desk's filters: `dpd >= 31 and product in ('sme')`.")  # fmt: skip
    columns: str | None = Field(None, description="Names of columns, a,b,c; see GET /measures.")


class WantedLoans(Wanted):
    """Which loans."""

    loan_id: list[str] = Field([], max_length=asking.MOST_IDS, description="Only these loans; may be said several times.")  # fmt: skip


class OneLoan(Dates):
    """Which columns of a loan."""

    columns: str | None = Field(None, description="Names of columns, a,b,c; all unless given.")


@router.get("/standings", response=Page[Row], auth=needs_scope("standings:read"), summary="Where loans stand")
def standings(request: Called, wanted: Query[WantedLoans]) -> HttpResponse:
    """The loans in reach on a date as known on a date, page by page; those of an org and officer lie together."""
    asking.only(request, WantedLoans)
    return _page(request, LOAN, wanted, STANDING, "portfolio.view", tuple(wanted.loan_id))


@router.get(
    "/standings/{path:loan_id}", response=One[Row], auth=needs_scope("standings:read"), summary="Where one loan stands"
)
def standing(request: Called, loan_id: str, wanted: Query[OneLoan]) -> HttpResponse:
    """One loan with all its columns; 404 where it is none, or lies outside the program's reach."""
    asking.only(request, OneLoan)
    reach, moment = asking.reach(request, "portfolio.view"), asking.moment(wanted)
    run = asking.run_of(moment)
    names = asking.names(wanted.columns, LOAN.measures, LOAN.measures)
    tag = answers.tag_of(request, run, answers.by_reach(reach))
    if (same := answers.unchanged(request, tag)) is not None:
        return same
    rows = Rows(LOAN, moment, reach, tuple(names), ids=(loan_id,))
    found = rows.page(None, 1)
    if not len(found):
        raise missing()
    (row,) = values.rows(found, rows.measures, settings.HOME.settings.base_currency)
    return answers.answer({"data": row, "meta": _meta(moment, run)}, tag=tag)


@router.get(
    "/snapshots/{kind_name}",
    response=Page[Row],
    auth=needs_scope("snapshots:read"),
    summary="A snapshot, by pages or in bulk",
)
def snapshot(request: Called, kind_name: str, wanted: Query[Wanted]) -> HttpResponse | StreamingHttpResponse:
    """The rows of loan, borrower, facility, org or product that a run wrote.

    By `Accept`: pages of JSON; or everything at once as application/vnd.apache.arrow.stream, application/vnd.apache.parquet or text/csv, which
    needs the permission to export and is written to the audit log.
    """
    asking.only(request, Wanted)
    of = kind(kind_name)
    preferred = request.get_preferred_type([bulk.JSON, *bulk.ENDINGS])
    if preferred is None:
        raise refusals.not_offered([bulk.JSON, *bulk.ENDINGS])
    if preferred == bulk.JSON:
        return _page(request, of, wanted, of.measures, ACTION)
    return _bulk(request, of, wanted, preferred)


def _page(
    request: Called, of: Kind, wanted: Wanted, usual: Collection[str], permission: str, ids: tuple[str, ...] = ()
) -> HttpResponse:
    cursor = cursors.read(request)
    reach, moment = asking.reach(request, permission), asking.moment(wanted, cursor)
    run, names = asking.run_of(moment), asking.names(wanted.columns, of.measures, usual)
    tag = answers.tag_of(request, run, answers.by_reach(reach))
    if (same := answers.unchanged(request, tag)) is not None:
        return same
    rows = Rows(of, moment, reach, tuple(names), wanted.where, ids)
    found = rows.page(answers.started(cursor), wanted.limit)
    more, found = len(found) > wanted.limit, found.slice(0, wanted.limit)
    following = cursors.write(request, mark(found), moment.pair, run) if more else None
    told = values.rows(found, rows.measures, settings.HOME.settings.base_currency)
    return answers.page(request, told, following, _meta(moment, run), tag)


def _bulk(request: Called, of: Kind, wanted: Wanted, accepted: str) -> HttpResponse | StreamingHttpResponse:
    if wanted.after:
        raise refusals.no_cursor()
    reach, moment = asking.reach(request, ACTION), asking.moment(wanted)
    run, names = asking.run_of(moment), asking.names(wanted.columns, of.measures, of.measures)
    tag = answers.tag_of(request, run, answers.by_reach(reach))
    if (same := answers.unchanged(request, tag)) is not None:
        return same
    if exceeded(request.user, ACTION, dt.timedelta(hours=1), MOST_AN_HOUR):
        raise refusals.too_often(MOST_AN_HOUR)
    rows = Rows(of, moment, reach, tuple(names), wanted.where)
    count = rows.count()
    entry = record(
        request, ACTION, "list", f"api:{of.name}",
        {
            "as": bulk.ENDINGS[accepted], "rows": count, "as_of": moment.as_of.isoformat(), "known_on": moment.known_on.isoformat(),
            "filter": wanted.where, "columns": [measure.name for measure in rows.measures],
        },
    )  # fmt: skip
    source = of.source(moment)
    units = bulk.Units(rows.measures, source.currencies, settings.HOME.settings.base_currency)
    about = {name: str(value) for name, value in _meta(moment, run).items()}
    body = bulk.stream(accepted, (units.batch(batch) for batch in rows.all()), about)
    response = StreamingHttpResponse(body, content_type=accepted)
    name = f"{of.name}-{moment.as_of}-{moment.known_on}-{entry.pk}.{bulk.ENDINGS[accepted]}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    for header, value in (*about.items(), ("rows", str(count))):
        response[f"Daihou-{header.title().replace('_', '-')}"] = value
    if accepted != bulk.CSV:  # compressed already
        response["Content-Encoding"] = "identity"
    return answers.tagged(response, tag)


def _meta(moment: Moment, run: str) -> dict[str, Any]:
    return answers.meta_of(moment, run, base_currency=settings.HOME.settings.base_currency)
