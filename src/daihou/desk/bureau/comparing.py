"""The reports of a borrower as pages show them: those of the desk and those that were delivered to the lake, and how the last two differ."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.conf import settings

from daihou.book import money
from daihou.desk.bureau.models import Result
from daihou.desk.portfolio import reading
from daihou.desk.portfolio.facts import versions
from daihou.monitoring.bureau.difference import Difference, Line, Report, difference

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Known:
    """A report that is known; `result` is None where it came with a delivery, not through the desk."""

    report_id: str
    report: Report
    result: Result | None

    @property
    def max_dpd(self) -> int | None:
        """Most days past due of a credit; None where none says so."""
        return max((line.dpd for line in self.report.lines if line.dpd is not None), default=None)

    @property
    def overdue(self) -> int:
        """Credits past due."""
        return sum(line.overdue for line in self.report.lines)


@dataclass(frozen=True, slots=True)
class Compared:
    """The newest report beside the one before."""

    now: Known
    before: Known | None
    difference: Difference | None


def known(borrower_id: str) -> list[Known]:
    """All reports of a borrower that can be read, the newest first."""
    own = [
        _of_desk(row)
        for row in Result.objects.select_related("query").filter(borrower_id=borrower_id, rows__isnull=False)
    ]
    held = {one.report_id for one in own}
    others = [one for one in _of_lake(borrower_id) if one.report_id not in held]
    return sorted([*own, *others], key=lambda one: (one.report.queried_on, one.report_id), reverse=True)


def compared(reports: list[Known]) -> Compared | None:
    """The last two side by side; None where there is none."""
    if not reports:
        return None
    now, before = reports[0], reports[1] if len(reports) > 1 else None
    return Compared(now, before, difference(before.report, now.report) if before else None)


def _of_desk(row: Result) -> Known:
    report, lines = row.rows["report"], row.rows["lines"]
    made = [
        Line(
            line["lender"], line["product"], _day(line["opened_on"]), _minor(line["limit"]), _minor(line["balance"]), line["dpd"], line["status"],
        )
        for line in lines
    ]  # fmt: skip
    queried_on = _day(report["queried_on"]) or row.received_on
    return Known(row.report_id, Report(queried_on, report["score"], report["inquiries_3m"], tuple(made)), row)


def _of_lake(borrower_id: str) -> list[Known]:
    source, lines = versions("bureau_reports"), versions("bureau_lines")
    if not source:
        return []
    rows = reading.rows(
        f"""
        SELECT DISTINCT ON (report_id) report_id, queried_on, score, inquiries_3m FROM {source}
        WHERE borrower_id = ? ORDER BY report_id, known_on DESC, batch DESC, "row" DESC
        """,
        [borrower_id],
    )
    ids = [row["report_id"] for row in rows]
    listed: dict[str, list[Line]] = {}
    for line in _lines(lines, ids):
        listed.setdefault(line["report_id"], []).append(
            Line(
                line["lender"],
                line["product"],
                line["opened_on"],
                _minor(line["limit"]),
                _minor(line["balance"]),
                line["dpd"],
                line["status"],
            )
        )
    return [
        Known(row["report_id"], Report(row["queried_on"], row["score"], row["inquiries_3m"], tuple(listed.get(row["report_id"], ()))), None)
        for row in rows
    ]  # fmt: skip


def _lines(source: str, ids: list[str]) -> Iterable[dict[str, Any]]:
    if not source or not ids:
        return []
    columns = 'report_id, lender, product, "limit", balance, dpd, opened_on, status'
    return reading.rows(
        f'SELECT {columns} FROM {source} WHERE report_id IN (SELECT unnest(?::VARCHAR[])) ORDER BY batch, "row"', [ids]
    )


def _minor(amount: str | Decimal | None) -> int | None:
    return None if amount is None else money.minor(Decimal(amount), settings.HOME.settings.base_currency)


def _day(text: str | None) -> dt.date | None:
    return None if text is None else dt.date.fromisoformat(text)
