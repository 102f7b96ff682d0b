"""The terms of loans made into Arrow columns, from the versions in force."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

from daihou.book.ledger.layout import NO_AMOUNT, NO_DAY

if TYPE_CHECKING:
    from collections.abc import Callable

    from daihou.book.ledger.shard import Shard

    Whole = np.ndarray[Any, np.dtype[np.int64]]

RATE: Final = pa.decimal128(18, 8)
WHOLE: Final = 10**8

SCHEMA: Final = pa.schema(
    [
        ("facility_id", pa.string()), ("partner_id", pa.string()), ("disbursed_on", pa.date32()), ("matures_on", pa.date32()), ("loan_amount", pa.int64()),
        ("months_on_book", pa.int32()), ("term_months", pa.int32()), ("annual_rate", RATE), ("own_share", RATE),
    ]
)  # fmt: skip


def makers(shard: Shard, version: np.ndarray[Any, Any], as_of: np.ndarray[Any, Any]) -> dict[str, Callable[[], Any]]:
    """What makes each column of SCHEMA for the loans whose versions in force these are (places in the shard's versions), on these days."""
    agreed = shard.facts.versions.view(np.ndarray)

    def of(name: str) -> np.ndarray[Any, Any]:
        found: np.ndarray[Any, Any] = agreed[name][version]
        return found

    def months_on_book() -> pa.Array:
        disbursed = of("disbursed_on")
        return pa.array((_month(as_of) - _month(disbursed)).astype(np.int32), mask=disbursed > as_of)

    def term_months() -> pa.Array:
        matures = of("matures_on")
        return pa.array((_month(matures) - _month(of("disbursed_on"))).astype(np.int32), mask=matures == NO_DAY)

    def matures_on() -> pa.Array:
        matures = of("matures_on")
        return pa.array(matures, pa.int32(), mask=matures == NO_DAY).view(pa.date32())

    def own_share() -> pa.Array:
        share = of("own_share")
        return _rate(np.where(share == NO_AMOUNT, WHOLE, share), NO_AMOUNT)

    return {
        "facility_id": lambda: _named(shard, "facility_id", version),
        "partner_id": lambda: _named(shard, "partner_id", version),
        "disbursed_on": lambda: pa.array(of("disbursed_on"), pa.int32()).view(pa.date32()),
        "matures_on": matures_on,
        "loan_amount": lambda: pa.array(np.ascontiguousarray(of("principal"))),
        "months_on_book": months_on_book,
        "term_months": term_months,
        "annual_rate": lambda: _rate(of("annual_rate"), NO_AMOUNT),
        "own_share": own_share,
    }


def _named(shard: Shard, name: str, version: np.ndarray[Any, Any]) -> pa.Array:
    found = shard.strings["versions"][name].take(pa.array(version)).cast(pa.string())
    return found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found


def _month(days: np.ndarray[Any, Any]) -> Whole:
    """The count of each day's calendar month."""
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)


def _rate(hundred_millionths: np.ndarray[Any, Any], empty: int) -> pa.Array:
    """Hundred-millionths as decimals with 8 places."""
    missing = hundred_millionths == empty
    words = np.zeros((len(hundred_millionths), 2), np.int64)  # the low and the high word of each decimal
    words[:, 0] = np.where(missing, 0, hundred_millionths)
    valid = pa.py_buffer(np.packbits(~missing, bitorder="little"))
    return pa.Array.from_buffers(RATE, len(words), [valid, pa.py_buffer(words)])
