"""The flows of some borrowers, with accounts and transactions put in that came since the flows were built.

Of most borrowers nothing came: their flows are walked where they lie. Plain transactions of a known account are put among copies of their borrower's
flows. Whatever is knottier (an account that is new or passed on, a transaction sent again) is ordered anew by `book.flows.build`, the code that builds
all of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from daihou.book.flows import build
from daihou.runs import few
from daihou.runs.borrowers.flow_index import Part
from daihou.runs.borrowers.flow_putting import put
from daihou.runs.borrowers.flow_rebuilding import rebuilt
from daihou.runs.borrowers.places import Places
from daihou.runs.borrowers.spans import spans

if TYPE_CHECKING:
    from collections.abc import Mapping

    from daihou.book.flows.build import Codes
    from daihou.book.flows.store import Flows
    from daihou.runs.borrowers.flow_index import Index


def gathered(index: Index, ids: pl.Series, since: Mapping[str, pl.DataFrame]) -> list[Part]:
    """Parts that tell of some borrowers, each named once. `since` are rows of accounts and transactions in the lake's schema."""
    at, numbers = index.borrowers.rows_of(ids)
    moved, accounts = since.get("transactions"), since.get("accounts")
    if moved is None and accounts is None:
        return [Part(index.flows, numbers.astype(np.int32), at)]
    facts, codes = index.flows.facts, _codes(index.flows, moved)
    owner, holdings = spans(facts.holdings_at, numbers)
    own = Places(index.source.held[holdings])
    knotty, plain = np.zeros(len(ids), np.bool_), np.zeros(len(ids), np.bool_)
    if accounts is not None:
        knotty[Places(ids).rows_of(accounts["borrower_id"])[1]] = True
        knotty[at[owner[own.rows_of(accounts["account_id"])[1]]]] = True
    parts = []
    if moved is not None:
        row, held = own.rows_of(moved["account_id"])
        wanted = ~knotty[at[owner[held]]]
        row, held = row[wanted], held[wanted]
        if len(row):
            number = numbers[owner[held]]
            marked = (*build.columns(index.source.settings, codes), pl.col("txn_id").hash().alias("id"))
            rows = few.collected(moved[row].lazy().select(marked), len(row)).with_columns(
                pl.Series("borrower", number, pl.Int32), pl.Series("at", at[owner[held]]),
                pl.Series("holding", holdings[held] - facts.holdings_at[number], pl.Int32),
            )  # fmt: skip
            found, again = put(index, codes, rows)
            knotty[again] = True
            if found is not None:
                plain[found.at] = True
                parts.append(found)
    if knotty.any():
        parts.append(rebuilt(index, ids, np.flatnonzero(knotty), since, codes))
    untouched = ~(knotty | plain)[at]
    if untouched.any():
        parts.append(Part(index.flows, numbers[untouched].astype(np.int32), at[untouched]))
    return parts


def _codes(flows: Flows, moved: pl.DataFrame | None) -> Codes:
    """The codes of the flows and, behind them, those of kinds that only the rows have."""
    if moved is None:
        return build.Codes(flows.kinds, ())
    kinds, flags = (set(moved[name].to_list()) - {None} for name in ("counterparty_kind", "memo_flags"))
    return build.Codes((*flows.kinds, *sorted(kinds.difference(flows.kinds))), build.bits(sorted(flags)))
