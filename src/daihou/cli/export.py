"""`daihou export`: a table as a file."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 (Typer reads it when the command runs)
from typing import TYPE_CHECKING, Annotated

import typer

from daihou.cli import clock
from daihou.cli.home import current
from daihou.cli.language import chinese, text

if TYPE_CHECKING:
    import datetime as dt


def command(
    table: Annotated[
        str,
        typer.Argument(
            help=text(
                "snapshots, coverage, cube, ageing, rolls, vintages, quarantine, a contract table … (a wrong name lists all).",
                "跑批结果、组合分析或契约表的表名（写错时列出全部）。",
            )
        ),
    ],
    output: Annotated[
        Path,
        typer.Option(
            "-o",
            "--output",
            help=text(
                "File ending in .csv, .parquet or .xlsx; of a table with a chart also .png, .svg, or .json for ECharts.",
                "以 .csv、.parquet 或 .xlsx 结尾的文件；有图表的表还可用 .png、.svg 或 .json（ECharts）。",
            ),
        ),
    ],
    as_of: Annotated[
        str | None,
        typer.Option(help=text("Date of the run; the latest unless given.", "跑批的数据日期；不填则取最近一次。")),
    ] = None,
    known_on: Annotated[
        str | None,
        typer.Option(
            help=text("Knowledge date of the run; the latest unless given.", "跑批的知悉日期；不填则取最近一次。")
        ),
    ] = None,
    where: Annotated[
        str | None,
        typer.Option(
            help=text(
                "Keep rows for which this holds: dpd >= 30 and product = 'auto'.",
                "只保留满足条件的行，如 dpd >= 30 and product = 'auto'。",
            )
        ),
    ] = None,
) -> None:
    """Write a table to a file; amounts are in currency units."""
    from daihou.runs.export import export, gaps

    home, day, known = current(), clock.parsed(as_of, "--as-of"), clock.parsed(known_on, "--known-on")
    count = export(home, table, output, day, known, where, chinese=chinese())
    typer.echo(text(f"{count:,} rows → {output}", f"{count:,} 行 → {output}"))
    if missing := gaps(home, table, day, known):
        _warn(missing, known)


def _warn(missing: list[dt.date], known_on: dt.date | None) -> None:
    """Say which month ends nobody ran, what that does to the table, and how to run them."""
    command = f"daihou history --from {missing[0]} --to {missing[-1]}" + (f" --known-on {known_on}" if known_on else "")
    typer.echo(
        text(
            f"Not run: {', '.join(map(str, missing))}. What follows from month to month is empty there. Run them: `{command}`.",
            f"以下月末未跑批：{'、'.join(map(str, missing))}，逐月推算的指标在此处为空。请补跑：`{command}`。",
        ),
        err=True,
    )
