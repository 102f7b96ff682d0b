"""The family cash_flow: what moved on the accounts of borrowers, measured from the flows for any pair of dates."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl
import pyarrow as pa

from daihou.book.days import day_of
from daihou.book.flows.store import TABLES, open_flows
from daihou.monitoring.cash_flow import columns
from daihou.monitoring.cash_flow.shapes import ANSWER, ask, scratch
from daihou.monitoring.cash_flow.walk import walk
from daihou.runs.borrowers.flow_index import Index, Part
from daihou.runs.borrowers.gathering import gathered
from daihou.runs.borrowers.since import distinct

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Collection, Mapping, Sequence

    from daihou.book.flows.store import Flows, Stored
    from daihou.book.home import Home
    from daihou.monitoring.cash_flow.shapes import Ask, Records
    from daihou.policies.cash_flow import CashFlowPolicy
    from daihou.policies.dated import Dated
    from daihou.runs.policies import Policies

    Progress = Callable[[str, int, int], None]

KEY: Final = "borrower_id"
SCHEMA: Final = pa.schema([pa.field(KEY, pa.string()), *columns.SCHEMA])
"""What is told of each borrower; amounts are minor units of the home's base currency."""
WORKERS: Final = 2
FEW: Final = 2_000
"""Borrowers whose walk is not worth a second thread."""

__all__ = ["SCHEMA", "TABLES", "CashFlow", "read"]


@dataclass(frozen=True)
class CashFlow:
    """The flows of a home with the policy they are read by: of all its borrowers or of some."""

    flows: Stored
    policy: Dated[CashFlowPolicy]
    ids: pl.Series
    """The borrowers it tells of, in order of id."""
    parts: Sequence[Part]
    """Where their flows are."""
    first_known_on: int
    """The day from which any transaction is known, of whomever."""
    asked: dict[tuple[dt.date, dt.date, tuple[str, ...]], Ask] = field(default_factory=dict)
    """What kernels were asked for the last pair of dates, which is dear to put together for a single borrower."""

    @cached_property
    def index(self) -> Index:
        """Where the flows have a borrower or an account."""
        return Index(self.flows)

    def among(self, ids: pl.Series, since: Mapping[str, pl.DataFrame] | None = None) -> CashFlow:
        """The same of some borrowers, with rows of accounts and transactions that came since."""
        wanted = distinct(ids).sort()
        came = {table: rows for table, rows in (since or {}).items() if table in TABLES and rows.height}
        first = self.first_known_on
        if "transactions" in came:
            first = min(first, day_of(came["transactions"]["known_on"].min()))  # type: ignore[arg-type]  # a column of dates
        return CashFlow(self.flows, self.policy, wanted, gathered(self.index, wanted, came), first, self.asked)

    def on(self, as_of: dt.date, known_on: dt.date, names: Collection[str] | None = None) -> pl.DataFrame:
        """The columns of SCHEMA, a row each borrower who has an account on the date, in order of id; of its measures all or some.

        Nobody, where no transaction was known by then: that the accounts were still would be a guess.
        """
        chosen = [name for name in columns.SCHEMA.names if names is None or name in names]
        if day_of(known_on) < self.first_known_on:
            return pl.DataFrame(SCHEMA.empty_table()).select(KEY, *chosen)
        walked = [_walked(part, self._ask(part.flows, as_of, known_on)) for part in self.parts]
        if len(walked) == 1 and len(walked[0]) == len(self.ids):
            answers = walked[0]
        else:
            answers = np.zeros(len(self.ids), ANSWER)
            for part, found in zip(self.parts, walked, strict=True):
                answers[part.at] = found
        held = np.flatnonzero(answers["accounts"])
        told = pl.DataFrame(pl.from_arrow(columns.columns(answers[held], day_of(as_of), chosen)))
        return told.insert_column(0, self.ids.gather(held).alias(KEY))

    def _ask(self, flows: Flows, as_of: dt.date, known_on: dt.date) -> Ask:
        key = (as_of, known_on, flows.kinds)
        found = self.asked.get(key)
        if found is None:
            found = ask(flows, as_of, known_on, self.policy.on(as_of).values)
            if any(held[:2] != key[:2] for held in self.asked):
                self.asked.clear()
            self.asked[key] = found
        return found


def _walked(part: Part, asked: Ask) -> Records:
    """The answers of a part's borrowers; many of them are walked by two threads."""
    facts = part.flows.facts
    found = np.zeros(len(part.which), ANSWER).view(np.recarray)
    if len(part.which) <= FEW:
        walk(facts, asked, scratch(part.flows), part.which, found)
        return found.view(np.ndarray)
    # Each worker gets as many flows, not as many borrowers.
    behind = np.cumsum(facts.flows_at[part.which + 1] - facts.flows_at[part.which])
    cuts = np.searchsorted(behind, np.linspace(0, behind[-1], WORKERS + 1))
    cuts[0], cuts[-1] = 0, len(part.which)
    with ThreadPoolExecutor(WORKERS) as pool:
        spans = [
            pool.submit(walk, facts, asked, scratch(part.flows), part.which[first:end], found[first:end])
            for first, end in itertools.pairwise(cuts)
        ]
        for span in spans:
            span.result()
    return found.view(np.ndarray)


def read(home: Home, lake_versions: Mapping[str, int], policies: Policies, progress: Progress) -> CashFlow | None:
    """The cash flow of a home at the lake's versions, its flows built first where that was not done; None without accounts or transactions."""
    if any(table not in lake_versions for table in TABLES):
        return None
    return begun(home, lake_versions, policies, progress)


def begun(home: Home, lake_versions: Mapping[str, int], policies: Policies, progress: Progress) -> CashFlow:
    """The same also where accounts or transactions were never sent: nobody's, to put among it what comes."""
    flows = open_flows(home, lake_versions, progress)
    progress("compile", 0, 1)
    newest = policies.cash_flow.versions[-1]
    nobody = Part(flows, np.zeros(0, np.int32), np.zeros(0, np.int64))
    _walked(nobody, ask(flows, newest.from_on, newest.from_on, newest.values))  # two threads would else compile it both
    progress("compile", 1, 1)
    return over(flows, policies.cash_flow)


def over(flows: Stored, policy: Dated[CashFlowPolicy]) -> CashFlow:
    """The cash flow of everybody whom some flows have."""
    count = len(flows.borrowers)
    everybody = Part(flows, np.arange(count, dtype=np.int32), np.arange(count, dtype=np.int64))
    return CashFlow(flows, policy, flows.borrowers, [everybody], flows.first_known_on)
