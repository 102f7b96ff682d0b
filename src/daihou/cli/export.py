"""`daihou export`: a table as a file."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 (Typer reads it when the command runs)
from typing import Annotated

import typer

from daihou.cli import clock
from daihou.cli.home import current
from daihou.cli.language import text


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
            help=text("File ending in .csv, .parquet or .xlsx.", "以 .csv、.parquet 或 .xlsx 结尾的文件。"),
        ),
    ],
    as_of: Annotated[
        str | None,
        typer.Option(help=text("Date of the run; the latest unless given.", "跑批的数据日期；不填则取最近一次。")),
    ] = None,
    known_on: Annotated[
        str | None,
        typer.Option(
            help=text("Knowledge date of the run; the latest unless given.", "跑批的认知日期；不填则取最近一次。")
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
    from daihou.runs.export import export

    count = export(
        current(), table, output, clock.parsed(as_of, "--as-of"), clock.parsed(known_on, "--known-on"), where
    )
    typer.echo(text(f"{count:,} rows → {output}", f"{count:,} 行 → {output}"))
