"""Rules of hours and of number, over columns: `limits` of the gate in whole numbers. Each says whether it refuses, no more."""

from __future__ import annotations

from daihou.collection.conduct.batch_clock import day_at, in_zone, shown, shows_between
from daihou.collection.conduct.batch_jit import part
from daihou.collection.conduct.batch_people import agreed, alone, first_of, holds, last_began, named
from daihou.collection.conduct.batch_shapes import (
    AGENCY,
    BY_AGENCY,
    CHANNEL,
    DEBT,
    DEBTOR,
    LENDER,
    NONE,
    NOT_MADE,
    PENDING,
    PERSON,
    POINT,
    REPLY,
    Circumstances,
    Clocks,
    Column,
    Moment,
    Pasts,
    Proposals,
    Rules,
)
from daihou.collection.conduct.clock import DAY_US
from daihou.collection.conduct.limits import PAD_US


@part
def hours(rules: Rules, rule: int, asked: Proposals, row: int, pasts: Pasts, held: Circumstances, clocks: Clocks, now: Moment) -> bool:  # fmt: skip
    """Outside the lawful hours, without a consent, and no first answer."""
    if _open(rules, rule, now.time):
        return False
    if agreed(held, asked.group[row], rules.consent[rule], 0, asked, row, clocks, now):
        return False
    return not (
        rules.replies[rule] > 0
        and asked.purpose[row] == REPLY
        and _answers(rules, rule, asked, row, pasts, clocks, now)
    )


@part
def _open(rules: Rules, rule: int, time: int) -> bool:
    # A closing that is included is stored as the microsecond after it.
    return bool(rules.opens[rule] <= time < rules.closes[rule])


@part
def _answers(rules: Rules, rule: int, asked: Proposals, row: int, pasts: Pasts, clocks: Clocks, now: Moment) -> bool:
    """Whether it answers what the person began in these same closed hours by the same channel, and not too often."""
    group, person, channel = asked.group[row], asked.person[row], asked.channel[row]
    began = last_began(pasts, group, person, channel, now.us)
    if began == NONE:
        return False
    began_us = pasts.at[began]
    then = in_zone(clocks, now.zone, began_us)
    if now.us - began_us > DAY_US or _open(rules, rule, then.time):
        return False
    for day in range(then.day, then.day + 2):
        if shows_between(clocks, now.zone, day * DAY_US + rules.opens[rule], began_us, now.us):
            return False
    answered = 0
    for place in range(first_of(pasts, group, began_us), pasts.first[group + 1]):
        if pasts.person[place] != person or pasts.channel[place] != channel or pasts.outcome[place] == NOT_MADE:
            continue
        if pasts.inbound[place]:
            if pasts.at[place] > now.us:
                break
        elif pasts.purpose[place] == REPLY and not _open(rules, rule, shown(clocks, now.zone, pasts.at[place]) % DAY_US):  # fmt: skip
            answered += 1
    return bool(answered < rules.replies[rule])


@part
def count(rules: Rules, rule: int, asked: Proposals, row: int, pasts: Pasts, held: Circumstances, clocks: Clocks, now: Moment, room: Column) -> bool:  # fmt: skip
    """As many as are allowed in a window of days around this one: in each of its debts by itself, where these are a key.

    `room` has two places for each day of the longest window, for counting.
    """
    if agreed(held, asked.group[row], rules.consent[rule], rules.consent_days[rule], asked, row, clocks, now):
        return False
    first, last = asked.debts_from[row], asked.debts_to[row]
    if not rules.per[rule] & DEBT or first == last:
        first, last = NONE, NONE + 1  # once, for no debt in particular
    for debt in range(first, last):  # noqa: SIM110 - compiled
        if _fullest(rules, rule, asked, row, debt, pasts, held, clocks, now, room) >= rules.most[rule]:
            return True
    return False


@part
def _fullest(
    rules: Rules, rule: int, asked: Proposals, row: int, debt: int,
    pasts: Pasts, held: Circumstances, clocks: Clocks, now: Moment, room: Column,
) -> int:  # fmt: skip
    """How many contacts that count lie in the fullest window of days that holds this one; those about one debt alone where its place is told."""
    group, days = asked.group[row], rules.days[rule]
    first, total = pasts.first[group], 0
    if days > 0:
        first = first_of(pasts, group, now.us - (days * DAY_US + PAD_US))
        for each in range(2 * days - 1):
            room[each] = 0
    for place in range(first, pasts.first[group + 1]):
        if (
            not _counts(rules, rule, pasts, place)
            or not _alike(rules, rule, pasts, place, asked, row)
            or (debt != NONE and not _about(pasts, place, asked.debts[debt]))
        ):
            continue
        ahead = days - 1
        if days > 0:
            ahead += day_at(clocks, now.zone, pasts.at[place]) - now.day
            if ahead < 0 or ahead >= 2 * days - 1:
                continue
        if _exempt(rules, rule, asked, row, pasts, place, held, clocks, now.zone):
            continue
        total += 1
        if days > 0:
            room[ahead] += 1
    if days <= 1 or total < rules.most[rule]:
        return total
    fullest, inside = 0, 0
    for each in range(2 * days - 1):
        inside += room[each]
        if each >= days:
            inside -= room[each - days]
        if each >= days - 1:
            fullest = max(fullest, inside)
    return fullest


