"""The open signals of a date as a table that lists can be read from in milliseconds, beside the shelf of loans and like it.

What is open stands in the memory of the rules; what it stood on, in the signals of the days on which each was opened. The first who asks
brings the two together, and all web processes share what came of it.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

import duckdb

from daihou.desk.portfolio import shelf
from daihou.warning.rule import LEVELS

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Sequence
    from pathlib import Path

FORMAT: Final = 1
"""Goes up when the table is made otherwise."""
COLUMNS: Final = (
    "signal_id", "rule_id", "version", "shadow", "subject", "subject_id", "borrower_id", "org_id", "officer_id", "currency", "balance",
    "level", "rank", "opened_on", "hits", "clears", "condition", "evidence",
)  # fmt: skip
"""What is told of an open signal. Org, officer and balance of a loan are those of the date, of a borrower org and officer are those of the
signal; `balance` is in minor units of the base currency, `rank` the place of the level from the most urgent on."""

NOTHING: Final = (
    "(SELECT NULL::VARCHAR AS signal_id, NULL::VARCHAR AS transition, NULL::VARCHAR AS borrower_id, NULL::VARCHAR AS org_id, NULL::VARCHAR AS officer_id,"
    " NULL::VARCHAR AS currency, NULL::BIGINT AS balance, NULL::VARCHAR AS level, NULL::VARCHAR AS condition, NULL::VARCHAR AS evidence WHERE false)"
)
"""Signals, where none was ever said."""


def take(
    folder: Path, *, memory: Sequence[str], loans: Sequence[str], borrowers: Sequence[str], opened: Callable[[list[dt.date]], list[str]]
) -> Path:  # fmt: skip
    """The file of a date, from the files of its run; `opened` names the files of the signals of some days. What they hold never changes."""
    told = f"{FORMAT} {list(memory)} {list(loans)} {list(borrowers)}"
    name = hashlib.sha256(told.encode()).hexdigest()[:24]
    return shelf.made(folder / f"{name}.duckdb", lambda draft: _make(draft, memory, loans, borrowers, opened))


def _make(
    draft: Path, memory: Sequence[str], loans: Sequence[str], borrowers: Sequence[str], opened: Callable[[list[dt.date]], list[str]]
) -> None:  # fmt: skip
    with duckdb.connect(str(draft)) as database:
        days = database.execute(
            f"SELECT DISTINCT opened_on FROM {_rows(memory)} WHERE opened_on IS NOT NULL ORDER BY 1"
        ).fetchall()
        said = opened([day for (day,) in days])
        ranks = ", ".join(f"'{level}'" for level in LEVELS)
        database.execute(
            f"""
            CREATE TABLE signals AS
            WITH memory AS (SELECT * FROM {_rows(memory)} WHERE opened_on IS NOT NULL),
                 said AS (SELECT * FROM {_rows(said) if said else NOTHING} WHERE transition = 'opened'),
                 loans AS (SELECT loan_id, borrower_id, org_id, officer_id, principal_outstanding_base FROM {_rows(loans)}),
                 borrowers AS (SELECT borrower_id, exposure FROM {_rows(borrowers)})
            SELECT memory.signal_id, memory.rule_id, memory.version, memory.shadow, memory.subject, memory.subject_id,
                   CASE memory.subject WHEN 'borrower' THEN memory.subject_id ELSE coalesce(loans.borrower_id, said.borrower_id) END AS borrower_id,
                   CASE WHEN loans.loan_id IS NULL THEN said.org_id ELSE loans.org_id END AS org_id,
                   CASE WHEN loans.loan_id IS NULL THEN said.officer_id ELSE loans.officer_id END AS officer_id, said.currency,
                   coalesce(loans.principal_outstanding_base, borrowers.exposure, said.balance)::BIGINT AS balance, said.level,
                   list_position([{ranks}], said.level)::UTINYINT AS rank, memory.opened_on, memory.hits, memory.clears, said.condition, said.evidence
            FROM memory LEFT JOIN said USING (signal_id)
                 LEFT JOIN loans ON memory.subject = 'loan' AND loans.loan_id = memory.subject_id
                 LEFT JOIN borrowers ON memory.subject = 'borrower' AND borrowers.borrower_id = memory.subject_id
            """
        )


def _rows(paths: Sequence[str]) -> str:
    listed = ", ".join("'" + path.replace("'", "''") + "'" for path in paths)
    return f"read_parquet([{listed}], union_by_name=true)"
