"""Locking what is decided about: who comes second decides on what the first left behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F

from daihou.desk.contacts.models import Held

if TYPE_CHECKING:
    from collections.abc import Iterable


def lock(names: Iterable[str]) -> None:
    """Hold these people, and numbers shared by people, until the caller's transaction ends.

    The update of a row is what others wait for: PostgreSQL lets them see what was committed meanwhile, SQLite lets one write at a time. Always
    in the same order, so that two never wait for each other.
    """
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("a lock outside a transaction holds nothing")
    for name in sorted(set(names)):
        mine = Held.objects.filter(pk=name)
        if not mine.update(revision=F("revision") + 1):
            Held.objects.bulk_create([Held(person_id=name)], ignore_conflicts=True)
            mine.update(revision=F("revision") + 1)
