"""What happens to borrowers outside the book: courts, taxes, news, changes of contact data, applications elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from daihou.simulation import columns, shapes
from daihou.simulation.accounts import ZONE, ZONE_HOURS, first_defaults

if TYPE_CHECKING:
    from daihou.simulation.parameters import Parameters
    from daihou.simulation.shapes import Array, Facts

STREAM: Final = 3
MONTH_DAYS: Final = 28
HOUR: Final = 3_600
OFFICE_HOURS: Final = (9, 17)
IN_BORROWER: Final = 10_000
"""Events are numbered by their borrower and their place."""


def events(given: Parameters, facts: Facts, starts: Array, months: int, seed: int, part: int) -> pa.Table:
    """The events of one part, from the month of each borrower's first loan on, as far as they are known by the end of the book."""
    random = np.random.Generator(np.random.PCG64(np.random.SeedSequence((seed, part, STREAM))))
    borrowers = facts.borrowers[: facts.rows[shapes.BORROWER_ROWS]].view(np.ndarray)
    defaults = first_defaults(facts, borrowers, starts)[:, None]
    month = np.arange(months)
    there = starts[None, 1 : months + 1] > borrowers["since"][:, None]
    found: list[tuple[Array, ...]] = []
    for place, kind in enumerate(given.events.kinds):
        before, after = kind.around
        troubled = (defaults != shapes.NONE) & (month >= defaults - before) & (month <= defaults + after)
        who, when = np.nonzero(there & (random.random(there.shape) < np.where(troubled, kind.troubled, kind.chance)))
        day = starts[when] + random.integers(0, MONTH_DAYS, len(when))
        hour = random.integers(*OFFICE_HOURS, len(when))
        known = day + random.integers(kind.known_days[0], kind.known_days[1] + 1, len(when))
        share = random.uniform(*kind.amount, len(when))
        of_loan = random.random(len(when)) < given.events.of_loan
        found.append((who, np.full(len(who), place), day, hour, known, share, of_loan))
    who, what, day, hour, known, share, of_loan = (np.concatenate(column) for column in zip(*found, strict=True))
    kept = (day >= borrowers["since"][who]) & (known < starts[months])
    order = np.flatnonzero(kept)[np.lexsort((what[kept], day[kept], who[kept]))]
    who, what, day, hour, known, share, of_loan = (
        column[order] for column in (who, what, day, hour, known, share, of_loan)
    )
    return _table(given, facts, borrowers[who]["borrower"], what, day, hour, known, share, of_loan)


def _table(
    given: Parameters,
    facts: Facts,
    borrower: Array,
    what: Array,
    day: Array,
    hour: Array,
    known: Array,
    share: Array,
    of_loan: Array,
) -> pa.Table:
    """Events in order of borrower and day; a borrower is numbered as its first loan."""
    kinds = given.events.kinds
    versions = facts.loans[: facts.rows[shapes.LOAN_ROWS]].view(np.ndarray)
    loan = versions[np.searchsorted(versions["loan"], borrower)]
    letter = np.where(of_loan & (loan["disbursed_on"] <= day), ord("L"), ord("B")).astype(np.uint8)
    subject = columns.id_bytes("B", borrower, 8)
    subject[:, 0] = letter
    number = np.arange(len(borrower)) - np.searchsorted(borrower, borrower)
    told = np.array([kind.amount != (0.0, 0.0) for kind in kinds])[what]
    amount = np.round(loan["principal"] * share).astype(np.int64)
    money = columns.decimal(np.where(told, amount, 0), 2)
    nothing = pa.scalar(None, money.type)
    moment = day.astype(np.int64) * 24 * HOUR + (hour - ZONE_HOURS) * HOUR
    return pa.table({
        "event_id": columns.ids(columns.id_bytes("E", borrower.astype(np.int64) * IN_BORROWER + number, 12)),
        "subject_id": columns.ids(subject), "happened_at": pa.array(moment, pa.int64()).cast(pa.timestamp("s", ZONE)),
        "kind": columns.codes(what, [kind.kind for kind in kinds]), "amount": pa.compute.if_else(pa.array(told), money, nothing),
        "source": columns.codes(what, [kind.source for kind in kinds]), "known_on": columns.days(known),
    })  # fmt: skip
