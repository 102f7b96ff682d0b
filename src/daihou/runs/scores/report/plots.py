"""The pictures of the report as inline SVG by Matplotlib. The same figures give the same text: no date, no random names."""

from __future__ import annotations

import io
import re
from html import escape
from typing import TYPE_CHECKING, Final

from daihou.assessment.validation.calibrated import wilson
from daihou.runs.portfolio.colours import INK, LINE, MUTED
from daihou.runs.portfolio.fonts import family
from daihou.runs.scores.report.markup import Html
from daihou.runs.scores.report.words import word

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from matplotlib.axes import Axes

    from daihou.assessment.validation.calibrated import Group
    from daihou.assessment.validation.figures import Gain
    from daihou.assessment.validation.judged import Judged
    from daihou.assessment.validation.result import Band, Curve
    from daihou.assessment.validation.stability import Bin

SIDE: Final = (4.25, 3.5)
WIDE: Final = (8.75, 3.0)
"""Inches, whole points each: two beside each other, or one across the page."""
BLUE: Final = "#0B5CAB"
ORANGE: Final = "#B5501A"
GREEN: Final = "#2D7F5E"
GREY: Final = "#8C99A8"
COLOURS: Final = {"later": BLUE, "test": GREEN, "train": GREY, "model": BLUE, "champion": ORANGE}
"""By the key of a curve."""
NAMES: Final = {"model": "model", "champion": "the_champion"}
STEPS: Final = (1.0, 2.0, 5.0)
"""Marks within a power of ten of a logarithmic axis."""
ROOM: Final = 1.25
"""How far an axis goes beyond what is drawn, for the legend above it."""
MOST_LABELS: Final = 18
"""Labels along an axis; of more every second, third … is shown."""


def roc(name: str, curves: Sequence[Curve], labels: dict[str, str], *, chinese: bool) -> Html:
    """Curves of parts, or of model and champion; the strongest drawn last."""

    def draw(axes: Axes) -> None:
        axes.plot([0, 1], [0, 1], color=LINE, linewidth=1.2, linestyle="--")
        for curve in curves:
            across, up = [x for x, _ in curve.points], [y for _, y in curve.points]
            label = labels.get(curve.key) or word(NAMES[curve.key], chinese=chinese)
            axes.plot(across, up, color=COLOURS[curve.key], linewidth=1.6, label=label)
        axes.set_xlim(0, 1)
        axes.set_ylim(0, 1)
        _shares(axes, "xy")
        axes.set_xlabel(word("roc_x", chinese=chinese))
        axes.set_ylabel(word("roc_y", chinese=chinese))
        axes.legend(loc="lower right", frameon=False)

    return _drawn(name, word("champion_roc" if name == "champion" else "roc", chinese=chinese), SIDE, draw)


def gains(name: str, rows: Sequence[Gain], *, chinese: bool) -> Html:
    """What share of the bad the riskiest rows hold."""

    def draw(axes: Axes) -> None:
        axes.plot([0, 1], [0, 1], color=LINE, linewidth=1.2, linestyle="--")
        across, up = [0.0, *(row.population for row in rows)], [0.0, *(row.captured for row in rows)]
        axes.plot(across, up, color=BLUE, linewidth=1.6, marker="o", markersize=3.5)
        axes.set_xlim(0, 1)
        axes.set_ylim(0, 1.02)
        _shares(axes, "xy")
        axes.set_xlabel(word("population", chinese=chinese))
        axes.set_ylabel(word("captured", chinese=chinese))

    return _drawn(name, word("gains", chinese=chinese), SIDE, draw)


def distribution(name: str, bands: Sequence[Band], *, chinese: bool) -> Html:
    """How scores of good and of bad are spread, each as shares of its own."""

    def draw(axes: Axes) -> None:
        goods, bads = sum(band.good for band in bands) or 1, sum(band.bad for band in bands) or 1
        starts = [band.low for band in bands]
        edges = [*starts, bands[-1].high]
        for values, colour, key in (
            ([band.good / goods for band in bands], GREEN, "of_good"), ([band.bad / bads for band in bands], ORANGE, "of_bad"),
        ):  # fmt: skip
            axes.stairs(values, edges, color=colour, alpha=0.25, fill=True)
            axes.stairs(values, edges, color=colour, linewidth=1.4, label=word(key, chinese=chinese))
        axes.set_ylim(bottom=0)
        _shares(axes, "y")
        axes.set_xlabel(word("score", chinese=chinese))
        axes.set_ylabel(word("distribution_y", chinese=chinese))
        axes.legend(loc="upper left", frameon=False)

    return _drawn(name, word("distribution", chinese=chinese), SIDE, draw)


def calibration(name: str, groups: Sequence[Group], confidence: float, *, chinese: bool) -> Html:
    """Default rate of each group against its mean probability, on logarithmic axes where no group is without default."""

    def draw(axes: Axes) -> None:
        across = [group.mean_pd for group in groups]
        ends = [found for group in groups if (found := wilson(group.bad, group.n, confidence))]
        up = [end.value for end in ends]
        below = [end.value - (end.low or 0.0) for end in ends]
        above = [(end.high or 0.0) - end.value for end in ends]
        if min(up) > 0:
            from matplotlib.ticker import LogLocator

            axes.loglog()
            for axis in (axes.xaxis, axes.yaxis):
                axis.set_major_locator(LogLocator(subs=STEPS))
        least, most = min(*across, *up), max(*across, *up)
        axes.plot(
            [least, most],
            [least, most],
            color=GREY,
            linewidth=1.2,
            linestyle="--",
            label=word("exact", chinese=chinese),
        )
        axes.errorbar(
            across, up, (below, above), color=BLUE, fmt="o", markersize=4, linewidth=1.2, label=word("observed_line", chinese=chinese)
        )  # fmt: skip
        _shares(axes, "xy")
        axes.set_xlabel(word("calibration_x", chinese=chinese))
        axes.set_ylabel(word("calibration_y", chinese=chinese))
        axes.legend(loc="upper left", frameon=False)

    return _drawn(name, word("calibration_plot", chinese=chinese), SIDE, draw)


