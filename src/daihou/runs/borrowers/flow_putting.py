"""Plain transactions that came since put among copies of the flows of their borrowers, without ordering these anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from daihou.book.flows.layout import FLOW, FOREVER, NOBODY, Facts
from daihou.book.flows.store import Flows
from daihou.book.records import taken
from daihou.monitoring.cash_flow.putting import merged, numbered, placed
from daihou.runs.borrowers.flow_index import Part
from daihou.runs.borrowers.spans import spans, spans_of, starts

if TYPE_CHECKING:
    import numpy.typing as npt

    from daihou.book.flows.build import Codes
    from daihou.runs.borrowers.flow_index import Index

    Whole = npt.NDArray[np.int64]
    Array = np.ndarray[Any, Any]


def put(index: Index, codes: Codes, rows: pl.DataFrame) -> tuple[Part | None, Whole]:
    """Flows of borrowers with rows put in, and the places of the borrowers who have a transaction among the rows that is not new: they are left out.

    `rows` are as `build.columns` makes them, each with the number of the `borrower`, its place `at` among all who are asked, its `holding`, and the
    hash `id` of the transaction.
    """
    rows = rows.sort("borrower", "time", "txn_id")
    source, facts = index.source, index.flows.facts
    whose, at, ids = (rows[name].to_numpy() for name in ("borrower", "at", "id"))
    first, behind = np.empty(len(whose), np.int64), np.empty(len(whose), np.int64)
    met = np.empty(len(whose), np.bool_)
    placed(facts, source.keys, whose, rows["time"].to_numpy(), ids, first, behind, met)
    order = np.lexsort((ids, whose))
    twice = (np.diff(whose[order]) == 0) & (np.diff(ids[order].view(np.int64)) == 0)
    met[order[1:][twice]] = True
    again = np.unique(at[met])
    if len(again):
        plain = ~np.isin(at, again)
        rows, first, behind, whose, at = (
            rows.filter(pl.Series(plain)),
            *(each[plain] for each in (first, behind, whose, at)),
        )
    if rows.is_empty():
        return None, again
    for row in np.flatnonzero(first < behind).tolist():  # of one moment: in order of their ids
        same = source.ids[first[row] : behind[row]].to_pylist()
        mine = rows["txn_id"][row].encode()
        first[row] += sum(one.encode() < mine for one in same)
    numbers, one = np.unique(whose, return_index=True)
    flows = _among(index, codes, numbers, rows, first)
    return Part(flows, np.arange(len(numbers), dtype=np.int32), at[one]), again


def _among(index: Index, codes: Codes, numbers: Array, rows: pl.DataFrame, first: Whole) -> Flows:
    """The flows of some borrowers, in order of their numbers, with rows put in before the flows at `first`."""
    source, facts = index.source, index.flows.facts
    whose = np.searchsorted(numbers, rows["borrower"].to_numpy())
    counts = facts.flows_at[numbers + 1] - facts.flows_at[numbers]
    flows_at = starts(counts + np.bincount(whose, minlength=len(numbers)))
    fresh = np.zeros(len(first), FLOW)
    for name in ("amount", "balance", "day", "known_on", "holding", "kind", "marks", "of_loan"):
        fresh[name] = rows[name].to_numpy()
    fresh["until"], fresh["payer"], fresh["earlier"] = FOREVER, NOBODY, NOBODY
    total = int(flows_at[-1])
    records, payers, came = (
        np.empty(total, FLOW).view(np.recarray),
        np.empty(total, np.uint64),
        np.empty(total, np.int64),
    )
    merged(
        facts, source.keys, numbers, first, fresh.view(np.recarray), rows["payer"].to_numpy(), flows_at, records, payers, came
    )  # fmt: skip
    named = np.zeros(total, np.bool_)
    put = np.flatnonzero(came != NOBODY)
    named[put] = ~rows["nobody"].to_numpy()[came[put]]
    last = np.empty(index.flows.most_payers + len(put), np.int32)
    most = numbered(flows_at, records, payers, named, last)
    return Flows(
        _with_accounts(facts, numbers, flows_at, records), index.flows.borrowers[:0], codes.kinds,
        index.flows.most_holdings, most, index.flows.first_known_on,
    )  # fmt: skip


def _with_accounts(facts: Facts, numbers: Array, flows_at: Whole, records: Array) -> Facts:
    """Flows of some borrowers with the accounts of these, who are numbered anew."""
    _, places = spans(facts.holdings_at, numbers)
    holdings = taken(facts.holdings, places)
    count = (holdings["end"] - holdings["first"]).astype(np.int64)
    _, at = spans_of(holdings["first"], count)
    versions = taken(facts.versions, at)
    number = np.searchsorted(numbers, versions["borrower"])
    here = number < len(numbers)
    here[here] = numbers[number[here]] == versions["borrower"][here]
    # Whoever else owned an account is nobody of these, but not NOBODY: that would say that its owner is not known.
    versions["borrower"] = np.where(here, number, len(numbers))
    ends = np.cumsum(count)
    holdings["first"], holdings["end"] = ends - count, ends
    holdings_at = starts(facts.holdings_at[numbers + 1] - facts.holdings_at[numbers])
    return Facts(flows_at, holdings_at, records, holdings.view(np.recarray), versions.view(np.recarray))
