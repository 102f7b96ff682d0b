"""What a bench says: one line for each thing measured, and the table of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.measure import Ended

MB: Final = 1e6
RIGHT: Final = ("wall", "CPU", "anonymous", "mapped", "ratio")


@dataclass(frozen=True, slots=True)
class Line:
    """One thing measured; memory is that of the whole process. `met` is None where nothing is asked."""

    name: str
    wall_s: float
    cpu_s: float | None = None
    anonymous_mb: float | None = None
    mapped_mb: float | None = None
    ratio: float | None = None
    against: str = ""
    target: str = ""
    met: bool | None = None
    note: str = ""

    @property
    def measured(self) -> str:
        """The wall time for people."""
        return seconds(self.wall_s)

    @property
    def verdict(self) -> str:
        """Whether the target is met."""
        return {True: "yes", False: "NO", None: ""}[self.met]


def line(
    name: str, ended: Ended, *, whole: bool = False, target: str = "", met: bool | None = None, note: str = ""
) -> Line:
    """Return a line for what a step says it measured, or for its whole process."""
    said = {} if whole else ended.said
    wall, cpu = said.get("seconds", ended.cost.wall_s), said.get("cpu_s", ended.cost.cpu_s)
    memory = (ended.cost.peak_anonymous / MB, ended.cost.peak_mapped / MB)
    return Line(name, wall, cpu, *memory, target=target, met=met, note=note)


def seconds(value: float) -> str:
    """Return seconds for people."""
    return f"{value * 1000:.0f} ms" if value < 1 else f"{value:.2f} s"


def table(lines: Sequence[Line], title: str) -> Table:
    """Return all lines as a table."""
    shown = Table(title=title, title_justify="left")
    for name in ("", "wall", "CPU", "anonymous", "mapped", "ratio", "target", "met", ""):
        shown.add_column(name, justify="right" if name in RIGHT else "left")
    for one in lines:
        memory = ["–" if value is None else f"{value:,.0f} MB" for value in (one.anonymous_mb, one.mapped_mb)]
        ratio = "" if one.ratio is None else f"{one.ratio:.2f}x {one.against}"
        cpu = "–" if one.cpu_s is None else seconds(one.cpu_s)
        shown.add_row(one.name, one.measured, cpu, *memory, ratio, one.target, one.verdict, one.note)
    return shown
