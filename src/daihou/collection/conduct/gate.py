"""The gate: whether somebody may be contacted now, which rules forbid it, and from when on it is lawful. Nothing is read or written here."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from daihou.collection.conduct import limits, people
from daihou.collection.conduct.asked import Asked, asked, binds
from daihou.collection.conduct.clock import DAY_US, NEVER, local_day, moment, readings, told, zone_of
from daihou.collection.conduct.contact import Decision, Past, Proposal, Refusal, Standing
from daihou.collection.conduct.history import History
from daihou.policies.conduct_rules import Answer, Block, Consent, Content, Count, Gap, Hours, OutOfReach, Rule

if TYPE_CHECKING:
    import zoneinfo
    from collections.abc import Callable, Iterator, Sequence

    from daihou.collection.conduct.limits import Refused, Values
    from daihou.policies.conduct import Conduct
    from daihou.policies.dated import Dated

JUDGES: Final[dict[type[Rule], Callable[[Any, Asked, int, dt.tzinfo], Refused | None]]] = {
    Hours: limits.hours,
    Count: limits.count,
    Gap: limits.gap,
    Block: people.block,
    Content: people.content,
    OutOfReach: people.out_of_reach,
    Consent: people.consent,
    Answer: people.answer,
}
ROUND_US: Final = 400 * DAY_US
"""More than a year: for so long after the last date anywhere the clocks are followed through their seasons. What is unlawful throughout stays so."""


@dataclass(frozen=True, slots=True)
class Found:
    """A rule that refuses: its policy and rule by place, the values that speak for it, and until when at least."""

    policy: int
    rule: Rule
    place: int
    values: Values
    ends: int


def decide(
    policies: Sequence[Dated[Conduct]], proposal: Proposal, history: Sequence[Past], standing: Standing
) -> Decision:
    """Whether every policy allows a contact, and if not, which rules refuse it and from when on it is lawful.

    `history` may come in any order and hold contacts later than the proposal; as a `History` it is sorted once for many questions. It must hold the
    contacts with the person, those with the debtor, and for rules of a number those of whoever has it. A policy binds from its first version on.
    ValueError where there is no policy, none names a zone and nothing is known of the person, or a moment has no zone.
    """
    past = History.of(history)
    ask = asked(proposal, past, standing)
    zones = possible_zones(policies, standing)
    us = moment(proposal.at)
    found = _worst(_refusing(policies, ask, us, zones))
    if not found:
        return Decision((), told(us), limited=proposal.limited or _limited(policies, ask, us, zones))
    last = _last_dated(policies, ask, us)
    refusals = []
    for each in found:
        until = _lawful_from(policies, ask, each.ends, zones, last, only=each)
        refusals.append((until, each))
    refusals.sort(key=lambda one: -one[0])  # stable: of those as lasting the first by policy and rule
    from_us = refusals[0][0]
    if from_us != NEVER:
        from_us = _lawful_from(policies, ask, from_us, zones, last)
    return Decision(
        tuple(_refusal(policies[each.policy].name, each, until) for until, each in refusals),
        None if from_us == NEVER else told(from_us),
        limited=proposal.limited,
    )


def allows(policies: Sequence[Dated[Conduct]], proposal: Proposal, history: Sequence[Past], standing: Standing) -> bool:
    """Whether every policy allows a contact: `decide` without its reasons, for who needs no more."""
    ask = asked(proposal, History.of(history), standing)
    zones = possible_zones(policies, standing)
    return next(_refusing(policies, ask, moment(proposal.at), zones), None) is None


def possible_zones(policies: Sequence[Dated[Conduct]], standing: Standing) -> tuple[zoneinfo.ZoneInfo, ...]:
    """Where the person may be: as far as it is known, else everywhere the policies name.

    ValueError without a policy or a zone: a gate that knows neither must not open.
    """
    if not policies:
        raise ValueError("without a policy nobody may be contacted")
    known = [zone_of(name) for name in standing.zones]
    if not known or None in known:
        names = [name for policy in policies for version in policy.versions for name in version.values.zones]
        known += [zone_of(name) for name in names]
    zones = tuple(dict.fromkeys(zone for zone in known if zone is not None))
    if not zones:
        raise ValueError("no policy names a zone, and none is known of the person")
    return zones


def _in_force(policy: Dated[Conduct], day: int) -> tuple[Conduct | None, int | None]:
    """The version in force on a day, and the day on which the next begins."""
    found = None
    for version in policy.versions:
        starts = version.from_on.toordinal()
        if starts > day:
            return found, starts
        found = version.values
    return found, None


def _rules(
    policies: Sequence[Dated[Conduct]], ask: Asked, us: int, zones: Sequence[zoneinfo.ZoneInfo]
) -> Iterator[tuple[int, int, Rule, zoneinfo.ZoneInfo, int | None]]:
    """Every rule that binds the proposal at a moment, in every zone: places of policy and rule, the rule, the zone, the day the next version begins."""
    by = "agency" if ask.proposal.agency else "lender"
    for zone in zones:
        day = local_day(us, zone)
        for place, policy in enumerate(policies):
            conduct, next_day = _in_force(policy, day)
            if conduct is None or conduct.binds not in ("all", by):
                continue
            for number, rule in _binding(conduct, ask):
                yield place, number, rule, zone, next_day


def _binding(conduct: Conduct, ask: Asked) -> list[tuple[int, Rule]]:
    """The rules of a version that bind the proposal, with their places, less those of circumstances that nobody has: found once for all zones and moments."""
    known = ask.binding.get(id(conduct))
    if known is None:
        known = ask.binding[id(conduct)] = [
            (number, rule)
            for number, rule in enumerate(conduct.rules)
            if binds(rule, ask.proposal) and not (isinstance(rule, Block) and rule.when.isdisjoint(ask.held))
        ]
    return known


def _refusing(
    policies: Sequence[Dated[Conduct]],
    ask: Asked,
    us: int,
    zones: Sequence[zoneinfo.ZoneInfo],
    only: Found | None = None,
) -> Iterator[Found]:
    for place, number, rule, zone, next_day in _rules(policies, ask, us, zones):
        if only is not None and (place != only.policy or rule.id != only.rule.id):
            continue
        refused = JUDGES[type(rule)](rule, ask, us, zone)
        if refused is None:
            continue
        values, ends = refused
        if next_day is not None:
            # Another version may say otherwise.
            ends = min([ends, *(at for at in readings(next_day, limits.MIDNIGHT, zone) if at > us)])
        yield Found(place, rule, number, values, ends)


def _worst(found: Iterator[Found]) -> list[Found]:
    """One for each rule, the longest over the zones, in order of policies and rules."""
    kept: dict[tuple[int, str], Found] = {}
    for each in found:
        name = (each.policy, each.rule.id)
        if name not in kept or kept[name].ends < each.ends:
            kept[name] = each
    return sorted(kept.values(), key=lambda each: (each.policy, each.place))


def _lawful_from(
    policies: Sequence[Dated[Conduct]],
    ask: Asked,
    us: int,
    zones: Sequence[zoneinfo.ZoneInfo],
    last: int,
    only: Found | None = None,
) -> int:
    """The first moment from this on that all rules allow, or one rule; NEVER where there is none."""
    while us <= last:
        ends = max((each.ends for each in _refusing(policies, ask, us, zones, only)), default=None)
        if ends is None:
            return us
        us = ends
    return NEVER


def _last_dated(policies: Sequence[Dated[Conduct]], ask: Asked, us: int) -> int:
    """A moment after which nothing changes any more but the seasons of clocks."""
    dated = [us, ask.history.last_us]
    for held in ask.held.values():
        for each in held:
            dated += [each.from_us, each.until_us if each.until_us != NEVER else us]
    spans = [0]
    for policy in policies:
        for version in policy.versions:
            dated.append(moment(dt.datetime.combine(version.from_on, limits.MIDNIGHT, dt.UTC)))
            spans += [getattr(rule, "days", None) or 0 for rule in version.values.rules]
    return max(dated) + max(spans) * DAY_US + ROUND_US


def _limited(
    policies: Sequence[Dated[Conduct]], ask: Asked, us: int, zones: Sequence[zoneinfo.ZoneInfo]
) -> bool:  # fmt: skip
    return any(isinstance(rule, Content) and rule.limited for _, _, rule, _, _ in _rules(policies, ask, us, zones))


def _refusal(policy: str, found: Found, until: int) -> Refusal:
    rule = found.rule
    return Refusal(
        policy,
        rule.id,
        rule.citation,
        rule.en.format_map(found.values),
        rule.zh.format_map(found.values),
        None if until == NEVER else told(until),
    )
