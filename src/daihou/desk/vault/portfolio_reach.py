"""Which loans and borrowers lie within somebody's reach: by the loans of the newest run, or by the borrower's own org and officer."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import duckdb
from django.conf import settings

from daihou.book import lake
from daihou.runs import store

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from daihou.desk.people.reach import Reach


def loan_in_reach(loan_id: str, reach: Reach) -> bool:
    """Whether there is a loan of that number within reach."""
    sql = "SELECT org_id, officer_id FROM read_parquet(?) WHERE loan_id = ?"
    return any(reach.holds(*row) for row in _rows(_snapshots(), sql, loan_id))


def in_reach(borrower_ids: Iterable[str], reach: Reach) -> set[str]:
    """Of some borrowers those within reach: with a loan there, or managed there themselves."""
    wanted = sorted(set(borrower_ids))
    found = _loans(wanted) + _borrowers(wanted) if wanted else []
    return {borrower_id for borrower_id, org_id, officer_id in found if reach.holds(org_id, officer_id)}


def loans_in_reach(borrower_ids: Sequence[str], reach: Reach) -> Counter[str]:
    """How many loans within reach each of some borrowers has."""
    return Counter(borrower_id for borrower_id, *where in _loans(list(borrower_ids)) if reach.holds(*where))


def _loans(borrower_ids: list[str]) -> list[tuple[Any, ...]]:
    """(borrower, org, officer) of each loan of some borrowers, as of the newest run."""
    sql = "SELECT borrower_id, org_id, officer_id FROM read_parquet(?) WHERE borrower_id IN (SELECT unnest(?))"
    return _rows(_snapshots(), sql, borrower_ids)


def _borrowers(borrower_ids: list[str]) -> list[tuple[Any, ...]]:
    """(borrower, org, officer) of some borrowers, by the version in force at the newest run."""
    newest = _newest()
    sql = """
        SELECT borrower_id, org_id, officer_id FROM read_parquet(?, union_by_name=true) WHERE borrower_id IN (SELECT unnest(?))
        QUALIFY row_number() OVER (
            PARTITION BY borrower_id ORDER BY effective_on <= ? DESC, effective_on DESC, known_on DESC, batch DESC, "row" DESC
        ) = 1
    """
    as_of = newest[0] if newest else None
    return _rows(lake.files(settings.HOME, "borrowers"), sql, borrower_ids, as_of)


def _newest() -> tuple[dt.date, dt.date] | None:
    """The newest date that a run wrote, by its own knowledge if there is that."""
    pairs = store.pairs(settings.HOME)
    if not pairs:
        return None
    as_of = max(pair[0] for pair in pairs)
    return (as_of, as_of) if (as_of, as_of) in pairs else max(pairs)


def _snapshots() -> list[Path]:
    newest = _newest()
    return store.files(settings.HOME, "snapshots", *newest) if newest else []


def _rows(paths: list[Path], sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
    if not paths:
        return []
    with duckdb.connect(
        config={"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
    ) as connection:
        return connection.execute(sql, [[str(path) for path in paths], *parameters]).fetchall()
