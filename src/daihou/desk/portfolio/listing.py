"""A list of loans: which columns, in what order, which page; its rows, their count and their sums."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from daihou.book.errors import DaihouError
from daihou.desk.portfolio import filters, moves, reading
from daihou.desk.portfolio.columns import columns, fields
from daihou.desk.portfolio.vintage import vintage
from daihou.expressions import Expression, join, parse, sql

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa
    from django.http import QueryDict

    from daihou.desk.people.reach import Reach
    from daihou.desk.portfolio.columns import Column
    from daihou.desk.portfolio.filters import Filter
    from daihou.desk.portfolio.moments import Moment
    from daihou.desk.portfolio.moves import Move
    from daihou.desk.portfolio.vintage import Vintage

SIZES: Final = (25, 50, 100)
ALWAYS: Final = ("loan_id", "borrower_id", "org_id", "officer_id", "currency", "product", "state", "dpd", "bucket")
"""What every row needs besides what is shown: for links, codes and colours."""
SUMMED: Final = ("amount", "base_amount")


@dataclass(frozen=True, slots=True)
class Kind:
    """One of the ledgers: what it always asks, and how it is shown at first."""

    name: str
    base: str
    columns: tuple[str, ...]
    sort: str


LOANS: Final = Kind(
    "loans", "",
    ("loan_id", "borrower_id", "org_id", "product", "principal_outstanding", "overdue_principal", "overdue_amount", "dpd", "bucket", "status_24m",
     "missed_24m", "last_paid_on", "officer_id"),
    "-dpd",
)  # fmt: skip
MATURING: Final = Kind(
    "maturing", "state in ('current', 'overdue') and days_to_maturity >= 0",
    ("loan_id", "borrower_id", "org_id", "product", "matures_on", "days_to_maturity", "principal_outstanding", "next_due_on", "next_due_amount", "dpd",
     "bucket", "extension_count", "officer_id"),
    "days_to_maturity",
)  # fmt: skip
UNPAID_INTEREST: Final = Kind(
    "unpaid_interest", "state in ('current', 'overdue', 'written_off') and overdue_interest > 0",
    ("loan_id", "borrower_id", "org_id", "product", "principal_outstanding", "overdue_interest", "charges_accrued", "dpd_interest",
     "oldest_unpaid_due_on", "unpaid_due_dates", "bucket", "last_paid_on", "officer_id"),
    "-overdue_interest",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Listing:
    """What an address asks a list for, within a user's reach."""

    kind: Kind
    moment: Moment
    filter: Filter
    columns: tuple[Column, ...]
    sort: str
    descending: bool
    page: int
    size: int
    reach: Reach
    move: Move | None
    vintage: Vintage | None = None

    @property
    def source(self) -> reading.Source:
        """The loans of the pair of dates."""
        return reading.snapshots(self.moment)

    def condition(self) -> tuple[str, list[Any]]:
        """What the ledger, the filter, the reach, the move and the vintage ask, as SQL."""
        base = parse(self.kind.base, fields()) if self.kind.base else None
        asked: Expression | None = join([part for part in (base, self.filter.expression) if part is not None])
        text, values = (
            ("true", [])
            if asked is None
            else sql(asked, amount_unit=self.source.amount_unit, base_unit=reading.base_unit())
        )
        reach, reached = self.reach.sql()
        parts, bound = [text, reach], [*values, *reached]
        for past in (self.move, self.vintage):
            if past is not None:
                told, then = past.sql(self.moment)
                parts.append(told)
                bound += then
        return " AND ".join(part for part in parts if part != "true") or "true", bound

    def _order(self) -> str:
        way = "DESC" if self.descending else "ASC"
        by = f'"{self.sort}"'
        if self.sort == "bucket":  # in the order of arrears, not of letters
            labels = ", ".join(
                f"'{label}'" for label in (code.replace("'", "''") for code, _, _ in fields()["bucket"].choices)
            )
            by = f"list_position([{labels}], bucket)"
        return f"ORDER BY {by} {way} NULLS LAST, loan_id"

    def rows(self) -> list[dict[str, Any]]:
        """The rows of the page."""
        condition, values = self.condition()
        names = ", ".join(f'"{name}"' for name in dict.fromkeys((*ALWAYS, *(column.name for column in self.columns))))
        return reading.rows(
            f"SELECT {names} FROM {self.source.sql} WHERE {condition} {self._order()} LIMIT {self.size} OFFSET {(self.page - 1) * self.size}",
            values,
        )

    def sums(self) -> dict[str, Any]:
        """The count of all that match, of their borrowers, and the sums of the amounts shown: by currency where there are several."""
        condition, values = self.condition()
        summed = [column.name for column in self.columns if column.measure.unit in SUMMED]
        sums = "".join(f', sum("{name}") AS "{name}"' for name in summed)
        one = len(self.source.currencies) < 2
        group = "" if one else " GROUP BY currency ORDER BY currency"
        currency = f"'{(self.source.currencies or ('CNY',))[0]}'" if one else "currency"
        found = reading.rows(
            f"SELECT {currency} AS currency, count(*) AS loans, count(DISTINCT borrower_number) AS borrowers{sums} FROM {self.source.sql} WHERE {condition}{group}",
            values,
        )
        return {
            "loans": sum(row["loans"] for row in found),
            "borrowers": found[0]["borrowers"] if len(found) == 1 else self._borrowers(condition, values),
            "by_currency": found,
        }

    def _borrowers(self, condition: str, values: list[Any]) -> int:
        """How many borrowers; one with loans in several currencies is still one."""
        (row,) = reading.rows(
            f"SELECT count(DISTINCT borrower_number) AS n FROM {self.source.sql} WHERE {condition}", values
        )
        return int(row["n"])

    def stream(self) -> Iterator[pa.RecordBatch]:
        """All that match, in order, with the columns shown."""
        condition, values = self.condition()
        names = ", ".join(
            f'"{name}"' for name in dict.fromkeys((*(column.name for column in self.columns), "currency"))
        )
        return reading.batches(f"SELECT {names} FROM {self.source.sql} WHERE {condition} {self._order()}", values)


