"""People of the vault, their points, and contacts that somebody wants: for tests that need no lake."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from daihou.desk.contacts import points
from daihou.desk.contacts.contacting import Wanted
from daihou.desk.contacts.models import Contact
from daihou.desk.vault import people as vaulted
from daihou.vault.person import PersonRecord

if TYPE_CHECKING:
    from daihou.desk.contacts.models import Point

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
NUMBERS: Final = itertools.count(1)
KEYS: Final = (f"key {number}" for number in itertools.count(1))


def at(hour: int, minute: int = 0, second: int = 0, *, day: int = 31) -> dt.datetime:
    """A moment of March 2026 in Shanghai; its 31st is a Tuesday."""
    return dt.datetime(2026, 3, day, hour, minute, second, tzinfo=SHANGHAI)


def person(person_id: str = "C1", **record: Any) -> str:
    """Somebody with a mobile number of their own and a mail address, put into the vault; their number."""
    number = next(NUMBERS)
    stated = {
        "name": "陈小明",
        "phones": (f"1390000{number:04d}",),
        "emails": (f"c{number}@example.com",),
        "address": "江州市城南区幸福路12号",
    }
    given = PersonRecord(**(stated | record))
    vaulted.put([(person_id, "person", given, dt.date(2026, 1, 1))])
    return person_id


def point(person_id: str = "C1", kind: str = "phone", place: int = 0) -> Point:
    """A point of somebody, as the vault has it."""
    return [one.point for one in points.of(person_id, at(0)) if one.point.kind == kind][place]


def wanted(person_id: str = "C1", channel: str = "phone", **more: Any) -> Wanted:
    """A contact with a debtor about their only loan."""
    kind = {"email": "email", "letter": "address", "visit": "address"}.get(channel, "phone")
    stated = {
        "person_id": person_id, "debtor_id": person_id, "loan_ids": (f"{person_id}-L1",), "channel": channel, "party": "debtor",
        "purpose": "collect",
    }  # fmt: skip
    found = stated | more
    if "point" not in found:
        found["point"] = point(found["person_id"], kind)
    return Wanted(**found)


def key() -> str:
    """A key that nobody used."""
    return next(KEYS)


def past(person_id: str = "C1", *, when: dt.datetime, outcome: str = "conversation", **more: Any) -> Contact:
    """A contact that was made."""
    stated = {
        "key": key(), "person_id": person_id, "debtor_id": person_id, "loan_ids": [f"{person_id}-L1"], "channel": "phone", "party": "debtor",
        "purpose": "collect", "asked_at": when, "at": when, "outcome": outcome,
    }  # fmt: skip
    return Contact.objects.create(**(stated | more))
