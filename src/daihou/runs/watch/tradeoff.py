"""The picture of thresholds: how many alerts each would make, and how many defaults it would catch; what is chosen, what rules have, and the budget."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import matplotlib as mpl
from matplotlib.figure import Figure

from daihou.runs.portfolio.colours import INK, LINE, MUTED
from daihou.runs.portfolio.fonts import family
from daihou.warning.choice import Budget

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from daihou.warning.figures import Figures
    from daihou.warning.thresholds import Suggestion

SIZE: Final = (9, 5)
BLUE: Final = "#0B5CAD"
BAND: Final = "#DCE9F7"
ORANGE: Final = "#C2571A"
APART: Final = 26
"""Points on the page that two labels must be apart for both to be written."""


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
    across = [_alerts(found.figures[place]) for place in told]
    up = [found.figures[place].caught_share or 0.0 for place in told]
    ends = [
        found.figures[place].intervals.caught_share or (share, share) for place, share in zip(told, up, strict=True)
    ]
    axes.fill_between(across, [low for low, _ in ends], [high for _, high in ends], color=BAND, linewidth=0)
    axes.plot(across, up, color=BLUE, linewidth=1.6, marker="o", markersize=3.5)
    widest = max(across) or 1.0
    noun = {"loan": ("loans", "笔"), "borrower": ("borrowers", "户")}[found.question.subject]
    axes.set_xlim(0, widest * 1.12)
    axes.set_ylim(0, 1)
    if isinstance(found.question.goal, Budget) and found.question.goal.alerts <= widest * 1.12:
        axes.axvline(found.question.goal.alerts, color=MUTED, linewidth=1, linestyle="--")
        said = f"预警预算 {found.question.goal.alerts:g}" if chinese else f"budget {found.question.goal.alerts:g}"
        axes.annotate(said, (found.question.goal.alerts, 0), (5, 5), textcoords="offset points", color=MUTED)
    _marked(axes, found, told, chinese=chinese)
    axes.set_xlabel(f"每千{noun[1]}每月预警数" if chinese else f"alerts per 1,000 {noun[0]} a month")
    axes.set_ylabel("违约捕获率" if chinese else "share of defaults caught")
    axes.yaxis.set_major_formatter(lambda value, _place: f"{value:.0%}")
    axes.grid(axis="y", color=LINE, linewidth=0.8)
    axes.set_axisbelow(True)


def _marked(axes: Axes, found: Suggestion, told: list[int], *, chinese: bool) -> None:
    """Label what is chosen and what live rules have, then the other points as far as there is room."""
    labels: dict[int, tuple[str, str, str, int]] = {}
    for one in found.question.present:
        place = found.place_of(one)
        said = found.figures[place].threshold.said(found.question.unit)
        labels[place] = (f"{'现行' if chinese else 'now'} {one.rule}: {said}", ORANGE, "D", 7)
    chosen = found.choice.place if found.choice else None
    if chosen is not None:
        said = found.figures[chosen].threshold.said(found.question.unit)
        same = labels.get(chosen)
        labels[chosen] = (
            f"{same[0]} = {'建议' if chinese else 'advised'}" if same else f"{'建议' if chinese else 'advised'} {said}",
            BLUE,
            "o",
            9,
        )
    taken: list[tuple[float, float]] = []
    for place in sorted(told, key=lambda at: (at not in labels, at)):
        at = (_alerts(found.figures[place]), found.figures[place].caught_share or 0.0)
        text, colour, mark, size = labels.get(
            place, (found.figures[place].threshold.said(found.question.unit), MUTED, "", 0)
        )
        on_page = axes.transData.transform(at) * 72 / axes.figure.dpi
        near = any(abs(on_page[0] - other[0]) < APART and abs(on_page[1] - other[1]) < APART / 2 for other in taken)
        if place in labels:
            axes.plot(*at, mark, markersize=size, color=colour, markeredgecolor="white", zorder=4)
        elif near:
            continue
        taken.append((on_page[0], on_page[1]))
        offset, align = ((-6, 7), "right") if place in labels else ((6, -11), "left")
        weight = "bold" if place in labels else "normal"
        axes.annotate(text, at, offset, textcoords="offset points", ha=align, color=colour, weight=weight)


def _alerts(one: Figures) -> float:
    return one.alerts or 0.0
