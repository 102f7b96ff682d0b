"""The laws of the watch: the kernels answer as the slow reference does, and a backtest says what the nights said."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
import polars as pl
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st

from daihou.book.home import open_home
from daihou.book.intake import deliver
from daihou.book.ledger.layout import FOREVER
from daihou.book.ledger.ledger import refresh
from daihou.runs import store
from daihou.runs.nightly import run_all
from daihou.runs.policies import read_policies
from daihou.runs.watch.asked import default_condition
from daihou.runs.watch.backtest import backtest
from daihou.runs.watch.folded import folded
from daihou.runs.watch.night import asleep, night
from daihou.runs.watch.spine import spine_of
from daihou.runs.watch.wide import wide
from daihou.warning import episodes as episodes_module
from daihou.warning import fold as fold_module
from daihou.warning.checked import check
from daihou.warning.episodes import JUDGED, judge
from daihou.warning.fold import MOVES, Manner, fold, nothing
from daihou.warning.outcomes import outcomes
from daihou.warning.rule import Rule, Text, Version
from daihou.warning.rulebook import rulebook
from laws import nasty, signals
from laws.depth import examples

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from daihou.book.home import Home
    from daihou.warning.checked import Checked
    from laws.facts import Book

EXAMPLES = examples(30)
ANSWERS = get_args(signals.Answer)
STANDINGS = get_args(signals.Standing)
DATES = tuple(dt.date(2024 + month // 12, month % 12 + 1, 20) for month in range(1, 15, 3))
"""Five dates three months apart, while the nasty books happen."""


def silent(_step: str, _done: int, _all: int) -> None:
    """Show nothing."""


# The kernels.

days = st.lists(st.integers(1, 40), min_size=2, max_size=14).map(lambda gaps: np.cumsum(gaps).astype(np.int32))
manners = st.builds(
    signals.Manner, st.integers(1, 3), st.sampled_from((0, 30, 60)), st.integers(1, 3), st.booleans()
)  # fmt: skip
LIKELY = (0, 0, 0, 1, 1, 1, 1, 2, 3)
"""Answers by how often they come: false and true, then unknown and unwatched."""


def table(draw: st.DrawFn, dates: int, subjects: int, values: tuple[int, ...]) -> Any:
    one = st.lists(st.sampled_from(values), min_size=dates * subjects, max_size=dates * subjects)
    return np.array(draw(one), np.uint8).reshape(dates, subjects)


@st.composite
def answered(draw: st.DrawFn) -> tuple[Any, Any, Any, signals.Manner]:
    """Days, answers [date, subject] of a condition and of a clear condition, and a manner."""
    asked = draw(days)
    holds = table(draw, len(asked), 3, LIKELY)
    clears = np.where(holds == 3, 3, table(draw, len(asked), 3, (0, 1, 1, 2))).astype(np.uint8)
    return asked, holds, clears, draw(manners)


def kernel_manner(manner: signals.Manner) -> Manner:
    return Manner(manner.confirm, manner.cooldown_days, manner.clear_times)


def words(codes: Any, names: tuple[str, ...]) -> list[Any]:
    return [names[code] for code in codes]


@EXAMPLES
@given(answered())
def test_the_fold_says_what_the_reference_says(drawn: tuple[Any, Any, Any, signals.Manner]) -> None:
    asked, holds, clears, manner = drawn
    found = fold(asked, holds, clears if manner.own_clear else None, kernel_manner(manner), nothing(3))
    for subject in range(3):
        expected = signals.moves(
            manner, asked.tolist(), words(holds[:, subject], ANSWERS), words(clears[:, subject], ANSWERS)
        )
        assert words(found[:, subject], MOVES) == expected


@EXAMPLES
@given(answered())
def test_the_fold_over_days_in_one_pass_is_the_fold_day_by_day(drawn: tuple[Any, Any, Any, signals.Manner]) -> None:
    asked, holds, clears, manner = drawn
    given_clears = clears if manner.own_clear else None
    whole, memory = nothing(3), nothing(3)
    together = fold(asked, holds, given_clears, kernel_manner(manner), whole)
    for place in range(len(asked)):
        day = slice(place, place + 1)
        one = fold(
            asked[day], holds[day], None if given_clears is None else given_clears[day], kernel_manner(manner), memory
        )
        assert (one[0] == together[place]).all()
    for name in ("hits", "clears", "opened_on", "closed_on"):
        assert (getattr(memory, name) == getattr(whole, name)).all()


@examples(10)
@given(answered())
def test_the_compiled_fold_is_its_own_python(drawn: tuple[Any, Any, Any, signals.Manner]) -> None:
    asked, holds, clears, manner = drawn
    found = []
    for kernel in (fold_module._fold, fold_module._fold.py_func):  # type: ignore[attr-defined]  # compiled
        memory, moves = nothing(3), np.zeros(holds.shape, np.uint8)
        kernel(
            asked, holds, clears, 1, manner.confirm, manner.cooldown_days, manner.clear_times, memory.hits, memory.clears, memory.opened_on,
            memory.closed_on, moves,
        )  # fmt: skip
        found.append([moves.tolist(), memory.hits.tolist(), memory.opened_on.tolist(), memory.closed_on.tolist()])
    assert found[0] == found[1]


@st.composite
def stories(draw: st.DrawFn) -> tuple[Any, Any, Any, Any, Any, int]:
    """Days, horizons, standings [date, subject], the days defaults began, the signals opened, and the days of an episode."""
    asked = draw(days)
    horizons = np.minimum.accumulate((asked + draw(st.integers(20, 150)))[::-1])[::-1].astype(np.int32)
    standing = table(draw, len(asked), 3, (0, 0, 0, 0, 1, 1, 2, 3, 4))
    back = np.array([draw(st.integers(0, 60)) for _ in range(standing.size)], np.int32).reshape(standing.shape)
    opened = table(draw, len(asked), 3, (0, 0, 1))
    return asked, horizons, standing, asked[:, None] - back, opened, draw(st.sampled_from((30, 90, 180)))


@EXAMPLES
@given(stories())
def test_signals_and_defaults_are_judged_as_the_reference_judges_them(drawn: tuple[Any, ...]) -> None:
    asked, horizons, standing, since, opened, episode_days = drawn
    found = judge(opened, outcomes(asked, horizons, standing, since), episode_days)
    for subject in range(3):
        expected = signals.judged(
            asked.tolist(), horizons.tolist(), words(standing[:, subject], STANDINGS), since[:, subject].tolist(),
            np.flatnonzero(opened[:, subject]).tolist(), episode_days,
        )  # fmt: skip
        mine = found.episodes[found.episodes["subject"] == subject]
        assert {
            int(one["date"]): (JUDGED[one["judged"]], int(one["lead_days"]) if one["lead_days"] >= 0 else None) for one in mine
        } == expected.signals  # fmt: skip
        gone = found.defaults[found.defaults["subject"] == subject]
        assert [
            (int(one["date"]), int(one["on"]), int(one["lead_days"]) if one["caught"] else None) for one in gone
        ] == expected.defaults  # fmt: skip


@examples(10)
@given(stories())
def test_the_compiled_judge_is_its_own_python(drawn: tuple[Any, ...]) -> None:
    asked, horizons, standing, since, opened, episode_days = drawn
    seen = outcomes(asked, horizons, standing, since)
    compiled = judge(opened, seen, episode_days)
    signals, defaults = episodes_module.opened(opened), episodes_module.begun(seen)
    episodes = np.zeros(len(compiled.episodes), episodes_module.EPISODE)
    episodes["subject"], episodes["date"] = signals.subject, signals.date
    episodes_module._judge.py_func(  # type: ignore[attr-defined]  # compiled
        asked, horizons, standing, seen.next_default, episode_days, episodes, defaults
    )
    assert (episodes == compiled.episodes).all()
    assert (defaults == compiled.defaults).all()
    assert seen.next_default.max() <= FOREVER


# The watch over a real home.

CONDITIONS = (
    "dpd >= 10",
    "dpd >= 31 or missed_12m >= 2",
    "overdue_amount > 20",
    "worst_dpd >= 20 and dpd < 20",
    "max_dpd_12m >= 5 and loans >= 1",
)
ON_BORROWERS = ("worst_dpd >= 15", "loans_overdue >= 1")
CLEARS = (None, None, "dpd < 5", "dpd = 0 and missed_12m < 3")


@st.composite
def rules(draw: st.DrawFn) -> tuple[Rule, ...]:
    """A few rules with manners of all kinds, on loans and on borrowers."""
    found = []
    for number in range(7):
        of_borrower = number < 2
        version = Version(
            1, DATES[0], "Head of risk", "yellow", draw(st.sampled_from(ON_BORROWERS if of_borrower else CONDITIONS)), Text("x", "x"), Text("x", "x"),
            segment=draw(st.sampled_from((None, None, "state = 'overdue'"))) if not of_borrower else None, confirm=draw(st.integers(1, 2)),
            cooldown_days=draw(st.sampled_from((0, 100))), clear=None if of_borrower else draw(st.sampled_from(CLEARS)), clear_times=draw(st.integers(1, 2)),
        )  # fmt: skip
        found.append(
            Rule(f"R-{900 + number}", Text("x", "x"), "arrears", "borrower" if of_borrower else "loan", (version,))
        )
    return tuple(found)


def send(home: Home, folder: Path, books: list[Book]) -> None:
    """Take in nasty books as a lender would send them, two loans to a borrower; what intake refuses is left out."""
    lines: dict[str, list[dict[str, Any]]] = {}
    for place, book in enumerate(books):
        loan = f"L{place:02d}"
        for name in ("loans", "instalments", "payments", "changes", "charges", "draws", "bills", "standings"):
            for fact in sorted(getattr(book, name), key=lambda one: one.arrival):
                row = {field: getattr(fact, field) for field in fact.__dataclass_fields__ if field != "arrival"}
                for field, value in row.items():
                    if (
                        isinstance(value, int)
                        and not isinstance(value, bool)
                        and field not in ("seq", "grace_days", "dpd")
                    ):
                        row[field] = f"{value}.00"
                    if field in ("payment_id", "change_id", "charge_id", "reverses") and value is not None:
                        row[field] = f"{loan}-{value}"
                if name == "loans":
                    row |= {
                        "borrower_id": f"B{place // 2}",
                        "product": "car",
                        "currency": "CNY",
                        "asset_class": "personal",
                        "matures_on": max(fact.matures_on or nasty.LAST, fact.disbursed_on + dt.timedelta(days=1)),
                    }
                lines.setdefault(name, []).append({"loan_id": loan, **row})
    for name, found in lines.items():
        file = folder / f"{name}.csv"
        pl.DataFrame(found, infer_schema_length=None).write_csv(file)
        deliver(home, [file], name, today=nasty.LAST + dt.timedelta(days=1))


def said(home: Home, drawn: tuple[Rule, ...]) -> set[tuple[str, str, dt.date, str]]:
    """What nights say of rules on the dates, each from the files of its run and the memory of the one before, as it is written and read."""
    book, memory, found = rulebook(drawn), asleep(), set()
    for day in DATES:
        snapshots, people = (store.files(home, name, day, day) for name in ("snapshots", "borrower_snapshots"))
        one = night(home, book, day, snapshots, people, memory)
        memory = one.memory
        found |= {
            (row["rule_id"], row["subject_id"], day, row["transition"]) for row in one.signals.iter_rows(named=True)
        }
    return found


def moved(home: Home, checked: list[Checked]) -> set[tuple[str, str, dt.date, str]]:
    """What the fold of a backtest says of them, over all dates in one pass."""
    ledger, policies = refresh(home, silent), read_policies(home)
    spine = spine_of(DATES, default_condition("dpd > 60"), 4, "three months")
    of_loans = [rule for rule in checked if rule.rule.subject == "loan"]
    of_borrowers = [rule for rule in checked if rule.rule.subject == "borrower"]
    found = wide(home, ledger, policies, spine, of_loans, of_borrowers, None, silent)
    loans = [one for shard in ledger.shards.values() for one in shard.strings["loans"]["loan_id"].to_pylist()]
    borrowers = sorted({f"B{int(one[1:]) // 2}" for one in loans})
    told = set()
    for asked, answers, ids in ((of_loans, found.of_loans, loans), (of_borrowers, found.of_borrowers, borrowers)):
        for rule, (holds, clears) in zip(asked, answers, strict=True):
            moves = folded(spine.days, rule, holds, clears)
            told |= {
                (rule.rule.id, ids[subject], DATES[place], MOVES[moves[place, subject]])
                for place, subject in zip(*np.nonzero(moves), strict=True)
            }
    return told


def test_a_backtest_says_on_each_date_what_the_night_said(tmp_path_factory: pytest.TempPathFactory) -> None:
    @settings(max_examples=1, phases=[Phase.generate])  # an example takes seconds: none is made smaller
    @given(st.lists(nasty.schedule_books(), min_size=10, max_size=10), rules(), st.randoms(use_true_random=False))
    def law(books: list[Book], drawn: tuple[Rule, ...], chance: Any) -> None:
        assume(all(book.loans[0].principal for book in books))  # the simplest books of all have nothing to tell
        folder = tmp_path_factory.mktemp("nasty")
        home = open_home(folder / "home", {})
        send(home, folder, books)
        run_all(home, [(day, day) for day in DATES], silent)
        checked = [check(rule, rule.versions[0]) for rule in drawn]
        nights = said(home, drawn)
        assert moved(home, checked) == nights
        shuffled = list(drawn)
        chance.shuffle(shuffled)
        assert said(home, tuple(shuffled)) == nights
        together = results(home, checked)
        for rule in checked:
            opened = [one for one in nights if one[0] == rule.rule.id and one[3] == "opened"]
            assert together[rule.rule.id].signals == len(opened)
        one = chance.choice(checked)
        assert results(home, [one]) == {one.rule.id: together[one.rule.id]}

    law()


def results(home: Home, checked: list[Checked]) -> dict[str, Any]:
    """The result of each rule in a backtest of them together."""
    spine = spine_of(DATES, default_condition("dpd > 60"), 4, "three months")
    found = backtest(home, spine, checked, silent, "dpd > 60")
    return {one.rule: one.result for of in found.results for one in of.rules}
