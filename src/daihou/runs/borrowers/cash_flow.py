"""The family cash_flow: what moved on the accounts of borrowers, measured from the flows for any pair of dates."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl
import pyarrow as pa

from daihou.book.days import day_of
from daihou.book.flows.store import TABLES, open_flows
from daihou.monitoring.cash_flow import columns
from daihou.monitoring.cash_flow.shapes import ANSWER, ask, scratch
from daihou.monitoring.cash_flow.walk import walk

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping

    from daihou.book.flows.store import Flows
    from daihou.book.home import Home
    from daihou.monitoring.cash_flow.shapes import Records
    from daihou.policies.cash_flow import CashFlowPolicy
    from daihou.policies.dated import Dated
    from daihou.runs.policies import Policies

    Progress = Callable[[str, int, int], None]

KEY: Final = "borrower_id"
SCHEMA: Final = pa.schema([pa.field(KEY, pa.string()), *columns.SCHEMA])
"""What is told of each borrower; amounts are minor units of the home's base currency."""
WORKERS: Final = 2

__all__ = ["SCHEMA", "TABLES", "CashFlow", "read"]


@dataclass(frozen=True, slots=True)
class CashFlow:
    """The flows of a home with the policy they are read by."""

    flows: Flows
    policy: Dated[CashFlowPolicy]

    def answers(self) -> Records:
        """Room for the answer of every borrower."""
        return np.zeros(len(self.flows.borrowers), ANSWER).view(np.recarray)

    def on(self, as_of: dt.date, known_on: dt.date) -> pl.DataFrame:
        """The columns of SCHEMA, a row each borrower who has an account on the date, in order of id.

        Nobody, where no transaction was known by then: that the accounts were still would be a guess.
        """
        if day_of(known_on) < self.flows.first_known_on:
            return pl.DataFrame(SCHEMA.empty_table())
        asked = ask(self.flows, as_of, known_on, self.policy.on(as_of).values)
        answers = self.answers()
        facts = self.flows.facts
        # Each worker gets as many flows, not as many borrowers.
        cuts = np.searchsorted(facts.flows_at, np.linspace(0, len(facts.flows), WORKERS + 1))
        cuts[0], cuts[-1] = 0, len(answers)
        with ThreadPoolExecutor(WORKERS) as pool:
            spans = [
                pool.submit(walk, facts, asked, scratch(self.flows), int(first), int(end), answers)
                for first, end in itertools.pairwise(cuts)
            ]
            for span in spans:
                span.result()
        held = np.flatnonzero(answers.view(np.ndarray)["accounts"])
        told = pl.DataFrame(pl.from_arrow(columns.columns(answers[held], asked.as_of)))
        return told.insert_column(0, self.flows.borrowers.gather(held))


def read(home: Home, lake_versions: Mapping[str, int], policies: Policies, progress: Progress) -> CashFlow | None:
    """The cash flow of a home at the lake's versions, its flows built first where that was not done; None without accounts or transactions."""
    flows = open_flows(home, lake_versions, progress)
    if flows is None:
        return None
    progress("compile", 0, 1)
    found = CashFlow(flows, policies.cash_flow)
    newest = policies.cash_flow.versions[-1]
    asked = ask(flows, newest.from_on, newest.from_on, newest.values)
    walk(flows.facts, asked, scratch(flows), 0, 0, found.answers())  # of nobody: two threads would else compile it both
    progress("compile", 1, 1)
    return found
