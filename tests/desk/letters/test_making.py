"""Letters are made of the ledger's figures of a day, once, of what is in reach."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from daihou.book.capitals import in_capitals
from daihou.book.ledger.ledger import open_ledger
from daihou.desk.audit.models import Entry
from daihou.desk.letters import figures, making
from daihou.desk.letters.models import Letter, Wording
from daihou.desk.letters.views.lists import newest
from daihou.runs import claims
from desk.alerts.hands import asked, browser
from desk.letters.home import AS_OF

if TYPE_CHECKING:
    from django.test import Client

    from daihou.book.home import Home
    from daihou.desk.people.models import User


def made(by: User, kind: str, *loans: str, **more: Any) -> making.Made:
    moment = newest()
    assert moment is not None
    return making.make(loans, kind, moment, asked(by), **more)


def due(client: Client, kind: str) -> list[str]:
    answer = client.get(f"/letters/due/?kind={kind}")
    assert answer.status_code == 200
    return [row["loan_id"] for row, _name, _org in answer.context["rows"]]


def test_loans_are_offered_that_mature_soon_or_are_overdue_within_reach(staff: dict[str, User]) -> None:
    assert due(browser(staff["wang"]), "maturity") == ["L2"]
    assert due(browser(staff["wang"]), "overdue") == ["L4", "L5", "L3", "L1"]
    assert due(browser(staff["li"]), "overdue") == ["L1"]
    assert due(browser(staff["far"]), "overdue") == ["L6"]


@pytest.mark.parametrize("loan", ["L1", "L3", "L4"])
def test_the_figures_of_an_overdue_notice_are_the_claim_of_that_day_to_the_cent(
    staff: dict[str, User], home: Home, loan: str
) -> None:
    (letter,) = made(staff["wang"], "overdue", loan).new
    (day,) = claims.claim(home, open_ledger(home.ledger), loan, [AS_OF], AS_OF).days
    told = figures.read(letter.figures)
    assert day.owed is not None
    assert (told.principal, told.interest, told.fee, told.charges, told.total) == (
        day.owed.principal, day.owed.interest, day.owed.fee, day.owed.charges, day.owed.total,
    )  # fmt: skip
    assert letter.figures["capitals"] == in_capitals(day.owed.total, 2)


def test_what_is_owed_on_the_first_loan_and_its_lines(staff: dict[str, User]) -> None:
    told = figures.read(made(staff["wang"], "overdue", "L1").new[0].figures)
    assert (told.principal, told.interest, told.charges, told.total) == (200_000, 20_000, 5_000, 225_000)
    assert told.lines == ((1, "2026-01-20", 110_000, 43), (2, "2026-02-20", 110_000, 12))
    assert told.capitals == "人民币贰仟贰佰伍拾元整"


def test_a_maturity_notice_asks_for_what_is_to_be_paid_by_the_day_it_is_due(staff: dict[str, User], home: Home) -> None:
    (letter,) = made(staff["wang"], "maturity", "L2").new
    told = figures.read(letter.figures)
    on = dt.date.fromisoformat(told.pay_by)
    (day,) = claims.claim(home, open_ledger(home.ledger), "L2", [on], AS_OF).days
    assert (told.total, told.principal, told.interest) == (day.to_clear, 30_000, 950)
    assert told.matures_on == "2026-03-28"


def test_other_money_than_yuan_has_no_capitals(staff: dict[str, User]) -> None:
    (letter,) = made(staff["far"], "overdue", "L6").new
    assert (letter.figures["currency"], letter.figures["capitals"]) == ("USD", "")


def test_asked_for_twice_it_is_one_and_what_was_made_lately_is_offered_no_more(staff: dict[str, User]) -> None:
    client = browser(staff["wang"])
    for _ in range(2):
        assert client.post("/letters/make/", {"kind": "overdue", "ids": ["L1", "L3"]}).status_code == 302
    assert sorted(Letter.objects.values_list("loan_id", flat=True)) == ["L1", "L3"]
    assert Entry.objects.filter(action="letter.make").count() == 2
    assert due(client, "overdue") == ["L4", "L5"]
    assert Wording.objects.count() == 1


def test_guarantors_get_their_own_words(staff: dict[str, User]) -> None:
    new = made(staff["wang"], "overdue", "L1", guarantors=True).new
    assert [(one.addressee_id, one.to) for one in new] == [("C1", "debtor"), ("G1", "guarantor"), ("G2", "guarantor")]
    assert len({one.wording_id for one in new}) == 2


def test_nothing_is_made_of_what_is_out_of_reach_or_not_overdue(staff: dict[str, User]) -> None:
    found = made(staff["li"], "overdue", "L6", "L3", "L2", "L1")
    assert [one.loan_id for one in found.new] == ["L1"]
    assert found.none == ["L2", "L3", "L6"]
    answer = browser(staff["li"]).post("/letters/make/", {"kind": "overdue", "ids": ["L6"]})
    assert (answer.status_code, "Nothing is to be asked for" in answer.content.decode()) == (422, True)
    assert browser(staff["zheng"]).post("/letters/make/", {"kind": "overdue", "ids": ["L1"]}).status_code == 403


def test_what_is_asked_wrongly_says_so(staff: dict[str, User]) -> None:
    client = browser(staff["wang"])
    assert client.post("/letters/make/", {"kind": "overdue"}).status_code == 422
    assert client.post("/letters/make/", {"kind": "poem", "ids": ["L1"]}).status_code == 422
    assert client.post("/letters/make/", {"kind": "overdue", "ids": [f"N{n}" for n in range(51)]}).status_code == 422
    assert client.get("/letters/due/?kind=poem&page=x").status_code == 200
    beyond = client.get("/letters/due/?kind=overdue&page=9").context  # as after the letters of the last page were made
    assert ([row["loan_id"] for row, _name, _org in beyond["rows"]], beyond["number"]) == (["L4", "L5", "L3", "L1"], 1)
