"""The tables of the log refuse to be changed, by Django and by plain SQL."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from daihou.desk.audit import guards
from daihou.desk.audit.models import Entry


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET actor = 'another'",
        "DELETE FROM audit_entry",
        "UPDATE audit_link SET hash = ''",
        "DELETE FROM audit_link",
    ],
)
def test_the_database_refuses_to_change_or_delete(entries: list[Entry], statement: str) -> None:
    guards.install(connection)  # a test with transactions of its own may have taken them away
    with pytest.raises(DatabaseError, match=guards.REFUSAL), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert Entry.objects.count() == 10


@pytest.mark.skipif(
    connection.vendor != "postgresql", reason="only PostgreSQL empties a table otherwise than by deleting"
)
def test_postgresql_refuses_to_empty_a_table(entries: list[Entry]) -> None:
    guards.install(connection)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what is left to check would be refused first
    with pytest.raises(DatabaseError, match=guards.REFUSAL), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE audit_entry CASCADE")


def test_django_refuses_too(entries: list[Entry]) -> None:
    with pytest.raises(TypeError, match="never changed"):
        entries[0].save()
    with pytest.raises(TypeError, match="never deleted"):
        entries[0].delete()
    guards.install(connection)
    with pytest.raises(DatabaseError), transaction.atomic():
        Entry.objects.filter(pk=entries[0].pk).update(actor="another")


def test_guards_can_be_taken_away_for_good_reason_and_set_again(entries: list[Entry]) -> None:
    guards.remove(connection)
    Entry.objects.filter(pk=entries[0].pk).update(actor="another")
    guards.install(connection)
    guards.install(connection)
    with pytest.raises(DatabaseError), transaction.atomic():
        Entry.objects.filter(pk=entries[0].pk).update(actor="one more")
