"""Who stands around a debtor, read from the facts in force: as what, for which loans, where they may be."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from daihou.book.home import open_home
from daihou.book.intake import deliver
from daihou.desk.contacts import contacting, people
from daihou.desk.contacts.errors import RefusedError, UnfitError
from daihou.vault.person import PersonRecord
from desk.alerts.hands import asked
from desk.casework.made import crew
from desk.contacts.people import at, key, person, wanted

if TYPE_CHECKING:
    from daihou.book.home import Home

DAY = dt.date(2026, 3, 31)
BOUND = [
    ("L1", "G1", "guarantor", None), ("L2", "G1", "guarantor", None), ("L1", "B1", "co_borrower", None), ("L1", "A1", "acceptor", None),
    ("L9", "G9", "guarantor", None), ("L1", "G2", "guarantor", dt.date(2027, 1, 1)),
]  # fmt: skip
RELATED = [
    ("S1", "C1", "spouse_liable", None), ("C1", "F1", "friend", None), ("E1", "C1", "employer", None), ("C1", "E2", "employer", None),
    ("M1", "C1", "emergency_contact", None), ("C1", "M2", "emergency_contact", None), ("O1", "C1", "owns", 0.5), ("B1", "C1", "spouse", None),
    ("X1", "C1", "friend", 0.0),
]  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home whose lake holds the facts above."""
    made, sent = open_home(tmp_path_factory.mktemp("home"), {}), tmp_path_factory.mktemp("sent")
    tables = {
        "parties": pl.DataFrame(BOUND, schema=["loan_id", "borrower_id", "role", "effective_on"], orient="row"),
        "relations": pl.DataFrame(RELATED, schema=["from_id", "to_id", "kind", "share"], orient="row"),
    }
    for name, rows in tables.items():
        rows.with_columns(known_on=pl.lit(dt.date(2026, 1, 1))).write_parquet(sent / f"{name}.parquet")
        deliver(made, [sent / f"{name}.parquet"], name, today=DAY, progress=lambda *_: None)
    return made


@pytest.fixture
def facts(db: None, home: Home, settings: Any) -> None:
    """The desk of that home."""
    settings.HOME = home


def told(found: list[people.Somebody]) -> list[tuple[Any, ...]]:
    return [(one.person_id, one.party, one.how, one.loan_ids) for one in found]


def test_the_debtor_comes_first_then_who_is_bound_then_who_is_related(facts: None) -> None:
    both = ("L1", "L2")
    assert told(people.of("C1", ["L2", "L1"], DAY)) == [
        ("C1", "debtor", "", both), ("B1", "co_borrower", "co_borrower", ("L1",)), ("G1", "guarantor", "guarantor", both),
        ("S1", "related", "spouse_liable", both), ("E1", "employer", "employer", both), ("F1", "unrelated", "friend", both),
        ("M1", "unrelated", "emergency_contact", both),
    ]  # fmt: skip


def test_many_debtors_are_told_in_one_go(facts: None, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        found = people.known({"C1": ["L1"], "C9": ["L9"], "C8": []}, DAY)
    assert told(found["C9"]) == [("C9", "debtor", "", ("L9",)), ("G9", "guarantor", "guarantor", ("L9",))]
    assert told(found["C8"]) == [("C8", "debtor", "", ())]


def test_names_are_masked_and_who_is_not_in_the_vault_has_none(facts: None) -> None:
    person("C1", name="陈小明", language="en")
    first, second, *_ = people.of("C1", ["L1"], DAY)
    assert (first.name, first.zones, first.language) == ("陈**", ("Asia/Shanghai",), "en")
    assert (second.name, second.zones, second.language) == (None, (), "")


def test_a_guarantor_is_contacted_about_what_binds_them_alone(facts: None) -> None:
    person("G1")
    sun = asked(crew()["sun"])
    guarantor = {"debtor_id": "C1", "party": "guarantor"}
    contacting.begin(wanted("G1", loan_ids=("L1",), **guarantor), key(), sun, at(10))
    with pytest.raises(UnfitError, match=r"not bound|未对"):
        contacting.begin(wanted("G1", loan_ids=("L1", "L9"), **guarantor), key(), sun, at(10))
    with pytest.raises(UnfitError):
        contacting.begin(wanted("G1", loan_ids=("L1",), debtor_id="C1", party="related"), key(), sun, at(10))


def test_a_friend_is_asked_where_the_debtor_is_only_when_the_debtor_cannot_be_reached(facts: None) -> None:
    person("C1")
    person("F1")
    sun = asked(crew()["sun"])
    friend = wanted("F1", loan_ids=("L1",), debtor_id="C1", party="unrelated", purpose="locate", limited=True)
    for hour in (9, 10, 11):
        with pytest.raises(RefusedError) as refused:
            contacting.begin(friend, key(), sun, at(hour, 30))
        assert refused.value.decision.refusals[0].rule == "contact_only_out_of_reach"
        made, _ = contacting.begin(wanted("C1", loan_ids=("L1",)), key(), sun, at(hour))
        contacting.finish(made, "no_answer", request=sun, at=at(hour, 5))
    assert contacting.ask([friend], at(12))[0].allowed
    contact, _ = contacting.begin(friend, key(), sun, at(12))
    assert contact.limited


@pytest.mark.parametrize(
    ("record", "zones"),
    [
        (PersonRecord(timezone="Asia/Urumqi", phones=("13900001111",)), ("Asia/Urumqi",)),
        (PersonRecord(timezone="Beijing time", phones=("13900001111",)), ("Asia/Shanghai",)),
        (PersonRecord(phones=("13900001111", "+1 212 555 0123")), ("America/New_York", "Asia/Shanghai")),
        (PersonRecord(phones=("12",)), ()),
        (PersonRecord(), ()),
    ],
)
def test_where_somebody_may_be_is_as_stated_else_by_their_telephones(
    record: PersonRecord, zones: tuple[str, ...]
) -> None:
    assert people.zones_of(record) == zones


def test_the_guide_names_every_role_and_kind() -> None:
    section = Path("docs/guides/contacts.md").read_text("utf-8").split("\n## Who is there")[1].split("\n## ")[0]
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line.startswith("| ")
    ][1:]
    bound = [["parties", role, party, ""] for role, party in people.BOUND.items()]
    related = [
        ["relations", kind, party, "x" if kind in people.MUTUAL else ""] for kind, party in people.RELATED.items()
    ]
    assert rows == bound + related
