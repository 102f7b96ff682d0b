"""A chart written to a file as what draws it: a picture, or an ECharts option."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from daihou.runs.portfolio.echarts import option

if TYPE_CHECKING:
    from pathlib import Path

    from daihou.runs.portfolio.chart import Chart

DPI: Final = 150


def can_write_chinese() -> bool:
    """Whether a font with Chinese in it is installed, without which a picture would show boxes."""
    from daihou.runs.portfolio.fonts import chinese_font

    return chinese_font() is not None


def write(chart: Chart, path: Path, suffix: str) -> None:
    """Write a chart by an ending: `.json` an ECharts option, `.png` and `.svg` a picture."""
    if suffix == ".json":
        told = json.dumps(option(chart), ensure_ascii=False, allow_nan=False, indent=1)
        path.write_text(told + "\n", "utf-8")
        return
    from daihou.runs.portfolio.figure import figure  # Matplotlib takes longer to import than a table to write

    figure(chart).savefig(path, format=suffix.removeprefix("."), dpi=DPI)
