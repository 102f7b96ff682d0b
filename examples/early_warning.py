# ruff: noqa: INP001 - a script, no package
"""Thresholds on the used-car book: chosen on the first half of its span, tried on the second, as Markdown on the terminal; pictures as files.

    python examples/early_warning.py HOME [FOLDER]

HOME is a home in which the file was taken in (docs/examples/auto_loans.md); FOLDER is where the pictures go (docs/examples unless given).
"""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import matplotlib as mpl
from matplotlib.figure import Figure

import daihou
from daihou.book.days import month_ends
from daihou.runs.portfolio.colours import INK, LINE, MUTED
from daihou.runs.portfolio.fonts import family
from daihou.runs.watch.asked import Asked, default_condition
from daihou.runs.watch.backtest import backtest
from daihou.runs.watch.spine import spine_of
from daihou.runs.watch.suggest import suggested
from daihou.runs.watch.tradeoff import tradeoff
from daihou.warning.checked import check
from daihou.warning.choice import Budget
from daihou.warning.rule import Rule, Text, Version

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from daihou.book.home import Home
    from daihou.warning.figures import Figures, Interval
    from daihou.warning.thresholds import Suggestion

DEFAULT: Final = "dpd > 90"
MONTHS: Final = 6
BUDGET: Final = 10
FIRST: Final = month_ends(dt.date(2017, 5, 31), dt.date(2019, 3, 31))
SECOND: Final = month_ends(dt.date(2019, 3, 31), dt.date(2020, 12, 31))
MEASURES: Final = ("dpd", "dpd_change_3m", "late_days_3m", "paid_to_due_3m", "missed_12m")
SHIPPED: Final = {"dpd": "R-003"}
"""The shipped rule that a measure is compared with."""
EARLY: Final = "dpd <= 30"
"""Loans that have missed no more than one due date: once a second one is missed, a warning tells what everybody sees."""
BLUE: Final = "#0B5CAD"
ORANGE: Final = "#C2571A"
CLOSE: Final = 0.06
"""Labels of points that lie nearer than this part of the axis are put one above and one below."""


def table(head: list[str], rows: list[list[str]]) -> Iterator[str]:
    """Return a Markdown table: the first column left, the others right."""
    yield "| " + " | ".join(head) + " |"
    yield "|---|" + "---:|" * (len(head) - 1)
    for row in rows:
        yield "| " + " | ".join(row) + " |"


def share(value: float | None, interval: Interval | None = None) -> str:
    """Return a share as per cent, with its interval where there is one; empty where there is none."""
    if value is None:
        return ""
    ends = "" if interval is None else f" ({100 * interval[0]:.0f} to {100 * interval[1]:.0f})"
    return f"{100 * value:.1f} %{ends}"


def number(value: float | None) -> str:
    """Return a number with one decimal."""
    return "" if value is None else f"{value:.1f}"


def asked(
    home: Home, measure: str, dates: Sequence[dt.date], segment: str | None = None, of: Figures | None = None
) -> Suggestion:
    """Return the thresholds of a measure over some dates, or what one chosen elsewhere does on them."""
    only = () if of is None else (of.threshold,)
    rule = SHIPPED.get(measure)
    question = Asked(
        measure,
        DEFAULT,
        MONTHS,
        dates,
        "month-end",
        segment=segment,
        goal=Budget(BUDGET),
        rule=rule,
        compare=rule is not None,
        only=only,
    )
    return suggested(home, question, dates[-1], lambda *_: None)


def candidates(found: Suggestion) -> Iterator[str]:
    """Return what each threshold would have done."""
    rows = [
        [
            name, f"{one.support:,}", f"{one.episodes:,}", number(one.alerts), share(one.precision, one.intervals.precision),
            share(one.caught_share, one.intervals.caught_share), share(one.caught_balance_share), number(one.lift),
            "" if one.lead_days is None else f"{one.lead_days:g}", f"{one.censored:,}",
        ]
        for name, one in zip(found.names, found.figures, strict=True)
    ]  # fmt: skip
    head = [
        "threshold", "loan-months", "episodes", "alerts per 1,000 a month", "precision", "defaults caught", "of their balance", "lift",
        "lead, days", "not over",
    ]  # fmt: skip
    yield from table(head, rows)


def halves(chosen: list[tuple[str, Figures, Figures]]) -> Iterator[str]:
    """Return what was chosen on the first half beside what it did on the second."""
    rows = [
        [
            name, *(f"{number(one.alerts)}" for one in (before, after)), *(share(one.precision, one.intervals.precision) for one in (before, after)),
            *(share(one.caught_share, one.intervals.caught_share) for one in (before, after)),
            *("" if one.lead_days is None else f"{one.lead_days:g}" for one in (before, after)),
        ]
        for name, before, after in chosen
    ]  # fmt: skip
    head = [
        "threshold",
        *(f"{what}, {half}" for what in ("alerts", "precision", "caught", "lead") for half in ("1st", "2nd")),
    ]
    yield from table(head, rows)


