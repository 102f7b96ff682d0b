"""So many of a kind by one subject within so long: a window that slides over the moments at which they happened, in whatever order they come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import polars as pl

from daihou.monitoring.events.family import WITHDRAWN
from daihou.runs.stream.between.kept import Entry, Kept
from daihou.runs.stream.between.standing import HOUR, Standing, moment, reach, said

if TYPE_CHECKING:
    from collections.abc import Collection

    from daihou.policies.between import Velocity, Watch
    from daihou.runs.stream.between.facts import Facts

SIGNED: Final = {"in": pl.col("amount") > 0, "out": pl.col("amount") < 0}


class Speed:
    """One watch of this kind.

    A signal stands for the newest day on which there were so many: the next day that has as many takes its place. So it rests on nothing that is
    older than two windows, and the facts alone say whether it stands.
    """

    whole = False

    def __init__(self, watch: Watch, asks: Velocity, facts: Facts, zone: str) -> None:
        self.watch, self._asks, self._facts = watch, asks, facts
        self._zone, self._reach = ZoneInfo(zone), reach(watch)
        self._kept: Kept[int] = Kept()
        self._matches = _matches(asks)

    def take(self, table: str, rows: pl.DataFrame) -> set[str]:
        """Keep what counts, and what takes back what counted."""
        if table != self._asks.table:
            return set()
        chosen = self._chosen(rows)
        if chosen.is_empty():
            return set()
        owners = self._owners(chosen)
        touched: set[str] = set()
        columns = ("owner", "id", "known", "place", "at", "amount", "matches")
        for owner, key, known, place, at, amount, matches in chosen.select(columns).iter_rows():
            for one in owners.get(owner, ()) if owners is not None else (owner,):
                self._kept.put(one, key, Entry(known, place, at, amount if matches else None))
                touched.add(one)
        return touched

    def standing(self, subjects: Collection[str], now: int) -> dict[str, Standing]:
        """The newest moment at which there were so many within the window, where it is not over."""
        found = {}
        for subject in subjects:
            stands = self._of(subject, now)
            if stands is not None:
                found[subject] = stands
        return found

    def subjects(self) -> Collection[str]:
        """All who have any."""
        return self._kept.owners()

    def due(self, _now: int) -> Collection[str]:
        """Nobody: that time passes makes none more."""
        return ()

    def evict(self, now: int) -> None:
        """Forget what lies before both windows."""
        self._kept.evict(now - self._reach)

    def __len__(self) -> int:
        """How many rows are kept."""
        return len(self._kept)

    def _of(self, subject: str, now: int) -> Standing | None:
        asks = self._asks
        window, since = asks.within_hours * HOUR, now - asks.stands_hours * HOUR
        told = self._kept.of(subject)
        first = asks.times - 1
        for place in range(len(told) - 1, first - 1, -1):
            at = told[place][0]
            if at <= since:
                return None
            if told[place - first][0] > at - window:
                return self._told(subject, told, place)
        return None

    def _told(self, subject: str, told: list[tuple[int, str, int]], place: int) -> Standing:
        asks = self._asks
        at = told[place][0]
        within = [one for one in told[: place + 1] if one[0] > at - asks.within_hours * HOUR]
        evidence = {
            "count": len(within), "times": asks.times, "within_hours": asks.within_hours, "first_at": said(within[0][0], self._zone),
            "last_at": said(at, self._zone), "ids": [key for _, key, _ in within[-asks.times :]],
        }  # fmt: skip
        until = at + asks.stands_hours * HOUR
        return Standing(self.watch, subject, moment(at, self._zone).date(), until, evidence)

    def _chosen(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Rows that count; and those that do not, where they may take back one that did."""
        marked = rows.with_columns(matches=self._matches)
        wanted = pl.col("matches")
        if self._asks.table == "events":
            wanted |= pl.col("kind") == WITHDRAWN
        chosen = marked.filter(wanted)
        if self._asks.table != "transactions" and chosen.height < marked.height and len(self._kept):
            others, held = marked.filter(~wanted), self._kept.holds
            keys = zip(others["owner"].to_list(), others["id"].to_list(), strict=True)
            again = [place for place, (owner, key) in enumerate(keys) if held(owner, key)]
            if again:
                chosen = pl.concat([chosen, others[again]])
        return chosen

    def _owners(self, rows: pl.DataFrame) -> dict[str, set[str]] | None:
        """Of transactions by account who holds it; None: rows name their subject themselves."""
        if self._asks.table != "transactions":
            return None
        return dict(self._facts.holders(rows["owner"].unique().to_list()))


def _matches(asks: Velocity) -> pl.Expr:
    """Whether a plain row counts; never nothing."""
    wanted = pl.lit(value=True)
    if asks.table == "payments":
        wanted = pl.col("reversal") if asks.reversals else ~pl.col("reversal")
    if asks.table == "transactions":
        flags = pl.col("flags").str.split(" ").list
        kinds, marks = pl.col("kind").is_in(asks.kinds), flags.set_intersection(list(asks.flags)).list.len() > 0
        wanted = (kinds if asks.kinds else pl.lit(value=False)) | (marks if asks.flags else pl.lit(value=False))
        if asks.direction is not None:
            wanted &= SIGNED[asks.direction]
    elif asks.kinds:
        kind = pl.col("kind").fill_null("scheduled") if asks.table == "payments" else pl.col("kind")
        wanted &= kind.is_in(asks.kinds)
    return wanted.fill_null(value=False)
