"""The roll-up of borrowers with few loans, loan by loan: what `rollups.rolled` says of them, sooner than a query is planned. A law holds both to one answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from daihou.runs.rollups import WHOLE

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping, Sequence
    from decimal import Decimal

    Row = Mapping[str, Any]

LIVE: Final = ("current", "overdue")


def rolled(loans: Iterable[Row], as_of: dt.date, known_on: dt.date) -> list[dict[str, Any]]:
    """A row a borrower, in order of id, with every measure of the family, from rows of a snapshot with the columns `rollups.NEEDED`."""
    by_borrower: dict[str, list[Row]] = {}
    for row in loans:
        if row["borrower_id"] is not None:
            by_borrower.setdefault(row["borrower_id"], []).append(row)
    return [
        {"borrower_id": one, "as_of": as_of, "known_on": known_on, **_answers(by_borrower[one])} for one in sorted(by_borrower, key=str.encode)
    ]  # fmt: skip


def _answers(rows: Sequence[Row]) -> dict[str, Any]:
    live = [row for row in rows if row["state"] in LIVE]
    overdue = [row for row in live if row["state"] == "overdue"]
    unmeasured = sum(row["state"] == "unmeasured" for row in rows)
    missing = unmeasured + sum(row["principal_outstanding_base"] is None for row in live)
    exposure = None if missing else sum(row["principal_outstanding_base"] for row in live)
    late = None if missing else sum(row["principal_outstanding_base"] for row in overdue)
    disbursed = [row["disbursed_on"] for row in rows if row["months_on_book"] is not None]
    return {
        "loans": len(live), "loans_overdue": len(overdue), "loans_written_off": sum(row["state"] == "written_off" for row in rows),
        "loans_unmeasured": unmeasured, "worst_dpd": _most(row["dpd"] for row in live), "worst_dpd_12m": _most(row["max_dpd_12m"] for row in rows),
        "worst_dpd_ever": _most(row["max_dpd_ever"] for row in rows), "exposure": exposure,
        "own_exposure": None if missing else sum(_own(row["principal_outstanding_base"], row["own_share"]) or 0 for row in live),
        "exposure_overdue": late, "overdue_share": float(late or 0) / float(exposure) if exposure else None, "without_balance": missing,
        "first_disbursed_on": min(_known(disbursed), default=None), "newest_disbursed_on": max(_known(disbursed), default=None),
        "orgs": len({row["org_id"] for row in live} - {None}),
    }  # fmt: skip


def _own(balance: int, share: Decimal | None) -> int | None:
    """Our own part of a balance, rounded half to even."""
    if share is None:
        return None
    exact = balance * int(share.scaleb(8))
    down, rest = divmod(exact, WHOLE)
    return down + (2 * rest > WHOLE or (2 * rest == WHOLE and down % 2 == 1))


def _most(values: Iterable[int | None]) -> int | None:
    return max(_known(values), default=None)


def _known(values: Iterable[Any]) -> list[Any]:
    return [value for value in values if value is not None]
