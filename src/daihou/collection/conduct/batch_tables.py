"""Policies of conduct as tables of whole numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from daihou.collection.conduct.batch_shapes import (
    AGENCY,
    ANSWER,
    BLOCK,
    BY_AGENCY,
    CHANNEL,
    CONSENT,
    CONTENT,
    COUNT,
    DEBT,
    DEBTOR,
    GAP,
    HOURS,
    LENDER,
    NONE,
    OUT_OF_REACH,
    PERSON,
    POINT,
    Rules,
    Versions,
)
from daihou.collection.conduct.clock import EPOCH
from daihou.policies.conduct_rules import Answer, Block, Consent, Content, Count, Gap, Hours, OutOfReach, Rule
from daihou.policies.contact_codes import CHANNELS, KINDS, OUTCOMES, PARTIES, PURPOSES

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Sequence

    from daihou.policies.conduct import Conduct
    from daihou.policies.dated import Dated

Named = tuple[str, str]
"""A policy and a rule of it."""
BY: Final = {"lender": LENDER, "agency": AGENCY, "all": LENDER | AGENCY}
KEYS: Final = {"person": PERSON, "debtor": DEBTOR, "debt": DEBT, "point": POINT, "agency": BY_AGENCY, "channel": CHANNEL}  # fmt: skip
WHOSE: Final = {"person": PERSON, "debtor": DEBTOR, "either": PERSON | DEBTOR}


def tables(policies: Sequence[Dated[Conduct]]) -> tuple[Rules, Versions, tuple[Named, ...], int]:
    """Rules and versions in columns, the names of rules, and the longest window that is counted, in days."""
    names: dict[Named, int] = {}
    rows: list[dict[str, int]] = []
    first, from_day, by, starts = [0], [], [], [0]
    for policy in policies:
        for version in policy.versions:
            for rule in version.values.rules:
                name = names.setdefault((policy.name, rule.id), len(names))
                rows.append({"name": name, **_bound(rule), **_row(rule)})
            from_day.append(version.from_on.toordinal() - EPOCH.toordinal())
            by.append(BY[version.values.binds])
            starts.append(len(rows))
        first.append(len(from_day))
    absent = {"consent": NONE}
    columns = (np.array([row.get(field, absent.get(field, 0)) for row in rows], np.int64) for field in Rules._fields)
    versions = Versions(*(np.array(values, np.int64) for values in (first, from_day, by, starts)))
    longest = max((row["days"] for row in rows if row["kind"] == COUNT), default=0)
    return Rules(*columns), versions, tuple(names), longest


def _bound(rule: Rule) -> dict[str, int]:
    return {
        "by": BY[rule.by],
        "channels": _bits(rule.channels, CHANNELS),
        "purposes": _bits(rule.purposes, PURPOSES),
        "parties": _bits(rule.parties, PARTIES),
    }


def _row(rule: Rule) -> dict[str, Any]:
    match rule:
        case Hours():
            # A closing that is included reaches to the next microsecond.
            closes = _time(rule.closes) + rule.closing_included
            return {"kind": HOURS, "opens": _time(rule.opens), "closes": closes, "replies": rule.replies, "consent": _kind(rule.unless)}  # fmt: skip
        case Count():
            return {**_counted(rule), "kind": COUNT, "most": rule.most, "days": rule.days or 0}
        case Gap():
            return {**_counted(rule), "kind": GAP, "days": rule.days, "after": _bits(rule.after, OUTCOMES)}
        case Block():
            return {"kind": BLOCK, "when": _bits(rule.when, KINDS), "per": WHOSE[rule.of], "days": rule.days or 0}
        case Content():
            return {"kind": CONTENT, "allowed": _bits(rule.allowed, PURPOSES), "limited": int(rule.limited)}
        case OutOfReach():
            return {
                "kind": OUT_OF_REACH,
                "when": _bits(rule.when, KINDS),
                "failures": rule.failures or 0,
                "tried": _bits(rule.tried, CHANNELS),
                "failed": _bits(rule.failed, OUTCOMES),
                "reached": _bits(rule.reached, OUTCOMES),
                "invalid": int(rule.invalid),
            }
        case Consent():
            return {"kind": CONSENT, "consent": _kind(rule.needs)}
        case Answer():
            return {"kind": ANSWER, "days": rule.days, "most": rule.most}
    raise TypeError(f"rules of the kind {type(rule).__name__} are not known in columns")


def _counted(rule: Count | Gap) -> dict[str, int]:
    return {
        "per": sum(KEYS[key] for key in rule.per),
        "outcomes": _bits(rule.outcomes, OUTCOMES),
        "consent": _kind(rule.unless),
        "consent_days": rule.unless_days or 0,
    }


def _bits(some: Collection[str], codes: Sequence[str]) -> int:
    return sum(1 << codes.index(each) for each in some)


def _kind(kind: str | None) -> int:
    return NONE if kind is None else KINDS.index(kind)


def _time(time: dt.time) -> int:
    return ((time.hour * 60 + time.minute) * 60 + time.second) * 1_000_000 + time.microsecond
