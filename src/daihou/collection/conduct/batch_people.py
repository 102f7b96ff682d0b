"""Rules of whom and what for, over columns: `people` of the gate in whole numbers. Each says whether it refuses, no more."""

from __future__ import annotations

from daihou.collection.conduct.batch_clock import LONG_AGO, day_at, last_from
from daihou.collection.conduct.batch_jit import part
from daihou.collection.conduct.batch_shapes import (
    DEBTOR,
    INVALID,
    NONE,
    NOT_MADE,
    PENDING,
    PERSON,
    REPLY,
    Circumstances,
    Clocks,
    Column,
    Moment,
    Pasts,
    Proposals,
    Rules,
)
from daihou.policies.contact_codes import CHANNELS

POINTED = sum(1 << CHANNELS.index(channel) for channel in ("phone", "voice_bot", "sms", "email"))
"""As in `asked`: channels that need a number or address."""


@part
def named(debts: Column, first: int, last: int, debt: int) -> bool:
    """Whether a debt is among some."""
    for place in range(first, last):  # noqa: SIM110 - compiled
        if debts[place] == debt:
            return True
    return False


@part
def alone(debts: Column, first: int, last: int, debt: int) -> bool:
    """Whether some debts are one and no other."""
    for place in range(first, last):
        if debts[place] != debt:
            return False
    return last > first


@part
def holds(held: Circumstances, one: int, clocks: Clocks, now: Moment, days: int) -> bool:
    """Whether a circumstance holds at a moment: in its hours, and for so many local days at most (0: without bound)."""
    if now.us < held.from_at[one] or now.us >= held.until_at[one]:
        return False
    if days > 0 and now.day - day_at(clocks, now.zone, held.from_at[one]) >= days:
        return False
    first, last = held.hours_from[one], held.hours_to[one]
    if first == NONE:
        return True
    if first < last:
        return bool(first <= now.time < last)
    return bool(now.time >= first or now.time < last)


@part
def agreed(held: Circumstances, group: int, kind: int, days: int, asked: Proposals, row: int, clocks: Clocks, now: Moment) -> bool:  # fmt: skip
    """Whether a consent of the person contacted covers a proposal and serves."""
    if kind == NONE:
        return False
    for one in range(held.first[group], held.first[group + 1]):
        if (
            held.kind[one] == kind
            and held.person[one] == asked.person[row]
            and (held.channel[one] == NONE or held.channel[one] == asked.channel[row])
            and (held.point[one] == NONE or held.point[one] == asked.point[row])
            and (held.debt[one] == NONE or alone(asked.debts, asked.debts_from[row], asked.debts_to[row], held.debt[one]))
            and holds(held, one, clocks, now, days)
        ):  # fmt: skip
            return True
    return False


@part
def block(rules: Rules, rule: int, asked: Proposals, row: int, held: Circumstances, clocks: Clocks, now: Moment) -> bool:  # fmt: skip
    """A circumstance forbids it."""
    group = asked.group[row]
    whose, first, last = rules.per[rule], asked.debts_from[row], asked.debts_to[row]
    open_point = asked.point[row] == NONE and (POINTED >> asked.channel[row]) & 1
    for one in range(held.first[group], held.first[group + 1]):
        if (
            (rules.when[rule] >> held.kind[one]) & 1
            and ((whose & PERSON and held.person[one] == asked.person[row]) or (whose & DEBTOR and held.person[one] == asked.debtor[row]))
            and (held.channel[one] == NONE or held.channel[one] == asked.channel[row])
            and (held.point[one] == NONE or held.point[one] == asked.point[row] or open_point)
            and (held.debt[one] == NONE or first == last or named(asked.debts, first, last, held.debt[one]))
            and holds(held, one, clocks, now, rules.days[rule])
        ):  # fmt: skip
            return True
    return False


@part
def content(rules: Rules, rule: int, asked: Proposals, row: int) -> bool:
    """For another purpose, or with a word of the debt."""
    return not ((rules.allowed[rule] >> asked.purpose[row]) & 1 and (asked.limited[row] or not rules.limited[rule]))