@part
def gap(rules: Rules, rule: int, asked: Proposals, row: int, pasts: Pasts, held: Circumstances, clocks: Clocks, now: Moment) -> bool:  # fmt: skip
    """Too soon after one that came to something, or before a later one that would be too soon after this."""
    group, days = asked.group[row], rules.days[rule]
    span = days * DAY_US + PAD_US
    free = agreed(held, group, rules.consent[rule], rules.consent_days[rule], asked, row, clocks, now)
    for place in range(first_of(pasts, group, now.us - span), pasts.first[group + 1]):
        at, outcome = pasts.at[place], pasts.outcome[place]
        if at > now.us + span:
            break
        if (
            outcome == NOT_MADE
            or not (rules.channels[rule] >> pasts.channel[place]) & 1
            or not _alike(rules, rule, pasts, place, asked, row)
            or not _shares_debt(rules, rule, pasts, place, asked, row)
            or abs(day_at(clocks, now.zone, at) - now.day) >= days
        ):
            continue
        if at <= now.us and not free and (outcome == PENDING or (rules.after[rule] >> outcome) & 1):
            return True
        if (
            at >= now.us
            and _counts(rules, rule, pasts, place)
            and not _exempt(rules, rule, asked, row, pasts, place, held, clocks, now.zone)
        ):
            return True
    return False


@part
def _counts(rules: Rules, rule: int, pasts: Pasts, place: int) -> bool:
    """Whether a contact is one that we made and that counts by its outcome; consents aside."""
    outcome = pasts.outcome[place]
    by = LENDER if pasts.agency[place] == NONE else AGENCY
    return bool(
        not pasts.inbound[place]
        and outcome != NOT_MADE
        and (outcome == PENDING or (rules.outcomes[rule] >> outcome) & 1)
        and (rules.channels[rule] >> pasts.channel[place]) & 1
        and (rules.purposes[rule] >> pasts.purpose[place]) & 1
        and (rules.parties[rule] >> pasts.party[place]) & 1
        and rules.by[rule] & by
    )


@part
def _shares_debt(rules: Rules, rule: int, pasts: Pasts, place: int, asked: Proposals, row: int) -> bool:
    first, last = asked.debts_from[row], asked.debts_to[row]
    if not rules.per[rule] & DEBT or first == last:
        return True
    for debt in range(first, last):  # noqa: SIM110 - compiled
        if _about(pasts, place, asked.debts[debt]):
            return True
    return False


@part
def _about(pasts: Pasts, place: int, debt: int) -> bool:
    first, last = pasts.debts_from[place], pasts.debts_to[place]
    return bool(first == last or named(pasts.debts, first, last, debt))


@part
def _alike(rules: Rules, rule: int, pasts: Pasts, place: int, asked: Proposals, row: int) -> bool:
    """Whether a past contact shares the keys by which a rule counts, debts aside."""
    per, same_person = rules.per[rule], pasts.person[place] == asked.person[row]
    if per & POINT:
        if pasts.point[place] == NONE or asked.point[row] == NONE:
            if not same_person:
                return False
        elif pasts.point[place] != asked.point[row]:
            return False
    return bool(
        (not per & PERSON or same_person)
        and (not per & DEBTOR or pasts.debtor[place] == asked.debtor[row])
        and (not per & BY_AGENCY or pasts.agency[place] == asked.agency[row])
        and (not per & CHANNEL or pasts.channel[place] == asked.channel[row])
    )


@part
def _exempt(rules: Rules, rule: int, asked: Proposals, row: int, pasts: Pasts, place: int, held: Circumstances, clocks: Clocks, zone: int) -> bool:  # fmt: skip
    """Whether a past contact was made under a consent."""
    kind, group = rules.consent[rule], asked.group[row]
    if kind == NONE or held.first[group] == held.first[group + 1]:
        return False
    then = in_zone(clocks, zone, pasts.at[place])
    for one in range(held.first[group], held.first[group + 1]):
        if (
            held.kind[one] == kind
            and held.person[one] == pasts.person[place]
            and (held.channel[one] == NONE or held.channel[one] == pasts.channel[place])
            and (held.point[one] == NONE or held.point[one] == pasts.point[place])
            and (held.debt[one] == NONE or alone(pasts.debts, pasts.debts_from[place], pasts.debts_to[place], held.debt[one]))
            and holds(held, one, clocks, then, rules.consent_days[rule])
        ):  # fmt: skip
            return True
    return False
