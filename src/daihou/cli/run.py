"""`daihou run`: measure the book on one date and write it down."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from daihou.cli import clock
from daihou.cli.home import current
from daihou.cli.language import text
from daihou.cli.progress import shown

if TYPE_CHECKING:
    from daihou.runs.nightly import Outcome


def command(
    as_of: Annotated[
        str | None,
        typer.Option(
            help=text("The date asked about; today's business date unless given.", "数据日期；不填则为当前营业日。")
        ),
    ] = None,
    known_on: Annotated[
        str | None,
        typer.Option(help=text("By whose knowledge; the newest unless given.", "知悉日期；不填则按最新所知。")),
    ] = None,
    engine: Annotated[
        Literal["local", "spark"], typer.Option(help=text("Where it is computed.", "在哪里计算：本机或 Spark 集群。"))
    ] = "local",
) -> None:
    """Measure every loan on a date as known on a date."""
    from daihou.cli.warm import warm
    from daihou.runs.executors import by_spark, by_threads
    from daihou.runs.nightly import run

    home = current()
    asked = clock.pair(home, as_of, known_on)
    with shown() as progress:
        warm(progress)
        outcome = run(home, *asked, progress, clock.today(home), by_spark if engine == "spark" else by_threads)
    typer.echo(summary(outcome))
    raise typer.Exit(warned(outcome))


def summary(outcome: Outcome) -> str:
    """Say what a run found, state by state."""
    from daihou.book import money

    lines = [
        text(
            f"{outcome.as_of} as known on {outcome.known_on}: {outcome.loans:,} loans",
            f"数据日期 {outcome.as_of}，按 {outcome.known_on} 已知事实：{outcome.loans:,} 笔贷款",
        )
    ]
    for (state, currency), (count, balance) in sorted(outcome.states.items()):
        lines.append(f"  {state:<12} {count:>12,}  {money.text(balance, currency):>24} {currency}")
    if outcome.as_of == outcome.known_on:
        lines.append(
            text(
                f"  signals: {outcome.opened:,} opened, {outcome.closed:,} closed",
                f"  预警信号：新增 {outcome.opened:,} 条，解除 {outcome.closed:,} 条",
            )
        )
    if outcome.notes:
        lines.append(
            text(
                f"  by what is known now {outcome.notes:,} signals would differ: `daihou export signal_notes -o FILE` lists them",
                f"  按现有信息，另有 {outcome.notes:,} 条信号与当时不同：用 `daihou export signal_notes -o 文件` 查看",
            )
        )
    return "\n".join(lines)


def warned(outcome: Outcome) -> int:
    """Say on stderr what could not be measured and what does not fit; the exit code."""
    if outcome.loans == 0:
        typer.echo(
            text(
                f"No loan was known on {outcome.known_on}: ask with a later --known-on, or load history with `intake --known-on event`.",
                f"{outcome.known_on} 尚无已知贷款：请改用更晚的 --known-on，或以 `intake --known-on event` 补录历史。",
            ),
            err=True,
        )
        return 1
    if outcome.unnamed:
        listed = ", ".join(outcome.unnamed)
        typer.echo(
            text(
                f"Not in the profile, so judged by the defaults (no grace, no holiday shift): {listed}. Name them in policies/PROFILE.yaml.",
                f"机构参数中未列出、按默认口径计量（无宽限期、不顺延节假日）的产品：{listed}。请在 policies/机构类型.yaml 中补充。",
            ),
            err=True,
        )
    for rule, why, why_zh in outcome.broken:
        typer.echo(text(f"Rule {rule} could not judge: {why}", f"规则 {rule} 无法判断：{why_zh}"), err=True)
    for model, why, why_zh in outcome.unscored:
        typer.echo(text(f"{model} could not score: {why}", f"{model} 无法评分：{why_zh}"), err=True)
    for one in outcome.silent:
        typer.echo(text(one.en, one.zh), err=True)
    if outcome.unmeasured or outcome.breaks:
        typer.echo(
            text(
                f"{outcome.unmeasured:,} loans could not be measured, {outcome.breaks:,} breaks: `daihou export coverage -o FILE` lists them.",
                f"{outcome.unmeasured:,} 笔无法计量，{outcome.breaks:,} 处不符：用 `daihou export coverage -o 文件` 查看明细。",
            ),
            err=True,
        )
        return 1
    return 1 if outcome.broken or outcome.unscored else 0
