"""Laws of the lists of a day, over any cases and collectors."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from daihou.collection.ordering import CANDIDATES, Collector, lists, ordered, sieved
from daihou.policies.collection import LADDER, Lists

ORGS = ("", "B01", "B02", "B03")
NOON = dt.datetime(2026, 3, 31, 12, tzinfo=dt.UTC)

policies = st.builds(
    Lists,
    recovery_share=st.fixed_dictionaries({stage: st.sampled_from([0.0, 0.01, 0.35, 1.0]) for stage in LADDER}),
    after_broken_promise=st.sampled_from([0.0, 0.7, 1.0]),
    after_conversation=st.sampled_from([0.5, 1.2]),
    fresh_days=st.just(7),
    out_of_touch_days=st.just(30),
    minutes=st.fixed_dictionaries({stage: st.sampled_from([0.5, 2.0, 8.0]) for stage in LADDER}),
    day_minutes=st.just(400),
    most_rows=st.just(120),
)
hands = st.lists(
    st.builds(
        Collector,
        st.integers(1, 4),
        st.one_of(st.none(), st.frozensets(st.sampled_from(ORGS))),
        st.integers(0, 2_400),
        st.integers(0, 6),
    ),
    max_size=4,
    unique_by=lambda one: one.id,
)
rows = st.fixed_dictionaries(
    {
        "stage": st.sampled_from(LADDER),
        "claim": st.integers(0, 10**6),
        "broken": st.integers(0, 5),
        "spoke_days": st.one_of(st.none(), st.integers(0, 40)),
        "silent_days": st.integers(0, 40),
        "call_at": st.one_of(st.none(), st.integers(-9, 9).map(lambda hours: NOON + dt.timedelta(hours=hours))),
        "due_on": st.one_of(st.none(), st.just(NOON.date())),
        "due": st.just(1),
        "plan": st.booleans(),
        "broke": st.booleans(),
        "first_payment": st.booleans(),
        "owner": st.one_of(st.none(), st.integers(1, 5)),
        "org_id": st.sampled_from(ORGS),
        "lead_org_id": st.sampled_from(ORGS),
        "channel": st.sampled_from([None, "phone", "phone", "sms"]),
        "paused": st.sampled_from([True, False, False]),
    }
)
books = st.lists(rows, max_size=25)


def frame(stated: list[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame([{"case": n, "borrower_id": f"C{n // 2}", **row} for n, row in enumerate(stated)], CANDIDATES)


def might(one: Collector, case: dict[str, Any]) -> bool:
    """Whether a case could be a collector's, by the words of the rule."""
    if case["owner"] is not None:
        return bool(case["owner"] == one.id)
    return (
        one.orgs is None
        or case["org_id"] in one.orgs
        or (case["lead_org_id"] != "" and case["lead_org_id"] in one.orgs)
    )


@given(books, hands, policies)
def test_no_case_is_on_two_lists_and_nobody_beyond_their_time_or_rows(
    stated: list[dict[str, Any]], collectors: list[Collector], policy: Lists
) -> None:
    found = lists(frame(stated), collectors, policy)
    assert found["case"].is_unique().all()
    for one in collectors:
        theirs = found.filter(pl.col("owner") == one.id)
        assert theirs["seconds"].sum() <= one.seconds
        assert len(theirs) <= one.rows
        assert theirs["place"].to_list() == list(range(1, len(theirs) + 1))
    for row in found.iter_rows(named=True):
        case = stated[row["case"]]
        assert case["channel"] is not None
        assert not case["paused"]
        (one,) = (each for each in collectors if each.id == row["owner"])
        assert might(one, case)


@given(books, hands, policies)
def test_within_a_tier_nobody_is_passed_over_for_somebody_who_comes_after(
    stated: list[dict[str, Any]], collectors: list[Collector], policy: Lists
) -> None:
    offered = ordered(frame(stated), policy)
    listed = lists(frame(stated), collectors, policy)
    taken = dict(zip(listed["case"], listed["owner"], strict=True))
    for one in collectors:
        skipped = False
        for row in offered.iter_rows(named=True):
            if taken.get(row["case"]) == one.id:
                assert not skipped, row
            elif row["case"] not in taken and might(one, stated[row["case"]]):
                skipped = True


@given(books, policies)
def test_what_is_worth_more_a_minute_stands_before_what_is_worth_less(
    stated: list[dict[str, Any]], policy: Lists
) -> None:
    rows = list(ordered(frame(stated), policy).iter_rows(named=True))
    for one, after in pairwise(rows):
        assert one["tier"] <= after["tier"]
        if one["tier"] == after["tier"] == 1:
            assert one["call_at"] <= after["call_at"]
        elif one["tier"] == after["tier"]:
            assert one["expected"] * after["seconds"] >= after["expected"] * one["seconds"]
        assert 0 <= one["expected"] <= one["claim"]


@given(books, hands, policies, st.randoms(use_true_random=False))
def test_the_lists_do_not_depend_on_the_order_of_what_is_given(
    stated: list[dict[str, Any]], collectors: list[Collector], policy: Lists, chance: Any
) -> None:
    asked = frame(stated)
    mixed = asked[chance.sample(range(len(asked)), len(asked))]
    others = chance.sample(collectors, len(collectors))
    assert lists(mixed, others, policy).equals(lists(asked, collectors, policy))


@given(books, hands, policies)
def test_asking_only_where_it_matters_gives_the_same_lists(
    stated: list[dict[str, Any]], collectors: list[Collector], policy: Lists
) -> None:
    asked = frame(stated)
    questions: list[int] = []

    def ask(some: pl.DataFrame) -> pl.Series:
        questions.extend(some["case"])
        return pl.Series([stated[case]["channel"] for case in some["case"]], dtype=pl.String)

    listed, channels = sieved(asked.with_columns(channel=pl.lit(None, pl.String)), collectors, policy, ask)
    assert listed.equals(lists(asked, collectors, policy))
    assert len(set(questions)) == len(questions)
    assert channels == {case: stated[case]["channel"] for case in questions}
    assert set(listed["case"]) <= set(questions)
