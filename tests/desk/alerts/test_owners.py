"""Whose a new alert is: the customer manager, who stands in, the next of the org by turns, or nobody."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

import pytest

from daihou.desk.alerts.owners import Chooser
from daihou.desk.people import orgs
from daihou.desk.people.models import Absence, Membership, User
from daihou.desk.people.roles import Role
from desk.alerts.made import alert
from desk.conftest import user

if TYPE_CHECKING:
    from collections.abc import Callable

DAY: Final = dt.date(2026, 3, 31)


@pytest.fixture
def officer(db: None) -> Callable[..., User]:
    """A function that enters an officer of branch X1 with a number of their own."""

    def entered(name: str, org_id: str = "X1", **more: object) -> User:
        return user(name, (Role.OFFICER, org_id), officer_id=name.upper(), **more)

    return entered


def away(who: User, stand_in: User, first: int = 0, last: int = 0) -> None:
    """Somebody is away for some days around the day."""
    Absence.objects.create(
        user=who, stand_in=stand_in, from_on=DAY + dt.timedelta(days=first), to_on=DAY + dt.timedelta(days=last), entered_by=stand_in
    )  # fmt: skip


def chosen(org_id: str = "X1", officer_id: str = "") -> User | None:
    return Chooser.on(DAY).choose(org_id, officer_id)


def test_the_customer_manager_has_it_however_much_there_is(officer: Callable[..., User]) -> None:
    wang, _ = officer("wang"), officer("li")
    for number in range(61):
        alert(f"C{number}", owner=wang)
    assert chosen(officer_id="WANG") == wang


def test_of_who_is_away_the_one_who_stands_in_has_it_for_as_long(officer: Callable[..., User]) -> None:
    wang, li, he = officer("wang"), officer("li"), officer("he")
    away(wang, li)
    assert chosen(officer_id="WANG") == li
    away(li, he, -3, 5)
    assert chosen(officer_id="WANG") == he, "the one who stands in is away too"
    assert Chooser.on(DAY + dt.timedelta(days=1)).choose("X1", "WANG") == wang
    away(he, wang)
    assert chosen(officer_id="WANG") is None, "all stand in for each other, and nobody is there"


def test_without_a_manager_it_goes_to_who_has_least_until_hands_are_full(officer: Callable[..., User]) -> None:
    wang, li = officer("wang"), officer("li")
    officer("far", "X2")
    alert("C1", owner=wang)
    chooser = Chooser.on(DAY)
    assert [chooser.choose("X1", "") for _ in range(5)] == [li, wang, li, wang, li]
    chooser.most = 3
    assert chooser.choose("X1", "") is None
    assert chooser.choose("X7", "") is None, "an org that nobody works for"


def test_who_left_or_works_on_alerts_no_more_is_given_none(officer: Callable[..., User]) -> None:
    wang, li = officer("wang"), officer("li")
    User.objects.filter(pk=wang.pk).update(is_active=False)
    assert chosen(officer_id="WANG") == li
    viewer = user("viewer", (Role.VIEWER, "X1"))
    away(li, viewer)
    assert chosen(officer_id="LI") is None, "who stands in may not work on alerts"


def test_an_officer_of_the_whole_lender_takes_turns_in_every_org(
    officer: Callable[..., User], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = officer("whole", "")
    tree = orgs.Tree({"X1": orgs.Org("X1", "", "")})
    monkeypatch.setattr(orgs, "tree", lambda: tree)
    assert chosen("X1") == whole
    assert chosen("") == whole


def test_an_owner_keeps_what_lies_in_their_orgs_or_in_those_of_whom_they_stand_in_for(
    officer: Callable[..., User],
) -> None:
    wang, far = officer("wang"), officer("far", "X2")
    manager = user("manager", (Role.MANAGER, ""))
    chooser = Chooser.on(DAY)
    assert chooser.keeps(wang.pk, "X1", "")
    assert chooser.keeps(wang.pk, "X2", "X1"), "his org leads the borrower"
    assert not chooser.keeps(wang.pk, "X2", "")
    assert chooser.keeps(manager.pk, "X7", "")
    away(far, wang)
    assert Chooser.on(DAY).keeps(wang.pk, "X2", "")
    Membership.objects.filter(user=wang).delete()
    assert not Chooser.on(DAY).keeps(wang.pk, "X1", "")
