"""A proposal as the rules see it: beside its history and what stands of the people, with the comparing that all rules share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from daihou.collection.conduct.clock import NEVER, local, local_day, moment, readings, within

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator

    from daihou.collection.conduct.contact import Circumstance, Kind, Past, Proposal, Standing
    from daihou.collection.conduct.history import History
    from daihou.policies.conduct_rules import Count, Gap, Rule, Whose

POINTED = frozenset({"phone", "voice_bot", "sms", "email"})
"""Channels that need a number or address: where a proposal leaves it open, it may be any."""


@dataclass(frozen=True, slots=True)
class Held:
    """A circumstance with its moments: from one on, until another, which is not included (NEVER: without end)."""

    of: Circumstance
    from_us: int
    until_us: int

    def at(self, us: int) -> bool:
        """Whether it holds at a moment, hours of the day aside."""
        return self.from_us <= us < self.until_us


Near = tuple[int, int, "Past"]
"""A past contact with its local day and its moment."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of the gate."""

    proposal: Proposal
    history: History
    held: dict[Kind, list[Held]]
    us: int
    """The moment of the proposal; rules are asked about it and later ones, never earlier."""
    numbers: tuple[str, ...] = ()
    """Known numbers of the debtor."""
    binding: dict[int, list[tuple[int, Rule]]] = field(default_factory=dict)
    """What `gate` found by version of a policy: its rules that bind the proposal, and their places."""
    alike: dict[int, list[tuple[int, Past]]] = field(default_factory=dict)
    near: dict[tuple[int, object], list[Near]] = field(default_factory=dict)
    """What `limits` found of the past, by rule, and by rule and zone: once for all moments asked about."""


def asked(proposal: Proposal, history: History, standing: Standing) -> Asked:
    """Put together what the rules look at; ValueError where a moment has no time zone."""
    held: dict[Kind, list[Held]] = {}
    for each in standing.circumstances:
        until = NEVER if each.until_at is None else moment(each.until_at)
        held.setdefault(each.kind, []).append(Held(each, moment(each.from_at), until))
    return Asked(proposal, history, held, moment(proposal.at), standing.numbers)


def binds(rule: Rule, contact: Proposal | Past) -> bool:
    """Whether a rule is about such a contact."""
    return (
        contact.channel in rule.channels
        and contact.purpose in rule.purposes
        and contact.party in rule.parties
        and (rule.by == "all" or (rule.by == "agency") == bool(contact.agency))
    )


def consents(ask: Asked, kind: Kind | None, contact: Proposal | Past) -> Iterator[Held]:
    """Consents of the person contacted that cover such a contact in its channel, number and debts, whenever they hold.

    A consent to one debt or number does not cover a contact that is also about another, or leaves it open.
    """
    for each in ask.held.get(kind, ()) if kind else ():
        given = each.of
        if (
            given.person_id == contact.person_id
            and given.channel in (None, contact.channel)
            and given.point in ("", contact.point)
            and (not given.debt or set(contact.debts) == {given.debt})
        ):
            yield each


def serves(consent: Held, us: int, zone: dt.tzinfo, days: int | None = None) -> bool:
    """Whether a consent serves at a moment, for so many local days at most, the one it was given on the first."""
    if not consent.at(us):
        return False
    if days is not None and local_day(us, zone) - local_day(consent.from_us, zone) >= days:
        return False
    return consent.of.hours is None or within(local(us, zone).time(), consent.of.hours)


def serves_from(found: Iterable[Held], us: int, zone: dt.tzinfo) -> int:
    """Before which later moment none of some consents begins to serve; NEVER where none does any more. What it says is no promise that one does then."""
    first = NEVER
    for each in found:
        if each.until_us <= us:
            continue
        begins = max(each.from_us, us)
        if begins > us:
            first = min(first, begins)
        if each.of.hours is not None:
            day = local_day(begins, zone)
            for there in (day, day + 1, day + 2):
                first = min([first, *(at for at in readings(there, each.of.hours[0], zone) if at > us)])
    return first


def forbids(ask: Asked, kind: Kind, of: Whose) -> Iterator[Held]:
    """Circumstances that touch the proposal, whenever they hold: of the person contacted, of the debtor, or of either.

    One debt or number touched is enough; debts left open may be any, and so may a number where the channel needs one.
    """
    proposal = ask.proposal
    people = {
        "person": (proposal.person_id,),
        "debtor": (proposal.debtor_id,),
        "either": (proposal.person_id, proposal.debtor_id),
    }[of]
    open_point = not proposal.point and proposal.channel in POINTED
    for each in ask.held.get(kind, ()):
        found = each.of
        if (
            found.person_id in people
            and found.channel in (None, proposal.channel)
            and (found.point in ("", proposal.point) or open_point)
            and (not found.debt or not proposal.debts or found.debt in proposal.debts)
        ):
            yield each


def alike(rule: Count | Gap, past: Past, proposal: Proposal) -> bool:
    """Whether a past contact shares the keys by which a rule counts, debts aside; a number left open may be any of the person."""
    per = rule.per
    return not (
        ("person" in per and past.person_id != proposal.person_id)
        or ("debtor" in per and past.debtor_id != proposal.debtor_id)
        or ("agency" in per and past.agency != proposal.agency)
        or ("channel" in per and past.channel != proposal.channel)
        or ("point" in per and not same_point(past, proposal))
    )


def same_point(past: Past, proposal: Proposal) -> bool:
    """Whether both are by the same number or address; one left open may be any of the same person."""
    if past.point and proposal.point:
        return past.point == proposal.point
    return past.person_id == proposal.person_id


def about(past: Past, debt: str) -> bool:
    """Whether a past contact was about a debt; where it names none, it may have been."""
    return not past.debts or debt in past.debts
