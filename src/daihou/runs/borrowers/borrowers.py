"""Borrowers: what their loans come to, and beside it all that is known of them from elsewhere, with the market of the date."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from daihou.monitoring.bureau.family import BUREAU
from daihou.monitoring.cash_flow.family import CASH_FLOW
from daihou.monitoring.collection.family import COLLECTION, OPEN
from daihou.monitoring.customer.family import CUSTOMER
from daihou.monitoring.events.family import COUNTS, EVENTS
from daihou.monitoring.market.family import MARKET
from daihou.monitoring.reviews.family import REVIEWS
from daihou.monitoring.rollups.family import BORROWER
from daihou.monitoring.score.family import SCORE
from daihou.runs import few, rolled, rollups
from daihou.runs.borrowers import bureau, cash_flow, collection, customer, events, market, reviews, score
from daihou.runs.borrowers.columns import FRAME, SCHEMA
from daihou.runs.borrowers.owing import Owing
from daihou.runs.borrowers.since import distinct
from daihou.runs.scores.house import policy
from daihou.runs.scores.own_runs import OwnRuns
from daihou.runs.scores.register import register

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    import pyarrow as pa

    from daihou.book.home import Home
    from daihou.runs.borrowers.bureau import Bureau
    from daihou.runs.borrowers.cash_flow import CashFlow
    from daihou.runs.borrowers.collection import Collected
    from daihou.runs.borrowers.customer import Customer
    from daihou.runs.borrowers.events import Events
    from daihou.runs.borrowers.market import Market, Value
    from daihou.runs.borrowers.reviews import Reviewed
    from daihou.runs.borrowers.score import ScoredBefore
    from daihou.runs.policies import Policies

    Progress = Callable[[str, int, int], None]

TABLES: Final = (
    customer.TABLE,
    *cash_flow.TABLES,
    events.TABLE,
    *collection.TABLES,
    reviews.TABLE,
    *bureau.TABLES,
    market.TABLE,
)
"""Tables that are read beside the ledger; of loans, which are read too, the ledger says the version."""
KEY: Final = "borrower_id"
NONE: Final = {
    "happened": (*COUNTS, "claim_amount_12m"), "collected": (*collection.COUNTS, *OPEN), "reviewed": reviews.COUNTS,
}  # fmt: skip
"""By the mark of a family, which says while the row is put together who has a row of it: what is none, not unknown, for all others."""
OF: Final = {
    family.name: frozenset(measure.name for measure in family.measures)
    for family in (CUSTOMER, CASH_FLOW, EVENTS, COLLECTION, REVIEWS, BUREAU, SCORE, MARKET)
}  # fmt: skip
"""The measures of each family beside the loans."""


@dataclass(frozen=True)
class Borrowers:
    """What a home knows of its borrowers and its market, or of some of the borrowers; None of what was never sent."""

    customer: Customer | None
    cash_flow: CashFlow | None
    events: Events | None
    collected: Collected | None
    reviewed: Reviewed | None
    reported: Bureau | None
    series: Market | None
    scored: ScoredBefore | None
    """Without it nothing is told of scores: of a run's own date it scores itself, after this."""
    begun: Begun
    """Families to put among what comes, where nothing of the kind was sent before."""

    def among(self, ids: pl.Series, since: Mapping[str, pl.DataFrame] | None = None) -> Borrowers:
        """The same of some borrowers, with rows by table that came since the lake was read, in the order in which they came; the market is that of the lake.

        For these borrowers `on` tells what it would tell were the rows in the lake. Of two rows of an event with one date of knowledge the first stands.
        """
        ids = distinct(ids).sort()
        came = {table: rows for table, rows in (since or {}).items() if rows.height}

        customers, flows, happened = self.customer, self.cash_flow, self.events
        collected, reviewed, reported = self.collected, self.reviewed, self.reported
        if customers is None and customer.TABLE in came:
            customers = self.begun.customer
        if flows is None and not came.keys().isdisjoint(cash_flow.TABLES):
            flows = self.begun.cash_flow
        if happened is None and events.TABLE in came:
            happened = self.begun.events
        if collected is None and not came.keys().isdisjoint(collection.TABLES):
            collected = self.begun.collected
        if reviewed is None and reviews.TABLE in came:
            reviewed = self.begun.reviewed
        if reported is None and not came.keys().isdisjoint(bureau.TABLES):
            reported = self.begun.reported
        return Borrowers(
            None if customers is None else customers.among(ids, came),
            None if flows is None else flows.among(ids, came),
            None if happened is None else happened.among(ids, came),
            None if collected is None else collected.among(ids, came),
            None if reviewed is None else reviewed.among(ids, came),
            None if reported is None else reported.among(ids, came),
            self.series,
            None if self.scored is None else self.scored.among(ids),
            self.begun,
        )

    def ready(self) -> None:
        """Build the indexes by which some borrowers are found: whoever asks `among` first would wait for them."""
        if self.customer is not None:
            _ = self.customer.held.places
        if self.cash_flow is not None:
            self.cash_flow.index.ready()
        if self.events is not None:
            self.events.ready()
        if self.collected is not None:
            _ = self.collected.places
        if self.reviewed is not None:
            self.reviewed.ready()
        if self.reported is not None:
            self.reported.ready()
        if self.scored is not None and self.scored.by_date:
            _ = self.scored.by_date[max(self.scored.by_date)].places

    def on(
        self,
        as_of: dt.date,
        known_on: dt.date,
        loans: pl.LazyFrame | pl.DataFrame,
        names: Collection[str] | None = None,
    ) -> pl.DataFrame:
        """A row a borrower with a loan among the rows of a snapshot of the pair, in order of id: the columns of `columns.FRAME`.

        With `names` only the key and those of the columns that are among them, in the same order.
        """
        whole = rollups.rolled(loans, BORROWER, as_of, known_on, names)
        around = self._around(as_of, known_on, names)
        return _beside(whole, self._told(as_of, known_on, names), around, _asked(names))

    def of_few(
        self,
        as_of: dt.date,
        known_on: dt.date,
        loans: Iterable[Mapping[str, Any]],
        names: Collection[str] | None = None,
    ) -> list[dict[str, Any]]:
        """What `on` says, a mapping a borrower, from rows of a snapshot one by one: for few of them it costs a fifth."""
        asked, around = _asked(names), self._around(as_of, known_on, names)
        told = self._told(as_of, known_on, names)
        rows = {mark: {row[KEY]: row for row in frame.iter_rows(named=True)} for mark, frame in told.items()}
        found = []
        for own in rolled.rolled(loans, as_of, known_on):
            for mark, by_borrower in rows.items():
                own.update(by_borrower.get(own[KEY]) or {name: name not in OPEN and 0 for name in NONE.get(mark, ())})
            found.append({name: around[name] if name in around else own.get(name) for name in asked})
        return found

    def parts(self, snapshots: Sequence[Path], as_of: dt.date, known_on: dt.date) -> Iterator[pa.Table]:
        """The same from the files of a snapshot, in parts that bound the memory as those of the roll-ups do."""
        told, around = self._told(as_of, known_on, None), self.market(as_of, known_on)
        loans = pl.scan_parquet(list(snapshots))
        for part in rollups.parts(snapshots, KEY):
            whole = rollups.rolled(loans.filter(part), BORROWER, as_of, known_on)
            some = {mark: frame.filter(part) for mark, frame in told.items()}
            yield _beside(whole, some, around, list(FRAME)).to_arrow().cast(SCHEMA)

    def market(self, as_of: dt.date, known_on: dt.date) -> dict[str, Value]:
        """The measures of the market by name, the same for every loan and borrower."""
        names = (measure.name for measure in MARKET.measures)
        return dict.fromkeys(names) if self.series is None else self.series.on(as_of, known_on)

    def _around(self, as_of: dt.date, known_on: dt.date, names: Collection[str] | None) -> Mapping[str, Value]:
        """The market, where anything of it is asked for."""
        return {} if names is not None and OF["market"].isdisjoint(names) else self.market(as_of, known_on)

    def _told(self, as_of: dt.date, known_on: dt.date, names: Collection[str] | None) -> dict[str, pl.DataFrame]:
        """What is known of borrowers from elsewhere, a frame a family by its mark."""

        def asked(family: str) -> bool:
            return names is None or not OF[family].isdisjoint(names)

        told = {}
        if self.customer is not None and asked("customer"):
            told["known"] = self.customer.on(as_of, known_on)
        if self.cash_flow is not None and asked("cash_flow"):
            told["flowed"] = self.cash_flow.on(as_of, known_on, names)
        if self.events is not None and asked("events") and self.events.begun(known_on):
            told["happened"] = self.events.on(as_of, known_on, names)
        if self.collected is not None and asked("collection") and self.collected.begun(known_on):
            told["collected"] = self.collected.on(as_of, known_on, names)
        if self.reviewed is not None and asked("reviews") and self.reviewed.begun(known_on):
            told["reviewed"] = self.reviewed.on(as_of, known_on, names)
        if self.reported is not None and asked("bureau"):
            told["reported"] = self.reported.on(as_of, known_on, names)
        if self.scored is not None and asked("score"):
            told["scored"] = self.scored.on(as_of, known_on)
        return told


