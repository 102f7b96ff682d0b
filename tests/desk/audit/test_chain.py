"""The chain: what it covers, and that every way of tampering with the tables is found."""

from __future__ import annotations

import datetime as dt
import hashlib
from pathlib import Path  # noqa: TC003 - of a fixture
from typing import Any

import pytest
from django.db import connection

from daihou.book.home import Home, open_home
from daihou.desk.audit import guards, heads, sealing
from daihou.desk.audit.chain import GENESIS, canonical, link_hash
from daihou.desk.audit.log import record
from daihou.desk.audit.models import Entry, Link
from daihou.desk.audit.verify import Kind, verify

AT = dt.datetime(2026, 3, 1, 9, 30, 0, 1, dt.UTC)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return open_home(tmp_path)


@pytest.fixture
def unguarded(entries: list[Entry]) -> Any:
    """A function that changes the tables by SQL, as somebody with the database in hand would."""
    guards.remove(connection)

    def run(statement: str, *values: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA defer_foreign_keys = ON" if connection.vendor == "sqlite" else "SELECT 1")
            cursor.execute(statement, values)

    return run


def relink(first: int) -> None:
    """Compute all links anew from one on, as a careful forger would."""
    previous = Link.objects.filter(seq=first - 1).values_list("hash", flat=True).first() or GENESIS
    for link in Link.objects.filter(seq__gte=first).select_related("entry"):
        previous = link_hash(previous, canonical(link.entry))
        Link.objects.filter(pk=link.pk).update(hash=previous)


def test_an_entry_is_the_same_bytes_in_every_time_zone_and_order_of_keys() -> None:
    shanghai = AT.astimezone(dt.timezone(dt.timedelta(hours=8)))
    one = Entry(
        pk=7,
        at=AT,
        actor="陈",
        action="sign_in",
        subject_kind="user",
        subject_id="a",
        detail={"b": 1, "a": [None, True]},
    )
    other = Entry(
        pk=7,
        at=shanghai,
        actor="陈",
        action="sign_in",
        subject_kind="user",
        subject_id="a",
        detail={"a": [None, True], "b": 1},
    )
    expected = (
        '{"action":"sign_in","actor":"陈","actor_id":null,"address":"","at":"2026-03-01T09:30:00.000001+00:00",'
        '"detail":{"a":[null,true],"b":1},"id":7,"request_id":"","subject_id":"a","subject_kind":"user"}'
    )
    assert canonical(one) == canonical(other) == expected.encode()


def test_a_link_is_the_hash_of_the_link_before_and_its_entry() -> None:
    assert link_hash(GENESIS, b"{}") == hashlib.sha256(b"0" * 64 + b"{}").hexdigest()


def test_every_field_of_an_entry_is_covered() -> None:
    stored = {field.attname for field in Entry._meta.concrete_fields}
    sample = Entry(pk=1, at=AT, detail={})
    assert all(f'"{name}":'.encode() in canonical(sample) for name in stored)


def test_a_sealed_log_holds(entries: list[Entry]) -> None:
    report = verify([])
    assert (report.good, report.walked, report.seq, report.waiting) == (True, 10, 10, 0)
    assert Link.objects.get(seq=10).hash == report.hash


def test_what_came_since_is_counted_as_waiting_and_sealed_next(entries: list[Entry]) -> None:
    record(None, "sign_out", "user", "u")
    assert verify([]).waiting == 1
    assert sealing.seal() == 1
    assert sealing.seal() == 0


def test_an_entry_numbered_earlier_and_committed_later_is_sealed_too(entries: list[Entry], unguarded: Any) -> None:
    late = Entry(at=AT, actor="late", action="sign_in", subject_kind="user", subject_id="late", detail={})
    late.id = entries[0].pk - 1
    Entry.objects.bulk_create([late])
    assert sealing.seal() == 1
    assert Link.objects.get(entry_id=late.id).seq == 11
    assert verify([]).good


@pytest.mark.parametrize(
    "change",
    [
        "actor = 'another'",
        "at = '2020-01-01 00:00:00'",
        "action = 'sign_out'",
        "subject_id = ''",
        "address = '::1'",
        "detail = '{}'",
        "actor_id = 9",
    ],
)
def test_a_changed_entry_is_found(entries: list[Entry], unguarded: Any, change: str) -> None:
    unguarded(f"UPDATE audit_entry SET {change} WHERE id = %s", entries[4].pk)
    broken = verify([]).broken
    assert broken is not None
    assert (broken.kind, broken.seq, broken.entry_id) == (Kind.CHANGED, 5, entries[4].pk)


def test_a_changed_link_is_found(entries: list[Entry], unguarded: Any) -> None:
    unguarded("UPDATE audit_link SET hash = %s WHERE seq = 3", "f" * 64)
    broken = verify([]).broken
    assert broken is not None
    assert (broken.kind, broken.seq) == (Kind.CHANGED, 3)


def test_two_entries_that_changed_places_are_found(entries: list[Entry], unguarded: Any) -> None:
    unguarded("UPDATE audit_link SET entry_id = -entry_id WHERE seq IN (3, 4)")
    unguarded(
        "UPDATE audit_link SET entry_id = CASE seq WHEN 3 THEN %s ELSE %s END WHERE seq IN (3, 4)",
        entries[3].pk,
        entries[2].pk,
    )
    broken = verify([]).broken
    assert broken is not None
    assert (broken.kind, broken.seq) == (Kind.CHANGED, 3)


def test_a_missing_entry_is_found(entries: list[Entry], unguarded: Any) -> None:
    unguarded("DELETE FROM audit_entry WHERE id = %s", entries[6].pk)
    broken = verify([]).broken
    assert broken is not None
    assert (broken.kind, broken.seq, broken.entry_id) == (Kind.MISSING_ENTRY, 7, entries[6].pk)
    unguarded("DELETE FROM audit_link WHERE seq = 7")


def test_a_missing_link_is_found(entries: list[Entry], unguarded: Any) -> None:
    unguarded("DELETE FROM audit_link WHERE seq = 7")
    broken = verify([]).broken
    assert broken is not None
    assert (broken.kind, broken.seq) == (Kind.MISSING_LINK, 7)


def test_a_missing_first_link_is_found(entries: list[Entry], unguarded: Any) -> None:
    unguarded("DELETE FROM audit_link WHERE seq = 1")
    broken = verify([]).broken
    assert broken is not None
    assert (broken.kind, broken.seq) == (Kind.MISSING_LINK, 1)


def test_a_tail_cut_off_is_found_by_the_head_that_was_noted(home: Home, entries: list[Entry], unguarded: Any) -> None:
    heads.note(home, AT)
    unguarded("DELETE FROM audit_link WHERE seq > 8")
    unguarded("DELETE FROM audit_entry WHERE id >= %s", entries[8].pk)
    assert verify([]).good, "the tables alone do not show it"
    broken = verify(heads.read(home)).broken
    assert broken is not None
    assert (broken.kind, broken.seq) == (Kind.TAIL_CUT, 10)


def test_a_chain_computed_anew_is_found_by_the_head_that_was_noted(
    home: Home, entries: list[Entry], unguarded: Any
) -> None:
    heads.note(home, AT)
    unguarded("UPDATE audit_entry SET actor = 'another' WHERE id = %s", entries[4].pk)
    relink(5)
    assert verify([]).good, "the tables alone do not show it"
    broken = verify(heads.read(home)).broken
    assert broken is not None
    assert (broken.kind, broken.seq) == (Kind.REWRITTEN, 10)


def test_a_part_of_the_chain_can_be_verified_alone(entries: list[Entry], unguarded: Any) -> None:
    unguarded("UPDATE audit_entry SET actor = 'another' WHERE id = %s", entries[2].pk)
    assert not verify([]).good
    report = verify([], since=5)
    assert (report.good, report.walked) == (True, 5)


def test_a_head_is_noted_once_and_a_torn_line_is_left_out(home: Home, entries: list[Entry]) -> None:
    heads.note(home, AT)
    heads.note(home, AT + dt.timedelta(hours=1))
    assert heads.file(home).read_text().count("\n") == 1
    with heads.file(home).open("a") as lines:
        lines.write("11 abc")
    assert [head.seq for head in heads.read(home)] == [10]


def test_an_empty_log_holds_and_has_no_head(db: None, home: Home) -> None:
    assert verify([]).good
    assert heads.note(home, AT) is None
