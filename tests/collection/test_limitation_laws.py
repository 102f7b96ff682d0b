"""The laws of limitation: what may never happen, whatever came when."""

from __future__ import annotations

import datetime as dt

from hypothesis import given, settings
from hypothesis import strategies as st

from collection.test_limitation import DUE, POLICY
from daihou.collection.limitation import Claim, Event, Standing, limitation

LAWS = settings(max_examples=200, derandomize=True, database=None, deadline=None)
AS_OF = DUE + dt.timedelta(days=9_000)
RENEWING = {kind.code for kind in POLICY.kinds if kind.after_end == "renews"}


@st.composite
def events(draw: st.DrawFn) -> Event:
    on = DUE + dt.timedelta(days=draw(st.integers(-400, 9_000)))
    kind = draw(st.sampled_from([each.code for each in POLICY.kinds]))
    held = next(each for each in POLICY.kinds if each.code == kind).effect != "interrupts"
    over = draw(st.none() | st.integers(0, 900)) if held else None
    ended_on = None if over is None else on + dt.timedelta(days=over)
    return Event(
        on, kind, str(draw(st.integers(0, 3))), ended_on, draw(st.sampled_from(["debtor", "debtor", "guarantor"]))
    )


def stands(held: list[Event], as_of: dt.date = AS_OF) -> Standing:
    return limitation(POLICY, Claim(DUE), held, as_of, "CN")


def ends(found: Standing) -> dt.date:
    return found.ends_on or dt.date.max


SOME = st.lists(events(), max_size=7)


@LAWS
@given(SOME, events())
def test_an_event_more_never_shortens(held: list[Event], more: Event) -> None:
    assert ends(stands([*held, more])) >= ends(stands(held))


@LAWS
@given(SOME, events())
def test_an_event_after_the_end_changes_nothing_unless_it_renews(held: list[Event], more: Event) -> None:
    before = stands(held)
    later = [one for one in held if one.on <= ends(before)]
    found = stands(later)
    if more.on > ends(found) and more.kind not in RENEWING:
        assert stands([*later, more]) == found


@LAWS
@given(SOME, st.randoms(use_true_random=False))
def test_the_order_of_events_does_not_matter_and_twice_is_once(held: list[Event], chance: object) -> None:
    shuffled = [*held, *held[:2]]
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert stands(shuffled) == stands(held)


@LAWS
@given(SOME)
def test_it_lies_between_its_shortest_and_its_longest(held: list[Event]) -> None:
    found = stands(held)
    assert ends(found) >= ends(stands([]))
    assert found.pending or (found.longest_on is not None and ends(found) <= found.longest_on)


@LAWS
@given(SOME, st.integers(0, 9_000), st.integers(0, 9_000))
def test_what_has_not_happened_yet_is_not_known(held: list[Event], first: int, second: int) -> None:
    as_of = DUE + dt.timedelta(days=min(first, second))
    seen = [one for one in held if one.on <= as_of]
    assert stands(held, as_of) == stands(seen, as_of)
