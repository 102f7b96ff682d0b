"""What was paid on loans since the ledger was built: payments of the log that it has not got. Kept for the process, and brought up to the log when asked."""

from __future__ import annotations

import threading
from collections import defaultdict
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
from django.conf import settings

from daihou.book import money
from daihou.runs.log.flushing import marks_at
from daihou.runs.log.log import open_log

if TYPE_CHECKING:
    from daihou.book.home import Home
    from daihou.book.ledger.ledger import Ledger

COLUMNS: Final = ("payment_id", "loan_id", "amount", "purpose", "reverses")
TABLE: Final = "payments"
REFUND: Final = "refund"


@dataclass
class _Since:
    """Payments behind a place of the log, by loan."""

    mark: int = -1
    read_to: int = 0
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    lock: threading.Lock = field(default_factory=threading.Lock)


def paid_since(ledger: Ledger, loan_id: str, currency: str) -> int:
    """What came in on a loan that a ledger has not got, less what was given back or voided; minor units. A row that was sent twice counts once."""
    home: Home = settings.HOME
    since = _since(home, ledger.pointer.generation)
    with since.lock:
        if since.mark < 0:
            since.mark = since.read_to = marks_at(home, (TABLE,), ledger.pointer.lake)[TABLE]
        _read_on(home, since)
        rows = list(since.rows.get(loan_id, ()))
    return sum(
        -money.minor(row["amount"], currency)
        if row["reverses"] is not None or row["purpose"] == REFUND
        else money.minor(row["amount"], currency)
        for row in {row["payment_id"]: row for row in rows}.values()
    )


def _read_on(home: Home, since: _Since) -> None:
    """Take in what the log has behind what was read."""
    parcels = open_log(home).store.rows(
        "SELECT first, last, body FROM parcels WHERE last > ? AND \"table\" = 'payments' ORDER BY first",
        (since.read_to,),
    )
    for first, last, body in parcels:
        rows = pa.ipc.open_stream(body).read_all().select(COLUMNS).slice(max(since.read_to - first + 1, 0))
        for row in rows.to_pylist():
            since.rows[row["loan_id"]].append(row)
        since.read_to = last


@lru_cache(maxsize=2)
def _since(home: Home, generation: int) -> _Since:  # noqa: ARG001 - a ledger has got more than the one before: it begins anew
    return _Since()
