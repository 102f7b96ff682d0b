"""`daihou models score`: scores of a date's run, or of a file, by any version."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 (Typer reads it when the command runs)
from typing import Annotated, Final

import typer

from daihou.book.errors import DaihouError
from daihou.cli import clock
from daihou.cli.home import current
from daihou.cli.language import chinese, text
from daihou.cli.written import written

HELP: Final = text(
    "Score the subjects of a run, or the rows of a file, and write the scores.",
    "对某日跑批的对象或文件中的样本评分并导出。",
)


def command(
    model: Annotated[str, typer.Argument(help=text("The model's id.", "模型编号。"))],
    output: Annotated[
        Path, typer.Option("-o", "--output", help=text("File: .csv or .parquet.", "目标文件：.csv 或 .parquet。"))
    ],
    version: Annotated[
        int | None, typer.Option(help=text("Its version; the last unless given.", "版本号；不填则为最新版本。"))
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option(
            help=text(
                "Date of a run by its own knowledge; the last unless given.", "按当日所知跑批的日期；不填则为最近一次。"
            )
        ),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(help=text("CSV or Parquet, of a model over a table.", "数据表模型的 CSV 或 Parquet 文件。")),
    ] = None,
    *,
    reasons: Annotated[
        bool, typer.Option("--reasons", help=text("With the reasons of each, in words.", "附评分原因。"))
    ] = False,
) -> None:
    """Score; 1 where some have no score, each with the reason in its row."""
    from daihou.runs.scores.applied import of_file, of_run

    home = current()
    if output.suffix not in (".csv", ".parquet"):
        raise DaihouError(
            f"{output.name} is neither .csv nor .parquet.", "Name such a file.", str(output), zh=(f"{output.name} 不是 .csv 或 .parquet。", "请使用其中一种格式。")
        )  # fmt: skip
    language = chinese() if reasons else None
    found = (
        of_file(home, model, version, data, language)
        if data is not None
        else of_run(home, model, version, clock.parsed(as_of, "--as-of"), language)
    )
    written(output, found.write_csv if output.suffix == ".csv" else found.write_parquet)
    without = int(found["score"].null_count())
    typer.echo(
        text(f"{len(found):,} subjects, {without:,} without a score", f"共 {len(found):,} 个对象，{without:,} 个未评分")
    )
    raise typer.Exit(1 if without else 0)
