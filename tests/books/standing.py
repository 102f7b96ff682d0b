"""Where the loans of a ledger stand, read straight from it: for ledgers that no run was made from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from daihou.monitoring.arrears.terms import terms
from daihou.monitoring.arrears.walk import chunks
from daihou.monitoring.snapshot import snapshot
from daihou.runs import store
from daihou.runs.nightly import reading_on
from daihou.runs.policies import read_policies

if TYPE_CHECKING:
    from datetime import date

    from daihou.book.home import Home
    from daihou.book.ledger.ledger import Ledger
    from daihou.monitoring.arrears.snapshot import Reading

Rows = dict[str, dict[str, Any]]


def standing(home: Home, ledger: Ledger, as_of: date, known_on: date, reading: Reading | None = None) -> Rows:
    """Rows by loan."""
    policies = read_policies(home)
    reading = reading or reading_on(home, policies, as_of, known_on)
    found: Rows = {}
    for shard in ledger.shards.values():
        judged = terms(policies.profile, shard.products, shard.currencies, home.settings.calendar)
        for first, answers in chunks(shard, judged, [(as_of, known_on)]):
            found |= by_loan(snapshot(shard, answers[0], first, reading))
    return found


def written(home: Home, as_of: date, known_on: date) -> Rows:
    """Rows by loan as a run wrote them."""
    return by_loan(store.read(home, "snapshots", as_of, known_on))


def by_loan(table: Any) -> Rows:
    """Rows by loan; each loan once."""
    rows = table.to_pylist()
    found = {row["loan_id"]: row for row in rows}
    assert len(found) == len(rows)
    return found
