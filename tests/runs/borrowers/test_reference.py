"""Events and versions against a slow reference written from the guide, one borrower and one pair of dates at a time, on random books."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from daihou.book import lake
from daihou.book.days import add_months
from daihou.book.home import open_home
from daihou.runs.borrowers import customer, events
from daihou.runs.borrowers.owing import Owing

if TYPE_CHECKING:
    from pathlib import Path

    from daihou.book.home import Home

    Row = dict[str, Any]

FIRST = date(2025, 11, 1)
DAYS = 300
ZONE = ZoneInfo("Asia/Shanghai")
KINDS = (
    "litigation",
    "enforcement",
    "tax",
    "licence",
    "news",
    "address_change",
    "device_change",
    "application",
    "recall",
    "withdrawn",
)
COUNTED = {
    "litigation_12m": ("litigation", 12), "enforcement_12m": ("enforcement", 12), "tax_events_12m": ("tax", 12),
    "licence_events_12m": ("licence", 12), "news_3m": ("news", 3), "address_changes_6m": ("address_change", 6),
    "device_changes_3m": ("device_change", 3), "applications_1m": ("application", 1), "applications_3m": ("application", 3),
}  # fmt: skip


def drawn(seed: int) -> dict[str, list[Row]]:
    """Borrowers, loans that change hands (two of them with ids of borrowers) and events of both, known late and sent again."""
    draw = random.Random(seed)  # noqa: S311 - a book, not a secret

    def day(most: int = DAYS) -> date:
        return FIRST + timedelta(draw.randrange(most))

    def versions(key: str, ids: list[str], values: dict[str, list[Any]]) -> list[Row]:
        return [
            {
                key: one,
                **{name: draw.choice(of) for name, of in values.items()},
                "effective_on": draw.choice([None, day()]),
                "known_on": day(99),
            }
            for one in ids
            for _ in range(draw.choice([1, 1, 2, 4]))
        ]

    people = [str(number) for number in range(6)]
    subjects = [*people, *(loans := ["4", "7", "L1", "L2", "L3"])]
    owners = {name: draw.choice(subjects) for name in map(str, range(60))}
    happened = [
        {"event_id": name, "subject_id": owner, "kind": draw.choice(KINDS), "amount": draw.choice([None, None, Decimal(draw.randrange(-99, 999))]),
         "happened_at": datetime(2025, 11, 1, tzinfo=ZONE) + timedelta(hours=draw.randrange(24 * DAYS)), "known_on": day()}
        for name, owner in owners.items() for _ in range(draw.choice([1, 1, 1, 2, 3]))
    ]  # fmt: skip
    return {
        "borrowers": versions("borrower_id", people[:4], {"kind": ["person", "company"], "industry": ["a", "b", None]}),
        "loans": versions(
            "loan_id", loans, {"borrower_id": people, "disbursed_on": [FIRST, date(2026, 2, 1)], "product": ["auto"]}
        ),
        "events": happened,
    }


def sent(folder: Path, tables: dict[str, list[Row]]) -> Home:
    home = open_home(folder, {})
    for table, rows in tables.items():
        arrived = [{**row, "batch": 1, "row": place} for place, row in enumerate(rows)]
        lake.append(home, table, pa.Table.from_pylist(arrived, lake.schema(table)))
    return home


def in_force(rows: list[Row], first_from: str | None, as_of: date, known_on: date) -> Row | None:
    """The row of one key that counts: the last in order of effective_on, known_on and arrival; the first of them holds from ever."""
    earliest = min(row["known_on"] for row in rows)
    dated = [
        (row["effective_on"] or ((row[first_from] if first_from else date.min) if row["known_on"] == earliest else row["known_on"]),
         row["known_on"], place, row)
        for place, row in enumerate(rows) if row["known_on"] <= known_on
    ]  # fmt: skip
    dated.sort(key=lambda one: one[:3])
    begun = [one for one in dated if one[0] <= as_of] or dated[:1]
    return begun[-1][3] if begun else None


def borrower_of(subject: str, tables: dict[str, list[Row]], as_of: date, known_on: date) -> str | None:
    named = [row for table in ("borrowers", "loans") for row in tables[table] if row["borrower_id"] == subject]
    loan = [row for row in tables["loans"] if row["loan_id"] == subject]
    if not loan or any(row["known_on"] <= known_on for row in named):
        return subject
    held = in_force(loan, "disbursed_on", as_of, known_on)
    return held["borrower_id"] if held else None


def told(tables: dict[str, list[Row]], borrower: str, as_of: date, known_on: date) -> Row | None:
    believed: dict[str, Row] = {}
    for row in sorted(tables["events"], key=lambda row: row["known_on"]):
        if row["known_on"] <= known_on:
            believed[row["event_id"]] = row
    mine = [
        {**row, "day": row["happened_at"].date()} for row in believed.values()
        if row["kind"] != "withdrawn" and row["happened_at"].date() <= as_of
        and borrower_of(row["subject_id"], tables, as_of, known_on) == borrower
    ]  # fmt: skip
    if not mine:
        return None
    claims = [
        row for row in mine if row["kind"] in ("litigation", "enforcement") and row["day"] > add_months(as_of, -12)
    ]
    amounts = [row["amount"] for row in claims if row["amount"] is not None]
    counts = {
        name: sum(row["kind"] == kind and row["day"] > add_months(as_of, -months) for row in mine)
        for name, (kind, months) in COUNTED.items()
    }
    claimed = None if claims and not amounts else int(100 * sum(amount for amount in amounts if amount > 0))
    return {**counts, "claim_amount_12m": claimed, "days_since_event": min((as_of - row["day"]).days for row in mine)}


@pytest.mark.parametrize("seed", range(8))
def test_events_and_customers_are_what_the_reference_says(seed: int, tmp_path: Path) -> None:
    tables = drawn(seed)
    home = sent(tmp_path / "home", tables)
    versions = lake.versions(home, list(tables))
    happened, customers = events.read(home, versions, Owing(home, versions)), customer.read(home, versions)
    assert happened is not None
    assert customers is not None
    draw = random.Random(seed)  # noqa: S311 - a book, not a secret
    for _ in range(6):
        as_of, known_on = (FIRST + timedelta(draw.randrange(DAYS + 60)) for _ in range(2))
        found = {row.pop("borrower_id"): row for row in happened.on(as_of, known_on).to_dicts()}
        expected = {one: told(tables, one, as_of, known_on) for one in map(str, range(6))}
        assert {one: row for one, row in found.items() if one in expected} == {
            one: row for one, row in expected.items() if row
        }
        kinds = {
            row["borrower_id"]: (row["borrower_kind"], row["industry"])
            for row in customers.on(as_of, known_on).to_dicts()
        }
        held = {
            one: in_force([row for row in tables["borrowers"] if row["borrower_id"] == one], None, as_of, known_on)
            for one in map(str, range(4))
        }
        assert kinds == {one: (row["kind"], row["industry"]) for one, row in held.items() if row}
