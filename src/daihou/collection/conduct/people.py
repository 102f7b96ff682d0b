"""Rules of whom and what for: what somebody asked for, what befell them, and when others than the debtor may be spoken to. They answer as those of `limits` do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daihou.collection.conduct.asked import consents, forbids, serves, serves_from
from daihou.collection.conduct.clock import NEVER, local, local_day, next_shift, readings, within
from daihou.collection.conduct.limits import MIDNIGHT, day_of

if TYPE_CHECKING:
    import datetime as dt

    from daihou.collection.conduct.asked import Asked, Held
    from daihou.collection.conduct.limits import Refused
    from daihou.policies.conduct_rules import Answer, Block, Consent, Content, OutOfReach


def block(rule: Block, ask: Asked, us: int, zone: dt.tzinfo) -> Refused | None:
    """A circumstance forbids it."""
    found = [
        each for kind in rule.when for each in forbids(ask, kind, rule.of) if _blocks(rule, each, us, zone)
    ]  # fmt: skip
    if not found:
        return None
    last = max(found, key=lambda each: _ends(rule, each, us, zone))
    ends = _ends(rule, last, us, zone)
    if rule.days is not None or last.of.hours is not None:
        ends = min(ends, next_shift(us, zone))
    return {"on": day_of(last.from_us, zone), "day": local_day(us, zone) - local_day(last.from_us, zone) + 1}, ends


def _blocks(rule: Block, each: Held, us: int, zone: dt.tzinfo) -> bool:
    if not each.at(us):
        return False
    if rule.days is not None and local_day(us, zone) - local_day(each.from_us, zone) >= rule.days:
        return False
    return within(local(us, zone).time(), each.of.hours)


def _ends(rule: Block, each: Held, us: int, zone: dt.tzinfo) -> int:
    ends = [each.until_us]
    if rule.days is not None:
        ends += readings(local_day(each.from_us, zone) + rule.days, MIDNIGHT, zone)
    if each.of.hours is not None and each.of.hours[0] != each.of.hours[1]:
        day = local_day(us, zone)
        ends += [at for there in (day, day + 1, day + 2) for at in readings(there, each.of.hours[1], zone)]
    return min(at for at in ends if at > us)


def content(rule: Content, ask: Asked, us: int, zone: dt.tzinfo) -> Refused | None:  # noqa: ARG001 - every rule is asked alike
    """For another purpose, or with a word of the debt."""
    if ask.proposal.purpose in rule.allowed and (ask.proposal.limited or not rule.limited):
        return None
    return {}, NEVER


def out_of_reach(rule: OutOfReach, ask: Asked, us: int, zone: dt.tzinfo) -> Refused | None:
    """The debtor can be reached, or nobody has tried often enough."""
    debtor = ask.proposal.debtor_id
    circumstances = [each for kind in rule.when for each in ask.held.get(kind, ()) if each.of.person_id == debtor]
    if any(serves(each, us, zone) for each in circumstances):
        return None
    failures = _failures(rule, ask, us)
    if rule.failures is not None and failures >= rule.failures:
        return None
    if rule.invalid and failures and _all_invalid(rule, ask, us):
        return None
    ends = serves_from(circumstances, us, zone)
    if any(each.of.hours is not None for each in circumstances):
        ends = min(ends, next_shift(us, zone))
    ends = min(ends, next((at for at, _ in ask.history.after(debtor, us)), NEVER))
    return {"count": failures, "failures": rule.failures}, ends


def _failures(rule: OutOfReach, ask: Asked, us: int) -> int:
    """How many attempts at the debtor have failed since they were last reached, counted no further than the rule asks.

    Somebody reached later than the moment asked about counts as reached: clocks differ.
    """
    failed: list[int] = []
    for at, past in ask.history.backward(ask.proposal.debtor_id, NEVER):
        if rule.failures is not None and len(failed) >= rule.failures and failed[rule.failures - 1] > at:
            return rule.failures
        tried = past.channel in rule.tried
        if past.inbound or (tried and (past.outcome == "pending" or past.outcome in rule.reached)):
            return sum(each > at for each in failed)
        if tried and at <= us and past.outcome in rule.failed:
            failed.append(at)
    return len(failed)


def _all_invalid(rule: OutOfReach, ask: Asked, us: int) -> bool:
    """Whether every number that is known of the debtor, or by which they were tried, was out of service when it was last tried."""
    seen: set[str] = set()
    for _, past in ask.history.backward(ask.proposal.debtor_id, us):
        if past.inbound or past.channel not in rule.tried or past.point in seen:
            continue
        if past.outcome != "invalid":
            return False
        seen.add(past.point)
    return bool(seen) and seen.issuperset(ask.numbers)


def consent(rule: Consent, ask: Asked, us: int, zone: dt.tzinfo) -> Refused | None:
    """Nobody agreed to it."""
    given = list(consents(ask, rule.needs, ask.proposal))
    if any(serves(each, us, zone) for each in given):
        return None
    ends = serves_from(given, us, zone)
    if any(each.of.hours is not None for each in given):
        ends = min(ends, next_shift(us, zone))
    return {}, ends


def answer(rule: Answer, ask: Asked, us: int, zone: dt.tzinfo) -> Refused | None:
    """There is nothing to answer, it is long ago, or it was answered."""
    person = ask.proposal.person_id
    began = next((at for at, past in ask.history.backward(person, us) if past.inbound), None)
    answered = 0
    if began is not None and local_day(us, zone) - local_day(began, zone) < rule.days:
        for at, past in ask.history.with_person(person, began):
            if past.inbound and at > us:
                break
            answered += not past.inbound and past.purpose == "reply"
        if answered < rule.most:
            return None
    ends = next((at for at, past in ask.history.after(person, us) if past.inbound), NEVER)
    return {"days": rule.days, "most": rule.most, "count": answered}, ends
