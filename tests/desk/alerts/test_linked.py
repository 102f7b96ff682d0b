"""Linked borrowers: of one group, bound by the same loans, related; named within reach, counted beyond."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from django.conf import settings
from django.test import override_settings
from django.utils import translation

from daihou.book.home import Home, open_home
from daihou.book.intake import deliver
from daihou.desk.alerts.linked import linked
from daihou.desk.alerts.page import newest
from desk.alerts.hands import asked
from desk.alerts.made import alert as made

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from daihou.desk.people.models import User

    Pairs = list[tuple[dt.date, dt.date]]


@pytest.fixture(scope="module")
def borrowers(loans: pl.DataFrame) -> dict[str, dict[str, Any]]:
    """A borrower of B01 in the officer's charge with a loan, two others of B01, and two of B02, each by a name."""
    one_loan = loans.filter(pl.len().over("borrower_id") == 1, pl.col("officer_id").is_not_null()).sort("loan_id")
    own, near, far = (one_loan.filter(org_id=org).rows(named=True) for org in ("B01", "B01", "B02"))
    return {"own": own[0], "near": near[1], "guarantor": near[2], "far": far[0], "owned": far[1]}


@pytest.fixture(scope="module")
def home(book: Pairs, borrowers: dict[str, dict[str, Any]], tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The book with parties and relations delivered beside it, in a home of its own."""
    folder = tmp_path_factory.mktemp("linked")
    found = open_home(shutil.copytree(settings.HOME.path, folder / "home"), {})
    ids, day = {name: row["borrower_id"] for name, row in borrowers.items()}, book[0][0]
    parties, relations = folder / "parties.csv", folder / "relations.csv"
    parties.write_text(
        f"loan_id,borrower_id,role,known_on\n{borrowers['own']['loan_id']},{ids['guarantor']},guarantor,{day}\n"
        f"{borrowers['far']['loan_id']},{ids['own']},co_borrower,{day}\n",
        "utf-8",
    )
    relations.write_text(
        f"from_id,to_id,kind,share,effective_on,known_on\n{ids['own']},{ids['owned']},owns,0.6,{day},{day}\n"
        f"{ids['near']},{ids['own']},controls,0.7,{day},{day}\n{ids['near']},{ids['own']},controls,0,{book[-2][0]},{book[-2][0]}\n"
        f"{ids['own']},NOBODY,spouse,,{day},{day}\n",
        "utf-8",
    )
    for table, file in (("parties", parties), ("relations", relations)):
        deliver(found, [file], table, today=book[-1][0], backfill=True, progress=lambda *_: None)
    return found


@pytest.fixture
def at_home(home: Home) -> Iterator[None]:
    with override_settings(HOME=home), translation.override("en"):
        yield


def ways(borrower_id: str, user: User) -> dict[str, tuple[str, ...]]:
    return {row.borrower_id: row.ways for row in linked(borrower_id, asked(user), newest()).rows}


def test_parties_and_relations_are_told_from_the_borrowers_side(
    cast: dict[str, User], borrowers: dict[str, dict[str, Any]], at_home: None
) -> None:
    ids = {name: row["borrower_id"] for name, row in borrowers.items()}
    assert ways(ids["own"], cast["manager"]) == {
        ids["guarantor"]: ("guarantor of this borrower",), ids["far"]: ("this borrower is its co-borrower",),
        ids["owned"]: ("this borrower owns shares of it",),
    }  # fmt: skip
    assert ways(ids["owned"], cast["manager"]) == {ids["own"]: ("owns shares of this borrower",)}


def test_a_share_of_nothing_ends_a_relation(
    cast: dict[str, User], borrowers: dict[str, dict[str, Any]], at_home: None
) -> None:
    assert ways(borrowers["near"]["borrower_id"], cast["manager"]) == {}


def test_those_beyond_reach_are_counted_and_not_named(
    cast: dict[str, User], borrowers: dict[str, dict[str, Any]], at_home: None
) -> None:
    found = linked(borrowers["own"]["borrower_id"], asked(cast["branch_manager"]), newest())
    assert [row.borrower_id for row in found.rows] == [borrowers["guarantor"]["borrower_id"]]
    assert (found.outside, found.count) == (3, 4)  # two of B02, and one without a loan


def test_each_has_what_it_owes_and_its_worst_open_alert(
    cast: dict[str, User], borrowers: dict[str, dict[str, Any]], at_home: None
) -> None:
    guarantor = borrowers["guarantor"]
    for level, topic in (("yellow", "arrears"), ("red", "terms")):
        made(guarantor["borrower_id"], level, topic=topic, org_id="B01")
    made(borrowers["far"]["borrower_id"], "yellow", org_id="B02")
    found = linked(borrowers["own"]["borrower_id"], asked(cast["manager"]), newest()).rows
    assert [(row.borrower_id, row.level) for row in found[:2]] == [
        (guarantor["borrower_id"], "red"), (borrowers["far"]["borrower_id"], "yellow"),
    ]  # fmt: skip
    assert found[0].exposure == guarantor["principal_outstanding_base"]


def test_a_book_without_relations_links_nobody(cast: dict[str, User], borrowers: dict[str, dict[str, Any]]) -> None:
    found = linked(borrowers["own"]["borrower_id"], asked(cast["manager"]), newest())
    assert (found.rows, found.count) == ((), 0)