def listing(kind: Kind, query: QueryDict, moment: Moment, reach: Reach) -> Listing:
    """What an address asks for; DaihouError names what is wrong with it."""
    known = columns()
    asked = dict.fromkeys(name for name in query.get("cols", "").split(",") if name)
    shown = tuple(known[_known(name)] for name in (asked or kind.columns))
    sort = query.get("sort") or kind.sort
    return Listing(
        kind, moment, filters.read(query), shown, _known(sort.removeprefix("-")), sort.startswith("-"), _whole(query, "page", 1),
        _size(query), reach, moves.move(query, moment), vintage(query),
    )  # fmt: skip


def _known(name: str) -> str:
    if name not in columns():
        raise DaihouError(
            f"'{name[:60]}' is no column of a loan.",
            "Correct cols= or sort= in the address, or choose the columns from the list.",
            zh=(f"“{name[:60]}”不是贷款的字段。", "请更正地址中的 cols= 或 sort=，或从列表中选择列。"),
        )
    return name


def _whole(query: QueryDict, name: str, least: int) -> int:
    stated = query.get(name, "")
    return max(int(stated), least) if stated.isdecimal() and len(stated) < 9 else least


def _size(query: QueryDict) -> int:
    stated = _whole(query, "size", 1)
    return stated if stated in SIZES else SIZES[1]


def within(found: Listing, loans: int) -> Listing:
    """The same list, at its last page where an address asks for one beyond."""
    return replace(found, page=min(found.page, max(-(-loans // found.size), 1)))


def pages(page: int, size: int, loans: int) -> Sequence[int | None]:
    """The page numbers to offer: the first, the last, those around; None for a gap."""
    last = max((loans + size - 1) // size, 1)
    near = sorted({1, last, *range(max(page - 2, 1), min(page + 2, last) + 1)})
    found: list[int | None] = []
    for number in near:
        if found and found[-1] is not None and number > found[-1] + 1:
            found.append(None)
        found.append(number)
    return found
