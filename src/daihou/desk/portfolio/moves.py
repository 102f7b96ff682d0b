"""How loans moved between two pairs of dates: the matrix of where they stood and stand, and the loans of a cell of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from daihou.book.errors import DaihouError
from daihou.desk.portfolio import reading
from daihou.runs.portfolio.migration import ABSENT
from daihou.runs.portfolio.panel import standings

if TYPE_CHECKING:
    from django.http import QueryDict

    from daihou.desk.people.reach import Reach
    from daihou.desk.portfolio.moments import Moment, Pair


@dataclass(frozen=True, slots=True)
class Move:
    """Only loans that stood in one of some places on an earlier pair of dates, and stand in one of some now (none: anywhere)."""

    since: Pair
    was: tuple[str, ...]
    now: tuple[str, ...] = ()

    def sql(self, moment: Moment) -> tuple[str, list[Any]]:
        """The condition on the loans of a moment."""
        earlier = reading.snapshots(moment, self.since)
        marks = ", ".join("?" * len(self.was))
        asked = f"loan_id IN (SELECT loan_id FROM {earlier.sql} WHERE place IN ({marks}))"
        if ABSENT in self.was:
            asked = f"({asked} OR loan_id NOT IN (SELECT loan_id FROM {earlier.sql}))"
        if not self.now:
            return asked, list(self.was)
        stands = f"place IN ({', '.join('?' * len(self.now))})"
        return f"{asked} AND {stands}", [*self.was, *self.now]


def move(query: QueryDict, moment: Moment) -> Move | None:
    """What `since=2026-05-31&was=0&now=1` asks: since the pair of that date of the same kind of knowledge."""
    if not query.get("was") or not query.get("since"):
        return None
    was, now = (tuple(one for one in query.get(name, "").split(",") if one) for name in ("was", "now"))
    places = [*standings(reading.scheme(moment.as_of)), ABSENT]
    if wrong := [one for one in (*was, *now) if one not in places]:
        raise DaihouError(
            f"'{wrong[0][:40]}' is no place a loan can stand in.",
            f"Places are: {', '.join(places)}.",
            zh=(f"“{wrong[0][:40]}”不是有效的状态或档位。", f"可用：{'、'.join(places)}。"),
        )
    return Move(earlier(query.get("since", ""), moment), was, now)


def earlier(stated: str, moment: Moment) -> Pair:
    """The pair of an earlier date, by its own knowledge where the moment is; DaihouError where it was not run."""
    try:
        day = dt.date.fromisoformat(stated)
    except ValueError:
        day = None
    pair = None if day is None else (day, day if moment.own else moment.known_on)
    if pair is None or pair not in moment.pairs:
        raise DaihouError(
            f"There is no run of '{stated[:40]}' to compare with.",
            "Choose one of the dates offered.",
            zh=(f"没有“{stated[:40]}”的跑批结果可供比较。", "请从可选日期中选择。"),
        )
    return pair


@dataclass(frozen=True, slots=True)
class Cell:
    """Loans that went from one place to another; balances in minor units of the base currency."""

    was: str
    now: str
    loans: int
    balance_before: int
    balance: int


def matrix(
    moment: Moment, before: Pair, reach: Reach, extra: tuple[tuple[str, tuple[str, ...]], ...] = ()
) -> tuple[Cell, ...]:
    """Where the loans in reach stood on an earlier pair and stand now. Who is in reach now, or was then and is known no more, is counted."""
    return _matrix(moment.stamp, moment.pair, before, reach, extra)


@lru_cache(maxsize=256)
def _matrix(
    stamp: str, pair: Pair, before: Pair, reach: Reach, extra: tuple[tuple[str, tuple[str, ...]], ...]
) -> tuple[Cell, ...]:
    condition, values = reading.within(reach, extra)
    first, second = (reading.Source("snapshots", one, stamp).sql for one in (before, pair))
    # A loan that came from elsewhere has its past; one that went elsewhere is theirs, and only what is known no more is absent.
    rows = reading.rows(
        f"""
        WITH a AS (SELECT loan_id, place, principal_outstanding_base AS balance, {condition} AS asked FROM {first}),
             b AS (SELECT loan_id, place, principal_outstanding_base AS balance, {condition} AS asked FROM {second})
        SELECT coalesce(a.place, '{ABSENT}') AS was, coalesce(b.place, '{ABSENT}') AS now, count(*) AS loans,
               coalesce(sum(a.balance), 0) AS balance_before, coalesce(sum(b.balance), 0) AS balance
        FROM a FULL JOIN b USING (loan_id) WHERE CASE WHEN b.loan_id IS NULL THEN a.asked ELSE b.asked END GROUP BY ALL
        """,
        [*values, *values],
    )
    return tuple(
        Cell(row["was"], row["now"], row["loans"], int(row["balance_before"]), int(row["balance"])) for row in rows
    )
