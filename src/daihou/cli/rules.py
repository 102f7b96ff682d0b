"""`daihou rules`: warning rules listed, checked, published from files and written out. Each act is a command of its own."""

from __future__ import annotations

import os
import sys
from pathlib import Path  # noqa: TC003 (Typer reads it when the command runs)
from typing import TYPE_CHECKING, Annotated, Final

import typer

from daihou.book.errors import DaihouError
from daihou.cli import clock, rules_backtest, rules_suggest
from daihou.cli.audited import audited as audited_by
from daihou.cli.errors import show
from daihou.cli.home import current
from daihou.cli.language import chinese, text
from daihou.cli.machine_user import machine_user
from daihou.cli.rules_file import sound

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Sequence

    from daihou.warning.rule import Rule, Version

app = typer.Typer(no_args_is_help=True)
app.command("suggest", help=rules_suggest.HELP)(rules_suggest.command)
app.command("backtest", help=rules_backtest.HELP)(rules_backtest.command)

FILE_HELP: Final = text(
    "YAML file of rules, as `daihou rules export` writes it.", "规则 YAML 文件，格式同 `daihou rules export`。"
)
STANDINGS: Final = {
    "live": ("live", "生效"),
    "shadow": ("shadow", "影子"),
    "retired": ("retired", "停用"),
    "later": ("later", "未到期"),
}
LEVELS: Final = {"red": "红", "orange": "橙", "yellow": "黄", "blue": "蓝"}


@app.command("list", help=text("Say which rules warn on a day.", "列出某日生效的规则。"))
def listed(
    as_of: Annotated[
        str | None,
        typer.Option(help=text("The day; today's business date unless given.", "日期；不填则为当前营业日。")),
    ] = None,
    every: Annotated[
        bool,
        typer.Option(
            "--all", help=text("Those not yet in force and retired ones too.", "一并列出未到期和已停用的规则。")
        ),
    ] = False,
) -> None:
    """Print a line a version: what it is, from when, its level and name; 1 where one cannot judge."""
    from daihou.runs.watch.register import rulebook_of

    home = current()
    day = clock.parsed(as_of, "--as-of") or clock.today(home)
    book = rulebook_of(home)
    lines = [line for rule in book.rules for line in _lines(rule, day, every=every)]
    widths = [max((_width(line[at]) for line in lines), default=0) for at in range(6)]
    for line in lines:
        padded = [cell + " " * (width - _width(cell)) for cell, width in zip(line, widths, strict=False)]
        typer.echo("  ".join((*padded, line[-1])))
    typer.echo(
        text(
            f"{len(book.live(day))} rules warn on {day}, {len(book.shadow(day))} more run in shadow.",
            f"{day} 生效规则 {len(book.live(day))} 条，影子运行 {len(book.shadow(day))} 条。",
        )
    )
    broken = book.broken(day)
    for one in broken:
        show(one.problem)
    raise typer.Exit(1 if broken else 0)


@app.command(help=text("Say all that is wrong with a file of rules.", "检查规则文件，列出全部问题。"))
def check(file: Annotated[Path, typer.Argument(help=FILE_HELP)]) -> None:
    """Check a file; 2 where anything is wrong with it."""
    rules = sound(file)
    versions = sum(len(rule.versions) for rule in rules)
    typer.echo(
        text(
            f"{len(rules)} rules, {versions} versions: nothing is wrong.",
            f"规则 {len(rules)} 条，版本 {versions} 个：检查通过。",
        )
    )


