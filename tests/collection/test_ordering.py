"""The lists of a day: what comes first, who gets it, where it ends, and what each row says of itself."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl

from daihou.collection.ordering import CANDIDATES, LISTED, REASONS, Collector, lists, ordered
from daihou.policies.collection import LADDER, Lists

DAY = dt.date(2026, 3, 31)
POLICY = Lists(
    recovery_share=dict.fromkeys(LADDER, 0.1) | {"M2": 0.35, "M1": 0.6},
    after_broken_promise=0.7,
    after_conversation=1.2,
    fresh_days=7,
    out_of_touch_days=30,
    minutes=dict.fromkeys(LADDER, 8) | {"M2": 6, "M1": 4},
    day_minutes=400,
    most_rows=120,
)
HOUR = 3_600


def candidates(*stated: dict[str, Any]) -> pl.DataFrame:
    """Cases of collector 1, each as stated beside what is usual."""
    usual = {
        "stage": "M2", "claim": 1_844_072, "broken": 0, "spoke_days": None, "silent_days": 3, "call_at": None, "due_on": None, "due": None,
        "plan": False, "broke": False, "first_payment": False, "owner": 1, "org_id": "B01", "lead_org_id": "", "channel": "phone", "paused": False,
    }  # fmt: skip
    rows = [{"case": place, "borrower_id": f"C{place}", **usual, **row} for place, row in enumerate(stated, 1)]
    return pl.DataFrame(rows, CANDIDATES)


def collector(owner: int = 1, *orgs: str, seconds: int = 400 * 60, rows: int = 120) -> Collector:
    return Collector(owner, frozenset(orgs), seconds, rows)


def cases(frame: pl.DataFrame, owner: int = 1) -> list[int]:
    return frame.filter(pl.col("owner") == owner).sort("place")["case"].to_list()


def reasons(frame: pl.DataFrame) -> list[str]:
    return frame["reason"].to_list()


def at(hour: int) -> dt.datetime:
    return dt.datetime(2026, 3, 31, hour, tzinfo=dt.UTC)


def test_agreed_calls_come_first_by_time_then_promises_then_what_brings_most_a_minute() -> None:
    frame = candidates(
        {"claim": 10_000_000},
        {"due_on": DAY, "due": 100, "claim": 5_000},
        {"call_at": at(9), "claim": 1},
        {"call_at": at(3), "claim": 1},
        {"broke": True, "claim": 9_000},
        {"claim": 20_000_000},
    )
    found = lists(frame, [collector()], POLICY)
    assert cases(found) == [4, 3, 5, 2, 6, 1]
    assert reasons(found) == [
        "call_agreed", "call_agreed", "promise_broken", "promise_due", "expected_recovery", "expected_recovery",
    ]  # fmt: skip
    assert found.schema == LISTED


def test_what_a_case_may_bring_is_the_claim_times_the_chance_of_its_stage() -> None:
    found = lists(candidates({}), [collector()], POLICY).row(0, named=True)
    assert (found["chance"], found["expected"], found["seconds"]) == (350_000, 645_425, 6 * 60)  # 18,440.72 x 35 %


def test_broken_promises_lower_the_chance_three_times_at_most_and_a_conversation_lately_raises_it() -> None:
    frame = candidates(
        *({"broken": times} for times in range(5)),
        {"spoke_days": 7},
        {"spoke_days": 8},
        {"stage": "M1", "spoke_days": 0},
    )
    found = ordered(frame, POLICY).sort("case")["chance"].to_list()
    assert found == [350_000, 245_000, 171_500, 120_050, 120_050, 420_000, 350_000, 720_000]


def test_no_chance_is_above_the_whole() -> None:
    sure = Lists(**{**{name: getattr(POLICY, name) for name in POLICY.__slots__}, "after_conversation": 9.0})
    assert ordered(candidates({"spoke_days": 1, "claim": 777}), sure)["expected"].to_list() == [777]


def test_the_largest_claims_do_not_overflow() -> None:
    largest = 9_000_000_000_000_000_000
    assert ordered(candidates({"claim": largest}), POLICY)["expected"].to_list() == [largest * 35 // 100]


def test_what_to_know_first_is_said_where_no_promise_or_call_is() -> None:
    frame = candidates(
        {"first_payment": True}, {"silent_days": 30}, {"silent_days": 29}, {"due_on": DAY, "due": 1, "plan": True}
    )
    found = ordered(frame, POLICY)
    assert dict(zip(found["case"], found["reason"], strict=True)) == {
        1: "first_payment", 2: "out_of_touch", 3: "expected_recovery", 4: "plan_part_due",
    }  # fmt: skip
    assert set(reasons(found)) <= set(REASONS)


def test_who_may_not_be_contacted_on_the_day_and_what_is_set_aside_are_on_no_list() -> None:
    frame = candidates({"channel": None, "call_at": at(3)}, {"paused": True}, {})
    assert cases(lists(frame, [collector()], POLICY)) == [3]


def test_ties_go_by_borrower() -> None:
    frame = candidates({"borrower_id": "C9"}, {"borrower_id": "C2"}, {"borrower_id": "C5"})
    assert cases(lists(frame, [collector()], POLICY)) == [2, 3, 1]


def test_a_list_ends_when_the_next_does_not_fit_and_nothing_smaller_slips_in() -> None:
    frame = candidates({"claim": 3_000_000}, {"claim": 2_000_000}, {"stage": "M1", "claim": 100})
    assert cases(lists(frame, [collector(seconds=11 * 60)], POLICY)) == [
        1
    ]  # 5 minutes left: M1 would take 4, but case 2 comes first
    assert cases(lists(frame, [collector(seconds=16 * 60)], POLICY)) == [1, 2, 3]
    assert cases(lists(frame, [collector(rows=2)], POLICY)) == [1, 2]


def test_what_has_none_goes_to_whom_has_the_most_time_left_within_reach() -> None:
    frame = candidates(
        {"owner": None, "claim": 900}, {"owner": None, "claim": 800}, {"owner": None, "claim": 700}, {"owner": None, "claim": 600, "org_id": "B02"},
        {"owner": None, "claim": 500, "org_id": "B09"}, {"owner": None, "claim": 400, "org_id": "B09", "lead_org_id": "B01"},
    )  # fmt: skip
    hands = [collector(1, "B01", seconds=HOUR), collector(2, "B01", "B02", seconds=HOUR - 60)]
    found = lists(frame, hands, POLICY)
    assert cases(found, 1) == [1, 3, 6]
    assert cases(found, 2) == [2, 4]
    assert 5 not in found["case"].to_list()  # nobody reaches its org
    assert 5 in lists(frame, [Collector(3, None, HOUR, 9)], POLICY)["case"].to_list()


def test_what_has_a_collector_stays_with_them_though_others_have_time() -> None:
    frame = candidates(*({"claim": 1_000 + n} for n in range(9)))
    found = lists(frame, [collector(1, "B01", seconds=12 * 60), collector(2, "B01")], POLICY)
    assert found["owner"].unique().to_list() == [1]
    assert len(found) == 2


def test_with_nobody_or_nothing_the_lists_are_empty() -> None:
    assert lists(candidates({}, {}), [], POLICY).is_empty()
    assert lists(candidates(), [collector()], POLICY).schema == LISTED


def test_of_two_hundred_thousand_cases_every_list_is_filled() -> None:
    count = 200_000
    stages = pl.Series("stage", LADDER)
    frame = candidates({}).with_columns(pl.lit(count).alias("n"))
    frame = frame.select(pl.all().repeat_by("n").explode()).drop("n").with_row_index("at")
    frame = frame.with_columns(
        case=pl.col("at").cast(pl.Int64), borrower_id=pl.format("C{}", "at"), claim=(pl.col("at") * 7919 % 1_000_003).cast(pl.Int64),
        stage=stages.gather(frame["at"] % len(LADDER)), owner=pl.when(pl.col("at") % 3 > 0).then(pl.col("at").cast(pl.Int64) % 500),
        org_id=pl.format("B{}", pl.col("at") % 20),
    ).drop("at")  # fmt: skip
    hands = [Collector(n, frozenset({f"B{n % 20}"}), 400 * 60, 120) for n in range(500)]
    assert len(lists(frame, hands, POLICY)) > 25_000
