"""Flows of some borrowers ordered anew, from all that the flows have of their accounts and all rows that came since, by the code that builds them all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pyarrow as pa

from daihou.book.flows import build
from daihou.book.flows.layout import NOBODY, Facts
from daihou.book.flows.store import Flows
from daihou.book.records import taken
from daihou.runs.borrowers.flow_index import Part
from daihou.runs.borrowers.places import Places
from daihou.runs.borrowers.since import later
from daihou.runs.borrowers.spans import spans

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from daihou.book.flows.build import Codes
    from daihou.runs.borrowers.flow_index import Index

    Whole = npt.NDArray[np.int64]
    Array = np.ndarray[Any, Any]


def rebuilt(index: Index, ids: pl.Series, at: Whole, since: Mapping[str, pl.DataFrame], codes: Codes) -> Part:
    """The borrowers at some places of the ids, from all rows that their accounts have in the flows and since."""
    source, people = index.source, ids[at]
    names, rows = _accounts(index, people, since)
    held = build.arranged(rows)
    which, number = Places(held.borrowers).rows_of(people)
    whose = pl.DataFrame({"borrower": pl.Series(number, dtype=pl.Int32)})
    holdings = held.holdings.join(whose, on="borrower", how="semi", maintain_order="left")
    known = _known(index, names)
    if "transactions" in since:
        came = later(since["transactions"])
        came = came[Places(names).rows_of(came["account_id"])[0]].select(build.columns(source.settings, codes))
        # Of two rows with one id and one date of knowledge the first stands.
        once = ["txn_id", "known_on"]
        known = pl.concat([known, came.select(known.columns)]).unique(once, keep="first", maintain_order=True)
    known = known.join(holdings.select("account_id", "borrower", "holding"), on="account_id")
    count = len(held.borrowers)
    found = build.ordered(known.drop("account_id"))
    holdings_at = build.offsets(holdings["borrower"].to_numpy(), count)
    facts = Facts(
        build.offsets(found.borrower, count), holdings_at, *(each.view(np.recarray) for each in (found.flows, build.holdings(holdings), held.versions)),
    )  # fmt: skip
    most_holdings, most_payers = (
        int(np.diff(holdings_at).max(initial=0)),
        int(found.flows["payer"].max(initial=NOBODY)) + 1,
    )
    flows = Flows(facts, held.borrowers, codes.kinds, most_holdings, most_payers, index.flows.first_known_on)
    return Part(flows, number.astype(np.int32), at[which])


def _accounts(index: Index, people: pl.Series, since: Mapping[str, pl.DataFrame]) -> tuple[pl.Series, pl.DataFrame]:
    """The accounts that some borrowers hold or ever held, and all rows of these."""
    source = index.source
    names = source.held[spans(index.flows.facts.holdings_at, index.borrowers.rows_of(people)[1])[1]]
    came = later(since["accounts"]).select(build.account_columns()) if "accounts" in since else source.accounts.clear()
    names = pl.concat([names, came["account_id"][Places(people).rows_of(came["borrower_id"])[0]]])
    names = names.unique(maintain_order=True)
    rows = source.accounts[index.versions.rows_of(names)[1]]
    return names, pl.concat([rows, came[Places(names).rows_of(came["account_id"])[0]]])


def _known(index: Index, names: pl.Series) -> pl.DataFrame:
    """What the flows have of some accounts, as it is staged."""
    source, facts = index.source, index.flows.facts
    at, holding = index.held.rows_of(names)
    at, one = np.unique(at, return_index=True)  # who holds an account has all of its flows: one holder tells them
    holding = holding[one]
    order = np.argsort(holding)
    at, holding = at[order], holding[order]
    number = np.searchsorted(facts.holdings_at, holding, side="right") - 1
    holders = np.unique(number)
    of, places = spans(facts.flows_at, holders)
    flows, keys = taken(facts.flows, places), taken(source.keys, places)
    whole = facts.holdings_at[holders][of] + flows["holding"]
    which = np.searchsorted(holding, whole)
    asked = which < len(holding)
    asked[asked] = holding[which[asked]] == whole[asked]
    kept = np.flatnonzero(asked)
    flows, keys = taken(flows, kept), taken(keys, kept)
    told = {name: flows[name] for name in ("day", "known_on", "amount", "balance", "kind", "marks", "of_loan")}
    rows = pl.DataFrame({
        "account_id": names.gather(at[which[asked]]), "txn_id": pl.Series(source.ids.take(pa.array(places[asked])), dtype=pl.String),
        "time": keys["time"], "payer": keys["payer"], "nobody": flows["payer"] == NOBODY, **told,
    }).with_columns(batch=pl.lit(0, pl.Int64), row=pl.int_range(pl.len(), dtype=pl.Int64))  # fmt: skip
    strange = pl.Series(np.setdiff1d(np.arange(len(names)), at))
    if source.left is None or not len(strange):
        return rows
    waiting = source.left.filter(pl.col("account_id").is_in(names.gather(strange).implode()))
    return pl.concat([rows, waiting.select(rows.columns)])
