"""A list that leaves the desk: not too often, not too long for a workbook, logged before a row is written, under a watermark that names its entry in the log."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _

from daihou.book.errors import DaihouError
from daihou.desk import errors
from daihou.desk.audit.limits import exceeded
from daihou.desk.audit.log import record
from daihou.desk.portfolio import extract
from daihou.desk.portfolio.extract import Extract
from daihou.desk.portfolio.sheets import Watermark

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from django.http.response import HttpResponseBase

    from daihou.desk.asked import Asked
    from daihou.desk.portfolio.extract import Rows

KINDS: Final = extract.KINDS
ACTION: Final = "portfolio.export"
MOST_AN_HOUR: Final = 60
SHEET_ROWS: Final = 50_000
"""Rows of a workbook made while somebody waits; more go into CSV, which is streamed."""


@dataclass(frozen=True, slots=True)
class Leaving:
    """What leaves: its rows as they stand at a moment, all that an address asks for or of them those of some keys."""

    of: str
    """What the log and the name of the file call it."""
    title: str
    columns: Sequence[tuple[str, int]]
    """Headings, with widths in letters."""
    rows: Callable[[], Iterable[Rows]]
    """Called once; some thousands at a time."""
    count: int
    asked: str
    """The address, without page."""
    at: dt.datetime
    keys: Collection[int] | None = None


def answer(request: Asked, leaving: Leaving, ending: str) -> HttpResponseBase:
    """The list as the file that is asked for, by one of KINDS; DaihouError where it is too long for a workbook."""
    if exceeded(request.user, ACTION, dt.timedelta(hours=1), MOST_AN_HOUR):
        return errors.often(request, MOST_AN_HOUR)
    count = leaving.count
    if ending == "xlsx" and count > SHEET_ROWS:
        raise DaihouError(
            f"{count:,} rows are more than a workbook is made of here ({SHEET_ROWS:,}).",
            "Narrow the filter, or export CSV.",
            zh=(f"共 {count:,} 条，超过 Excel 导出上限 {SHEET_ROWS:,} 条。", "请缩小筛选范围，或导出 CSV。"),
        )
    detail: dict[str, Any] = {"as": ending, leaving.of: count, "filter": leaving.asked}
    if leaving.keys is not None:
        detail["ids"] = sorted(leaving.keys)
    entry = record(request, ACTION, "list", leaving.of, detail)
    mark = Watermark(request.user.get_username(), request.user.name, timezone.localtime(), entry.pk, leaving.asked)
    about = [(_("As of"), f"{timezone.localtime(leaving.at):%Y-%m-%d %H:%M}")]
    made = Extract(leaving.title, leaving.columns, leaving.rows, about, leaving.title)
    return extract.answer(made, mark, f"{leaving.of}-{timezone.localdate(leaving.at)}-{entry.pk}", ending)
