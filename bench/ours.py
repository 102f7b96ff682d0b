"""daihou's work as the bench calls it: kernels over the mapped ledger, and the peers' few columns of their answers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

from bench.peers import NEVER, Answer
from daihou.book.ledger.layout import NO_DAY
from daihou.book.ledger.ledger import refresh
from daihou.monitoring.arrears.shapes import EMPTY
from daihou.monitoring.arrears.terms import terms
from daihou.monitoring.arrears.walk import chunk_size, chunks
from daihou.runs.policies import read_policies

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from daihou.book.home import Home
    from daihou.book.ledger.ledger import Ledger
    from daihou.book.ledger.shard import Shard

    Pair = tuple[dt.date, dt.date]

THREADS: Final = 2


def ledger_of(home: Home) -> Ledger:
    """Map the ledger of a home, built where it is not."""
    return refresh(home, lambda *_: None)


def walk_all(home: Home, ledger: Ledger, pairs: Sequence[Pair]) -> int:
    """Measure every column of every loan on some dates, keep nothing, and return how many loans were walked."""
    profile = read_policies(home).profile
    size = chunk_size(len(pairs))

    def one(shard: Shard) -> int:
        judged = terms(profile, shard.products, shard.currencies, home.settings.calendar)
        return sum(answers.shape[1] for _, answers in chunks(shard, judged, pairs, size=size))

    with ThreadPoolExecutor(THREADS) as pool:
        return sum(pool.map(one, ledger.shards.values()))


def answer(home: Home, ledger: Ledger, pair: Pair) -> Answer:
    """Return the peers' columns of every loan on one date."""
    profile = read_policies(home).profile
    ids: list[pa.Array] = []
    found: list[np.ndarray[Any, Any]] = []
    for shard in ledger.shards.values():
        judged = terms(profile, shard.products, shard.currencies, home.settings.calendar)
        names = shard.strings["loans"]["loan_id"].combine_chunks()
        for first, answers in chunks(shard, judged, [pair]):
            row = answers[0]
            unknown = row["version"] == EMPTY
            oldest = np.where(unknown | (row["oldest_unpaid_due_on"] == NO_DAY), NEVER, row["oldest_unpaid_due_on"])
            found.append(
                np.stack([np.where(unknown, 0, row["dpd"]), np.where(unknown, 0, row["overdue_amount"]), oldest])
            )
            ids.append(names.slice(first, len(row)))
    dpd, amount, oldest = np.concatenate(found, axis=1)
    return Answer(pa.chunked_array(ids).combine_chunks().cast(pa.string()), dpd, amount, oldest)
