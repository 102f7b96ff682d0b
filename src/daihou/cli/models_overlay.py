"""`daihou models overlay`: what a scenario of the market does to a model's probabilities: estimated, proposed, agreed."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from daihou.book.errors import DaihouError
from daihou.cli import clock
from daihou.cli.audited import audited as audited_by
from daihou.cli.home import current
from daihou.cli.language import text
from daihou.cli.machine_user import machine_user

HELP: Final = text("Overlays of the market: estimate, propose, agree, list.", "宏观调整：估计、提出、审批、列出。")
app = typer.Typer(no_args_is_help=True)

Model = Annotated[str, typer.Argument(help=text("The model's id.", "模型编号。"))]
By = Annotated[
    str | None,
    typer.Option(help=text("Who does it; the machine's user unless given.", "操作人；不填则为当前系统用户。")),
]


@app.command(
    help=text(
        "Estimate what a value of the market does, from the months of a version's sample.",
        "按某一版本的样本月份估计市场情景的影响。",
    )
)
def estimate(
    model: Model,
    measure: Annotated[str, typer.Option(help=text("A measure of the market.", "市场指标。"))],
    value: Annotated[
        float,
        typer.Option(
            help=text("Its value in the scenario, as a fraction where it is a rate.", "情景取值，比率以小数表示。")
        ),
    ],
    version: Annotated[
        int | None, typer.Option(help=text("Its version; the last unless given.", "版本号；不填则为最新版本。"))
    ] = None,
) -> None:
    """Print the multiplier with its interval."""
    from daihou.runs.scores.overlay import estimated
    from daihou.runs.scores.register import register

    home = current()
    found = estimated(home, register(home).version(model, version), measure, value, clock.today(home))
    typer.echo(
        text(
            f"multiplier {found.multiplier:.3f} (plain {found.plain:.3f}, {found.low:.3f} to {found.high:.3f})",
            f"系数 {found.multiplier:.3f}（未设限 {found.plain:.3f}，区间 {found.low:.3f} – {found.high:.3f}）",
        )
    )
    typer.echo(
        text(
            f"{found.months} months, mean {found.mean:.4f}, slope {found.slope:.3f} ± {found.error:.3f}, p {found.p:.3f}",
            f"{found.months} 个月，均值 {found.mean:.4f}，斜率 {found.slope:.3f} ± {found.error:.3f}，p 值 {found.p:.3f}",
        )
    )
    if found.bounded:
        typer.echo(text("It was held to the bounds of policy `scores`.", "已按制度 scores 的上下限截断。"))
    if found.low <= 1 <= found.high:
        typer.echo(text("The months do not show that this moves defaults.", "样本月份未显示该指标显著影响违约。"))


@app.command(help=text("Propose an overlay for a span.", "提出某一期间的宏观调整。"))
def propose(
    model: Model,
    multiplier: Annotated[
        float, typer.Option(help=text("What the odds of default are multiplied by.", "违约发生比的乘数。"))
    ],
    first: Annotated[str, typer.Option("--from", help=text("First day.", "起始日。"))],
    last: Annotated[str, typer.Option("--to", help=text("Last day.", "截止日。"))],
    note: Annotated[str, typer.Option(help=text("Why: the scenario and its source.", "理由：情景及来源。"))] = "",
    by: By = None,
) -> None:
    """Propose it; it holds once somebody else agrees."""
    from daihou.runs.scores.overlay import propose as proposed

    home = current()
    start, end = clock.parsed(first, "--from"), clock.parsed(last, "--to")
    if start is None or end is None:
        raise DaihouError(
            "The span is not given.", "Give --from and --to.", zh=("未指定期间。", "请给出 --from 和 --to。")
        )
    audited = audited_by(home)
    found = proposed(
        home, model, multiplier, (start, end), {}, by or machine_user(), note, clock.today(home), "command"
    )
    if audited:
        from daihou.desk.audit.log import record

        record(
            None,
            "model.overlay_propose",
            "model",
            model,
            {"by": by or machine_user(), "overlay": found.version, "note": note},
        )
    typer.echo(
        text(
            f"Overlay {found.version} of {model}: somebody else agrees by `daihou models overlay agree {model} {found.version}`.",
            f"{model} 宏观调整第 {found.version} 号已提出，须由他人审批：`daihou models overlay agree {model} {found.version}`。",
        )
    )


@app.command(help=text("Agree to an overlay that somebody else proposed.", "审批他人提出的宏观调整。"))
def agree(
    model: Model,
    number: Annotated[int, typer.Argument(help=text("Its number.", "编号。"))],
    note: Annotated[str, typer.Option(help=text("Why.", "意见。"))] = "",
    by: By = None,
) -> None:
    """Agree to it."""
    from daihou.runs.scores.overlay import agree as agreed

    home = current()
    audited = audited_by(home)
    found = agreed(home, model, number, by or machine_user(), note, clock.today(home), "command")
    if audited:
        from daihou.desk.audit.log import record

        record(
            None, "model.overlay_agree", "model", model, {"by": by or machine_user(), "overlay": number, "note": note}
        )
    typer.echo(
        text(
            f"In force from {found.from_on} to {found.payload['to']}: × {found.payload['multiplier']:g}.",
            f"自 {found.from_on} 至 {found.payload['to']} 生效：× {found.payload['multiplier']:g}。",
        )
    )


@app.command("list", help=text("List overlays.", "列出宏观调整。"))
def listed() -> None:
    """Print a line an entry."""
    from daihou.runs.scores.register import register

    for entry in register(current()).entries:
        if entry.event in ("proposed", "agreed"):
            span = f"{entry.from_on} – {entry.payload['to']}  × {entry.payload['multiplier']:g}"
            typer.echo(
                f"{entry.model_id} {entry.version}  {entry.event}  {span}  {entry.person}  {entry.note}".rstrip()
            )