@dataclass(frozen=True)
class Begun:
    """The families of a home that was not sent anything of them, each read when it is first asked for."""

    home: Home
    policies: Policies
    lake_versions: Mapping[str, int]
    owing: Owing
    """Who owes any loan: one for all families that ask."""

    @cached_property
    def customer(self) -> Customer:
        """No borrower."""
        return customer.begun(self.home, self.lake_versions)

    @cached_property
    def cash_flow(self) -> CashFlow:
        """No accounts, or no transactions."""
        return cash_flow.begun(self.home, self.lake_versions, self.policies, lambda *_: None)

    @cached_property
    def events(self) -> Events:
        """No event."""
        return events.begun(self.home, self.lake_versions, self.owing)

    @cached_property
    def collected(self) -> Collected:
        """No contact, promise or decision."""
        return collection.begun(self.home, self.lake_versions)

    @cached_property
    def reviewed(self) -> Reviewed:
        """No finding."""
        return reviews.begun(self.home, self.lake_versions, self.owing)

    @cached_property
    def reported(self) -> Bureau:
        """No report."""
        return bureau.begun(self.home, self.lake_versions)


def read(
    home: Home, policies: Policies, lake_versions: Mapping[str, int], progress: Progress, *, scored: bool = True
) -> Borrowers:
    """The borrowers of a home at the lake's versions of TABLES and of loans; without `scored` nothing of what runs said before."""
    owing = Owing(home, lake_versions)
    return Borrowers(
        customer.read(home, lake_versions),
        cash_flow.read(home, lake_versions, policies, progress),
        events.read(home, lake_versions, owing),
        collection.read(home, lake_versions),
        reviews.read(home, lake_versions, owing),
        bureau.read(home, lake_versions),
        market.read(home, lake_versions, policies.market),
        _scored(home) if scored else None,
        Begun(home, policies, lake_versions, owing),
    )


