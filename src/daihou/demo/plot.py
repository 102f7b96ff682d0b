"""The picture of a book over time: what share of its loans and of its balance is past due, and for how long."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from daihou.demo.delinquency import BUCKETS
from daihou.runs.portfolio.colours import INK, LINE, MUTED, RAMP
from daihou.runs.portfolio.fonts import chinese_font

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence
    from pathlib import Path

    from daihou.demo.delinquency import Standing


def draw(book: Sequence[Standing], path: Path, *, chinese: bool, merge_first: bool, dpi: int = 150) -> None:
    """Write the picture; in Chinese where wanted and a font for it is installed.

    `merge_first` draws 1-30 and 31-60 as one band, for a book whose dues all fall on month ends.
    """
    import matplotlib as mpl

    mpl.use("Agg")
    plt: Any = import_module("matplotlib.pyplot")  # as Any: its annotations stop half-way

    font = chinese_font() if chinese else None
    tongue = 1 if font else 0
    family = [font, "DejaVu Sans"] if font else ["DejaVu Sans"]
    style: dict[Any, Any] = {"font.family": family, "font.size": 9, "text.color": INK, "axes.labelcolor": MUTED}
    with mpl.rc_context(style):
        figure, axes = plt.subplots(1, 2, figsize=(10, 4.2), sharey=True, layout="constrained")
        titles = (("Share of live loans", "笔数占比（存续贷款）")[tongue], ("Share of balance", "余额占比")[tongue])
        shares = [_merged(bands) if merge_first else bands for bands in (_loans(book), _balances(book))]
        top = 1.08 * max((sum(values) for bands in shares for values in zip(*bands, strict=True)), default=0.0) or 1.0
        for axis, title, bands in zip(axes, titles, shares, strict=True):
            axis.set_title(title, loc="left", fontsize=10, color=INK)
            _bands(axis, [row.as_of for row in book], bands, top)
        heading = ("Loans past due, by days past due", "逾期贷款，按逾期天数")[tongue]
        figure.suptitle(heading, x=0.01, ha="left", fontsize=12)
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, dpi=dpi)
        plt.close(figure)


def _loans(book: Sequence[Standing]) -> list[list[float]]:
    return [[100 * row.loans[place] / max(row.live, 1) for row in book] for place in range(1, len(BUCKETS))]


def _balances(book: Sequence[Standing]) -> list[list[float]]:
    return [[100 * row.balance[place] / max(sum(row.balance), 1) for row in book] for place in range(1, len(BUCKETS))]


def _merged(bands: list[list[float]]) -> list[list[float]]:
    return [[one + two for one, two in zip(bands[0], bands[1], strict=True)], *bands[2:]]


def _bands(axis: Any, days: list[dt.date], bands: list[list[float]], top: float) -> None:
    """Stack the bands, the longest past due at the bottom, each named with its last share at its right edge."""
    mdates: Any = import_module("matplotlib.dates")

    names = BUCKETS[1:] if len(bands) == len(BUCKETS) - 1 else ("1-60", *BUCKETS[3:])
    upwards = list(zip(bands, names, RAMP[-len(bands) :], strict=True))[::-1]
    axis.stackplot(days, *(band for band, _, _ in upwards), colors=[colour for *_, colour in upwards], linewidth=0)
    below, label = 0.0, -top
    for band, name, colour in upwards:
        label = max(below + band[-1] / 2, label + top * 0.06)
        below += band[-1]
        axis.plot(
            [1.015], [label], "s", color=colour, transform=axis.get_yaxis_transform(), clip_on=False, markersize=6
        )
        place = (1.03, label)
        axis.annotate(f"{name}  {band[-1]:.1f}%", place, xycoords=axis.get_yaxis_transform(), va="center", fontsize=8)
    axis.set_xlim(days[0], days[-1])
    axis.set_ylim(0, top)
    axis.yaxis.set_major_formatter(lambda value, _: f"{value:g}%")
    axis.xaxis.set_major_formatter(mdates.ConciseDateFormatter(axis.xaxis.get_major_locator()))
    axis.tick_params(colors=MUTED, length=0, labelleft=True)
    axis.grid(axis="y", color=LINE, linewidth=0.8)
    axis.set_axisbelow(True)
    for side in axis.spines.values():
        side.set_visible(False)