@app.command(help=text("Publish the versions of a file that are not known yet.", "发布文件中的新版本。"))
def apply(
    file: Annotated[Path, typer.Argument(help=FILE_HELP)],
    note: Annotated[str, typer.Option(help=text("Why, for the register.", "说明，记入规则登记簿。"))] = "",
) -> None:
    """Check a file, then add its new versions to the register, all or none."""
    from daihou.runs.watch.register import publish

    rules = sound(file)
    home = current()
    today = clock.today(home)
    audited = audited_by(home)
    new = publish(home, rules, author=machine_user(), reviewer="", note=note, recorded_on=today, origin="file")
    if audited:
        _note(new, file.name, note)
    stated = {(rule.id, version.number): version for rule in rules for version in rule.versions}
    for rule_id, number in new:
        typer.echo(f"{rule_id} {text(f'version {number}', f'版本 {number}')}: {_effect(stated[rule_id, number])}")
    typer.echo(
        text(f"{len(new)} versions published.", f"已发布 {len(new)} 个版本。")
        if new
        else text("Nothing to do: every version is known already.", "无需发布：全部版本均已登记。")
    )


@app.command(help=text("Write out rules as YAML.", "将规则导出为 YAML。"))
def export(
    rule: Annotated[
        list[str] | None, typer.Option(help=text("This rule alone; may be given again.", "只导出该规则，可重复指定。"))
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help=text("File; the terminal unless given.", "目标文件；不填则输出到终端。")),
    ] = None,
) -> None:
    """Write out all rules, shipped and published, with all their versions."""
    from daihou.runs.watch.register import rulebook_of
    from daihou.warning import reading

    book = rulebook_of(current())
    rules = [book.rule(one) for one in rule] if rule else book.rules
    written = reading.text(rules)
    if output is None:
        sys.stdout.write(written)
        return
    draft = output.with_name(f".{output.name}.{os.getpid()}")
    try:
        draft.write_text(written, "utf-8")
        draft.replace(output)
    except OSError as error:
        raise DaihouError(
            f"The file cannot be written: {error.strerror}.",
            "Name a file in a folder you may write to.",
            str(output),
            zh=(f"文件无法写入：{error.strerror}。", "请指定有写入权限的文件夹。"),
        ) from error
    finally:
        draft.unlink(missing_ok=True)
    typer.echo(text(f"{len(rules)} rules → {output}", f"{len(rules)} 条规则 → {output}"))


def _lines(rule: Rule, day: dt.date, *, every: bool) -> Iterator[tuple[str, ...]]:
    """The lines of a rule: its live version and its shadow; with `every`, also what has ended it or is to come."""
    live, shadow = rule.live(day), rule.shadow(day)
    if live is not None and (every or not live.retired):
        yield _line(rule, live, "retired" if live.retired else "live", live.from_on)
    if shadow is not None:
        yield _line(rule, shadow, "shadow", shadow.shadow_from)
    for version in rule.versions if every else ():
        begins = version.shadow_from or version.from_on
        if begins is not None and begins > day and (live is None or version.number > live.number):
            yield _line(rule, version, "later", begins)


def _line(rule: Rule, version: Version, standing: str, since: dt.date | None) -> tuple[str, ...]:
    from daihou.warning.rule import NOUNS

    return (
        rule.id,
        f"v{version.number}",
        text(*STANDINGS[standing]),
        str(since),
        text(version.level, LEVELS[version.level]),
        NOUNS[rule.subject].one.said(chinese=chinese()),
        rule.name.said(chinese=chinese()),
    )


def _width(cell: str) -> int:
    from rich.cells import cell_len

    return cell_len(cell)


def _effect(version: Version) -> str:
    """What a version does, and from when."""
    if version.retired:
        return text(f"ends the rule from {version.from_on}", f"自 {version.from_on} 起停用该规则")
    parts = []
    if version.shadow_from is not None:
        parts.append(text(f"in shadow from {version.shadow_from}", f"自 {version.shadow_from} 起影子运行"))
    if version.from_on is not None:
        parts.append(text(f"live from {version.from_on}", f"自 {version.from_on} 起生效"))
    return text(", ", "，").join(parts)


def _note(new: Sequence[tuple[str, int]], file: str, note: str) -> None:
    """An entry of the desk's audit log a version."""
    from daihou.desk.audit.log import record

    for rule_id, number in new:
        record(
            None, "rule.apply", "rule", rule_id, {"by": machine_user(), "version": number, "file": file, "note": note}
        )
