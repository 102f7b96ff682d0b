"""`daihou intake`: takes in files, shows how far it is, and says what came of them."""

from __future__ import annotations

from datetime import date
from functools import partial
from pathlib import Path  # noqa: TC003 (Typer reads it when the command runs)
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from daihou.book.errors import DaihouError
from daihou.cli import clock
from daihou.cli.home import current
from daihou.cli.language import chinese, text
from daihou.cli.progress import shown

if TYPE_CHECKING:
    from daihou.book.home import Home
    from daihou.book.intake import FileReport, Report
    from daihou.book.intake.plans import Covered


def command(
    files: Annotated[
        list[Path],
        typer.Argument(help=text("Files: CSV, Parquet, JSON lines or XLSX.", "文件：CSV、Parquet、JSON 行或 XLSX。")),
    ],
    table: Annotated[str, typer.Option("--table", "-t", help=text("Table of the contract.", "契约中的表名。"))],
    mapping: Annotated[
        Path | None, typer.Option("--mapping", "-m", help=text("Mapping file (YAML).", "映射文件（YAML）。"))
    ] = None,
    known_on: Annotated[
        str | None,
        typer.Option(
            help=text("A date, or 'event': known when it happened.", "日期，或 event：以业务发生日为获知日。")
        ),
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help=text("Plans sent replace old ones whole.", "所报计划整体替换旧计划。"))
    ] = False,
    backfill: Annotated[
        bool,
        typer.Option(
            "--backfill", help=text("Allow facts for sealed dates, marked so.", "允许补录已封账日期的事实，并留痕。")
        ),
    ] = False,
) -> None:
    """Take in files of facts: good rows go to the lake, bad ones to quarantine with their reason."""
    from daihou.book import business_date, contracts
    from daihou.book.intake import deliver
    from daihou.cli import vault

    home = current()
    declared = contracts.table(table)
    sinks = vault.sinks() if declared.vault else {}
    today = business_date.open_business_date(home, clock.now())
    blinder = vault.blinder(home, today) if any(column.becomes for column in declared.columns) else None
    stated = _known_on(known_on)
    with shown() as show:
        report = deliver(
            home,
            files,
            table,
            today=today,
            mapping_file=mapping,
            known_on=stated,
            replace=replace,
            backfill=backfill,
            progress=show,
            covered=covered(home) if replace else None,
            sinks=sinks,
            blinder=blinder,
        )
    if table == "borrowers" and report.new:
        vault.after_borrowers(home)
    for file in report.files:
        typer.echo(summary(file))
    _warn(report)
    raise typer.Exit(report.exit_code)


def covered(home: Home) -> Covered:
    """Return who tells which instalments are covered."""
    from daihou.cli.warm import warm
    from daihou.runs import covered as told

    warm(lambda *_: None)
    return partial(told.covered, home)


def _known_on(stated: str | None) -> date | Literal["event"] | None:
    if stated is None:
        return None
    if stated == "event":
        return "event"
    try:
        return date.fromisoformat(stated)
    except ValueError:
        raise DaihouError(
            f"'{stated}' is no date.",
            "Write it like 2026-03-14, or write event.",
            "--known-on",
            zh=(f"“{stated}”不是日期。", "写法如 2026-03-14，或写 event。"),
        ) from None


def summary(file: FileReport) -> str:
    """Return one file's result as a few plain lines."""
    title = f"{file.file} → {file.table}"
    if file.seen_before:
        said = text("taken in before as batch {0}; nothing changed", "此前已作为批次 {0} 导入，无变化")
        return f"{title}: {said.format(file.batch)}"
    rate = file.rows / file.seconds if file.seconds else 0
    counts = [
        (text("rows", "行数"), file.rows),
        (text("new", "新增"), file.new),
        (text("unchanged", "无变化"), file.unchanged),
        (text("waiting for their loan", "等待贷款"), file.waiting),
        (text("quarantined", "隔离"), sum(file.quarantined.values())),
    ]
    if file.cancelled:
        counts.append((text("instalments cancelled", "取消期次"), file.cancelled))
    shown = ", ".join(f"{label} {count:,}" for label, count in counts)
    batch = text(f"batch {file.batch}", f"批次 {file.batch}")
    return f"{title}: {shown} ({batch}, {file.seconds:.1f} s, {rate:,.0f}/s)"


def _warn(report: Report) -> None:
    """Say on stderr what is in quarantine and what looks odd."""
    for warning in report.warnings:
        typer.echo(f"{text('Warning', '注意')}: {warning}", err=True)
    if not report.quarantined:
        return
    typer.echo(text("In quarantine, by reason:", "按原因列示的隔离行数："), err=True)
    for reason, count in report.quarantined.items():
        typer.echo(f"  {count:>10,}  {reason}", err=True)
    for example in report.examples:
        where = f"{example.file}:{example.line}"
        value = f" '{example.value}'" if example.value else ""
        typer.echo(
            f"  {where} {example.column}{value}: {example.message_zh if chinese() else example.message_en}", err=True
        )
    typer.echo(
        text(
            "`daihou export quarantine -o FILE` gives all, to correct and send again.",
            "用 `daihou export quarantine -o 文件` 导出全部，更正后可重新报送。",
        ),
        err=True,
    )
