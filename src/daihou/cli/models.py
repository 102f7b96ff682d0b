"""`daihou models`: scoring models trained, validated, approved, applied and watched. Each act is a command of its own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, cast

import typer

from daihou.book.errors import DaihouError
from daihou.cli import clock, models_overlay, models_score, models_shown
from daihou.cli.audited import audited as audited_by
from daihou.cli.home import current
from daihou.cli.language import chinese, text
from daihou.cli.machine_user import machine_user
from daihou.cli.progress import shown
from daihou.cli.written import written

if TYPE_CHECKING:
    import datetime as dt

    from daihou.assessment.scores.model import Kind
    from daihou.assessment.validation.result import Validation
    from daihou.runs.scores.register import Origin, Register, Role, Version

app = typer.Typer(no_args_is_help=True)
app.command("score", help=models_score.HELP)(models_score.command)
app.command("show", help=models_shown.HELP)(models_shown.command)
app.add_typer(models_overlay.app, name="overlay", help=models_overlay.HELP)

Model = Annotated[str, typer.Argument(help=text("The model's id.", "模型编号。"))]
Number = Annotated[
    int | None,
    typer.Option("--version", help=text("Its version; the last unless given.", "版本号；不填则为最新版本。")),
]
By = Annotated[
    str | None,
    typer.Option(help=text("Who does it; the machine's user unless given.", "操作人；不填则为当前系统用户。")),
]
Words = Annotated[str, typer.Option("--note", help=text("Why, for the register.", "说明，记入模型登记簿。"))]
Json = Annotated[
    Path | None,
    typer.Option("--json", help=text("Write which versions came of it, as JSON.", "将所得版本写出为 JSON。")),
]
AtDesk = Annotated[
    bool,
    typer.Option(
        "--at-desk",
        hidden=True,
        help=text("Asked for at the desk, which keeps its own log.", "由页面发起，日志由页面记录。"),
    ),
]
KINDS: Final[dict[str, tuple[str, ...]]] = {"card": ("card",), "trees": ("trees",), "both": ("card", "trees")}
STANDINGS: Final = {
    "trained": ("trained", "已训练"), "waits": ("waits for approval", "待审批"), "coming": ("approved, begins later", "已审批，待生效"),
    "returned": ("returned", "已退回"), "shadow": ("shadow", "影子"), "champion": ("champion", "冠军"), "replaced": ("replaced", "已替换"),
    "retired": ("retired", "已停用"),
}  # fmt: skip
KIND_NAMES: Final = {"card": ("card", "评分卡"), "trees": ("trees", "梯度提升树")}
LEVELS: Final = {"good": ("good", "正常"), "attention": ("attention", "关注"), "serious": ("serious", "严重")}


@app.command("list", help=text("Say which models there are and how they stand.", "列出模型及其状态。"))
def listed() -> None:
    """Print a line a version."""
    from daihou.runs.scores.register import register

    home = current()
    found, day = register(home), clock.today(home)
    for version in found.versions:
        typer.echo(_line(found, version, day))
    if not found.versions:
        typer.echo(
            text(
                "No model yet: `daihou models train DESIGN` trains one.",
                "尚无模型，可用 `daihou models train 方案` 训练。",
            )
        )


@app.command(
    help=text(
        "Write out a design that ships, its dates set to what this home has run.",
        "导出随附的模型方案，日期按本机已跑批月末设定。",
    )
)
def design(
    name: Annotated[
        str | None, typer.Argument(help=text("Its id; the names of all unless given.", "方案编号；不填则列出全部。"))
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help=text("File; the terminal unless given.", "目标文件；不填则输出到终端。")),
    ] = None,
) -> None:
    """Print or write a design, to be changed and trained."""
    from daihou.runs.scores.suited import suited

    found = suited(current())
    if name is None:
        for one in found:
            typer.echo(one)
        return
    if name not in found:
        raise DaihouError(
            f"No design is called {name}.",
            f"Designs are: {', '.join(found)}.",
            zh=(f"没有名为 {name} 的方案。", f"现有方案：{'、'.join(found)}。"),
        )
    if output is None:
        typer.echo(found[name], nl=False)
    else:
        written(output, lambda draft: _put(draft, found[name]))


@app.command(help=text("Train the models of a design and register them.", "按方案训练模型并登记。"))
def train(
    design: Annotated[Path, typer.Argument(help=text("YAML file of the design.", "模型方案 YAML 文件。"))],
    kind: Annotated[
        str, typer.Option(help=text("card, trees or both.", "card（评分卡）、trees（梯度提升树）或 both（两者）。"))
    ] = "both",
    data: Annotated[
        Path | None,
        typer.Option(help=text("CSV or Parquet, of a design over a table.", "数据表方案的 CSV 或 Parquet 文件。")),
    ] = None,
    by: By = None,
    note: Words = "",
    json: Json = None,
    *,
    at_desk: AtDesk = False,
    check: Annotated[
        bool,
        typer.Option(
            "--check",
            help=text(
                "Train, and say whether it is a version already; register nothing.",
                "只训练并核对是否与已有版本一致，不登记。",
            ),
        ),
    ] = False,
) -> None:
    """Train; 2 where the sample or the design does not allow it, and 1 where --check finds no version with the same text."""
    from daihou.runs.scores.register import register
    from daihou.runs.scores.train import registered
    from daihou.runs.scores.train import train as trained

    if kind not in KINDS:
        raise DaihouError(
            f"--kind {kind} is none.", "Choose card, trees or both.", zh=(f"没有 --kind {kind}。", "请选择 card、trees 或 both。")
        )  # fmt: skip
    home = current()
    on = clock.today(home)
    audited = not check and not at_desk and audited_by(home)
    with shown() as progress:
        found = trained(home, _read(design), str(design), cast("tuple[Kind, ...]", KINDS[kind]), on, progress, data)
    code, versions = 0, []
    for one in found:
        if check:
            known = next(
                (v for v in register(home).of(one.model.design.id) if v.trained.digest == one.model.digest), None
            )
            told = known.called if known else text("no version", "没有相同版本")
            typer.echo(f"{text(*KIND_NAMES[one.model.kind])} {one.model.digest}: {told}")
            code = code if known else 1
            continue
        version = registered(home, one, _person(by), on, note, "desk" if at_desk else "command")
        if audited:
            from daihou.desk.audit.log import record

            record(None, "model.train", "model", version.called, _detail(by, note))
        versions.append(version)
        typer.echo(models_shown.heading(version, one.model))
        for line in models_shown.sample_lines(one.model):
            typer.echo(f"  {line}")
    if json is not None:
        models_shown.versions(versions, json)
    if not check and found:
        typer.echo(
            text(
                f"Validate next: `daihou models validate {found[0].model.design.id}`.",
                f"下一步：`daihou models validate {found[0].model.design.id}`。",
            )
        )
    raise typer.Exit(code)


@app.command(help=text("Validate a version and write its report.", "验证某一版本并生成报告。"))
def validate(
    model: Model,
    version: Number = None,
    by: By = None,
    json: Json = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help=text("Report as .html or .pdf.", "报告文件，.html 或 .pdf。"))
    ] = None,
    *,
    at_desk: AtDesk = False,
) -> None:
    """Validate; the report goes beside the version, and to a file where asked."""
    from daihou.runs.scores.validate import validate as validated

    home = current()
    audited = not at_desk and audited_by(home)
    origin: Origin = "desk" if at_desk else "command"
    with shown() as progress:
        found = validated(home, model, version, _person(by), clock.today(home), origin, progress)
    if audited:
        from daihou.desk.audit.log import record

        record(None, "model.validate", "model", found.version.called, _detail(by, ""))
    if json is not None:
        models_shown.versions([found.version], json)
    typer.echo(found.version.called)
    for line in _figures(found.found):
        typer.echo(f"  {line}")
    for finding in found.found.findings:
        typer.echo(f"  {text(*LEVELS[finding.level])}: {finding.said(chinese=chinese())}")
    if output is not None:
        models_shown.report(home, found.version, output)


@app.command(
    help=text("Let a version score from a day on: as champion or in shadow.", "批准某一版本自某日起启用：冠军或影子。")
)
def approve(
    model: Model,
    version: Number = None,
    role: Annotated[
        str, typer.Option("--as", help=text("champion or shadow.", "champion（冠军）或 shadow（影子）。"))
    ] = "champion",
    from_on: Annotated[
        str | None, typer.Option("--from", help=text("The day; today unless given.", "启用日；不填则为当日。"))
    ] = None,
    by: By = None,
    note: Words = "",
) -> None:
    """Approve; 2 where it was not validated, or where its author asks."""
    from daihou.runs.scores.steps import ROLES
    from daihou.runs.scores.steps import approve as approved

    if role not in ROLES:
        raise DaihouError(
            f"--as {role} is none.",
            "Choose champion or shadow.",
            zh=(f"没有 --as {role}。", "请选择 champion 或 shadow。"),
        )
    home = current()
    on = clock.today(home)
    audited = audited_by(home)
    day = clock.parsed(from_on, "--from") or on
    found = approved(home, model, version, cast("Role", role), day, _person(by), note, on, "command")
    if audited:
        from daihou.desk.audit.log import record

        record(None, "model.approve", "model", found.called, _detail(by, note))
    typer.echo(text(f"{found.called}: {role} from {day}.", f"{found.called}：自 {day} 起为{STANDINGS[role][1]}模型。"))


@app.command(help=text("Return a version to its author.", "退回某一版本。"))
def send_back(model: Model, version: Number = None, by: By = None, note: Words = "") -> None:
    """Return it; the reason is needed."""
    from daihou.runs.scores.register import register
    from daihou.runs.scores.steps import send_back as sent

    home = current()
    audited = audited_by(home)
    number = register(home).version(model, version).number
    found = sent(home, model, number, _person(by), note, clock.today(home), "command")
    if audited:
        from daihou.desk.audit.log import record

        record(None, "model.return", "model", found.called, _detail(by, note))
    typer.echo(text(f"{found.called} is returned.", f"{found.called} 已退回。"))


@app.command(help=text("End a version from a day on; its scores stay.", "自某日起停用某一版本，已有评分保留。"))
def retire(
    model: Model,
    version: Number = None,
    from_on: Annotated[
        str | None, typer.Option("--from", help=text("The day; today unless given.", "停用日；不填则为当日。"))
    ] = None,
    by: By = None,
    note: Words = "",
) -> None:
    """Retire it."""
    from daihou.runs.scores.register import register
    from daihou.runs.scores.steps import retire as retired

    home = current()
    on = clock.today(home)
    audited = audited_by(home)
    day = clock.parsed(from_on, "--from") or on
    number = register(home).version(model, version).number
    found = retired(home, model, number, day, _person(by), note, on, "command")
    if audited:
        from daihou.desk.audit.log import record

        record(None, "model.retire", "model", found.called, _detail(by, note))
    typer.echo(text(f"{found.called} is retired from {day}.", f"{found.called} 自 {day} 起停用。"))


@app.command(help=text("Say how models in force fare on a date.", "查看在用模型在某日的监测结果。"))
def monitor(
    model: Annotated[str | None, typer.Argument(help=text("One model alone.", "只看某一模型。"))] = None,
    as_of: Annotated[
        str | None, typer.Option(help=text("Date of a run; the last unless given.", "跑批日期；不填则为最近一次。"))
    ] = None,
) -> None:
    """Print what the run noted of each; 1 where a light is not green."""
    from daihou.runs.scores.own_runs import OwnRuns
    from daihou.runs.scores.recalled import figures_on

    home = current()
    day = clock.parsed(as_of, "--as-of") or max(OwnRuns(home).dates, default=None)
    if day is None:
        raise DaihouError(
            "Nothing was run yet.", "Run a date: `daihou run`.", zh=("尚未跑批。", "请先运行 `daihou run`。")
        )
    found = figures_on(home, day, model)
    if not found:
        typer.echo(text(f"No model in force was watched on {day}.", f"{day} 没有在用模型的监测结果。"))
    alarms = 0
    for line, light in models_shown.watch_lines(found):
        alarms += light not in (None, "green")
        typer.echo(line)
    raise typer.Exit(1 if alarms else 0)


def _line(found: Register, version: Version, day: dt.date) -> str:
    standing = found.standing(version, day)
    name = version.trained.payload["name"]["zh" if chinese() else "en"]
    last = version.validated
    area = "" if last is None or last.payload.get("auc") is None else f"AUC {last.payload['auc']:.3f}"
    parts = (
        version.called,
        text(*KIND_NAMES[version.kind]),
        text(*STANDINGS[standing]),
        str(version.trained.recorded_on),
        version.trained.person,
        area,
        name,
    )
    return "  ".join(part for part in parts if part)


def _figures(found: Validation) -> list[str]:
    lines = []
    for part in found.parts:
        if not part.n:
            continue
        told = f"{part.name.said(chinese=chinese())}: {part.n:,} / {part.bad:,}"
        if part.auc is not None and part.ks is not None:
            ends = "" if part.auc.low is None else f" ({part.auc.low:.3f} – {part.auc.high:.3f})"
            told += f", AUC {part.auc.value:.4f}{ends}, KS {part.ks.value:.3f}"
        lines.append(told)
    return lines


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DaihouError(
            f"The design cannot be read: {error}.", "Name a YAML file in UTF-8.", str(path), zh=(f"方案文件无法读取：{error}。", "请指定 UTF-8 编码的 YAML 文件。")
        ) from error  # fmt: skip


def _put(path: Path, content: str) -> None:
    path.write_text(content, "utf-8")


def _detail(by: str | None, words: str) -> dict[str, str]:
    """What the audit log keeps of an act."""
    return {"by": _person(by), "user": machine_user(), "note": words}


def _person(by: str | None) -> str:
    return by or machine_user()
