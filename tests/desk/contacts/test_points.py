"""Points follow the vault: known by token alone, kept through rotations, gone with their value; and what people say of them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.utils import translation

from daihou.book.home import open_home
from daihou.desk.audit.models import Entry
from daihou.desk.contacts import contacting, history, points
from daihou.desk.contacts.errors import UnfitError
from daihou.desk.contacts.models import Point
from daihou.desk.contacts.points import GoneError
from daihou.desk.vault import erasure
from daihou.desk.vault import people as vaulted
from daihou.vault import keyset
from daihou.vault.person import PersonRecord
from desk.alerts.hands import asked
from desk.casework.made import crew
from desk.contacts.people import at, key, past, person, point, wanted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from daihou.desk.asked import Asked

NOW = at(10)


@pytest.fixture(autouse=True)
def _in_english(db: None) -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def sun() -> Asked:
    """A collector."""
    return asked(crew()["sun"])


def put(phones: tuple[str, ...], day: int = 2, **more: Any) -> None:
    vaulted.put([("C1", "person", PersonRecord("陈小明", phones=phones, **more), dt.date(2026, 1, day))])


def shown() -> list[str]:
    return [one.masked for one in points.of("C1", NOW)]


def test_every_way_to_reach_somebody_is_a_point_and_none_is_written_in_clear() -> None:
    put(
        ("13900001111", "139 0000 1111", "010-8888 9999"),
        emails=("chen@example.com",),
        address="江州市城南区幸福路12号",
    )
    assert shown() == ["139****1111", "010****9999", "c***@example.com", "江州市城南区****"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM contacts_point")
        written = str(cursor.fetchall())
    assert "1111" not in written
    assert "chen@" not in written
    assert "幸福" not in written


def test_what_the_vault_loses_is_gone_and_what_it_finds_again_is_the_same_point() -> None:
    put(("13900001111",))
    first = points.of("C1", NOW)[0].point
    put(("13900002222",), 3)
    assert shown() == ["139****2222"]
    assert Point.objects.get(pk=first.pk).gone_at == NOW
    put(("13900001111", "13900002222"), 4)
    assert next(one.point.pk for one in points.of("C1", NOW)) == first.pk
    assert Point.objects.get(pk=first.pk).gone_at is None


def test_looking_again_writes_nothing(django_assert_num_queries: Any) -> None:
    put(("13900001111", "13900002222"))
    person("C2")
    points.of_many(["C1", "C2"], NOW)
    with django_assert_num_queries(2):
        points.of_many(["C1", "C2", "nobody"], NOW)
    assert points.of("nobody", NOW) == []


def test_after_a_rotation_the_same_value_is_the_same_point_and_the_same_number_of_a_family_is_one(
    settings: Any, tmp_path: Path
) -> None:
    settings.HOME = open_home(tmp_path, {})  # with a keyset of its own, that no other test uses
    put(("13900001111",))
    person("C2", phones=("13900001111",))
    of_one, of_other = points.of("C1", NOW)[0].point, points.of("C2", NOW)[0].point
    keyset.rotate_tokens(settings.HOME, on=dt.date(2026, 3, 1))
    after = points.of("C1", NOW)[0].point
    assert (after.pk, after.token != of_one.token) == (of_one.pk, True)
    assert Point.objects.get(pk=of_other.pk).token == of_one.token  # nobody looked at it since
    assert history.names([after]).alike(after.pk) == sorted([of_one.pk, of_other.pk])


def test_who_was_erased_has_no_points_and_a_permit_finds_nothing(sun: Asked) -> None:
    put(("13900001111",))
    contact, permit = contacting.begin(wanted(), key(), sun, NOW)
    assert contact.point is not None
    assert erasure.erase("C1", "root", "asked for it")
    assert shown() == []
    with pytest.raises(GoneError):
        points.value(permit, contact.point, NOW)
    assert not Entry.objects.filter(action="contact.uncover").exists()


def test_a_preferred_number_comes_first_and_one_that_reaches_nobody_last(sun: Asked) -> None:
    put(("13900001111", "13900002222", "13900003333"))
    first, second, third = (one.point for one in points.of("C1", NOW))
    points.mark(first, "invalid", NOW, sun)
    points.mark(second, "prefer", NOW, sun)
    points.mark(third, "prefer", NOW, sun)
    assert [one.point for one in points.of("C1", NOW)] == [third, second, first]
    assert [one.point.preferred for one in points.of("C1", NOW)] == [True, False, False]
    assert points.mark(first, "valid", NOW, sun).invalid_at is None
    assert points.mark(first, "work", NOW, sun).use == "work"
    assert Entry.objects.filter(action="contact.point").first().detail == {"point": first.pk, "mark": "work"}  # type: ignore[union-attr]
    with pytest.raises(UnfitError):
        points.mark(first, "mine", NOW, sun)


def test_of_a_long_history_what_no_rule_counts_is_not_read(sun: Asked) -> None:
    person()
    for day in range(1, 29):
        past(when=at(9, day=day), outcome="no_answer", point=point())
    told = history.of({"C1"}, history.names([point()]), at(9, day=20))
    assert len(told) == 9
    assert len(history.tried("C1", history.Names(), at(9, day=20))) == 19
    past(when=at(12, day=10))
    assert len(history.tried("C1", history.Names(), at(9, day=20))) == 10
