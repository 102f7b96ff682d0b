"""The loans behind a point of the vintage chart: those of a quarter that had gone bad by a month on book, each seen at that age."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from daihou.book.days import add_months
from daihou.book.errors import DaihouError
from daihou.desk.portfolio import reading
from daihou.desk.portfolio.columns import chinese
from daihou.runs.portfolio.panel import last_of_months

if TYPE_CHECKING:
    from django.http import QueryDict

    from daihou.desk.portfolio.moments import Moment, Pair

DAYS: Final = 30
"""Days past due from which a loan counts as gone bad."""
MONTHS: Final = 3
FORM: Final = re.compile(r"([0-9]{4})Q([1-4])\.([0-9]{1,3})")
NEEDED: Final = frozenset({"max_dpd_ever", "disbursed_on", "months_on_book"})


@dataclass(frozen=True, slots=True)
class Vintage:
    """Loans paid out in a quarter and bad by an age in months. The youngest reach an age two months after the oldest, so three runs tell."""

    start: dt.date
    age: int

    def __str__(self) -> str:
        return f"{self.start.year}Q{self.start.month // MONTHS + 1}.{self.age}"

    @property
    def said(self) -> str:
        """The condition in words."""
        quarter = f"{self.start.year} Q{self.start.month // MONTHS + 1}"
        if chinese():
            return f"{quarter} 放款，账龄 {self.age} 个月时曾逾期 {DAYS} 天以上或已核销"
        return f"Paid out in {quarter}; {DAYS} days past due or written off by month {self.age} on book"

    def sql(self, moment: Moment) -> tuple[str, list[Any]]:
        """The condition on the loans of a moment."""
        known = dict(moment.series)
        ends = {(day.year, day.month): (day, known[day]) for day in last_of_months(known)}
        texts: list[str] = []
        bound: list[Any] = []
        for place in range(MONTHS):
            begun = add_months(self.start, place)
            then = add_months(begun, self.age)
            pair = ends.get((then.year, then.month))
            if pair is not None and (rows := _rows(moment, pair)):
                texts.append(
                    f"loan_id IN (SELECT loan_id FROM {rows} WHERE disbursed_on >= ? AND disbursed_on < ? AND months_on_book IS NOT NULL"
                    f" AND (max_dpd_ever >= {DAYS} OR state = 'written_off'))"
                )
                bound += [begun, add_months(begun, 1)]
        return f"({' OR '.join(texts)})" if texts else "false", bound


def _rows(moment: Moment, pair: Pair) -> str | None:
    """The loans of a pair as its run wrote them: read once for a click, they need no place on the shelf."""
    source = reading.snapshots(moment, pair)
    return source.written if source.columns >= NEEDED else None


def vintage(query: QueryDict) -> Vintage | None:
    """What `vintage=2025Q2.6` asks; DaihouError for what cannot be read."""
    stated = query.get("vintage", "")
    if not stated:
        return None
    found = FORM.fullmatch(stated)
    if found is None or not 1980 <= int(found[1]) <= 2100:
        raise DaihouError(
            f"'{stated[:40]}' is no point of a vintage.",
            "Write it like 2025Q2.6: the quarter, and the months on book.",
            zh=(f"“{stated[:40]}”不是 Vintage 的点位。", "写法如 2025Q2.6：放款季度与账龄（月）。"),
        )
    return Vintage(dt.date(int(found[1]), MONTHS * int(found[2]) - 2, 1), int(found[3]))
