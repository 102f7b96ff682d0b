"""`daihou simulate`: an invented book of any size, as files that can be taken in."""

from __future__ import annotations

import shlex
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from daihou.cli.language import text
from daihou.cli.progress import shown

if TYPE_CHECKING:
    from daihou.simulation.book import Simulated

SHOWN_FILES = 3
"""With more files of a table than this, the commands to go on name them by a pattern."""


def command(
    loans: Annotated[int, typer.Option(help=text("How many loans.", "贷款笔数。"))] = 20_000,
    months: Annotated[
        int, typer.Option(help=text("How many months, up to the last of the parameters.", "月数，止于参数所定末月。"))
    ] = 24,
    seed: Annotated[
        int, typer.Option(help=text("The same seed makes the same bytes.", "随机种子，相同种子产生逐字节相同的文件。"))
    ] = 1,
    profile: Annotated[
        Literal["bank", "trust", "online"], typer.Option(help=text("Kind of lender.", "机构类型。"))
    ] = "bank",
    parameters: Annotated[
        Path | None,
        typer.Option(
            help=text("Parameters of your own, instead of a profile's.", "自定义参数文件，代替机构类型的参数。")
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            help=text("Folder to write; named after the book unless given.", "输出文件夹；不填则自动命名。"),
        ),
    ] = None,
) -> None:
    """Simulate a book whose truth is known."""
    from daihou.simulation import parameters as known
    from daihou.simulation.book import simulate

    given = known.read(parameters) if parameters is not None else known.shipped(profile)
    folder = output or Path(f"simulated-{given.profile}-{loans}-{months}-{seed}")
    began = time.perf_counter()
    with shown() as progress:
        made = simulate(given, loans, months, seed, folder, progress)
    for line in _said(made, time.perf_counter() - began):
        typer.echo(line)


def _said(made: Simulated, seconds: float) -> list[str]:
    lines = [f"  {table:<12} {count:>13,}" for table, count in made.rows.items()]
    last = text(
        f"{made.first_on} to {made.last_on}, in {seconds:.0f} s → {made.folder}",
        f"{made.first_on} 至 {made.last_on}，用时 {seconds:.0f} 秒 → {made.folder}",
    )
    taking = [f"  daihou intake {_files(made, table)} --table {table}" for table in made.rows]
    return [*lines, last, text("Take it in:", "导入："), *taking]


def _files(made: Simulated, table: str) -> str:
    paths = made.files(table)
    if len(paths) <= SHOWN_FILES:
        return " ".join(shlex.quote(str(path)) for path in paths)
    return f"{shlex.quote(str(made.folder))}/{table}-*.parquet"
