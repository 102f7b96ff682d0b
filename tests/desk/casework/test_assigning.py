"""One act on many cases: frozen, shown, confirmed once, each case through its own transition, one entry for all."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any

import pytest
from django.core import signing

from daihou.desk.audit.models import Entry
from daihou.desk.casework.models import Case, CaseMove
from daihou.desk.people.models import Absence
from desk.alerts.hands import browser
from desk.casework.made import agency, case, crew
from desk.casework.managing import day, main

if TYPE_CHECKING:
    from daihou.desk.people.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> dict[str, User]:
    return crew()


def ask(by: User, act: str, *cases: Case, **more: Any) -> Any:
    ids = [f"{one.pk}.{one.revision}" for one in cases]
    return browser(by).post("/collection/cases/many/", {"act": act, "ids": ids, "query": "", **more})


def frozen(response: Any) -> str:
    found = re.search(r'name="frozen" value="([^"]+)"', response.content.decode())
    assert found, main(response.content.decode())
    return found[1]


def confirm(by: User, text: str, **said: Any) -> Any:
    return browser(by).post("/collection/cases/many/confirm/", {"frozen": text, **said})


def owners(*cases: Case) -> list[str | None]:
    held = Case.objects.select_related("owner").in_bulk([one.pk for one in cases])
    return [owner.username if (owner := held[one.pk].owner) else None for one in cases]


def test_many_are_assigned_at_once_with_one_entry_for_all(people: dict[str, User]) -> None:
    one, two = case("A"), case("B")
    asked = ask(people["he"], "assign", one, two)
    assert "It will be done to 2 cases · claims 2,100.00 CNY" in main(asked.content.decode())
    assert owners(one, two) == [None, None]
    assert confirm(people["he"], frozen(asked), owner=people["sun"].pk).status_code == 302
    assert owners(one, two) == ["sun", "sun"]
    entry = Entry.objects.get(action="case.many")
    assert entry.detail["done"] == [one.pk, two.pk]
    assert Entry.objects.filter(action="case.assign", request_id=entry.request_id).count() == 2
    assert CaseMove.objects.filter(act="assign").count() == 2


def test_confirmed_twice_it_is_done_once(people: dict[str, User]) -> None:
    one = case("A")
    text = frozen(ask(people["he"], "assign", one))
    confirm(people["he"], text, owner=people["sun"].pk)
    again = confirm(people["he"], text, owner=people["li"].pk)
    assert "It was changed since you chose it." in again.content.decode()
    assert owners(one) == ["sun"]


def test_what_changed_meanwhile_or_is_not_allowed_is_left_out_and_named(people: dict[str, User]) -> None:
    one, two, three = case("A"), case("B"), case("C", org_id="X2")
    asked = ask(people["zhou"], "assign", one, two, three)
    Case.objects.filter(pk=two.pk).update(revision=9)
    done = confirm(people["zhou"], frozen(asked), owner=people["sun"].pk)
    said = main(done.content.decode())
    assert "Done to 1 case" in said
    assert "It was changed since you chose it. 1" in said
    assert "Sun does not work cases of this part of the lender. 1" in said
    assert three.number in said
    assert owners(one, two, three) == ["sun", None, None]


def test_all_that_match_go_beyond_the_page(people: dict[str, User]) -> None:
    cases = [case(f"A{number}", "M2") for number in range(60)]
    case("B", "M1")
    asked = ask(people["he"], "assign", cases[0], all="1", query="stage=M2")
    assert "60 cases" in main(asked.content.decode())


def test_shared_out_by_turns_whoever_has_least_gets_the_next(people: dict[str, User]) -> None:
    held = [case(f"H{number}", owner=people["sun"]) for number in range(2)]
    free = [case(f"F{number}") for number in range(4)]
    asked = ask(people["he"], "share", *free)
    assert "Li 3" in main(asked.content.decode())
    confirm(people["he"], frozen(asked))
    told = owners(*free)
    assert (told.count("li"), told.count("sun")) == (3, 1)
    assert owners(*held) == ["sun", "sun"]


def test_the_cases_of_who_is_away_are_shared_among_who_is_there(people: dict[str, User]) -> None:
    mine = [case(f"A{number}", owner=people["sun"]) for number in range(3)]
    Absence.objects.create(
        user=people["sun"], stand_in=people["li"], from_on=day(0), to_on=day(9), entered_by=people["he"]
    )
    asked = browser(people["he"]).post(f"/collection/collectors/{people['sun'].pk}/share-out/")
    confirm(people["he"], frozen(asked))
    assert owners(*mine) == ["li", "li", "li"]


def test_to_an_agency_and_back_with_the_reason(people: dict[str, User]) -> None:
    one, north = case("A", "M3"), agency("North", reviewed_on=day(-10))
    text = frozen(ask(people["he"], "to_agency", one))
    missing = confirm(people["he"], text, agency=north.code)
    assert missing.status_code == 422
    assert "Say why, in a few words." in missing.content.decode()
    assert confirm(people["he"], text, agency=north.code, note="Six months without a word").status_code == 302
    one = Case.objects.get(pk=one.pk)
    assert (one.track, one.agency) == ("agency", north)
    assert confirm(people["he"], frozen(ask(people["he"], "from_agency", one)), note="Contract ends").status_code == 302
    assert Case.objects.get(pk=one.pk).track == "house"


def test_an_agency_without_its_review_gets_nothing(people: dict[str, User]) -> None:
    one, old = case("A", "M3"), agency("Old", reviewed_on=day(-400))
    done = confirm(people["he"], frozen(ask(people["he"], "to_agency", one)), agency=old.code, note="Six months silent")
    assert "Old was not reviewed within 365 days. Review it first." in done.content.decode()
    assert Case.objects.get(pk=one.pk).agency is None


def test_what_was_frozen_serves_nobody_else_and_cannot_be_made_up(people: dict[str, User]) -> None:
    one = case("A")
    text = frozen(ask(people["he"], "assign", one))
    stolen = confirm(people["zhou"], text, owner=people["sun"].pk)
    forged = confirm(
        people["he"],
        signing.dumps({"act": "assign", "pairs": [], "query": "", "by": people["he"].pk}),
        owner=people["sun"].pk,
    )
    assert {stolen.status_code, forged.status_code} == {400}
    assert owners(one) == [None]


def test_nothing_chosen_or_nothing_known_is_told(people: dict[str, User]) -> None:
    assert "No case was chosen." in ask(people["he"], "assign").content.decode()
    assert ask(people["he"], "burn", case("A")).status_code == 400
    assert ask(people["sun"], "assign", case("B")).status_code == 403


def test_a_case_out_of_reach_is_neither_shown_nor_touched(people: dict[str, User]) -> None:
    one = case("A", org_id="X2")
    asked = ask(people["he"], "assign", one)
    assert one.number not in asked.content.decode()
    assert "None of them can be done" in asked.content.decode()


def test_the_reasons_of_a_stale_day_do_not_stop_the_others(people: dict[str, User]) -> None:
    closed, one = case("A", closed_on=dt.date(2026, 3, 1), closing="cured"), case("B")
    asked = ask(people["he"], "assign", closed, one)
    assert "The case is closed. 1" in main(asked.content.decode())
    confirm(people["he"], frozen(asked), owner=people["sun"].pk)
    assert owners(closed, one) == [None, "sun"]
