"""Replacing repayment plans whole: what --replace cancels, and which plans it may not touch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from daihou.book import lake

if TYPE_CHECKING:
    from daihou.book.intake.lookup import Lookup

Covered = Callable[[Sequence[str], date, date], set[tuple[str, int]]]
"""(loan ids, as of, known on) -> the instalments (loan_id, seq) already covered."""

_PAID_OUT: Final = """
CREATE TEMP TABLE paid_out AS
SELECT loan_id, arg_min(disbursed_on, row(known_on, batch, "row")) AS disbursed_on
FROM loans WHERE loan_id IN (SELECT loan_id FROM staged) GROUP BY loan_id
"""

# `held_from` is a version's effective_on, given or by default; a loan not known was paid out at the beginning of time.
_VERSIONS: Final = """
CREATE TEMP TABLE versions_stored AS
SELECT s.loan_id, s.seq, s.due_on, s.principal, s.interest, s.fee, s.cancelled,
       s.known_on AS stored_on, s.batch, s."row" AS place_in_file,
       coalesce(s.effective_on, CASE
           WHEN s.known_on = min(s.known_on) OVER (PARTITION BY s.loan_id)
               THEN coalesce(d.disbursed_on, DATE '1900-01-01')
           WHEN s.due_on < s.known_on AND s.known_on = min(s.known_on) OVER (PARTITION BY s.loan_id, s.seq)
               THEN s.due_on
           ELSE s.known_on END) AS held_from
FROM stored s LEFT JOIN paid_out d USING (loan_id) WHERE s.loan_id IN (SELECT loan_id FROM staged)
"""

_PLANS: Final = """
CREATE TEMP TABLE plans AS
SELECT loan_id, known_on, bool_or(assumed) AS assumed, bool_or(backfill) AS backfill,
       coalesce(min(effective_on),
                CASE WHEN known_on > any_value(first_on) THEN known_on ELSE any_value(start) END) AS effective_on
FROM (SELECT s.*, v.first_on, coalesce(d.disbursed_on, DATE '1900-01-01') AS start
      FROM fresh s LEFT JOIN paid_out d USING (loan_id)
      LEFT JOIN (SELECT loan_id, min(stored_on) AS first_on FROM versions_stored GROUP BY 1) v USING (loan_id))
GROUP BY loan_id, known_on
"""

# The version of each instalment in force on the plan's first day (place 1), and the last word on each later day.
_HELD: Final = """
CREATE TEMP TABLE held AS
SELECT v.*, p.known_on, p.effective_on, p.assumed, p.backfill, v.held_from <= p.effective_on AS in_force
FROM versions_stored v JOIN plans p USING (loan_id) WHERE v.stored_on <= p.known_on
QUALIFY row_number() OVER (
    PARTITION BY loan_id, p.known_on, seq, CASE WHEN held_from > p.effective_on THEN held_from END
    ORDER BY held_from DESC, stored_on DESC, batch DESC, place_in_file DESC) = 1
"""

_REUSED: Final = """
SELECT s."row", s.loan_id, s.seq, h.effective_on, h.known_on
FROM fresh s JOIN held h USING (loan_id, known_on, seq)
WHERE h.in_force AND NOT h.cancelled AND h.held_from <> coalesce(s.effective_on, h.effective_on)
"""

_INCOMPLETE: Final = """
SELECT "row", 'loan_id', 'plan_incomplete' FROM fresh
WHERE loan_id IN (SELECT loan_id FROM broken_loans)
   OR loan_id IN (SELECT s.loan_id FROM staged s JOIN rejected r ON s."row" = r.row)
"""

_LEFT_OUT: Final = """
SELECT * FROM held h
WHERE NOT h.cancelled AND h.due_on >= h.effective_on
  AND EXISTS (SELECT 1 FROM fresh s WHERE s.loan_id = h.loan_id AND s.known_on = h.known_on)
  AND NOT EXISTS (SELECT 1 FROM fresh s WHERE s.loan_id = h.loan_id AND s.known_on = h.known_on AND s.seq = h.seq)
"""


def check(lookup: Lookup, covered: Covered, broken_loans: Sequence[str]) -> None:
    """Reject plans that reuse a covered instalment's number, and every row of a plan of which any row is bad.

    A plan stands or falls together: were its good rows taken without the bad one, that one would count as left out.
    """
    for statement in (_PAID_OUT, _VERSIONS, _PLANS, _HELD):
        lookup.run(statement)
    questions: dict[tuple[date, date], list[tuple[int, str, int]]] = defaultdict(list)
    for row, loan_id, seq, effective_on, known_on in lookup.run(_REUSED):
        # Money that came in until the plan was known covers too, though the plan may reach further back.
        questions[max(effective_on, known_on), known_on].append((row, loan_id, seq))
    for (as_of, known_on), asked in questions.items():
        answer = covered(sorted({loan_id for _, loan_id, _ in asked}), as_of, known_on)
        found = [row for row, loan_id, seq in asked if (loan_id, seq) in answer]
        if found:
            places = ", ".join(f"({row})" for row in found)
            lookup.reject(f"SELECT r, 'seq', 'covered_instalment' FROM (VALUES {places}) AS t(r)")
    lookup.connection.register("broken_loans", pa.table({"loan_id": pa.array(list(broken_loans), pa.string())}))
    lookup.reject(_INCOMPLETE)


def cancelled(lookup: Lookup) -> pa.Table:
    """Return rows cancelling the instalments a new plan leaves out that are due on or after its `effective_on`.

    An old version that would come into force only later is cancelled from then.
    """
    last = lookup.number('SELECT max("row") FROM staged')
    names = lake.schema("instalments").names
    made = {
        "effective_on": "greatest(effective_on, held_from)",
        "cancelled": "true",
        "batch": f"{lookup.batch}::BIGINT",
        "row": f"{last} + row_number() OVER (ORDER BY loan_id, known_on, seq, held_from)",
        "attributes": "NULL::VARCHAR",
    }
    columns = ", ".join(f'{made[name]} AS "{name}"' if name in made else f'"{name}"' for name in names)
    found: pa.Table = lookup.connection.sql(f"SELECT {columns} FROM ({_LEFT_OUT})").to_arrow_table()
    return found.cast(lake.schema("instalments"))
