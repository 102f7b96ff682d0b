"""What the rules of conduct say, written from their words, to look over a finished history. It shares only types with the gate, and may be as slow as it likes.

A contact is held only against what was known when it was allowed: each has the turn at which it was entered, and so has each circumstance.
What is still pending counts as the worst it may have become.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import zoneinfo
    from collections.abc import Iterator, Sequence

    from daihou.collection.conduct.contact import Circumstance, Past

EFFECTIVE: Final = {"conversation", "third_party", "refused", "pending"}
UNANSWERED: Final = {"no_answer", "busy", "invalid", "voicemail", "pending"}
PLACED: Final = {"conversation", "third_party", "no_answer", "voicemail", "refused", "pending"}
CALLS: Final = {"phone", "voice_bot"}
TIMED: Final = {"phone", "voice_bot", "sms", "email", "visit", "app"}
OTHERS: Final = {"unrelated", "employer"}
ASKING: Final = {"collect", "remind", "locate"}
DAY: Final = dt.timedelta(days=1)


@dataclass(frozen=True)
class Entered:
    """A contact, when it was entered, and whether nothing of the debt was shown."""

    past: Past
    turn: int
    limited: bool = False


@dataclass(frozen=True)
class Known:
    """A circumstance, and when it was entered."""

    of: Circumstance
    turn: int


@dataclass(frozen=True)
class Book:
    """A finished history, and where each person may be."""

    entered: Sequence[Entered]
    known: Sequence[Known]
    zones: Sequence[zoneinfo.ZoneInfo]

    def made(self) -> Iterator[Entered]:
        """What was made by us."""
        for each in self.entered:
            if not each.past.inbound and each.past.outcome != "not_made":
                yield each

    def came(self) -> Iterator[Entered]:
        """What people began."""
        for each in self.entered:
            if each.past.inbound and each.past.outcome != "not_made":
                yield each


def day(at: dt.datetime, zone: zoneinfo.ZoneInfo) -> dt.date:
    return at.astimezone(zone).date()


def in_hours(at: dt.datetime, hours: tuple[dt.time, dt.time] | None, zone: zoneinfo.ZoneInfo) -> bool:
    if hours is None or hours[0] == hours[1]:
        return True
    shown = at.astimezone(zone).time()
    if hours[0] < hours[1]:
        return hours[0] <= shown < hours[1]
    return shown >= hours[0] or shown < hours[1]


def utc(at: dt.datetime) -> dt.datetime:
    return at.astimezone(dt.UTC)


def holds(circumstance: Circumstance, at: dt.datetime, zone: zoneinfo.ZoneInfo, days: int | None = None) -> bool:
    if utc(at) < utc(circumstance.from_at):
        return False
    if circumstance.until_at is not None and utc(at) >= utc(circumstance.until_at):
        return False
    if days is not None and day(at, zone) - day(circumstance.from_at, zone) >= days * DAY:
        return False
    return in_hours(at, circumstance.hours, zone)


def agreed(book: Book, kind: str, past: Past, zone: zoneinfo.ZoneInfo, days: int | None = None) -> bool:
    return any(
        each.of.kind == kind
        and each.of.person_id == past.person_id
        and each.of.channel in (None, past.channel)
        and each.of.point in ("", past.point)
        and (each.of.debt == "" or past.debts == (each.of.debt,))
        and holds(each.of, past.at, zone, days)
        for each in book.known
    )


def forbidden(
    book: Book, kind: str, entered: Entered, people: set[str], zone: zoneinfo.ZoneInfo, days: int | None = None
) -> bool:
    past = entered.past
    return any(
        each.turn < entered.turn
        and each.of.kind == kind
        and each.of.person_id in people
        and each.of.channel in (None, past.channel)
        and each.of.point in ("", past.point)
        and (each.of.debt == "" or each.of.debt in past.debts)
        and holds(each.of, past.at, zone, days)
        for each in book.known
    )


def out_of_hours(book: Book, opens: dt.time, closes: dt.time, *, to_the_moment: bool) -> Iterator[tuple[Past, Entered]]:
    for each, zone in itertools.product(book.made(), book.zones):
        past = each.past
        shown = past.at.astimezone(zone).time()
        good = opens <= shown < closes or (to_the_moment and shown == closes)
        if past.channel in TIMED and not good and not agreed(book, "agreed_hours", past, zone):
            yield past, each


def china(book: Book) -> Iterator[str]:  # noqa: C901 - one rule after the other
    """GB/T 45251-2025 and the guideline of 2026."""
    for past, _ in out_of_hours(book, dt.time(8), dt.time(22), to_the_moment=False):
        yield f"between 22 and 8: {past}"
    for zone in book.zones:
        calls: Counter[tuple[str, dt.date]] = Counter()
        attempts: Counter[tuple[str, str, dt.date]] = Counter()
        for each in book.made():
            past = each.past
            if past.channel not in CALLS:
                continue
            if past.outcome in EFFECTIVE and past.purpose != "reply":
                calls[past.person_id, day(past.at, zone)] += 1
            if past.outcome in UNANSWERED and not agreed(book, "agreed_attempts", past, zone):
                attempts[past.person_id, past.point, day(past.at, zone)] += 1
        yield from (f"more than three calls: {who}" for who, many in calls.items() if many > 3)
        yield from (f"more than six attempts: {who}" for who, many in attempts.items() if many > 6)
    for each in book.made():
        past, zone = each.past, book.zones[0]
        if past.party in OTHERS:
            if past.purpose not in ("locate", "reply") or not each.limited:
                yield f"told somebody else: {past}"
            if past.purpose != "reply" and not cannot_be_reached(book, each, zone):
                yield f"asked others though the debtor can be reached: {past}"
        for zone in book.zones:
            if past.party in OTHERS and forbidden(book, "refuses_messages_for_others", each, {past.person_id}, zone):
                yield f"somebody who refused: {past}"
            if past.purpose in ("collect", "remind") and forbidden(book, "bankruptcy", each, {past.person_id}, zone):
                yield f"bankrupt: {past}"
            if forbidden(book, "death", each, {past.person_id}, zone):
                yield f"dead: {past}"
            if past.channel == "visit" and not agreed(book, "visit_consent", past, zone):
                yield f"visit without consent: {past}"
            if past.channel == "app" and past.agency and not agreed(book, "message_consent", past, zone):
                yield f"agency in a messenger: {past}"


def cannot_be_reached(book: Book, third: Entered, zone: zoneinfo.ZoneInfo) -> bool:
    at, debtor = utc(third.past.at), third.past.debtor_id
    for each in book.known:
        opens = each.of.kind in ("out_of_touch", "death", "incapacity") and each.of.person_id == debtor
        if opens and holds(each.of, at, zone):
            return True
    before = [
        each.past
        for each in sorted(book.entered, key=lambda each: utc(each.past.at))
        if each.turn < third.turn
        and each.past.person_id == debtor
        and utc(each.past.at) <= at
        and each.past.outcome != "not_made"
        and (each.past.inbound or each.past.channel in (*CALLS, "visit"))
        and (each.past.inbound or each.past.outcome != "third_party")
    ]
    row = list(
        itertools.takewhile(
            lambda past: not past.inbound and past.outcome not in ("conversation", "refused", "pending"),
            reversed(before),
        )
    )
    last = {past.point: past.outcome for past in before if not past.inbound}
    return len(row) >= 3 or (bool(row) and all(outcome == "invalid" for outcome in last.values()))


def united_states(book: Book) -> Iterator[str]:  # noqa: C901 - one rule after the other
    """Regulation F, of contacts by agencies."""
    ours = Book([each for each in book.entered if each.past.inbound or each.past.agency], book.known, book.zones)
    for past, each in out_of_hours(ours, dt.time(8), dt.time(21), to_the_moment=True):
        if past.purpose != "reply" or not answers(ours, each):
            yield f"before 8 or after 21: {past}"
    people = {(each.past.person_id, debt, each.past.agency) for each in ours.made() for debt in each.past.debts}
    for (person, debt, agency), zone in itertools.product(sorted(people), book.zones):
        about = [
            each
            for each in ours.entered
            if each.past.person_id == person
            and debt in each.past.debts
            and each.past.agency == agency
            and each.past.channel in CALLS
        ]
        placed = [
            each
            for each in about
            if not each.past.inbound
            and each.past.outcome in PLACED
            and not agreed(book, "call_consent", each.past, zone, 7)
        ]
        for each in placed:
            last = day(each.past.at, zone)
            if sum(last - 6 * DAY <= day(other.past.at, zone) <= last for other in placed) > 7:
                yield f"more than seven in seven days: {each.past}"
            for other in about:
                spoke = other.past.outcome in ("conversation", "pending")
                if other.past.inbound and other.turn > each.turn:
                    continue
                before = other is not each and utc(other.past.at) <= utc(each.past.at)
                if spoke and before and last <= day(other.past.at, zone) + 6 * DAY:
                    yield f"within seven days of a conversation: {each.past} after {other.past}"
    asked: Counter[tuple[str, str, str]] = Counter()
    for each in ours.made():
        past = each.past
        zone = book.zones[0]
        if past.party in OTHERS:
            if past.purpose not in ("locate", "reply") or not each.limited:
                yield f"told somebody else: {past}"
            spoke = past.outcome in (
                "conversation", "third_party", "voicemail", "refused", "sent", "delivered", "pending"
            )  # fmt: skip
            invited = any(agreed(book, "call_consent", past, there) for there in book.zones)
            if spoke and past.purpose != "reply" and not invited:
                asked[past.person_id, past.debtor_id, past.agency] += 1
        for zone in book.zones:
            if past.purpose in ASKING and forbidden(book, "do_not_contact", each, {past.person_id}, zone):
                yield f"asked to cease: {past}"
            if past.purpose != "reply" and forbidden(book, "opt_out", each, {past.person_id}, zone):
                yield f"opted out: {past}"
            if past.purpose != "reply" and forbidden(book, "inconvenient", each, {past.person_id}, zone):
                yield f"does not suit: {past}"
            if past.purpose in ("collect", "remind") and forbidden(book, "dispute", each, {past.debtor_id}, zone):
                yield f"disputed: {past}"
    yield from (f"others asked twice: {who}" for who, many in asked.items() if many > 1)


def answers(book: Book, reply: Entered) -> bool:
    """Whether it answers something begun within the same night by the same channel, and not more was answered than was begun."""
    past = reply.past
    for zone in book.zones:
        if dt.time(8) <= past.at.astimezone(zone).time() <= dt.time(21):
            continue
        night = closed_night(past.at, zone)
        began = [
            each
            for each in book.came()
            if each.past.person_id == past.person_id
            and each.past.channel == past.channel
            and closed_night(each.past.at, zone) == night
        ]
        replies = [
            each
            for each in book.made()
            if each.past.person_id == past.person_id
            and each.past.channel == past.channel
            and each.past.purpose == "reply"
            and closed_night(each.past.at, zone) == night
            and not agreed(book, "agreed_hours", each.past, zone)
        ]
        if not any(utc(each.past.at) <= utc(past.at) and each.turn < reply.turn for each in began):
            return False
        if len(replies) > len(began):
            return False
    return True


def closed_night(at: dt.datetime, zone: zoneinfo.ZoneInfo) -> dt.date | None:
    """The day whose morning ends the night in which a moment lies; None by day."""
    shown = at.astimezone(zone)
    if dt.time(8) <= shown.time() <= dt.time(21):
        return None
    return shown.date() + DAY if shown.time() > dt.time(21) else shown.date()


def house(book: Book) -> Iterator[str]:  # noqa: C901 - one rule after the other
    """What the house asks beyond."""
    for zone in book.zones:
        daily: Counter[tuple[str, str, dt.date]] = Counter()
        for each in book.made():
            past = each.past
            if past.outcome in ("sent", "delivered", "pending") and past.purpose in ASKING:
                daily[past.person_id, past.channel, day(past.at, zone)] += 1
        most = {"sms": 2, "email": 1, "app": 2, "letter": 1}
        for (who, channel, on), many in daily.items():
            if many > most.get(channel, many):
                yield f"too many by {channel}: {who} {on}"
        for (who, channel, on), (other, channel2, on2) in itertools.permutations(daily, 2):
            if who == other and channel == channel2 == "letter" and dt.timedelta(0) < on2 - on < 7 * DAY:
                yield f"two letters in seven days: {who} {on} {on2}"
        visits = [
            each.past
            for each in book.made()
            if each.past.channel == "visit"
            and each.past.outcome in ("conversation", "third_party", "no_answer", "refused", "pending")
        ]
        for one, another in itertools.combinations(visits, 2):
            if one.person_id == another.person_id and abs(day(one.at, zone) - day(another.at, zone)) < 7 * DAY:
                yield f"two visits in seven days: {one} {another}"
        for each in book.made():
            past = each.past
            own = {past.person_id}
            for kind in ("do_not_contact", "opt_out", "inconvenient", "minor"):
                if past.purpose in ASKING and forbidden(book, kind, each, own, zone):
                    yield f"{kind}: {past}"
            if past.purpose in ("collect", "remind") and forbidden(book, "dispute", each, {past.debtor_id}, zone):
                yield f"disputed: {past}"
            calls = past.purpose == "collect" and past.channel in (*CALLS, "visit")
            if calls and forbidden(book, "hardship", each, own, zone, 30):
                yield f"in hardship: {past}"
            past_lawyer = past.purpose in ASKING and past.party in ("debtor", *OTHERS)
            if past_lawyer and forbidden(book, "represented", each, {past.person_id, past.debtor_id}, zone):
                yield f"represented: {past}"
            if past.purpose == "reply" and not any(
                other.past.person_id == past.person_id
                and other.turn < each.turn
                and utc(other.past.at) <= utc(past.at)
                and day(past.at, zone) - day(other.past.at, zone) < 7 * DAY
                for other in book.came()
            ):
                yield f"nothing to answer: {past}"
    for person in {each.past.person_id for each in book.made()}:
        replies = sum(each.past.person_id == person and each.past.purpose == "reply" for each in book.made())
        if replies > 3 * sum(each.past.person_id == person for each in book.came()):
            yield f"answered too often: {person}"
