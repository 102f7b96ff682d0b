"""Which instalments are covered already: asked by intake before a new plan may take their place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daihou.book.days import day_of
from daihou.book.ledger.ledger import refresh
from daihou.monitoring.arrears import shapes as at
from daihou.monitoring.arrears.terms import in_force, terms
from daihou.runs.explain import walk_one
from daihou.runs.policies import read_policies

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from daihou.book.home import Home


def covered(home: Home, loan_ids: Sequence[str], as_of: dt.date, known_on: dt.date) -> set[tuple[str, int]]:
    """The instalments (loan_id, seq) of these loans of which no more than the policy's tolerance is short."""
    ledger = refresh(home, lambda *_: None)
    policies = read_policies(home)
    found: set[tuple[str, int]] = set()
    for loan_id in loan_ids:
        place = ledger.find(loan_id)
        if place is None:
            continue
        shard, loan = ledger.shards[place[0]], place[1]
        if shard.facts.loans["known_on"][loan] > day_of(known_on):
            continue
        judged = terms(policies.profile, shard.products, shard.currencies, home.settings.calendar)
        answers, work = walk_one(shard, judged, loan, as_of, known_on)
        if answers[0, 0].basis != at.ON_SCHEDULE:
            continue
        product = shard.facts.versions["product"][answers[0, 0].version]
        policy = in_force(judged, int(product), day_of(as_of))
        tolerance = judged.tolerance[policy, shard.facts.loans["currency"][loan]]
        rows = work.rows[: int(work.pots[at.ROW_COUNT])]
        short = rows["principal"] + rows["interest"] + rows["fee"]
        found.update((loan_id, int(seq)) for seq in rows["seq"][short <= tolerance])
    return found
