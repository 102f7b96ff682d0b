"""The records of the flows: every version of every transaction, ragged by borrower, as kernels read them.

Days are int32 counts from 1970-01-01 in the home's zone, money is int64 minor units of the base currency. `flows_at[b]` is where the
flows of borrower `b` start, `flows_at[b + 1]` where they end; they stand in order of (time booked, transaction). A flow counts as known
on K when `known_on <= K < until`: `until` is the day from which a later version of it counts instead. A borrower *holds* every account
that is or was theirs in any version; a flow of an account held by two stands with both, and the account's versions tell whose it is.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

Records = np.ndarray[Any, Any]
Offsets = npt.NDArray[np.int64]

FOREVER: Final = 2**31 - 1
NO_AMOUNT: Final = -(2**63)
NOBODY: Final = -1
"""In `payer` and `earlier`: the other side has no token, or there is no earlier flow of it."""
UNSTATED: Final = 0
"""The place of a kind that is not stated."""


def _record(*fields: tuple[str, Any]) -> np.dtype[Any]:
    return np.dtype((np.record, np.dtype(list(fields), align=True)))


FLOW: Final = _record(
    ("amount", np.int64), ("balance", np.int64), ("day", np.int32), ("known_on", np.int32), ("until", np.int32),
    ("holding", np.int32), ("payer", np.int32), ("earlier", np.int32), ("kind", np.uint16), ("marks", np.uint16), ("of_loan", np.uint8),
)  # fmt: skip
"""`balance` is that after it, or NO_AMOUNT; `holding` is a place among the borrower's holdings, `payer` a number among those on the other
side, `earlier` the place among the borrower's flows of the one before it with the same payer; `marks` has a bit a flag of the contract
(records of NumPy have `flags` of their own)."""

KEY: Final = _record(("time", np.int64), ("payer", np.uint64), ("id", np.uint64))
"""Beside a flow, for whoever puts others among them: when it was booked in microseconds since 1970 in UTC, and hashes of its payer's token
and of its own id."""

HOLDING: Final = _record(("first", np.int32), ("end", np.int32))
"""Where the account's versions stand."""

VERSION: Final = _record(("effective_on", np.int32), ("known_on", np.int32), ("borrower", np.int32))
"""Whose an account is, in order of (effective_on, known_on); the last one in force and known counts, the first known one from ever."""


class Facts(NamedTuple):
    """All that a kernel reads."""

    flows_at: Offsets
    holdings_at: Offsets
    flows: Records  # of FLOW
    holdings: Records  # of HOLDING, by (borrower, account)
    versions: Records  # of VERSION
