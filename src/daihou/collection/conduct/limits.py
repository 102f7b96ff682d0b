"""Rules of hours and of number. Each says whether it refuses at a moment, with the values that speak for it, and until when at least it goes on to refuse.

That bound is never too late: until it, the rule refuses at every moment. So whoever goes from bound to bound misses no lawful moment.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from daihou.collection.conduct.asked import about, alike, binds, consents, serves, serves_from
from daihou.collection.conduct.clock import DAY_US, NEVER, local, local_day, next_shift, readings, told
from daihou.policies.conduct_rules import Gap

if TYPE_CHECKING:
    from daihou.collection.conduct.asked import Asked, Near
    from daihou.collection.conduct.contact import Past
    from daihou.policies.conduct_rules import Count, Hours

Values = dict[str, Any]
"""What the texts of a refusal name."""
Refused = tuple[Values, int]
"""The values, and the moment until which at least it is refused (NEVER: for good)."""

MIDNIGHT: Final = dt.time(0)
PAD_US: Final = 2 * DAY_US
"""No local date lies further than this from the same date in UTC."""


def hours(rule: Hours, ask: Asked, us: int, zone: dt.tzinfo) -> Refused | None:
    """Outside the lawful hours, without a consent, and no first answer."""
    here = local(us, zone)
    if open_at(rule, here.time()):
        return None
    given = list(consents(ask, rule.unless, ask.proposal))
    if any(serves(each, us, zone) for each in given):
        return None
    if rule.replies and ask.proposal.purpose == "reply" and _answers(rule, ask, us, zone):
        return None
    day = here.toordinal()
    opens = [at for there in (day, day + 1, day + 2) for at in readings(there, rule.opens, zone) if at > us]
    ends = min([*opens, next_shift(us, zone), serves_from(given, us, zone)])
    if rule.replies and ask.proposal.purpose == "reply":
        ends = min(ends, next((at for at, past in ask.history.after(ask.proposal.person_id, us) if past.inbound), ends))
    said = {
        "opens": f"{rule.opens:%H:%M}",
        "closes": f"{rule.closes:%H:%M}",
        "time": f"{here:%H:%M}",
        "zone": str(zone),
    }
    return said, ends


def open_at(rule: Hours, time: dt.time) -> bool:
    """Whether a local time lies in the lawful hours."""
    return rule.opens <= time < rule.closes or (rule.closing_included and time == rule.closes)


def _answers(rule: Hours, ask: Asked, us: int, zone: dt.tzinfo) -> bool:
    """Whether it answers what the person began in these same closed hours by the same channel, and not too often."""
    proposal = ask.proposal
    began = None
    for at, past in ask.history.backward(proposal.person_id, us):
        if past.inbound and past.channel == proposal.channel:
            began = at
            break
    if began is None or not _closed_throughout(rule, began, us, zone):
        return False
    answered = 0
    for at, past in ask.history.with_person(proposal.person_id, began):
        if past.channel != proposal.channel:
            continue
        if past.inbound and at > us:
            break
        answered += not past.inbound and past.purpose == "reply" and not open_at(rule, local(at, zone).time())
    return answered < rule.replies


def _closed_throughout(rule: Hours, first: int, last: int, zone: dt.tzinfo) -> bool:
    if last - first > DAY_US or open_at(rule, local(first, zone).time()):
        return False
    day = local_day(first, zone)
    opens = [at for there in (day, day + 1) for at in readings(there, rule.opens, zone)]
    return not any(first <= at <= last for at in opens)


def count(rule: Count, ask: Asked, us: int, zone: dt.tzinfo) -> Refused | None:
    """As many as are allowed, in a window of days around this one, among contacts that share its keys: in each of its debts by itself, where these are a key.

    Contacts later than this one count as well, since clocks differ.
    """
    proposal = ask.proposal
    given = list(consents(ask, rule.unless, proposal))
    if any(serves(each, us, zone, rule.unless_days) for each in given):
        return None
    here = local_day(us, zone)
    counted = _near(rule, ask, zone)
    groups = [counted]
    if "debt" in rule.per and proposal.debts:
        groups = [[each for each in counted if about(each[2], debt)] for debt in proposal.debts]
    worst, free = 0, here
    for group in groups:
        days = Counter(day for day, _, _ in group)
        found = _fullest(days, here, rule.days)
        if found < rule.most:
            continue
        worst = max(worst, found)
        free = max(free, _free_from(days, here, rule))
    if free == here:
        return None
    ends = NEVER if free == _NO_DAY else min([at for at in readings(free, MIDNIGHT, zone) if at > us])
    ends = min(ends, next_shift(us, zone), serves_from(given, us, zone))
    return {"count": worst, "most": rule.most, "days": rule.days}, ends


_NO_DAY: Final = dt.date.max.toordinal()


def _near(rule: Count | Gap, ask: Asked, zone: dt.tzinfo) -> list[Near]:
    """Past contacts that share the keys of a rule and may count against it, in order of time: from so far back as matters for the proposal, and all later ones.

    Found once for all moments asked about, since these are never earlier than the proposal.
    """
    known = ask.near.get((id(rule), zone))
    if known is not None:
        return known
    alike_ones = ask.alike.get(id(rule))
    if alike_ones is None:
        first = None if rule.days is None else ask.us - rule.days * DAY_US - PAD_US
        found = ask.history.with_person(ask.proposal.person_id if "person" in rule.per else None, first)
        alike_ones = ask.alike[id(rule)] = [
            (at, past)
            for at, past in found
            if past.channel in rule.channels
            and alike(rule, past, ask.proposal)
            and (isinstance(rule, Gap) or _placed(rule, past))
        ]
    near = ask.near[id(rule), zone] = [
        (local_day(at, zone), at, past)
        for at, past in alike_ones
        if isinstance(rule, Gap) or not exempt(rule, ask, at, past, zone)
    ]
    return near


def _placed(rule: Count | Gap, past: Past) -> bool:
    """Whether it is a contact that a rule counts: made by us, and come to something that counts."""
    return not past.inbound and (past.outcome == "pending" or past.outcome in rule.outcomes) and binds(rule, past)


def exempt(rule: Count | Gap, ask: Asked, at: int, past: Past, zone: dt.tzinfo) -> bool:
    """Whether a past contact was made under a consent."""
    if not ask.held:
        return False
    return any(serves(each, at, zone, rule.unless_days) for each in consents(ask, rule.unless, past))


def _fullest(days: Counter[int], here: int, span: int | None) -> int:
    """How many lie in the fullest window of so many days that holds this one, by how many lie on each day."""
    if span is None:
        return days.total()
    found = most = sum(days[day] for day in range(here - span + 1, here + 1))
    for last in range(here + 1, here + span):
        found += days[last] - days[last - span]
        most = max(most, found)
    return most


def _free_from(days: Counter[int], here: int, rule: Count) -> int:
    """The first day after this one on which one more fits; _NO_DAY where there is none."""
    if rule.days is None or rule.most == 0:
        return _NO_DAY
    day = here + 1
    while _fullest(days, day, rule.days) >= rule.most:
        day += 1
    return day


def gap(rule: Gap, ask: Asked, us: int, zone: dt.tzinfo) -> Refused | None:
    """Too soon after one that came to something. Also where a later one was already made that would be too soon after this, should this come to something."""
    proposal = ask.proposal
    here = local_day(us, zone)
    given = list(consents(ask, rule.unless, proposal))
    free = any(serves(each, us, zone, rule.unless_days) for each in given)
    last, since, later_end = None, None, us
    for day, at, past in _near(rule, ask, zone):
        if abs(day - here) >= rule.days:
            continue
        begun = at <= us and not free and (past.outcome == "pending" or past.outcome in rule.after)
        later = at >= us and _placed(rule, past)
        if not (begun or later) or not _shares_debt(rule, past, ask):
            continue
        if begun:
            last = day  # in order of time; where a clock was put back over midnight, a bound too early is none too late
        if later and not exempt(rule, ask, at, past, zone):
            later_end = max(later_end, at + 1)
            since = day
    since = last if last is not None else since
    if since is None:
        return None
    past_end = us
    if last is not None:
        begins = min(at for at in readings(last + rule.days, MIDNIGHT, zone) if at > us)
        past_end = min(begins, serves_from(given, us, zone))
    ends = min(max(past_end, later_end), next_shift(us, zone))
    said = {"days": rule.days, "on": dt.date.fromordinal(since).isoformat(), "day": here - since + 1}
    return said, ends


def _shares_debt(rule: Gap, past: Past, ask: Asked) -> bool:
    debts = ask.proposal.debts
    return "debt" not in rule.per or not debts or any(about(past, debt) for debt in debts)


def day_of(us: int, zone: dt.tzinfo) -> str:
    """A local date, written out."""
    return told(us).astimezone(zone).date().isoformat()
