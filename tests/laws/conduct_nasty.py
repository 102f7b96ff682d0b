"""Policies, histories and people as awkward as they come: clocks put back at midnight, zones of half an hour, a day that never was, clocks apart."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any, Final

from daihou.collection.conduct.contact import (
    CHANNELS,
    CONSENTS,
    KINDS,
    OUTCOMES,
    PARTIES,
    PURPOSES,
    Circumstance,
    Past,
    Proposal,
    Standing,
)
from daihou.policies.conduct import Conduct
from daihou.policies.conduct_rules import KINDS_OF_RULES
from daihou.policies.dated import Dated, Version
from daihou.policies.ruled import read_rule
from laws.conduct_known import CN, HOUSE, US

if TYPE_CHECKING:
    from collections.abc import Sequence

PLACES: Final[tuple[tuple[str, dt.datetime], ...]] = (
    ("Asia/Shanghai", dt.datetime(2026, 11, 28, tzinfo=dt.UTC)),
    ("Asia/Kathmandu", dt.datetime(2026, 11, 28, tzinfo=dt.UTC)),
    ("America/New_York", dt.datetime(2026, 11, 1, tzinfo=dt.UTC)),
    ("America/New_York", dt.datetime(2026, 3, 8, tzinfo=dt.UTC)),
    ("America/Los_Angeles", dt.datetime(2026, 11, 1, tzinfo=dt.UTC)),
    ("Australia/Lord_Howe", dt.datetime(2026, 4, 5, tzinfo=dt.UTC)),
    ("Africa/Cairo", dt.datetime(2026, 4, 24, tzinfo=dt.UTC)),
    ("America/Santiago", dt.datetime(2026, 4, 5, tzinfo=dt.UTC)),
    ("America/St_Johns", dt.datetime(2010, 11, 7, tzinfo=dt.UTC)),
    ("Pacific/Apia", dt.datetime(2011, 12, 30, tzinfo=dt.UTC)),
)
"""Zones, each with a day on which something happens to its clocks, or nothing. At St. John's clocks went back a minute after midnight, into the day before."""

QUARTERS: Final = tuple(dt.time(hour, minute) for hour in range(24) for minute in (0, 30))
CALL_ENDS: Final = tuple(outcome for outcome in OUTCOMES if outcome not in ("pending", "not_made"))


@dataclass(frozen=True)
class Case:
    """Something asked of the gate."""

    policies: Sequence[Dated[Conduct]]
    proposal: Proposal
    history: tuple[Past, ...]
    standing: Standing


def some(chance: Random, values: Sequence[Any]) -> list[Any]:
    """Up to three of some values."""
    return chance.sample(values, chance.randint(1, min(3, len(values))))


def rules(chance: Random) -> dict[str, Any]:
    kind = chance.choice(
        ("hours", "hours", "count", "count", "gap", "block", "content", "out_of_reach", "consent", "answer")
    )
    stated: dict[str, Any] = {
        "kind": kind,
        "citation": "c",
        "en": "no",
        "zh": "不",
        "by": chance.choice(("all", "all", "agency", "lender")),
    }
    if chance.random() < 0.5:
        stated["channels"] = some(chance, (("phone", "sms", "visit")))
    if chance.randint(0, 3) == 0:
        stated["purposes"] = some(chance, (("collect", "reply", "locate")))
    if kind == "hours":
        first, last = sorted(chance.sample(QUARTERS, 2))
        stated |= {
            "opens": first.isoformat(), "closes": last.isoformat(), "closing_included": (chance.random() < 0.5),
            "unless": chance.choice((None, "agreed_hours")), "replies": chance.randint(0, 2),
        }  # fmt: skip
    elif kind in ("count", "gap"):
        stated |= {
            "per": some(chance, (("person", "debtor", "debt", "point", "agency", "channel"))), "outcomes": some(chance, (CALL_ENDS)),
            "unless": chance.choice((None, "call_consent")), "unless_days": chance.choice((None, 1, 2)),
        }  # fmt: skip
        if kind == "count":
            stated |= {"most": chance.randint(0, 3), "days": chance.choice((None, 1, 1, 2, 3, 7))}
        else:
            stated |= {"days": chance.choice((1, 2, 3, 7)), "after": some(chance, (CALL_ENDS))}
    elif kind == "block":
        stated |= {
            "when": some(chance, ([kind for kind in KINDS if kind not in CONSENTS])), "of": chance.choice(("person", "debtor", "either")),
            "days": chance.choice((None, 1, 3)),
        }  # fmt: skip
    elif kind == "content":
        stated |= {"allowed": some(chance, (PURPOSES)), "limited": (chance.random() < 0.5)}
    elif kind == "out_of_reach":
        stated |= {
            "when": ["out_of_touch", "death"], "failures": chance.choice((None, 1, 2, 3)), "tried": ["phone", "visit"],
            "failed": ["no_answer", "invalid", "failed"], "reached": ["conversation", "refused"], "invalid": (chance.random() < 0.5),
        }  # fmt: skip
    elif kind == "consent":
        stated |= {"needs": chance.choice(sorted(CONSENTS))}
    else:
        stated |= {"days": chance.randint(1, 3), "most": chance.randint(1, 2), "purposes": ["reply"]}
    return stated


