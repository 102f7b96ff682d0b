"""The figures of the overview: each with its value a month before, its course, and the loans behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import polars as pl
from django.conf import settings

from daihou.desk.portfolio import moves, reading
from daihou.runs.portfolio.migration import ABSENT
from daihou.runs.portfolio.panel import LIVE, month_before

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from daihou.desk.people.reach import Reach
    from daihou.desk.portfolio.book import Book, Cut
    from daihou.desk.portfolio.moments import Moment, Pair

LIVE_LOANS: Final = ",".join(LIVE)


@dataclass(frozen=True, slots=True)
class Course:
    """A figure over the months; the last value is that of the date in hand. None where nothing was."""

    values: tuple[float | None, ...]

    @property
    def now(self) -> float | None:
        """The value on the date."""
        return self.values[-1] if self.values else None

    @property
    def before(self) -> float | None:
        """The value a month before."""
        return self.values[-2] if len(self.values) > 1 else None

    @property
    def change(self) -> float | None:
        """What it grew by since; None where either is not known."""
        return None if self.now is None or self.before is None else self.now - self.before

    @property
    def growth(self) -> float | None:
        """The change as a share of the value before."""
        return None if not self.before or self.change is None else self.change / self.before

    @property
    def points(self) -> str:
        """The last year's values for a sparkline."""
        return ",".join("" if value is None else f"{value:.6g}" for value in self.values[-13:])


@dataclass(frozen=True, slots=True)
class Balances:
    """Live balance in the base currency's minor units, and what of it is past due, over 30 and over 90 days, over the months."""

    dates: tuple[dt.date, ...]
    live: Course
    overdue: Course
    over_30: Course
    over_90: Course
    loans: Course
    loans_overdue: Course

    def rate(self, part: str) -> Course:
        """A part's share of the live balance."""
        return Course(
            tuple(_share(over, live) for over, live in zip(getattr(self, part).values, self.live.values, strict=True))
        )


def balances(found: Book) -> Balances:
    """The balances of a book, month by month; a month in which nothing was run has none, so that no change bridges it."""
    told: Balances = found.once("balances", lambda: _balances(found))
    return told


def _balances(found: Book) -> Balances:
    ageing, scheme = found.over.ageing(), found.over.scheme("buckets_atomic")
    run = {as_of for as_of, _ in found.pairs}
    dates = tuple(sorted({*run, *found.over.missing}))
    lower = dict(zip(scheme.labels, [-1, *scheme.ends], strict=True))
    rows = ageing.with_columns(pl.col("standing").cast(pl.String)).filter(pl.col("standing").is_in(scheme.labels))
    by_date = {(row["as_of"], row["standing"]): row for row in rows.iter_rows(named=True)}

    def course(limit: int, column: str) -> Course:
        chosen = [label for label in scheme.labels if lower[label] >= limit]
        return Course(
            tuple(
                float(sum(by_date.get((day, label), {}).get(column) or 0 for label in chosen)) if day in run else None
                for day in dates
            )
        )

    live, overdue, over_30, over_90 = (course(limit, "balance") for limit in (-1, 0, 30, 90))
    return Balances(dates, live, overdue, over_30, over_90, course(-1, "loans"), course(0, "loans"))


def _share(part: float | None, whole: float | None) -> float | None:
    return part / whole if part is not None and whole else None


@dataclass(frozen=True, slots=True)
class Moved:
    """Loans that fell past due since the month before, and that came back, with their balance now."""

    new: int
    new_balance: int
    cured: int
    cured_balance: int


def moved(cells: Sequence[moves.Cell], labels: Sequence[str]) -> Moved:
    """What of a matrix is new arrears and what is cured; `labels` are the live buckets, the first without arrears."""
    clean, late = labels[0], set(labels[1:])
    new = [cell for cell in cells if cell.was in (clean, "not_started", ABSENT) and cell.now in late]
    cured = [cell for cell in cells if cell.was in late and cell.now == clean]
    return Moved(
        sum(cell.loans for cell in new), sum(cell.balance for cell in new), sum(cell.loans for cell in cured), sum(cell.balance for cell in cured),
    )  # fmt: skip


