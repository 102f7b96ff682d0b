"""Laws of the gate: whatever people do, in any order of times and however clocks differ, what it let through breaks no rule as its words have it."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from dataclasses import replace
from random import Random
from typing import Any, ClassVar, Final

from hypothesis import given
from hypothesis import strategies as st

from daihou.collection.conduct.contact import (
    CHANNELS,
    CONSENTS,
    KINDS,
    PURPOSES,
    Circumstance,
    Past,
    Proposal,
    Standing,
)
from daihou.collection.conduct.gate import decide
from laws import conduct_words as words
from laws.conduct_known import CN, HOUSE, US, made
from laws.depth import examples

PEOPLE: Final = (
    ("D", "D", "debtor"),
    ("G", "D", "guarantor"),
    ("Q", "D", "unrelated"),
    ("Q", "E", "unrelated"),
    ("E", "E", "debtor"),
)
TALKED: Final = ("conversation", "third_party", "no_answer", "busy", "invalid", "voicemail", "refused", "not_made")
SENT: Final = ("sent", "delivered", "failed", "not_made")
TIMES: Final = (
    dt.timedelta(hours=7, minutes=59, seconds=59, microseconds=999_999), dt.timedelta(hours=8), dt.timedelta(hours=10),
    dt.timedelta(hours=12), dt.timedelta(hours=13), dt.timedelta(hours=14), dt.timedelta(hours=15), dt.timedelta(hours=16),
    dt.timedelta(hours=20, minutes=59), dt.timedelta(hours=21), dt.timedelta(hours=21, microseconds=1),
    dt.timedelta(hours=22), dt.timedelta(hours=23, minutes=30),
)  # fmt: skip


LATE: Final = (dt.timedelta(hours=22, minutes=1), dt.timedelta(hours=23))
SEEDS: Final = st.integers(0, 2**32 - 1)
"""A smaller seed is no simpler history."""
STEPS: Final = 14
APART: Final = (
    dt.timedelta(minutes=5),
    dt.timedelta(days=1),
    dt.timedelta(days=1),
    dt.timedelta(days=6),
    dt.timedelta(days=7),
)


def ends(channel: str, number: int) -> Any:
    """What a contact by a channel comes to; 8: it stays pending."""
    came_to = TALKED if channel in ("phone", "voice_bot", "visit") else SENT
    return "pending" if number == 8 else came_to[number % len(came_to)]


class Desk:
    """Everybody at once: collectors of the house and of two agencies, people who call back, and what befalls them."""

    policies: ClassVar[Any]
    auditors: ClassVar[tuple[Any, ...]]
    start: ClassVar[dt.datetime]
    zones: ClassVar[tuple[str, ...]] = ()
    agencies: ClassVar[tuple[str, ...]] = ("", "A", "B")

    def __init__(self, chance: Random) -> None:
        self.entered: list[words.Entered] = []
        self.known: list[words.Known] = []
        self.turn = 0
        # Few kinds of people, ways and circumstances at a time, so that limits are reached; all of them, over many histories.
        self.people: list[Any] = chance.sample(PEOPLE, chance.randint(1, 2))
        self.channels: list[Any] = chance.choice(
            (["phone"], ["phone", "voice_bot"], [chance.choice(CHANNELS)], ["phone", chance.choice(CHANNELS)])
        )
        self.purposes: list[Any] = chance.choice(
            (["collect"], ["collect", "reply"], ["collect", chance.choice(PURPOSES)])
        )
        self.kinds = chance.choice(
            ([], [chance.choice(KINDS)], chance.sample(KINDS, 2), [chance.choice(sorted(CONSENTS))])
        )
        self.outcomes = chance.choices(range(9), k=2)
        self.limited = chance.random() < 0.7
        if any(party == "unrelated" for *_, party in self.people):
            self.people, self.purposes = [*self.people, PEOPLE[0]], ["locate", "locate", *self.purposes]

    def moment(self, day: int, time: dt.timedelta) -> dt.datetime:
        """A moment by the clock of the first place, told in UTC."""
        shown = self.start.replace(tzinfo=None) + dt.timedelta(days=day) + time
        return shown.replace(tzinfo=self.start.tzinfo).astimezone(dt.UTC)

    @property
    def history(self) -> list[Past]:
        return [each.past for each in self.entered]

    def somebody_tries_again_and_again(self, chance: Random) -> None:
        """The same contact at several moments; those allowed are made, and come to something or stay pending."""
        person, debtor, party = chance.choice(self.people)
        channel, purpose, debts = (
            chance.choice(self.channels),
            chance.choice(self.purposes),
            chance.choice((("L1",), ("L1",), ("L1", "L2"))),
        )
        point, agency = chance.choice(("n1", "n1", "n2")), chance.choice(self.agencies)
        came_to = ends(channel, chance.choice(self.outcomes))
        first, apart = (
            self.moment(chance.randint(0, 9), chance.choice(TIMES)),
            chance.choice(APART) * chance.choice((1, -1)),
        )
        for step in range(chance.randint(1, 9)):
            at = first + apart * step
            asked = Proposal(
                person, debtor, debts, channel, party, purpose, at, point, agency, self.limited or party == "debtor",
            )  # fmt: skip
            self.tried(asked, came_to)

    def tried(self, asked: Proposal, came_to: Any) -> None:
        """A contact made where the gate allows it."""
        self.turn += 1
        if decide(
            self.policies, asked, self.history, Standing(self.zones, tuple(each.of for each in self.known))
        ).allowed:
            self.entered.append(words.Entered(made(asked, came_to), self.turn, asked.limited))

    def what_was_pending_ends(self, chance: Random) -> None:
        pending = [n for n, each in enumerate(self.entered) if each.past.outcome == "pending"]
        if not pending:
            return
        place = chance.choice(pending)
        was = self.entered[place]
        self.entered[place] = replace(was, past=replace(was.past, outcome=ends(was.past.channel, chance.randint(0, 7))))

    def somebody_calls_or_writes(self, chance: Random) -> None:
        person, debtor, party = chance.choice(self.people)
        at = self.moment(chance.randint(0, 9), chance.choice((*TIMES, *LATE)))
        self.turn += 1
        came = Past(
            person, debtor, ("L1",), chance.choice(self.channels), party, "reply", at, chance.choice(("conversation", "delivered")), "n1",
            chance.choice(self.agencies), inbound=True,
        )  # fmt: skip
        self.entered.append(words.Entered(came, self.turn))

    def somebody_who_began_is_answered(self, chance: Random) -> None:
        """Somebody calls or writes, mostly at night, and is answered more often than they should."""
        person, debtor, party = chance.choice(self.people)
        channel, agency = chance.choice(self.channels), chance.choice(self.agencies)
        at = self.moment(chance.randint(0, 9), chance.choice(LATE))
        self.turn += 1
        came = Past(person, debtor, ("L1",), channel, party, "reply", at, "delivered", "n1", agency, inbound=True)
        self.entered.append(words.Entered(came, self.turn))
        for minutes in chance.sample((-1, 1, 5, 30, 60 * 10, 60 * 24 * 6, 60 * 24 * 7), 4):
            self.tried(
                Proposal(
                    person, debtor, ("L1",), channel, party, "reply", at + dt.timedelta(minutes=minutes), "n1", agency, limited=True
                ),
                ends(channel, 2),
            )  # fmt: skip

    def others_are_asked_for_the_debtor(self, chance: Random) -> None:
        """The debtor is tried a few times by different numbers, then somebody else is asked."""
        at = self.moment(chance.randint(0, 9), chance.choice(TIMES))
        agency = chance.choice(self.agencies)
        failed = [chance.choice(("no_answer", "invalid")) for _ in range(chance.randint(1, 4))]
        for came_to in (*failed, *chance.choice(((), ("conversation",), ("refused",), ("third_party",), ("pending",)))):
            at += dt.timedelta(minutes=chance.choice((5, 60)))
            self.tried(
                Proposal(
                    "D",
                    "D",
                    ("L1",),
                    "phone",
                    "debtor",
                    "collect",
                    at,
                    chance.choice(("n1", "n2")),
                    agency,
                    limited=True,
                ),
                came_to,
            )
        asked = Proposal(
            "Q",
            "D",
            ("L1",),
            "phone",
            "unrelated",
            "locate",
            at + dt.timedelta(minutes=chance.choice((-5, 0, 5))),
            "n9",
            agency,
            limited=True,
        )
        self.tried(asked, "conversation")

    def something_befalls_somebody(self, chance: Random) -> None:
        if not self.kinds:
            return
        kind, (person, _, _) = chance.choice(self.kinds), chance.choice(self.people)
        begins = self.moment(chance.randint(0, 9), chance.choice(TIMES))
        lasts = chance.choice((None, dt.timedelta(days=1), dt.timedelta(days=3)))
        hours = (
            chance.choice((None, (dt.time(9), dt.time(12)), (dt.time(20), dt.time(9))))
            if kind in ("agreed_hours", "inconvenient")
            else None
        )
        self.turn += 1
        of = Circumstance(
            kind, person, begins, None if lasts is None else begins + lasts, chance.choice((None, None, *self.channels)), chance.choice(("", "", "n1")),
            chance.choice(("", "", "L1")), hours,
        )  # fmt: skip
        self.known.append(words.Known(of, self.turn))

    def broken(self) -> list[str]:
        """What the finished history breaks."""
        book = words.Book(
            self.entered, self.known, [zoneinfo.ZoneInfo(name) for name in self.zones or self.everywhere()]
        )
        return [each for said in self.auditors for each in said(book)]

    def everywhere(self) -> tuple[str, ...]:
        return tuple(zone for policy in self.policies for version in policy.versions for zone in version.values.zones)

    def goes_on(self, chance: Random) -> None:
        """Something more happens."""
        acts = (self.somebody_tries_again_and_again,) * 5 + (
            self.what_was_pending_ends,
            self.somebody_calls_or_writes,
            self.something_befalls_somebody,
            self.somebody_who_began_is_answered,
            self.others_are_asked_for_the_debtor,
        )
        chance.choice(acts)(chance)


class InChina(Desk):
    policies = (CN, HOUSE)
    auditors = (words.china, words.house)
    start = dt.datetime(2026, 11, 20, tzinfo=zoneinfo.ZoneInfo("Asia/Shanghai"))


class InTheUnitedStates(Desk):
    """Over the night in which clocks are put back; nobody knows on which coast people are."""

    policies = (US, HOUSE)
    auditors = (words.united_states, words.house)
    start = dt.datetime(2026, 10, 28, tzinfo=zoneinfo.ZoneInfo("America/New_York"))
    zones = ("America/New_York", "America/Los_Angeles")
    agencies = ("A", "A", "B")


def lived(kind: type[Desk], seed: int) -> Desk:
    """A history that begins from a seed."""
    chance = Random(seed)  # noqa: S311 - a history, no secret
    desk = kind(chance)
    desk.something_befalls_somebody(chance)
    for _ in range(STEPS):
        desk.goes_on(chance)
    return desk


@examples(120, smaller=False)
@given(SEEDS)
def test_whatever_people_do_in_china_breaks_no_rule_as_its_words_have_it(seed: int) -> None:
    assert not lived(InChina, seed).broken()


@examples(120, smaller=False)
@given(SEEDS)
def test_whatever_people_do_in_the_united_states_breaks_no_rule_as_its_words_have_it(seed: int) -> None:
    assert not lived(InTheUnitedStates, seed).broken()
