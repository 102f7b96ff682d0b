"""A model on the terminal and in files: its card, how it came to be, what is watched of it, its report."""

from __future__ import annotations

import json
from pathlib import Path  # noqa: TC003 (Typer reads it when the command runs)
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from daihou.book.errors import DaihouError
from daihou.cli.home import current
from daihou.cli.language import chinese, text
from daihou.cli.written import written

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from daihou.assessment.scores.model import Model
    from daihou.book.home import Home
    from daihou.runs.scores.register import Version

HELP: Final = text(
    "Show a version: its card, inputs and history; or write it to a file.",
    "查看某一版本的评分卡、入模变量和沿革，或导出到文件。",
)
ENDINGS: Final = (".json", ".xlsx", ".html", ".pdf")
FIGURES: Final = {
    "psi": ("PSI of the score", "评分 PSI"), "csi": ("CSI", "特征 CSI"), "default_rate": ("default rate", "违约率"), "auc": ("AUC", "AUC"),
}  # fmt: skip


def command(
    model: Annotated[str, typer.Argument(help=text("The model's id.", "模型编号。"))],
    version: Annotated[
        int | None, typer.Option(help=text("Its version; the last unless given.", "版本号；不填则为最新版本。"))
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            help=text(
                "Write it: .json, .xlsx (a card), .html or .pdf (the report).",
                "导出：.json、.xlsx（评分卡）、.html 或 .pdf（验证报告）。",
            ),
        ),
    ] = None,
) -> None:
    """Print a version, or write it."""
    from daihou.runs.scores import register as registers

    home = current()
    found = registers.register(home).version(model, version)
    one = registers.model(home, found)
    if output is not None:
        _write(home, found, one, output)
        return
    typer.echo(heading(found, one))
    for line in (*sample_lines(one), *_body(one)):
        typer.echo(f"  {line}")
    for entry in found.entries:
        typer.echo(
            f"  {entry.recorded_on}  {entry.event}{f' {entry.role}' if entry.role else ''}  {entry.person}  {entry.note}".rstrip()
        )


def heading(version: Version, model: Model) -> str:
    """A version in one line."""
    kind = {"card": ("card", "评分卡"), "trees": ("boosted trees", "梯度提升树")}[model.kind]
    name = model.design.name.zh if chinese() else model.design.name.en
    return f"{version.called}  {name}  {text(*kind)}  {model.digest}"


def sample_lines(model: Model) -> Iterator[str]:
    """What it came of, and what its reviewers must know."""
    sample = model.record["sample"]
    for part, fates in sample["parts"].items():
        told = {
            "train": ("training", "训练样本"),
            "test": ("out of sample", "样本外"),
            "later": ("out of time", "时间外"),
        }[part]
        good, bad = fates.get("good", 0), fates.get("bad", 0)
        yield text(f"{told[0]}: {good:,} good, {bad:,} bad", f"{told[1]}：好 {good:,}，坏 {bad:,}")
    yield text(
        f"data {sample['fingerprint']}, known dates {sample['knowledge']}",
        f"数据指纹 {sample['fingerprint']}，知悉日期：{sample['knowledge']}",
    )
    for en, zh in model.record["notes"]:
        yield text(f"note: {en}", f"提示：{zh}")


def _body(model: Model) -> Iterator[str]:
    from daihou.assessment.scores.card import Card
    from daihou.assessment.scores.choosing import Dropped
    from daihou.assessment.scores.printed import NOT_SCORED, lines

    if isinstance(model.body, Card):
        yield text(
            f"base points {model.body.base}; scores from {model.body.least} to {model.body.most}",
            f"基础分 {model.body.base}，分值区间 {model.body.least} – {model.body.most}",
        )
        name = ""
        for line in lines(model.body):
            if line.name != name:
                name = line.name
                yield line.zh if chinese() else line.en
            points = text(*NOT_SCORED) if line.points is None else f"{line.points:+d}"
            rate = "" if line.rate is None else f"{line.rate:.2%}"
            yield f"    {line.bin_zh if chinese() else line.bin_en}:  {points}  {line.share:.1%}  {rate}".rstrip()
    else:
        for one in model.inputs:
            yield one.label(chinese=chinese())
    for stated in model.record["dropped"]:
        yield text(
            f"left out {stated['name']}: {Dropped(**stated).said(chinese=False)}",
            f"未入模 {stated['name']}：{Dropped(**stated).said(chinese=True)}",
        )