def own_policies(chance: Random, begins: dt.date, zone: str) -> Dated[Conduct]:
    """A policy in one version or two, the second from a day near the one asked about."""
    versions = []
    starts = [dt.date(1900, 1, 1)]
    if chance.randint(0, 2) == 0:
        starts.append(begins + dt.timedelta(days=chance.randint(-1, 3)))
    for start in starts:
        stated = [rules(chance) for _ in range(chance.randint(1, 3))]
        read = [read_rule(KINDS_OF_RULES, {**each, "id": f"r{place}"}) for place, each in enumerate(stated)]
        versions.append(Version(start, Conduct("all", [zone], read), "c", None))
    return Dated("own", "own.yaml", tuple(versions))


def case_of(seed: int, *, shipped: bool = True) -> Case:
    """A case, told by a seed: drawn one value at a time by Hypothesis, as many of them would take minutes."""
    chance = Random(seed)  # noqa: S311 - a case, no secret
    zone, middle = chance.choice(PLACES)

    def moment() -> dt.datetime:
        at = middle + dt.timedelta(minutes=30 * chance.randint(-4 * 48, 4 * 48))
        return at + dt.timedelta(microseconds=chance.choice((0, 0, 0, -1, 1, 60_000_000)))

    people = ("D", "G", "Q")
    debts = (("L1",), ("L1", "L2"), ("L2",), ())
    channels = (*CHANNELS, "phone", "phone", "phone")
    proposal = Proposal(
        chance.choice(people), "D", chance.choice(debts), chance.choice(channels), chance.choice((*PARTIES, "debtor", "unrelated")),
        chance.choice(("collect", *PURPOSES, "reply", "locate")), moment(), chance.choice(("n1", "n2", "")),
        chance.choice(("", "A")), (chance.random() < 0.5),
    )  # fmt: skip
    history = tuple(
        Past(
            chance.choice(people), "D", chance.choice(debts), chance.choice(channels), chance.choice(("debtor", "unrelated")),
            chance.choice(("collect", *PURPOSES)), moment(), chance.choice(OUTCOMES), chance.choice(("n1", "n2", "")),
            chance.choice(("", "A")), (chance.random() < 0.5),
        )
        for _ in range(chance.randint(0, 6))
    )  # fmt: skip
    circumstances = []
    for _ in range(chance.randint(0, 4)):
        begins = moment()
        ends = chance.choice((None, dt.timedelta(hours=30), dt.timedelta(days=2)))
        hours = chance.choice((None, None, "some"))
        circumstances.append(
            Circumstance(
                chance.choice(KINDS), chance.choice(people), begins, None if ends is None else begins + ends,
                chance.choice((None, None, "phone", "sms")), chance.choice(("", "", "n1")), chance.choice(("", "", "L1")),
                None if hours is None else (chance.choice(QUARTERS), chance.choice(QUARTERS)),
            )
        )  # fmt: skip
    zones = chance.choice(((zone,), (zone, "Asia/Shanghai"), (), ("Nowhere/Known",)))
    own = own_policies(chance, middle.date(), zone)
    policies: list[Dated[Conduct]] = chance.choice(
        ([own], [own], [own, CN], [US, HOUSE], [CN, HOUSE]) if shipped else ([own],)
    )
    return Case(policies, proposal, history, Standing(zones, tuple(circumstances)))
