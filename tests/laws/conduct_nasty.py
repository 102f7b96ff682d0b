"""Policies, histories and people as awkward as they come: clocks put back at midnight, zones of half an hour, a day that never was, clocks apart."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from hypothesis import strategies as st

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
from daihou.policies.conduct_rules import read_rule
from daihou.policies.dated import Dated, Version
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


def some(values: Sequence[Any], *, least: int = 1) -> st.SearchStrategy[list[Any]]:
    return st.lists(st.sampled_from(values), min_size=least, max_size=3, unique=True)


@st.composite
def rules(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(
        st.sampled_from(
            ("hours", "hours", "count", "count", "gap", "block", "content", "out_of_reach", "consent", "answer")
        )
    )
    stated: dict[str, Any] = {
        "kind": kind,
        "citation": "c",
        "en": "no",
        "zh": "不",
        "by": draw(st.sampled_from(("all", "all", "agency", "lender"))),
    }
    if draw(st.booleans()):
        stated["channels"] = draw(some(("phone", "sms", "visit")))
    if draw(st.integers(0, 3)) == 0:
        stated["purposes"] = draw(some(("collect", "reply", "locate")))
    if kind == "hours":
        first, last = sorted(draw(st.lists(st.sampled_from(QUARTERS), min_size=2, max_size=2, unique=True)))
        stated |= {
            "opens": first.isoformat(), "closes": last.isoformat(), "closing_included": draw(st.booleans()),
            "unless": draw(st.sampled_from((None, "agreed_hours"))), "replies": draw(st.integers(0, 2)),
        }  # fmt: skip
    elif kind in ("count", "gap"):
        stated |= {
            "per": draw(some(("person", "debtor", "debt", "point", "agency", "channel"))), "outcomes": draw(some(CALL_ENDS)),
            "unless": draw(st.sampled_from((None, "call_consent"))), "unless_days": draw(st.sampled_from((None, 1, 2))),
        }  # fmt: skip
        if kind == "count":
            stated |= {"most": draw(st.integers(0, 3)), "days": draw(st.sampled_from((None, 1, 1, 2, 3, 7)))}
        else:
            stated |= {"days": draw(st.sampled_from((1, 2, 3, 7))), "after": draw(some(CALL_ENDS))}
    elif kind == "block":
        stated |= {
            "when": draw(some([kind for kind in KINDS if kind not in CONSENTS])), "of": draw(st.sampled_from(("person", "debtor", "either"))),
            "days": draw(st.sampled_from((None, 1, 3))),
        }  # fmt: skip
    elif kind == "content":
        stated |= {"allowed": draw(some(PURPOSES)), "limited": draw(st.booleans())}
    elif kind == "out_of_reach":
        stated |= {
            "when": ["out_of_touch", "death"], "failures": draw(st.sampled_from((None, 1, 2, 3))), "tried": ["phone", "visit"],
            "failed": ["no_answer", "invalid", "failed"], "reached": ["conversation", "refused"], "invalid": draw(st.booleans()),
        }  # fmt: skip
    elif kind == "consent":
        stated |= {"needs": draw(st.sampled_from(sorted(CONSENTS)))}
    else:
        stated |= {"days": draw(st.integers(1, 3)), "most": draw(st.integers(1, 2)), "purposes": ["reply"]}
    return stated


@st.composite
def own_policies(draw: st.DrawFn, begins: dt.date, zone: str) -> Dated[Conduct]:
    """A policy in one version or two, the second from a day near the one asked about."""
    versions = []
    starts = [dt.date(1900, 1, 1)]
    if draw(st.integers(0, 2)) == 0:
        starts.append(begins + dt.timedelta(days=draw(st.integers(-1, 3))))
    for start in starts:
        stated = draw(st.lists(rules(), min_size=1, max_size=3))
        read = [read_rule({**each, "id": f"r{place}"}) for place, each in enumerate(stated)]
        versions.append(Version(start, Conduct("all", [zone], read), "c", None))
    return Dated("own", "own.yaml", tuple(versions))


@st.composite
def cases(draw: st.DrawFn, *, shipped: bool = True) -> Case:
    zone, middle = draw(st.sampled_from(PLACES))

    def moment() -> dt.datetime:
        at = middle + dt.timedelta(minutes=30 * draw(st.integers(-4 * 48, 4 * 48)))
        return at + dt.timedelta(microseconds=draw(st.sampled_from((0, 0, 0, -1, 1, 60_000_000))))

    people = ("D", "G", "Q")
    debts = st.sampled_from((("L1",), ("L1", "L2"), ("L2",), ()))
    channels = st.sampled_from((*CHANNELS, "phone", "phone", "phone"))
    proposal = Proposal(
        draw(st.sampled_from(people)), "D", draw(debts), draw(channels), draw(st.sampled_from((*PARTIES, "debtor", "unrelated"))),
        draw(st.sampled_from(("collect", *PURPOSES, "reply", "locate"))), moment(), draw(st.sampled_from(("n1", "n2", ""))),
        draw(st.sampled_from(("", "A"))), draw(st.booleans()),
    )  # fmt: skip
    history = tuple(
        Past(
            draw(st.sampled_from(people)), "D", draw(debts), draw(channels), draw(st.sampled_from(("debtor", "unrelated"))),
            draw(st.sampled_from(("collect", *PURPOSES))), moment(), draw(st.sampled_from(OUTCOMES)), draw(st.sampled_from(("n1", "n2", ""))),
            draw(st.sampled_from(("", "A"))), draw(st.booleans()),
        )
        for _ in range(draw(st.integers(0, 6)))
    )  # fmt: skip
    circumstances = []
    for _ in range(draw(st.integers(0, 4))):
        begins = moment()
        ends = draw(st.sampled_from((None, dt.timedelta(hours=30), dt.timedelta(days=2))))
        hours = draw(st.sampled_from((None, None, "some")))
        circumstances.append(
            Circumstance(
                draw(st.sampled_from(KINDS)), draw(st.sampled_from(people)), begins, None if ends is None else begins + ends,
                draw(st.sampled_from((None, None, "phone", "sms"))), draw(st.sampled_from(("", "", "n1"))), draw(st.sampled_from(("", "", "L1"))),
                None if hours is None else (draw(st.sampled_from(QUARTERS)), draw(st.sampled_from(QUARTERS))),
            )
        )  # fmt: skip
    zones = draw(st.sampled_from(((zone,), (zone, "Asia/Shanghai"), (), ("Nowhere/Known",))))
    own = draw(own_policies(middle.date(), zone))
    policies: list[Dated[Conduct]] = draw(
        st.sampled_from(([own], [own], [own, CN], [US, HOUSE], [CN, HOUSE]) if shipped else ([own],))
    )
    return Case(policies, proposal, history, Standing(zones, tuple(circumstances)))
