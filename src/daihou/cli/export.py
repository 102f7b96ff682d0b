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
            help="snapshots, coverage, cube, ageing, rolls, migration, vintages, cures, concentration, quarantine, or a contract table."
        ),
    ],
    output: Annotated[Path, typer.Option("-o", "--output", help="File ending in .csv, .parquet or .xlsx.")],
    as_of: Annotated[str | None, typer.Option(help="Date of the run; the latest unless given.")] = None,
    known_on: Annotated[str | None, typer.Option(help="Knowledge date of the run; the latest unless given.")] = None,
    where: Annotated[
        str | None, typer.Option(help="Keep rows for which this holds: dpd >= 30 and product = 'auto'.")
    ] = None,
) -> None:
    """Write a table to a file; amounts are in currency units."""
    from daihou.runs.export import export

    count = export(
        current(), table, output, clock.parsed(as_of, "--as-of"), clock.parsed(known_on, "--known-on"), where
    )
    typer.echo(text(f"{count:,} rows → {output}", f"{count:,} 行 → {output}"))
