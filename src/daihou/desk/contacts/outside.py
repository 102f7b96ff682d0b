"""Contacts that were made outside the desk, by an agency or another system of the lender: what was delivered of them to the table `contacts`.

Limits are counted per person, whoever calls; so the gate is told of these as of the desk's own. Which number was dialled is not known of them.
"""

from __future__ import annotations

import datetime as dt
import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import polars as pl
from django.conf import settings
from django.utils import timezone

from daihou.book import lake
from daihou.book.lake import stamp as stamp_of
from daihou.collection.conduct.contact import CHANNELS, OUTCOMES, PARTIES, PURPOSES, Past

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from daihou.book.home import Home

TABLE: Final = "contacts"
OWN: Final = '"contact": '
"""Stands in the value of what the desk itself wrote back (`casework/fact_streams.py`): that is known already."""
DAYS: Final = 60
"""So far back deliveries are looked at: longer than any rule that ships counts."""


def of(people: Collection[str], since: dt.datetime) -> list[Past]:
    """Contacts outside the desk since a moment with people or about them; where one was corrected, by the last word."""
    home: Home = settings.HOME
    known = _known(home, stamp_of(home.lake / TABLE), timezone.localdate())
    found = {id(past): past for person in people for past in known.get(person, ()) if past.at >= since}
    return list(found.values())


@lru_cache(maxsize=2)
def _known(home: Home, stamp: str, today: dt.date) -> Mapping[str, list[Past]]:
    """By number of a person, what was made with them or about their debts."""
    files = lake.files(home, TABLE) if stamp else []
    if not files:
        return {}
    first = dt.datetime.combine(today - dt.timedelta(days=DAYS), dt.time(), dt.UTC)
    rows = (
        pl.scan_parquet(files)
        .filter(pl.col("happened_at") >= first, ~pl.col("value").fill_null("").str.contains(OWN, literal=True))
        .sort("known_on", "batch", "row")
        .unique(["subject_id", "kind", "happened_at"], keep="last", maintain_order=True)
        .select("subject_id", pl.col("kind").cast(pl.String), "happened_at", "value")
        .collect()
    )
    found: dict[str, list[Past]] = {}
    for subject, kind, at, value in rows.iter_rows():
        past = _past(subject, kind, at, value)
        if past is not None:
            for person in {past.person_id, past.debtor_id}:
                found.setdefault(person, []).append(past)
    return found


def _past(subject: str, kind: str, at: dt.datetime, value: str | None) -> Past | None:
    """A delivered contact as the gate knows contacts; None of a kind that is none, such as a letter of a court."""
    channel: Any = next((each for each in CHANNELS if kind.startswith(f"{each}_")), None)
    outcome: Any = kind.removeprefix(f"{channel}_")
    if channel is None or outcome not in OUTCOMES or outcome == "not_made":
        return None
    told = _told(value)
    party, purpose = told.get("party"), told.get("purpose")
    loans = told.get("loans")
    return Past(
        str(told.get("person") or subject), subject, tuple(map(str, loans)) if isinstance(loans, list) else (), channel,
        party if party in PARTIES else "debtor", purpose if purpose in PURPOSES else "collect", at, outcome,
        agency=str(told.get("agency") or ""), inbound=told.get("inbound") is True,
    )  # fmt: skip


def _told(value: str | None) -> dict[str, Any]:
    """What a value says, where it is JSON; other texts say nothing that is counted by."""
    try:
        told = json.loads(value or "{}")
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