def chosen_on_the_first(
    home: Home, segment: str | None = None
) -> tuple[list[Suggestion], list[tuple[str, Figures, Figures]], Suggestion]:
    """Return all that was found on the first half, the best of each measure on both halves, and one of those of the second for its counts."""
    found = [asked(home, measure, FIRST, segment) for measure in MEASURES]
    both = []
    for one in found:
        if one.choice is not None and one.choice.place is not None:
            best = one.figures[one.choice.place]
            after = asked(home, one.question.measure, SECOND, segment, best)
            both.append((one.names[one.choice.place], best, after.figures[0]))
    return found, both, after


def together(home: Home, chosen: list[tuple[str, Figures, Figures]]) -> Iterator[str]:
    """Return what each chosen threshold adds to the others on the second half, as rules that run side by side."""
    rules = []
    for place, (condition, _, _) in enumerate(chosen, 1):
        version = Version(1, FIRST[0], "Head of risk", "orange", condition, Text("", ""), Text("", ""))
        rules.append(check(Rule(f"T-{place}", Text(condition, condition), "arrears", "loan", (version,)), version))
    spine = spine_of(SECOND, default_condition(DEFAULT), MONTHS, "month-end")
    (found,) = backtest(home, spine, rules, lambda *_: None, DEFAULT).results
    rows = [
        [rule.version.when, number(one.result.alerts_per_1000_a_month), f"{one.result.caught:,}", f"{one.alone:,}"]
        for rule, one in zip(rules, found.rules, strict=True)
    ]
    (whole,) = found.sets
    rows.append(["any of them", number(whole.result.alerts_per_1000_a_month), f"{whole.result.caught:,}", ""])
    yield from table(["rule", "alerts per 1,000 a month", "defaults caught", "by no other"], rows)


def moves(whole: list[tuple[str, Figures, Figures]], early: list[tuple[str, Figures, Figures]]) -> Figure:
    """Return the picture of where each chosen threshold stood on the first half, and where on the second."""
    with mpl.rc_context({"font.family": family(), "font.size": 9, "text.color": INK, "axes.labelcolor": MUTED}):
        drawn = Figure(figsize=(10, 5), layout="constrained")
        panes = drawn.subplots(1, 2, sharey=True)
        for axes, title, chosen in zip(panes, ("whole book", f"loans with {EARLY}"), (whole, early), strict=True):
            ends = [(after.precision or 0, after.caught_share or 0) for _, _, after in chosen]
            for (name, before, _), end in zip(chosen, ends, strict=True):
                start = (before.precision or 0, before.caught_share or 0)
                axes.annotate(
                    "", end, start, arrowprops={"arrowstyle": "->", "color": MUTED, "shrinkA": 4, "shrinkB": 4}
                )
                axes.plot(*start, "o", color=ORANGE, markersize=5)
                axes.plot(*end, "o", color=BLUE, markersize=5)
                crowded = any(0 < other[1] - end[1] < CLOSE for other in ends)
                axes.annotate(name, end, (6, -11 if crowded else 3), textcoords="offset points", color=BLUE)
            axes.set_title(f"{title}: first half (orange) to second (blue)", loc="left", fontsize=10)
            axes.set_xlim(0, 1.6 * max(end[0] for end in ends))
            axes.set_ylim(0, 1)
            axes.set_xlabel("precision")
            axes.xaxis.set_major_formatter(lambda value, _place: f"{value:.0%}")
            axes.yaxis.set_major_formatter(lambda value, _place: f"{value:.0%}")
            axes.grid(color=LINE, linewidth=0.8)
            axes.set_axisbelow(True)
            axes.tick_params(colors=MUTED, length=0)
            axes.spines[:].set_visible(False)
        panes[0].set_ylabel("share of defaults caught")
    return drawn


def counts(rows: list[tuple[str, Suggestion]]) -> Iterator[str]:
    """Return how much each half has to tell from."""
    yield from table(
        ["span", "loans at risk", "defaults", "base rate", "horizon over"],
        [
            [
                f"{name}: {one.span.dates[0]} to {one.span.dates[-1]}", f"{one.subjects:,}", f"{one.defaults:,}", share(one.base_rate),
                f"{len(one.span.dates) - MONTHS} of {len(one.span.dates)} dates",
            ]
            for name, one in rows
        ],
    )  # fmt: skip


def main() -> None:
    """Print the tables and write the pictures."""
    home = daihou.open(Path(sys.argv[1])).home
    folder = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(__file__).parents[1] / "docs" / "examples"
    found, whole, second = chosen_on_the_first(home)
    found_early, early, second_early = chosen_on_the_first(home, EARLY)
    dpd = found[0]
    for title, part in (
        (
            "The halves",
            counts(
                [
                    ("first", dpd),
                    ("second", second),
                    (f"first, {EARLY}", found_early[0]),
                    (f"second, {EARLY}", second_early),
                ]
            ),
        ),
        ("Days past due on the first half", candidates(dpd)),
        ("Chosen on the first half, tried on the second", halves(whole)),
        ("Before the second due date is missed", halves(early)),
        ("Side by side", together(home, whole)),
    ):
        print(f"### {title}\n")
        print("\n".join(part), end="\n\n")
    print(dpd.advice.en)
    if dpd.pair is not None:
        print(f"Amber: {dpd.pair.amber.why.en}\nRed: {dpd.pair.red.why.en}")
    tradeoff(dpd).savefig(folder / "early_warning_dpd.png", dpi=110)
    moves(whole, early).savefig(folder / "early_warning_halves.png", dpi=110)


if __name__ == "__main__":
    main()