def overdue_amounts(moment: Moment, pair: Pair, reach: Reach, chosen: Cut) -> dict[str, int]:
    """What is due and unpaid on loans past due, by currency, in its minor units: not what is lost with a written-off loan."""
    source = _counted(moment, pair, reach)
    condition, values = reading.within(reach, chosen.values())
    found = reading.rows(
        f"SELECT currency, sum(overdue_amount) AS amount FROM {source.sql} WHERE {condition} AND state = 'overdue' GROUP BY currency ORDER BY currency",
        values,
    )
    return {row["currency"]: int(row["amount"] or 0) for row in found}


def _counted(moment: Moment, pair: Pair, reach: Reach) -> reading.Source:
    """Where sums are read: from the cube where whole orgs are in reach, since it goes by org, else from the loans."""
    return reading.Source("cube" if reach.whole_orgs else "snapshots", pair, moment.stamp)


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One org, product or region: its live balance, what of it is past due, and the change of that rate."""

    code: str | None
    balance: int
    overdue: float | None
    over_90: float | None
    change: float | None
    width: float
    """Its balance as percent of the greatest."""


def groups(found: Book, by: str) -> list[GroupRow]:
    """The book by one dimension on its last date, the largest first."""
    told: list[GroupRow] = found.once(("groups", by), lambda: _groups(found, by))
    return told


def _groups(found: Book, by: str) -> list[GroupRow]:
    ageing = found.over.ageing(by=[by]).with_columns(pl.col("standing").cast(pl.String))
    labels = found.over.scheme("buckets_atomic").labels
    ends = found.over.scheme("buckets_atomic").ends
    over_90 = {label for label, lower in zip(labels, [-1, *ends], strict=True) if lower >= 90}
    dates = [as_of for as_of, _ in found.pairs]
    before = month_before(dates[-1], dates)
    sums: dict[tuple[Any, Any], list[int]] = {}
    for row in ageing.filter(pl.col("as_of").is_in([before, dates[-1]]) & pl.col("standing").is_in(labels)).iter_rows(
        named=True
    ):
        live = sums.setdefault((row["as_of"], row[by]), [0, 0, 0])
        live[0] += row["balance"]
        live[1] += row["balance"] if row["standing"] != labels[0] else 0
        live[2] += row["balance"] if row["standing"] in over_90 else 0
    now = {code: total for (day, code), total in sums.items() if day == dates[-1]}
    was = {code: total for (day, code), total in sums.items() if day == before}
    greatest = max((total[0] for total in now.values()), default=0)
    rows = []
    for code, (balance, overdue, bad) in now.items():
        rate, earlier = _share(overdue, balance), _share(*reversed(was[code][:2])) if code in was else None
        change = None if rate is None or earlier is None else rate - earlier
        rows.append(
            GroupRow(code, balance, rate, _share(bad, balance), change, 100 * balance / greatest if greatest else 0)
        )
    return sorted(rows, key=lambda row: -row.balance)


def states(moment: Moment, reach: Reach, chosen: Cut) -> list[tuple[str, int]]:
    """How many loans are in each state, in the order in which states are told; all that occur."""
    source = _counted(moment, moment.pair, reach)
    condition, values = reading.within(reach, chosen.values())
    count = "sum(loans)" if reach.whole_orgs else "count(*)"
    found = {
        row["state"]: int(row["n"])
        for row in reading.rows(
            f"SELECT state, {count} AS n FROM {source.sql} WHERE {condition} GROUP BY state", values
        )
    }
    order = ("current", "overdue", "not_started", "closed", "transferred", "written_off", "unmeasured")
    return [(state, found[state]) for state in order if found.get(state)]


def currency() -> str:
    """The base currency."""
    return str(settings.HOME.settings.base_currency)


def by_name(rows: Mapping[str, int]) -> list[tuple[str, int]]:
    """Amounts by currency in the order of the codes, the base currency first."""
    return sorted(rows.items(), key=lambda one: (one[0] != currency(), one[0]))
