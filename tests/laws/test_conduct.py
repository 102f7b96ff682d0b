"""Laws of the gate: whatever people do, in any order of times and however clocks differ, what it let through breaks no rule as its words have it."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from dataclasses import replace
from typing import Any, ClassVar, Final

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from daihou.collection.conduct.contact import CHANNELS, KINDS, PURPOSES, Circumstance, Past, Proposal, Standing
from daihou.collection.conduct.gate import decide
from laws import conduct_words as words
from laws.conduct_known import CN, HOUSE, US, made

PEOPLE: Final = (("D", "D", "debtor"), ("G", "D", "guarantor"), ("Q", "D", "unrelated"), ("Q", "E", "unrelated"), ("E", "E", "debtor"))
TALKED: Final = ("conversation", "third_party", "no_answer", "busy", "invalid", "voicemail", "refused", "not_made")
SENT: Final = ("sent", "delivered", "failed", "not_made")
TIMES: Final = (
    dt.timedelta(hours=7, minutes=59, seconds=59, microseconds=999_999), dt.timedelta(hours=8), dt.timedelta(hours=10),
    dt.timedelta(hours=15), dt.timedelta(hours=20, minutes=59), dt.timedelta(hours=21), dt.timedelta(hours=21, microseconds=1),
    dt.timedelta(hours=22), dt.timedelta(hours=23, minutes=30),
)  # fmt: skip


APART: Final = (dt.timedelta(minutes=5), dt.timedelta(days=1), dt.timedelta(days=1), dt.timedelta(days=6), dt.timedelta(days=7))


def ends(channel: str, number: int) -> Any:
    """What a contact by a channel comes to; 8: it stays pending."""
    came_to = TALKED if channel in ("phone", "voice_bot", "visit") else SENT
    return "pending" if number == 8 else came_to[number % len(came_to)]


class Desk(RuleBasedStateMachine):
    """Everybody at once: collectors of the house and of two agencies, people who call back, and what befalls them."""

    policies: ClassVar[Any]
    start: ClassVar[dt.datetime]
    zones: ClassVar[tuple[str, ...]] = ()
    agencies: ClassVar[tuple[str, ...]] = ("", "A", "B")

    def __init__(self) -> None:
        super().__init__()
        self.entered: list[words.Entered] = []
        self.known: list[words.Known] = []
        self.turn = 0

    @initialize(
        people=st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=2, unique=True),
        channels=st.lists(st.sampled_from(CHANNELS + ("phone",) * 7), min_size=1, max_size=2),
        purposes=st.lists(st.sampled_from(PURPOSES + ("collect",) * 3), min_size=1, max_size=2),
        kinds=st.lists(st.sampled_from(KINDS), max_size=2),
        outcomes=st.lists(st.integers(0, 8), min_size=1, max_size=2),
        limited=st.booleans(),
    )
    def a_few_things_go_on(self, people: Any, channels: Any, purposes: Any, kinds: Any, outcomes: list[int], limited: bool) -> None:
        """Few kinds of people, ways and circumstances at a time, so that limits are reached; all of them, over many histories."""
        if any(party == "unrelated" for *_, party in people):
            people, purposes = [*people, PEOPLE[0]], [*purposes, "locate"]
        self.people, self.channels, self.purposes, self.kinds, self.outcomes, self.limited = people, channels, purposes, kinds, outcomes, limited

    def moment(self, day: int, time: dt.timedelta) -> dt.datetime:
        """A moment by the clock of the first place, told in UTC."""
        shown = self.start.replace(tzinfo=None) + dt.timedelta(days=day) + time
        return shown.replace(tzinfo=self.start.tzinfo).astimezone(dt.UTC)

    @property
    def history(self) -> list[Past]:
        return [each.past for each in self.entered]

    @rule(
        first=st.integers(0, 9), time=st.sampled_from(TIMES), often=st.integers(1, 9), apart=st.sampled_from(APART), backward=st.booleans(),
        who=st.integers(0, 2), way=st.integers(0, 1), purpose=st.integers(0, 2), debts=st.sampled_from((("L1",), ("L1", "L2"), ("L2",))),
        point=st.sampled_from(("n1", "n1", "n2")), agency=st.integers(0, 2), outcome=st.integers(0, 1),
    )  # fmt: skip
    def somebody_tries_again_and_again(self, first: int, time: dt.timedelta, often: int, apart: dt.timedelta, backward: bool, who: int, way: int, purpose: int, debts: Any, point: str, agency: int, outcome: int) -> None:  # fmt: skip
        """The same contact at several moments; those allowed are made, and come to something or stay pending."""
        person, debtor, party = self.people[who % len(self.people)]
        channel = self.channels[way % len(self.channels)]
        came_to = ends(channel, self.outcomes[outcome % len(self.outcomes)])
        for step in range(often):
            at = self.moment(first, time) + apart * (-step if backward else step)
            asked = Proposal(
                person, debtor, debts, channel, party, self.purposes[purpose % len(self.purposes)], at, point,
                self.agencies[agency % len(self.agencies)], self.limited or party == "debtor",
            )  # fmt: skip
            self.turn += 1
            if decide(self.policies, asked, self.history, Standing(self.zones, tuple(each.of for each in self.known))).allowed:
                self.entered.append(words.Entered(made(asked, came_to), self.turn, asked.limited))

    @precondition(lambda self: any(each.past.outcome == "pending" for each in self.entered))
    @rule(which=st.integers(0, 100), outcome=st.integers(0, 7))
    def what_was_pending_ends(self, which: int, outcome: int) -> None:
        open_ones = [n for n, each in enumerate(self.entered) if each.past.outcome == "pending"]
        place = open_ones[which % len(open_ones)]
        was = self.entered[place]
        self.entered[place] = replace(was, past=replace(was.past, outcome=ends(was.past.channel, outcome)))

    @rule(day=st.integers(0, 9), time=st.sampled_from(TIMES), who=st.integers(0, 2), way=st.integers(0, 1), spoke=st.booleans(), agency=st.integers(0, 2))
    def somebody_calls_or_writes(self, day: int, time: dt.timedelta, who: int, way: int, spoke: bool, agency: int) -> None:
        person, debtor, party = self.people[who % len(self.people)]
        self.turn += 1
        came = Past(
            person, debtor, ("L1",), self.channels[way % len(self.channels)], party, "reply", self.moment(day, time),
            "conversation" if spoke else "delivered", "n1", self.agencies[agency % len(self.agencies)], inbound=True,
        )  # fmt: skip
        self.entered.append(words.Entered(came, self.turn))

    @precondition(lambda self: bool(self.kinds))
    @rule(
        which=st.integers(0, 1), who=st.integers(0, 2), day=st.integers(0, 9), time=st.sampled_from(TIMES), length=st.sampled_from((None, 1, 3)),
        channel=st.sampled_from((None, None, "phone", "sms", "visit")), point=st.sampled_from(("", "", "n1")), debt=st.sampled_from(("", "", "L1")),
        hours=st.sampled_from((None, None, (dt.time(9), dt.time(12)), (dt.time(20), dt.time(9)))),
    )  # fmt: skip
    def something_befalls_somebody(self, which: int, who: int, day: int, time: dt.timedelta, length: int | None, channel: Any, point: str, debt: str, hours: Any) -> None:  # fmt: skip
        begins = self.moment(day, time)
        lasts = None if length is None else begins + dt.timedelta(days=length)
        kind, person = self.kinds[which % len(self.kinds)], self.people[who % len(self.people)][0]
        self.turn += 1
        of = Circumstance(kind, person, begins, lasts, channel, point, debt, hours if kind in ("agreed_hours", "inconvenient") else None)
        self.known.append(words.Known(of, self.turn))

    def teardown(self) -> None:
        book = words.Book(self.entered, self.known, [zoneinfo.ZoneInfo(name) for name in self.zones or self.everywhere()])
        for said in self.auditors():
            broken = list(said(book))
            assert not broken, broken

    def everywhere(self) -> tuple[str, ...]:
        return tuple(zone for policy in self.policies for version in policy.versions for zone in version.values.zones)

    def auditors(self) -> tuple[Any, ...]:
        raise NotImplementedError


class InChina(Desk):
    policies = (CN, HOUSE)
    start = dt.datetime(2026, 11, 20, tzinfo=zoneinfo.ZoneInfo("Asia/Shanghai"))

    def auditors(self) -> tuple[Any, ...]:
        return words.china, words.house


class InTheUnitedStates(Desk):
    """Over the night in which clocks are put back; nobody knows on which coast people are."""

    policies = (US, HOUSE)
    start = dt.datetime(2026, 10, 28, tzinfo=zoneinfo.ZoneInfo("America/New_York"))
    zones = ("America/New_York", "America/Los_Angeles")
    agencies = ("A", "A", "B")

    def auditors(self) -> tuple[Any, ...]:
        return words.united_states, words.house


MANY: Final = settings(max_examples=150, stateful_step_count=10, suppress_health_check=list(HealthCheck))
TestChina = InChina.TestCase
TestChina.settings = MANY
TestUnitedStates = InTheUnitedStates.TestCase
TestUnitedStates.settings = MANY
