"""Asking the gate: what it needs of a contact that is wanted is read, and what it says is answered. Nothing is written."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from daihou.collection.conduct.contact import Proposal
from daihou.collection.conduct.gate import decide as gate
from daihou.collection.conduct.history import History
from daihou.desk.contacts import circumstances, history, outside, policy
from daihou.desk.contacts.held import lock
from daihou.policies.conduct_rules import Answer, Count, Gap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daihou.collection.conduct.contact import Decision
    from daihou.desk.contacts.fitting import Wanted
    from daihou.desk.contacts.history import Names
    from daihou.policies.conduct import Conduct
    from daihou.policies.dated import Dated

EVER: Final = dt.datetime(1900, 1, 1, tzinfo=dt.UTC)
SPARE: Final = dt.timedelta(days=2)
"""Beyond the days that a rule counts: local days of the person begin up to a day before ours."""


@dataclass(frozen=True, slots=True)
class Question:
    """A contact that is wanted, while its person, its debtor and its number are held."""

    wanted: Wanted
    names: Names
    without: int | None
    """A contact that is asked about again, and is not its own past."""


def hold(wanted: Wanted, *, without: int | None = None) -> Question:
    """Hold whom a contact concerns until the caller's transaction ends."""
    names = history.names([wanted.point] if wanted.point else [])
    shared = names.alike(wanted.point.pk) if wanted.point else []
    numbers = [f"number {min(shared)}"] if len(shared) > 1 else []
    lock([wanted.person_id, wanted.debtor_id, *numbers])
    return Question(wanted, names, without)


def decide(question: Question, at: dt.datetime) -> Decision:
    """What the gate says of it at a moment, by what is committed now."""
    wanted, held, since = question.wanted, policy.policies(), _since(at)
    people = {wanted.person_id, wanted.debtor_id}
    past = history.of(people, question.names, since, without=question.without) + outside.of(people, since)
    if wanted.person_id != wanted.debtor_id:
        past += history.tried(wanted.debtor_id, question.names, since, without=question.without)
    standing = circumstances.standing(wanted.person_id, wanted.debtor_id, since, question.names, at=at)
    return gate(held, _proposal(wanted, question.names, at), past, standing)


def many(wanted: Sequence[Wanted], at: dt.datetime) -> list[Decision]:
    """What the gate says of each at a moment: in as many queries for many as for one, but for one more for each debtor of whom others are asked about."""
    if not wanted:
        return []
    held, since = policy.policies(), _since(at)
    names = history.names([one.point for one in wanted if one.point])
    people = {person for one in wanted for person in (one.person_id, one.debtor_id)}
    past = history.of(people, names, since) + outside.of(people, since)
    for debtor in sorted({one.debtor_id for one in wanted if one.person_id != one.debtor_id}):
        past += history.tried(debtor, names, since)
    known = History(past)
    standings = circumstances.standings({(one.person_id, one.debtor_id) for one in wanted}, since, names, at=at)
    return [gate(held, _proposal(one, names, at), known, standings[one.person_id, one.debtor_id]) for one in wanted]


def _proposal(wanted: Wanted, names: Names, at: dt.datetime) -> Proposal:
    # The codes were checked (`fitting`): the desk's choices are the gate's.
    channel: Any = wanted.channel
    party: Any = wanted.party
    purpose: Any = wanted.purpose
    return Proposal(
        wanted.person_id, wanted.debtor_id, wanted.loan_ids, channel, party, purpose, at, names(wanted.point.pk if wanted.point else None),
        wanted.agency, wanted.limited,
    )  # fmt: skip


def _since(at: dt.datetime) -> dt.datetime:
    """From when on past contacts matter at a moment."""
    days = _days(policy.policies())
    return EVER if days is None else at - dt.timedelta(days=days) - SPARE


@lru_cache(maxsize=8)
def _days(held: tuple[Dated[Conduct], ...]) -> int | None:
    """The longest span that a rule of any version counts over; None where one counts for ever."""
    rules = [rule for each in held for version in each.versions for rule in version.values.rules]
    spans = [rule.days for rule in rules if isinstance(rule, Count | Gap | Answer)]
    return None if None in spans else max((days for days in spans if days is not None), default=1)