def months(name: str, rows: Sequence[Judged], *, chinese: bool) -> Html:
    """Default rate with its interval beside what was expected, month by month."""

    def draw(axes: Axes) -> None:
        told = [(at, one.rate, one.mean_pd) for at, one in enumerate(rows) if one.rate and one.mean_pd is not None]
        places = [at for at, _, _ in told]
        up = [rate.value for _, rate, _ in told]
        below = [rate.value - (rate.low or 0.0) for _, rate, _ in told]
        above = [(rate.high or 0.0) - rate.value for _, rate, _ in told]
        axes.plot(places, [pd for _, _, pd in told], color=ORANGE, linewidth=1.6, marker="D", markersize=4, label=word("expected_line", chinese=chinese))  # fmt: skip
        axes.errorbar(places, up, (below, above), color=BLUE, fmt="o", markersize=4.5, linewidth=1.2, label=word("observed_line", chinese=chinese))  # fmt: skip
        _named(axes, [one.key for one in rows])
        axes.set_ylim(0, ROOM * max([*(pd for _, _, pd in told), *(rate.high or rate.value for _, rate, _ in told)]))
        _shares(axes, "y")
        axes.set_ylabel(word("calibration_y", chinese=chinese))
        axes.legend(loc="upper left", frameon=False, ncols=2)

    return _drawn(name, word("months", chinese=chinese), WIDE, draw)


def shift(name: str, bins: Sequence[Bin], labels: Sequence[str], *, chinese: bool) -> Html:
    """The share of each band of the score, in training and now."""

    def draw(axes: Axes) -> None:
        for offset, values, colour, key in (
            (-0.2, [one.expected for one in bins], GREY, "share_expected"), (0.2, [one.actual for one in bins], BLUE, "share_actual"),
        ):  # fmt: skip
            axes.bar(
                [at + offset for at in range(len(bins))], values, 0.38, color=colour, label=word(key, chinese=chinese)
            )
        _named(axes, labels)
        top = max(value for one in bins for value in (one.expected, one.actual))
        axes.set_ylim(0, ROOM * top)
        _shares(axes, "y")
        axes.set_xlabel(word("score", chinese=chinese))
        axes.legend(loc="upper left", frameon=False, ncols=2)

    return _drawn(name, word("shift", chinese=chinese), WIDE, draw)


def _named(axes: Axes, labels: Sequence[str]) -> None:
    step = -(-len(labels) // MOST_LABELS)
    axes.set_xticks(range(0, len(labels), step), labels[::step])
    axes.set_xlim(-0.6, len(labels) - 0.4)


def _shares(axes: Axes, which: str) -> None:
    """Percent along an axis, no more decimals than it needs."""
    for axis in (axes.xaxis if one == "x" else axes.yaxis for one in which):
        axis.set_major_formatter(lambda value, _place: f"{100 * value:.3g}%")
        axis.set_minor_formatter(lambda _value, _place: "")


def _drawn(name: str, title: str, size: tuple[float, float], draw: Callable[[Axes], None]) -> Html:
    """A figure with its title; the SVG element fits where it stands, its ids led by its name so that several share one page."""
    import matplotlib as mpl  # here: half a second that pages without a picture need not wait
    from matplotlib.figure import Figure

    fonts = family()
    with mpl.rc_context(
        {
            "font.family": fonts, "font.size": 8.5, "text.color": INK, "axes.labelcolor": MUTED, "axes.unicode_minus": False, "svg.hashsalt": name,
            "svg.fonttype": "path",
        }
    ):  # fmt: skip
        figure = Figure(figsize=size, layout="constrained")
        axes = figure.subplots()
        draw(axes)
        axes.tick_params(which="both", colors=MUTED, length=0, labelfontfamily=fonts)
        axes.spines[:].set_visible(False)
        axes.grid(color=LINE, linewidth=0.7)
        axes.set_axisbelow(True)
        held = io.StringIO()
        figure.savefig(held, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)
    text = held.getvalue()
    text = text[text.index("<svg") :].strip()
    text = re.sub(r'\bid="', f'id="{name}-', text)
    text = re.sub(r'(xlink:href="#|url\(#)', rf"\1{name}-", text)
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r"<style[^>]*>.*?</style>", "", text, flags=re.DOTALL)  # it would speak of the whole page
    width, height = (round(72 * side) for side in size)
    head = f'<svg class="plot" role="img" aria-label="{escape(title)}" xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
    box = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}" stroke-linejoin="round">'
    across = ' class="across"' if size == WIDE else ""
    return Html(
        f"<figure{across}><figcaption>{escape(title)}</figcaption>{head}{box}{text[text.index('>') + 1 :]}</figure>"
    )
