"""Rotating keys: everybody opens before and after, and what is stopped is done by the next call."""

from __future__ import annotations

import datetime as dt

import pytest
from django.conf import settings

from daihou.desk.vault import people, rotation
from daihou.desk.vault.erasure import erase
from daihou.desk.vault.keys import keyset
from daihou.desk.vault.models import Person
from daihou.vault.keyset import rotate, rotate_tokens, wrapped_under
from daihou.vault.person import PersonRecord

ON = dt.date(2026, 3, 2)
LI = PersonRecord("李四", "110101198801011111", ("13912341234",))

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _sealed() -> None:
    people.put([(f"B{number}", "person", LI, ON) for number in range(2_100)])
    erase("B0", "root", "asked by letter")


def quiet(_stage: str, _done: int, _all: int) -> None:
    """Show nothing."""


class StoppedError(Exception):
    """As if somebody had pressed Ctrl-C."""


def stop_at_1000(_stage: str, done: int, _all: int) -> None:
    if done >= 1_000:
        raise StoppedError


def test_after_a_rotation_every_data_key_is_wrapped_under_the_new_key_and_records_are_as_they_were() -> None:
    sealed = dict(Person.objects.values_list("borrower_id", "sealed"))
    rotate(settings.HOME, on=ON)
    assert rotation.stale_keys() == 2_099
    assert people.masked_names(["B1"]) == {"B1": "李*"}  # opens before it is moved
    assert rotation.rewrap_stale(quiet) == 2_099
    primary = keyset().primary("wrapping").key_id
    moved = Person.objects.filter(erased_at=None)
    assert {wrapped_under(bytes(person.wrapped or b"")) for person in moved} == {primary}
    assert rotation.by_key() == {primary: 2_099}
    assert dict(Person.objects.values_list("borrower_id", "sealed")) == sealed
    assert people.masked_names(["B1", "B2099"]) == {"B1": "李*", "B2099": "李*"}


def test_rewrapping_that_was_stopped_goes_on_where_it_was() -> None:
    rotate(settings.HOME, on=ON)
    with pytest.raises(StoppedError):
        rotation.rewrap_stale(stop_at_1000)
    assert rotation.stale_keys() == 1_099
    assert rotation.rewrap_stale(quiet) == 1_099
    assert rotation.rewrap_stale(quiet) == 0


def test_while_tokens_are_made_anew_a_search_finds_both() -> None:
    rotate_tokens(settings.HOME, on=ON)
    with pytest.raises(StoppedError):
        rotation.retoken(stop_at_1000)
    assert len(people.find("李四")) == 2_099
    assert rotation.stale_tokens() == 1_099
    assert rotation.retoken(quiet) == 1_099
    assert len(people.find("李四")) == len(people.find("13912341234")) == 2_099
    assert rotation.stale_tokens() == 0


def test_how_far_it_is_is_told() -> None:
    told: list[tuple[str, int, int]] = []
    rotate(settings.HOME, on=ON)
    rotation.rewrap_stale(lambda *step: told.append(step))
    assert told == [*(("rewrapping", done, 2_099) for done in (0, 1_000, 2_000, 2_099)), ("rewrapping_files", 0, 0)]