def _write(home: Home, version: Version, model: Model, output: Path) -> None:
    if output.suffix == ".json":
        written(output, lambda draft: _put(draft, model.text.encode()))
    elif output.suffix == ".xlsx":
        from daihou.runs.scores.sheets import workbook

        if model.kind != "card":
            raise DaihouError(
                f"{version.called} is no card.", "Trees are written as .json; their report as .html or .pdf.", str(output),
                zh=(f"{version.called} 不是评分卡。", "梯度提升树请导出 .json；报告可导出 .html 或 .pdf。"),
            )  # fmt: skip
        content = workbook(model, version.called, chinese=chinese())
        written(output, lambda draft: _put(draft, content))
    else:
        report(home, version, output)


def _put(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def versions(found: Sequence[Version], output: Path) -> None:
    """Write which versions came of a command: model, number, kind and digest of each."""
    rows = [
        {"model": one.model_id, "version": one.number, "kind": one.kind, "digest": one.trained.digest} for one in found
    ]
    content = json.dumps({"versions": rows}, indent=1) + "\n"
    written(output, lambda draft: _put(draft, content.encode()))


def report(home: Home, version: Version, output: Path) -> None:
    """Write the report of a version's validation to a file."""
    from daihou.runs.scores.register import folder
    from daihou.runs.scores.report.pdf import pdf
    from daihou.runs.scores.validate import REPORTS

    if output.suffix not in ENDINGS[2:]:
        raise DaihouError(
            f"{output.name}: {output.suffix or 'no ending'} is none of {', '.join(ENDINGS)}.", "Name a file with one of these endings.", str(output),
            zh=(f"{output.name}：不支持的格式。", f"请使用 {'、'.join(ENDINGS)} 之一。"),
        )  # fmt: skip
    page = folder(home, version.model_id, version.number) / REPORTS["zh" if chinese() else "en"]
    if not page.exists():
        raise DaihouError(
            f"{version.called} was not validated.", f"Validate it first: `daihou models validate {version.model_id} --version {version.number}`.",
            zh=(f"{version.called} 尚未验证。", f"请先运行 `daihou models validate {version.model_id} --version {version.number}`。"),
        )  # fmt: skip
    content = page.read_text("utf-8")
    made = content.encode() if output.suffix == ".html" else pdf(content)
    written(output, lambda draft: _put(draft, made))


def watch_lines(found: Sequence[dict[str, Any]]) -> Iterator[tuple[str, str | None]]:
    """Figures that a run noted, in words, each with its light."""
    model = ""
    for one in found:
        if one["model"] != model:
            model = one["model"]
            yield f"{model}  {one['role']}", None
        of = f" {one['of']}" if one["of"] else ""
        when = f" {one['observed_on']}" if one["observed_on"] else ""
        value = "–" if one["value"] is None else f"{one['value']:.4f}"
        beside = (
            f" ({one['low']:.4f} – {one['high']:.4f})" if one["low"] is not None and one["high"] is not None else ""
        )
        expected = (
            ""
            if one["expected"] is None
            else text(f", expected {one['expected']:.4f}", f"，预期 {one['expected']:.4f}")
        )
        yield (
            f"  {text(*FIGURES[one['figure']])}{of}{when}: {value}{beside}{expected}  n {one['n']:,}  {one['light'] or ''}".rstrip(),
            one["light"],
        )
