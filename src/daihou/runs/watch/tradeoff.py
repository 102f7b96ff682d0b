"""The picture of thresholds: how many alerts each would make, and how many defaults it would catch; what is chosen, what rules have, and the budget."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import matplotlib as mpl
from matplotlib.figure import Figure

from daihou.runs.portfolio.colours import INK, LINE, MUTED
from daihou.runs.portfolio.fonts import family
from daihou.warning.choice import Budget
from daihou.warning.rule import NOUNS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from daihou.warning.figures import Figures
    from daihou.warning.thresholds import Suggestion

SIZE: Final = (9, 5)
BLUE: Final = "#0B5CAD"
BAND: Final = "#DCE9F7"
ORANGE: Final = "#C2571A"
BEYOND: Final = 1.12
"""The axis goes on a little beyond the last point."""
POINTS: Final = 72
"""To the inch."""
NARROW: Final = 5.6
WIDE: Final = 10
"""Points that a letter takes, and a line in height."""
AROUND: Final = (
    ((6, -12), "left"), ((-6, 6), "right"), ((7, 6), "left"), ((-6, -13), "right"), ((-6, 19), "right"), ((7, -25), "left"),
    ((7, 19), "left"), ((-6, -26), "right"),
)  # fmt: skip
"""Where a label may stand about its point, the first free place of these."""

Box = tuple[float, float, float, float]


def tradeoff(found: Suggestion, *, chinese: bool = False) -> Figure:
    """The picture of a suggestion; where there are not enough defaults, the sentence that says so. Chinese shows where a font for it is installed."""
    fonts = family()
    with mpl.rc_context({"font.family": fonts, "font.size": 9, "text.color": INK, "axes.labelcolor": MUTED}):
        drawn = Figure(figsize=SIZE, layout="constrained")
        axes = drawn.subplots()
        axes.set_title(_title(found, chinese=chinese), loc="left", fontsize=11)
        axes.spines[:].set_visible(False)
        told = [
            place for place, one in enumerate(found.figures) if one.alerts is not None and one.caught_share is not None
        ]
        if told:
            _drawn(axes, found, told, chinese=chinese)
        else:
            axes.text(
                0.5,
                0.5,
                found.advice.said(chinese=chinese),
                ha="center",
                va="center",
                transform=axes.transAxes,
                color=MUTED,
            )
            axes.set_xticks([])
            axes.set_yticks([])
        axes.tick_params(colors=MUTED, length=0, labelfontfamily=fonts)
    return drawn


def _title(found: Suggestion, *, chinese: bool) -> str:
    asked = found.question
    if chinese:
        return f"阈值取舍：{asked.measure}；违约为 {asked.months} 个月内 {asked.default}；阴影为 {found.policy.confidence:.0%} 区间"
    return f"Thresholds of {asked.measure}; default is {asked.default} within {asked.months} months; band: {found.policy.confidence:.0%} interval"


def _drawn(axes: Axes, found: Suggestion, told: list[int], *, chinese: bool) -> None:
    best = _frontier(found.figures, told)
    across = [_alerts(found.figures[place]) for place in best]
    up = [_caught(found.figures[place]) for place in best]
    ends = [
        found.figures[place].intervals.caught_share or (share, share) for place, share in zip(best, up, strict=True)
    ]
    axes.fill_between(across, [low for low, _ in ends], [high for _, high in ends], color=BAND, linewidth=0)
    axes.plot(across, up, color=BLUE, linewidth=1.6, marker="o", markersize=3.5)
    others = [place for place in told if place not in best]
    axes.plot(
        [_alerts(found.figures[place]) for place in others], [_caught(found.figures[place]) for place in others], "o",
        markersize=3.5, color=MUTED, markerfacecolor="white",
    )  # fmt: skip
    widest = max(_alerts(found.figures[place]) for place in told) or 1.0
    axes.set_xlim(0, widest * BEYOND)
    axes.set_ylim(0, 1)
    goal = found.question.goal
    if isinstance(goal, Budget) and goal.alerts <= widest * BEYOND:
        axes.axvline(goal.alerts, color=MUTED, linewidth=1, linestyle="--")
        said = f"预警预算 {goal.alerts:g}" if chinese else f"budget {goal.alerts:g}"
        axes.annotate(said, (goal.alerts, 0), (5, 5), textcoords="offset points", color=MUTED)
    axes.yaxis.set_major_formatter(lambda value, _place: f"{value:.0%}")
    axes.grid(axis="y", color=LINE, linewidth=0.8)
    axes.set_axisbelow(True)
    _labelled(axes, found, [*best, *others], chinese=chinese)
    noun = NOUNS[found.question.subject]
    axes.set_xlabel(f"每千{noun.counted}每月预警数" if chinese else f"alerts per 1,000 {noun.many.en} a month")
    axes.set_ylabel("违约捕获率" if chinese else "share of defaults caught")


def _frontier(figures: Sequence[Figures], told: list[int]) -> list[int]:
    """Those that no other catches as much as with as few alerts, from the fewest alerts on: the line; the others lie below it."""
    best: list[int] = []
    for place in sorted(told, key=lambda at: (_alerts(figures[at]), -_caught(figures[at]))):
        if not best or _caught(figures[place]) > _caught(figures[best[-1]]):
            best.append(place)
    return best


def _labelled(axes: Axes, found: Suggestion, places: list[int], *, chinese: bool) -> None:
    """Label what is advised and what live rules have, then the other points as far as there is room."""
    labels = _labels(found, chinese=chinese)
    taken: list[Box] = []
    for place in sorted(places, key=lambda at: (at not in labels, places.index(at))):
        one = found.figures[place]
        at = (_alerts(one), _caught(one))
        text, colour, mark, size = labels.get(place, (one.threshold.said(found.question.unit), MUTED, "", 0))
        if mark:
            axes.plot(*at, mark, markersize=size, color=colour, markeredgecolor="white", zorder=4)
        spots = AROUND if mark else AROUND[:2]
        for offset, align in spots:
            box = _box(axes, at, offset, align, text)
            if not any(_touch(box, other) for other in taken) and box[2] < axes.bbox.x1 * POINTS / axes.figure.dpi:
                taken.append(box)
                weight = "bold" if mark else "normal"
                axes.annotate(text, at, offset, textcoords="offset points", ha=align, color=colour, weight=weight)
                break


def _labels(found: Suggestion, *, chinese: bool) -> dict[int, tuple[str, str, str, int]]:
    """For each point that has a name: its text, colour, mark and size."""
    unit = found.question.unit
    rules: dict[int, list[str]] = {}
    for one in found.question.present:
        rules.setdefault(found.place_of(one), []).append(one.rule)
    labels = {
        place: (
            f"{'现行' if chinese else 'now'} {' '.join(of)}: {found.figures[place].threshold.said(unit)}",
            ORANGE,
            "D",
            7,
        )
        for place, of in rules.items()
    }
    if found.choice is not None and found.choice.place is not None:
        place, advised = found.choice.place, "建议" if chinese else "advised"
        now = f" = {labels[place][0]}" if place in labels else f" {found.figures[place].threshold.said(unit)}"
        labels[place] = (f"{advised}{now}", BLUE, "o", 9)
    return dict(sorted(labels.items(), key=lambda label: label[1][1] != BLUE))


def _box(axes: Axes, at: tuple[float, float], offset: tuple[int, int], align: str, text: str) -> Box:
    """About where a label would stand on the page, in points: left, bottom, right, top."""
    left, bottom = axes.transData.transform(at) * POINTS / axes.figure.dpi + offset
    width = sum(WIDE if ord(letter) > 0x2E80 else NARROW for letter in text)
    left -= width if align == "right" else 0
    return float(left), float(bottom), float(left + width), float(bottom) + WIDE


def _touch(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _alerts(one: Figures) -> float:
    return one.alerts or 0.0


def _caught(one: Figures) -> float:
    return one.caught_share or 0.0