def _scored(home: Home) -> ScoredBefore | None:
    """What runs said of scores; nothing is looked for where no model was ever registered."""
    if not register(home).entries:
        return None
    return score.before(OwnRuns(home), policy(home))


def _asked(names: Collection[str] | None) -> list[str]:
    """The key and those of the columns that are asked for, in their order; all of them without."""
    return [name for name in FRAME if names is None or name == KEY or name in names]


def _beside(
    rolled: pl.DataFrame, told: Mapping[str, pl.DataFrame], around: Mapping[str, Value], names: Sequence[str]
) -> pl.DataFrame:
    """Some columns of the rows with what is told of each borrower beside them. Who had no event or contact though others had has none, not unknown many.

    One query joins, and the rest goes column by column: an expression over all of them costs a millisecond, which is much for one borrower.
    """
    joined = rolled.lazy()
    for mark, frame in told.items():
        if frame.height:
            there = frame.lazy().with_columns(pl.lit(value=True).alias(mark)) if mark in NONE else frame.lazy()
            joined = joined.join(there, on=KEY, how="left", maintain_order="left")
    held = {column.name: column for column in few.collected(joined, rolled.height).get_columns()}
    for mark in NONE.keys() & told.keys():
        if told[mark].is_empty():
            held |= {name: pl.Series(name, [0]).new_from_index(0, rolled.height) for name in NONE[mark]}
            continue
        if held[mark].null_count():
            missing = held[mark].is_null()
            held |= {name: held[name].set(missing, name not in OPEN and 0) for name in NONE[mark] if name in held}
    found = []
    for name in names:
        kind = FRAME[name]
        if name in around or name not in held:
            found.append(pl.Series(name, [around.get(name)], kind).new_from_index(0, rolled.height))
        else:
            found.append(held[name] if held[name].dtype == kind else held[name].cast(kind))
    return pl.DataFrame(found)
