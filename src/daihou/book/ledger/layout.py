"""The records of one ledger shard: every version of every fact, ragged by loan, as kernels read them.

Days are int32 counts from 1970-01-01, money is int64 minor units of the loan's currency. `at[TABLE, i]` is where the facts of loan
`i` start in a table and `at[TABLE, i + 1]` where they end. The own date of an event is `on`. An event counts as known on K when
`known_on <= K < until`: `until` is the day on which a later version replaced it or a reversal voided it (`FOREVER` if never).
Records, not an array a column: compiled code passes one pointer for a table, which makes it compile in a third of the time.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

Records = np.ndarray[Any, Any]
Record = Any
Offsets = npt.NDArray[np.int64]

FOREVER: Final = 2**31 - 1
NO_DAY: Final = -(2**31)
NO_AMOUNT: Final = -(2**63)
NO_NUMBER: Final = -1

PURPOSES: Final = ("scheduled", "prepayment", "payoff", "recovery", "compensation", "refund", "reversal")
SCHEDULED, PREPAYMENT, PAYOFF, RECOVERY, COMPENSATION, REFUND, REVERSAL = range(7)

CHANGE_KINDS: Final = (
    "extension", "renewal", "refinance", "restructure", "rate_reset", "deferral", "acceleration", "waiver",
    "capitalisation", "write_off", "write_back", "transfer_out", "transfer_in", "asset_in_lieu",
)  # fmt: skip
(EXTENSION, RENEWAL, REFINANCE, RESTRUCTURE, RATE_RESET, DEFERRAL, ACCELERATION, WAIVER, CAPITALISATION, WRITE_OFF,
 WRITE_BACK, TRANSFER_OUT, TRANSFER_IN, ASSET_IN_LIEU) = range(14)  # fmt: skip

PLAIN: Final = (
    1  # one loan version, one version of each instalment in order of date, only scheduled money, nothing else
)
NEVER_LATE: Final = 2  # no payment was known after its day, corrected or voided


TABLES: Final = (
    "versions",
    "instalments",
    "payments",
    "changes",
    "charges",
    "draws",
    "bills",
    "standings",
    "borrowers",
)
VERSIONS, INSTALMENTS, PAYMENTS, CHANGES, CHARGES, DRAWS, BILLS, STANDINGS, BORROWERS = range(9)  # rows of `Facts.at`

DAY: Final = np.int32
CENTS: Final = np.int64
EVENT: Final = (("on", DAY), ("known_on", DAY), ("until", DAY))

FIELDS: Final[dict[str, tuple[tuple[str, Any], ...]]] = {
    # One a loan: flags that choose a loop, from when it and all its instalment rows are known, its currency (index into the shard's).
    "loans": (("known_on", DAY), ("rows_known_on", DAY), ("currency", np.int16), ("traits", np.uint8)),
    # By (effective_on, known_on, arrival); grace_days is NO_NUMBER where policy decides; product is an index into the
    # shard's; `who` tells the borrowers of one loan apart, as it may change hands. Rates are in hundred-millionths, or NO_AMOUNT.
    "versions": (
        ("principal", CENTS), ("effective_on", DAY), ("known_on", DAY), ("disbursed_on", DAY), ("matures_on", DAY), ("closed_on", DAY),
        ("grace_days", DAY), ("product", np.int16), ("who", np.int16), ("revolving", np.uint8), ("annual_rate", CENTS), ("own_share", CENTS),
    ),
    # By (seq, effective_on, known_on, arrival).
    "instalments": (
        ("due_on", DAY), ("seq", DAY), ("principal", CENTS), ("interest", CENTS), ("fee", CENTS), ("effective_on", DAY), ("known_on", DAY),
        ("cancelled", np.uint8),
    ),
    # By (paid_on, payment_id); `split` points to the components where the lender gave them, which few do.
    "payments": (*EVENT, ("seq", DAY), ("amount", CENTS), ("split", DAY), ("purpose", np.int8)),
    "splits": (("principal", CENTS), ("interest", CENTS), ("fee", CENTS), ("penalty", CENTS)),
    # By (effective_on, change_id); components not given are NO_AMOUNT.
    "changes": (*EVENT, ("kind", np.int8), ("principal", CENTS), ("interest", CENTS), ("fee", CENTS), ("penalty", CENTS)),
    "charges": (*EVENT, ("amount", CENTS)),
    "draws": (*EVENT, ("amount", CENTS)),
    "bills": (*EVENT, ("due_on", DAY), ("balance", CENTS), ("minimum_due", CENTS)),
    # The lender's own period-end figures; not given: NO_NUMBER, NO_AMOUNT.
    "standings": (*EVENT, ("dpd", DAY), ("principal_outstanding", CENTS)),
    # Versions of the borrowers a loan had, by (who, effective_on, known_on).
    "borrowers": (("effective_on", DAY), ("known_on", DAY), ("who", np.int16)),
}  # fmt: skip


def record(table: str) -> np.dtype[Any]:
    """The record type of a table, laid out as compiled code wants it."""
    return np.dtype((np.record, np.dtype(list(FIELDS[table]), align=True)))


class Facts(NamedTuple):
    """All that a kernel reads of one shard."""

    at: Offsets
    loans: Records
    versions: Records
    instalments: Records
    payments: Records
    splits: Records
    changes: Records
    charges: Records
    draws: Records
    bills: Records
    standings: Records
    borrowers: Records
