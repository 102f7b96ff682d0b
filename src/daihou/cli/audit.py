"""`daihou audit`: the chain of the audit log computed again, or the log as a file."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path  # noqa: TC003 (Typer reads it when the command runs)
from typing import TYPE_CHECKING, Annotated

import typer

from daihou.book.errors import DaihouError
from daihou.cli.desk import django_ready
from daihou.cli.language import text

if TYPE_CHECKING:
    from daihou.book.home import Home


class Act(StrEnum):
    """What may be done with the log."""

    VERIFY = "verify"
    EXPORT = "export"


def command(
    act: Annotated[
        Act,
        typer.Argument(
            help=text(
                "verify: compute the chain again; 1 where it is broken. export: write the log to a file.",
                "verify：重新计算哈希链，断链时退出码为 1；export：将日志写入文件。",
            )
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help=text("File ending in .csv or .jsonl.", "以 .csv 或 .jsonl 结尾的文件。")),
    ] = None,
) -> None:
    """Verify the audit log, or write it to a file."""
    home = django_ready()
    if act is Act.EXPORT:
        _export(output)
    else:
        _verify(home)


def _verify(home: Home) -> None:
    from daihou.desk.audit import heads
    from daihou.desk.audit.log import record
    from daihou.desk.audit.texts import broken_text
    from daihou.desk.audit.verify import verify

    report = verify(heads.read(home))
    found = {"good": report.good, "from": 1, "to": report.seq, "broken": report.broken and report.broken.kind}
    record(None, "audit.verify", "audit", str(report.seq), found)
    if report.waiting:
        typer.echo(text(f"{report.waiting:,} entries are not sealed.", f"{report.waiting:,} 条记录尚未封存。"))
    if report.broken:
        typer.secho(broken_text(report.broken), err=True, fg="red")
        raise typer.Exit(1)
    typer.echo(
        text(
            f"The chain holds: {report.walked:,} links computed again. Head: {report.seq} {report.hash}",
            f"哈希链完整：已重新计算 {report.walked:,} 个环节。链头：{report.seq} {report.hash}",
        )
    )


def _export(output: Path | None) -> None:
    from daihou.desk.audit.export import csv_lines, json_lines
    from daihou.desk.audit.log import record
    from daihou.desk.audit.models import Entry

    writers = {".csv": csv_lines, ".jsonl": json_lines}
    if output is None or output.suffix not in writers:
        raise DaihouError(
            "The log is written as .csv or .jsonl.",
            "Give a file: `daihou audit export -o audit.csv`.",
            str(output or ""),
            zh=("日志只能写为 .csv 或 .jsonl。", "请指定文件：`daihou audit export -o audit.csv`。"),
        )
    record(None, "audit.export", "audit", output.name)
    entries = Entry.objects.select_related("link").order_by("pk")
    draft = output.with_name(f".{output.name}.{os.getpid()}")
    try:
        with draft.open("w", encoding="utf-8", newline="") as target:
            target.writelines(writers[output.suffix](entries.iterator(chunk_size=2_000)))
        draft.replace(output)
    finally:
        draft.unlink(missing_ok=True)
    typer.echo(text(f"The audit log → {output}", f"审计日志 → {output}"))
