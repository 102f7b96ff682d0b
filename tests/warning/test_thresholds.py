"""Thresholds from default history: a book of twelve loans told by hand, figure by figure, and what is said where little or nothing is known."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from daihou.book.days import add_months, day_of
from daihou.book.errors import DaihouError
from daihou.policies.early_warning import EarlyWarning
from daihou.warning.candidates import Threshold
from daihou.warning.choice import Budget, Capture, Cost
from daihou.warning.fold import TRUE, UNWATCHED
from daihou.warning.outcomes import AT_RISK, IN_DEFAULT, LOST, NOT_YET, SETTLED, outcomes
from daihou.warning.tally import Panel
from daihou.warning.thresholds import Present, Question, Span, suggest

if TYPE_CHECKING:
    from daihou.warning.choice import Goal
    from daihou.warning.figures import Figures
    from daihou.warning.thresholds import Suggestion

DATES = tuple(date(2025, month, day) for month, day in ((1, 31), (2, 28), (3, 31), (4, 30), (5, 31), (6, 30)))
MONTHS = 3
"""The horizon. It is over for the first three dates: 04-30, 05-28 and 06-30, which is the last day known."""

STORY = {
    # Where it stood, the measure, its balance. R at risk, D in default, S settled, L lost, N not there yet; x no data.
    "A": ("RRRDDD", "012333", 1_000),  # worsens step by step into default on 04-30
    "B": ("RRRRRR", "110000", 500),  # a false alarm that was there when the story begins
    "C": ("RRRRRR", "020200", 500),  # twice the same false alarm: the second within 180 days
    "D": ("RRRRRR", "000022", 500),  # worsens at the end; what comes of it is not known yet
    "E": ("RRRRSS", "00010-", 500),  # the same, and is repaid before its horizon is over
    "F": ("RRDDDD", "333333", 2_000),  # bad from the beginning, in default on 03-31
    "G": ("RRRRDD", "000033", 8_000),  # in default on 05-31 out of nothing: the signal comes too late
    "H": ("RRRRRD", "xx1113", 4_000),  # not measured at first; in default on the last day of a horizon
    "I": ("NNRRRR", "--0000", 500),
    "J": ("RRRRRL", "10000-", 500),
    "K": ("RRRRRD", "000023", 5_000),  # right already, though its horizon is not over
    "L": ("RRRRRR", "000000", 500),
}
STANDING = {"R": AT_RISK, "D": IN_DEFAULT, "S": SETTLED, "L": LOST, "N": NOT_YET}
HOUSE = EarlyWarning(
    episode_days=180, fewest_defaults=5, fewest_of_half=1, most_candidates=20, most_segments=60, repetitions=200, confidence=0.95,
    alert_budget=80, amber_capture=0.6, red_precision=0.9,
)  # fmt: skip
ASKED = Question("missed_12m", "count", "high", "loan", "dpd > 90", MONTHS, Budget(80))
SPAN = Span(DATES, "month-end", "recorded")
STEP = Fraction(150 * 12 * 100, 36525 * 5)
"""Months from one date to the next: 150 days in five steps."""


def book(story: dict[str, tuple[str, str, int]] = STORY, **changed: Any) -> Panel:
    """The loans of a story as a panel."""
    standing = np.array([[STANDING[one[0][place]] for one in story.values()] for place in range(6)], np.uint8)
    values = np.array(
        [
            [float(one[1][place]) if one[1][place].isdigit() else math.nan for one in story.values()]
            for place in range(6)
        ]
    )
    live = (standing == AT_RISK) | (standing == IN_DEFAULT)
    days = np.array([day_of(one) for one in DATES], np.int32)
    horizons = np.array([day_of(add_months(one, MONTHS)) for one in DATES], np.int32)
    return replace(
        Panel(
            0,
            values,
            np.where(live, TRUE, UNWATCHED).astype(np.uint8),
            np.array([[100 * one[2] for one in story.values()]] * 6, np.int64),
            outcomes(days, horizons, standing, np.repeat(days[:, None], len(story), axis=1)),
        ),
        **changed,
    )


def told(goal: Goal = ASKED.goal, policy: EarlyWarning = HOUSE, panel: Panel | None = None, **asked: Any) -> Suggestion:
    return suggest([panel or book()], replace(ASKED, goal=goal, **asked), SPAN, policy)


def counts(one: Figures) -> dict[str, int]:
    names = "support matured defaulted signals late repeats episodes right wrong censored caught missed caught_balance"
    return {name: getattr(one, name) for name in names.split()}


def test_every_count_of_the_loosest_threshold_is_the_one_told_by_hand() -> None:
    found = told().figures[0]
    assert found.threshold == Threshold(1.0)
    assert counts(found) == {
        "support": 16,  # A2 B2 C2 D2 E1 F2 H3 J1 K1
        "matured": 9,  # of January to March: A2 B2 C1 F2 H1 J1
        "defaulted": 5,  # A2 F2 H1
        "signals": 11,  # each of A to K but I once, C twice
        "late": 1,  # G
        "repeats": 1,  # C in April
        "episodes": 9,
        "right": 3,  # A F H
        "wrong": 3,  # B C J
        "censored": 3,  # D E K, settled or in default or neither
        "caught": 4,  # A F H K
        "missed": 1,  # G
        "caught_balance": 1_200_000,
    }


def test_every_ratio_of_the_loosest_threshold_is_the_one_told_by_hand() -> None:
    found = told().figures[0]
    assert found.rate_above == pytest.approx(5 / 9)
    assert found.rate_below == pytest.approx(3 / 22)  # January to March: 31 known, 8 of them bad
    assert found.lift == pytest.approx((5 / 9) / (8 / 31))
    assert found.precision == pytest.approx(3 / 6)
    assert found.caught_share == pytest.approx(4 / 5)
    assert found.caught_balance_share == pytest.approx(12_000 / 20_000)
    assert found.lead_days == 60  # of 30, 59, 61 and 91
    assert found.alerts == pytest.approx(
        float(1000 * 6 / (56 * STEP))
    )  # A C D E H K of 56 loan-months from February on
    first, second = found.halves
    assert [first.lift, first.precision] == pytest.approx([(1 / 3) / (2 / 10), 1 / 3])
    assert [second.lift, second.precision] == pytest.approx([(4 / 6) / (6 / 21), 2 / 3])


def test_stricter_thresholds_are_told_by_hand_too() -> None:
    _, two, three = told().figures
    assert counts(two) == {
        "support": 8, "matured": 4, "defaulted": 3, "signals": 8, "late": 2, "repeats": 1, "episodes": 5, "right": 2, "wrong": 1,
        "censored": 2, "caught": 3, "missed": 2, "caught_balance": 800_000,
    }  # fmt: skip
    assert [two.lift, two.precision, two.lead_days] == pytest.approx([93 / 32, 2 / 3, 30])
    assert two.alerts == pytest.approx(float(1000 * 4 / (56 * STEP)))
    assert counts(three) == {
        "support": 2, "matured": 2, "defaulted": 2, "signals": 5, "late": 4, "repeats": 0, "episodes": 1, "right": 1, "wrong": 0,
        "censored": 0, "caught": 1, "missed": 4, "caught_balance": 200_000,
    }  # fmt: skip
    assert [three.lift, three.precision, three.alerts, three.lead_days] == pytest.approx([31 / 8, 1, 0, 59])


def test_the_book_as_a_whole_is_told_beside() -> None:
    found = told()
    assert (found.subjects, found.unknown, found.defaults, found.default_balance) == (12, 2, 5, 2_000_000)
    assert found.base_rate == pytest.approx(8 / 31)
    assert found.names == ("missed_12m >= 1", "missed_12m >= 2", "missed_12m >= 3")
    assert [note.en.split(":")[0] for note in found.notes] == [
        "Of missed_12m >= 1, 3 episodes have a horizon that is not over",
        "The measure is not known on 3.6% of the dates at risk",
    ]


def test_where_no_payment_was_heard_of_for_more_than_a_month_that_is_told() -> None:
    def notes(days: int) -> list[str]:
        quiet = replace(told(), span=replace(SPAN, heard_on=DATES[-1] - timedelta(days)))
        return [note.en for note in quiet.notes if note.en.startswith("No payment")]

    assert notes(31) == []
    assert notes(32) == [
        "No payment is known after 2025-05-29: what fell due from then to 2025-06-30 counts as unpaid. End the span there (--to)."
    ]


@pytest.mark.parametrize(
    ("goal", "place", "why"),
    [
        (Budget(80), 1, "missed_12m >= 2 catches 60.0% of defaults with 72.5 alerts per 1,000 loans a month"),
        (Budget(108), 1, "72.5 alerts"),
        (Budget(109), 0, "108.7 alerts"),
        (Budget(1), 2, "missed_12m >= 3 catches 20.0% of defaults with 0 alerts"),
        (Capture(0.6), 1, "at least the 60.0% asked for, with the fewest alerts: 72.5"),
        (Capture(0.61), 0, "catches 80.0%"),
        (Capture(0.81), None, "No threshold catches 81.0% of defaults; the most is 80.0%."),
        (
            Cost(1, 10),
            0,
            "costs least, 14.5 in all: about 4 false alarms and 1 missed defaults; no rule at all costs 50.",
        ),
        (Cost(10, 1), 2, "costs least, 4 in all: about 0 false alarms and 4 missed defaults"),
        (Cost(10, 0.1), 2, "costs least"),
    ],
)
def test_the_threshold_chosen_is_the_best_for_what_was_asked_and_says_why(
    goal: Goal, place: int | None, why: str
) -> None:
    found = told(goal)
    assert found.choice is not None
    assert found.choice.place == place
    assert why in found.advice.en
    assert found.advice.zh


def test_no_rule_at_all_may_be_the_cheapest() -> None:
    panel = book()
    alarms = told(Cost(10, 0.1), panel=replace(panel, values=np.where(panel.values == 3, 0, panel.values)))
    assert alarms.choice is not None
    assert alarms.choice.place is None
    assert "no rule at all to 0.5" in alarms.advice.en
    assert "得不偿失" in alarms.advice.zh


def test_amber_catches_enough_with_the_fewest_alerts_and_red_is_right_often_enough() -> None:
    pair = told().pair
    assert pair is not None
    assert (pair.amber.place, pair.red.place) == (1, 2)
    pair = told(policy=replace(HOUSE, red_precision=0.6)).pair
    assert pair is not None
    assert (pair.amber.place, pair.red.place) == (1, 1)
    panel = book()
    pair = told(panel=replace(panel, values=np.where(panel.values == 3, 2, panel.values))).pair
    assert pair is not None
    assert pair.red.place is None
    assert "90.0%" in pair.red.why.en


def test_with_too_few_defaults_counts_are_told_and_nothing_is_guessed() -> None:
    found = told(policy=replace(HOUSE, fewest_defaults=6))
    assert not found.enough
    assert (found.choice, found.pair, found.base_rate) == (None, None, None)
    assert "Not enough defaults: 5, where 6 are needed" in found.advice.en
    assert "违约样本不足" in found.advice.zh
    one = found.figures[0]
    assert counts(one) == counts(told().figures[0])
    ratios = (
        one.rate_above,
        one.rate_below,
        one.lift,
        one.precision,
        one.caught_share,
        one.caught_balance_share,
        one.alerts,
        one.lead_days,
    )
    assert ratios == (None,) * 8
    assert (one.intervals.caught_share, one.moved, one.halves[0].lift) == (None, None, None)


def test_a_measure_of_one_value_has_no_threshold() -> None:
    found = told(panel=book(values=np.ones((6, 12))))
    assert found.figures == ()
    assert found.choice is None
    assert "one value throughout" in found.advice.en


def test_a_measure_without_data_has_no_threshold_and_says_so() -> None:
    found = told(panel=book(values=np.full((6, 12), math.nan)), present=(Present("R-001", Threshold(30.0)),))
    assert found.choice is None
    assert "no data on any date" in found.advice.en
    assert [one.signals for one in found.figures] == [0]
    assert found.unknown == 56  # every loan-month at risk


def test_the_threshold_of_a_live_rule_stands_among_the_candidates() -> None:
    found = told(
        present=(
            Present("R-002", Threshold(2.0)),
            Present("R-003", Threshold(2.0, strict=True)),
            Present("R-004", Threshold(1.5)),
        )
    )
    assert found.names == (
        "missed_12m >= 1", "missed_12m >= 1.5", "missed_12m >= 2", "missed_12m > 2", "missed_12m >= 3",
    )  # fmt: skip
    assert [found.place_of(one) for one in found.question.present] == [2, 3, 1]
    assert counts(found.figures[3]) == counts(found.figures[4])  # of whole numbers more than 2 is 3


def test_where_low_is_bad_the_same_story_told_upside_down_has_the_same_figures() -> None:
    panel = book()
    found = told(panel=replace(panel, values=3 - panel.values), worse="low")
    assert found.names == ("missed_12m <= 2", "missed_12m <= 1", "missed_12m <= 0")
    assert [counts(one) for one in found.figures] == [counts(one) for one in told().figures]
    assert [one.intervals for one in found.figures] == [one.intervals for one in told().figures]


def test_segments_are_told_apart_and_one_with_too_few_defaults_gets_no_ratio() -> None:
    groups = tuple("south" if name in "AFGHKD" else None if name == "L" else "north" for name in STORY)
    found = told(panel=book(groups=groups), by="region")
    south, north, unnamed = found.segments
    assert [(one.name, one.subjects, one.defaults) for one in found.segments] == [
        ("south", 6, 5),
        ("north", 5, 0),
        (None, 1, 0),
    ]
    assert south.choice is not None
    assert south.choice.place is not None
    assert (south.figures[0].right, south.figures[0].wrong, south.figures[0].caught_share) == (3, 0, 0.8)
    assert north.choice is unnamed.choice is None
    assert (north.figures[0].wrong, north.figures[0].precision, north.figures[0].alerts) == (3, None, None)
    told_north = found.as_dict()["segments"][1]
    assert (told_north["enough"], told_north["at_own"]) == (False, None)
    assert "违约样本不足" in told_north["note"]["zh"]


def test_more_segments_than_the_policy_allows_are_refused() -> None:
    panels = [replace(book(groups=tuple(f"{half}{name}" for name in STORY)), first=12 * half) for half in range(2)]
    with pytest.raises(DaihouError, match="more than 20 segments"):
        suggest(panels, replace(ASKED, by="loan_id"), SPAN, replace(HOUSE, most_segments=20))


def test_outside_the_segment_nothing_is_counted_and_a_signal_clears() -> None:
    panel = book()
    within = panel.within.copy()
    within[:, list(STORY).index("F")] = 0  # never in the segment: its default is none of ours
    within[2:, list(STORY).index("A")] = (
        0  # leaves it in March: the signal clears, and was in time for the default in April all the same
    )
    within[:, list(STORY).index("H")] = 2  # not known whether it is in: neither counted nor warned of
    found = told(panel=replace(panel, within=within), policy=replace(HOUSE, fewest_defaults=1))
    assert found.defaults == 3  # A G K
    one = found.figures[0]
    assert (one.right, one.caught) == (1, 2)  # A; K too, though its horizon is not over
    within[:3, list(STORY).index("A")] = 0  # never in it within three months before: its default is none of ours
    assert told(panel=replace(panel, within=within), policy=replace(HOUSE, fewest_defaults=1)).defaults == 2


def test_what_is_told_is_json_and_whole() -> None:
    found = told(present=(Present("R-002", Threshold(2.0)),), segment="product = 'car'").as_dict()
    assert json.loads(json.dumps(found)) == found
    assert found["spine"] == {
        "first": "2025-01-31", "last": "2025-06-30", "step": "month-end", "dates": 6, "knowledge": "recorded",
    }  # fmt: skip
    assert found["goal"] == {"kind": "budget", "alerts": 80}
    assert found["present"] == [{"rule": "R-002", "condition": "missed_12m >= 2", "place": 1}]
    assert found["candidates"][1]["condition"] == "missed_12m >= 2"
    assert found["candidates"][1]["caught_share"] == 0.6
    assert len(found["candidates"][1]["intervals"]["caught_share"]) == 2
    assert found["chosen"]["place"] == 1


def test_a_change_that_chance_does_not_explain_is_flagged() -> None:
    """A hundred loans: in the first half every warning is right, in the second none."""
    names = [f"{kind}{number}" for kind in "yn" for number in range(50)]
    story = {name: ("RDDDDD", "300000", 1) if name.startswith("y") else ("RRRRRR", "003000", 1) for name in names}
    story |= {f"late{number}": ("RRRRDD", "000000", 1) for number in range(20)}
    story |= {f"right{number}": ("RRRRDD", "003000", 1) for number in range(3)}
    found = told(panel=book(story)).figures[-1]
    assert [half.precision for half in found.halves] == [1, pytest.approx(3 / 53)]
    assert found.moved is True
    assert told().figures[0].moved is False  # twelve loans cannot tell
    assert told(policy=replace(HOUSE, fewest_of_half=2)).figures[0].moved is None