@part
def out_of_reach(rules: Rules, rule: int, asked: Proposals, row: int, pasts: Pasts, held: Circumstances, clocks: Clocks, now: Moment) -> bool:  # fmt: skip
    """The debtor can be reached, or nobody has tried often enough."""
    group, debtor, us = asked.group[row], asked.debtor[row], now.us
    for one in range(held.first[group], held.first[group + 1]):
        if (rules.when[rule] >> held.kind[one]) & 1 and held.person[one] == debtor and holds(held, one, clocks, now, 0):
            return False
    if rules.failures[rule] == 0 and not rules.invalid[rule]:
        return True
    first, last, since = pasts.first[group], pasts.first[group + 1], LONG_AGO
    for place in range(last - 1, first - 1, -1):
        if pasts.person[place] == debtor and pasts.outcome[place] != NOT_MADE and _reached(rules, rule, pasts, place):
            since = pasts.at[place]
            break
    failures = 0
    for place in range(first_of(pasts, group, since + 1), last):
        if _attempt(rules, rule, pasts, place, debtor, us) and (rules.failed[rule] >> pasts.outcome[place]) & 1:
            failures += 1
    if rules.failures[rule] > 0 and failures >= rules.failures[rule]:
        return False
    return not (rules.invalid[rule] and failures > 0 and _all_invalid(rules, rule, pasts, first, last, debtor, us))


@part
def _reached(rules: Rules, rule: int, pasts: Pasts, place: int) -> bool:
    if pasts.inbound[place]:
        return True
    outcome = pasts.outcome[place]
    return bool(
        (rules.tried[rule] >> pasts.channel[place]) & 1 and (outcome == PENDING or (rules.reached[rule] >> outcome) & 1)
    )


@part
def _all_invalid(rules: Rules, rule: int, pasts: Pasts, first: int, last: int, debtor: int, us: int) -> bool:
    """Whether the latest attempt at each number found it out of service."""
    for place in range(first, last):
        if not _attempt(rules, rule, pasts, place, debtor, us) or pasts.outcome[place] == INVALID:
            continue
        later = False
        for other in range(place + 1, last):
            if pasts.point[other] == pasts.point[place] and _attempt(rules, rule, pasts, other, debtor, us):
                later = True
                break
        if not later:
            return False
    return True


@part
def _attempt(rules: Rules, rule: int, pasts: Pasts, place: int, debtor: int, us: int) -> bool:
    return bool(
        pasts.person[place] == debtor
        and pasts.at[place] <= us
        and not pasts.inbound[place]
        and pasts.outcome[place] != NOT_MADE
        and (rules.tried[rule] >> pasts.channel[place]) & 1
    )


@part
def answer(rules: Rules, rule: int, asked: Proposals, row: int, pasts: Pasts, clocks: Clocks, now: Moment) -> bool:
    """There is nothing to answer, it is long ago, or it was answered."""
    group, person = asked.group[row], asked.person[row]
    began = last_began(pasts, group, person, NONE, now.us)
    if began == NONE or now.day - day_at(clocks, now.zone, pasts.at[began]) >= rules.days[rule]:
        return True
    began_us, answered = pasts.at[began], 0
    for place in range(first_of(pasts, group, began_us), pasts.first[group + 1]):
        if pasts.person[place] != person or pasts.outcome[place] == NOT_MADE:
            continue
        if pasts.inbound[place] and pasts.at[place] > now.us:
            break
        if not pasts.inbound[place] and pasts.purpose[place] == REPLY:
            answered += 1
    return bool(answered >= rules.most[rule])


@part
def last_began(pasts: Pasts, group: int, person: int, channel: int, us: int) -> int:
    """The place of the latest contact that a person began up to a moment, by a channel (NONE: by any); NONE without one."""
    first = pasts.first[group]
    for place in range(first_of(pasts, group, us + 1) - 1, first - 1, -1):
        if (
            pasts.inbound[place]
            and pasts.person[place] == person
            and (channel == NONE or pasts.channel[place] == channel)
            and pasts.outcome[place] != NOT_MADE
        ):
            return int(place)
    return NONE


@part
def first_of(pasts: Pasts, group: int, us: int) -> int:
    """The place of the first contact of a group at or after a moment; its end without one."""
    first, last = pasts.first[group], pasts.first[group + 1]
    if first == last or pasts.at[first] >= us:
        return int(first)
    return last_from(pasts.at, first, last, us - 1) + 1
