"""Locking what is decided about: who comes second decides on what the first left behind."""

from __future__ import annotations

from typing import Final

from django.db import transaction
from django.db.models import F

from daihou.desk.bureau.models import Held

HOUSE: Final = "house"
"""The one row: limits of cost are over all queries, so any two decisions wait for each other. Each takes some milliseconds."""


def lock() -> None:
    """Hold the decisions of the house until the caller's transaction ends."""
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("a lock outside a transaction holds nothing")
    mine = Held.objects.filter(pk=HOUSE)
    if not mine.update(revision=F("revision") + 1):
        Held.objects.bulk_create([Held(name=HOUSE)], ignore_conflicts=True)
        mine.update(revision=F("revision") + 1)
