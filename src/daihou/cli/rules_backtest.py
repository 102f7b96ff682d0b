"""`daihou rules backtest`: what rules would have said on past dates, as known then, and what became of whom they named."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path  # noqa: TC003 (Typer reads it when the command runs)
from typing import TYPE_CHECKING, Annotated, Final

import typer

from daihou.cli import clock, span
from daihou.cli.cells import number, percent
from daihou.cli.errors import show
from daihou.cli.home import current
from daihou.cli.language import chinese, text
from daihou.cli.progress import shown
from daihou.cli.rules_file import sound
from daihou.cli.written import written

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from rich.console import Console
    from rich.table import Table

    from daihou.runs.watch.backtest import Backtest
    from daihou.warning.backtest import OfRule, OfSet, Result, Results

HELP: Final = text(
    "Say what rules would have caught on past dates, and at what cost in alerts.",
    "回测规则：按当时所知，能捕获多少违约、产生多少预警。",
)
ENDLESS: Final = 1000
"""Characters of a line on which any table has all its room."""
MOST_ROWS: Final = 25
"""Groups that the terminal shows; the file has all."""
MOST_OFFICERS: Final = 10
BROAD, NARROW = (0, 1), (0, 0)
"""Room around a cell: without any, the narrow table stands in 80 columns."""
STEPS: Final = {"day": "每日", "week": "每周", "month-end": "月末"}
SETS: Final = {"live": ("live", "现行"), "draft": ("draft", "草稿")}


def command(
    rules: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="RULE_ID",
            help=text("Ids of rules; all that are live unless given.", "规则编号；不填则为全部生效规则。"),
        ),
    ] = None,
    draft: Annotated[
        Path | None,
        typer.Option(
            help=text(
                "YAML file of rules: the newest version of each is judged beside the live one.",
                "规则 YAML 文件；以其中最新版本作为草稿，与现行版本并列回测。",
            )
        ),
    ] = None,
    default: Annotated[
        str, typer.Option(help=text('What counts as default, e.g. "dpd > 90".', "违约定义，如 “dpd > 90”。"))
    ] = "dpd > 90",
    within: Annotated[
        str, typer.Option(help=text("Within how many months, e.g. 12m.", "观察期（月），如 12m。"))
    ] = "12m",
    first: Annotated[
        str | None,
        typer.Option(
            "--from",
            help=text(
                "First date; when the first loan was known unless given.", "起始日；不填则从最早知悉贷款之日起。"
            ),
        ),
    ] = None,
    last: Annotated[
        str | None,
        typer.Option(
            "--to", help=text("Last date; today's business date unless given.", "截止日；不填则为当前营业日。")
        ),
    ] = None,
    step: Annotated[
        str, typer.Option(help=text("day, week or month-end.", "步长：day（日）、week（周）或 month-end（月末）。"))
    ] = "month-end",
    by: Annotated[str | None, typer.Option(help=text("A row for each value of this column.", "按该字段分组。"))] = None,
    as_json: Annotated[
        Path | None, typer.Option("--json", help=text("Write all of it to this file.", "将全部结果写入该 JSON 文件。"))
    ] = None,
) -> None:
    """Judge rules by what came after; 1 where there are not enough defaults to tell any ratio, or a live rule cannot judge."""
    from daihou.cli.warm import warm
    from daihou.runs.history import dates
    from daihou.runs.watch.asked import default_condition
    from daihou.runs.watch.backtest import backtest
    from daihou.runs.watch.lineup import apart, lineup
    from daihou.runs.watch.register import rulebook_of
    from daihou.runs.watch.spine import spine_of

    months, condition = span.months(within), default_condition(default)
    drafts = () if draft is None else sound(draft)
    home = current()
    today = clock.today(home)
    end = span.end(clock.parsed(last, "--to"), today)
    chosen = lineup(rulebook_of(home), today, rules or (), drafts)
    told_apart = apart(by, chosen.rules)
    with shown() as progress:
        warm(progress)
        start = clock.parsed(first, "--from") or span.start(home, end, progress)
        spine = spine_of(dates(start, end, step), condition, months, step)
        found = backtest(home, spine, chosen.rules, progress, default, chosen.sets, told_apart)
    _show(found)
    for broken in chosen.broken:
        show(broken.problem)
    if as_json is not None:
        written(as_json, lambda file: _to_json(found, file))
    enough = any(_whole(one).defaults >= found.fewest_defaults for one in found.results)
    raise typer.Exit(0 if enough and not chosen.broken else 1)


def _to_json(found: Backtest, file: Path) -> None:
    from daihou.runs.watch.backtest_json import as_dict

    file.write_text(json.dumps(as_dict(found), ensure_ascii=False, indent=1) + "\n", "utf-8")


def _whole(results: Results) -> Result:
    """The result of the first set, or of the first rule where there is no set."""
    return (results.sets or results.rules)[0].result


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of figures: its heading, its cell, and whether only a broad terminal has it."""

    en: str
    zh: str
    cell: Callable[[Result], str]
    broad: bool = False


def _lead(one: Result) -> str:
    return "–" if one.lead_days is None else f"{one.lead_days[1]:g}"


COLUMNS: Final = (
    _Column("alerts", "预警", lambda one: f"{one.alerts:,}", broad=True),
    _Column("alerts\na month", "月均\n预警", lambda one: number(one.alerts_a_month)),
    _Column("per 1,000\na month", "每千笔\n月预警", lambda one: number(one.alerts_per_1000_a_month)),
    _Column("precision", "精确率", lambda one: percent(one.precision)),
    _Column("caught", "捕获率", lambda one: percent(one.recall)),
    _Column("caught\nof balance", "余额\n捕获率", lambda one: percent(one.recall_balance)),
    _Column("lead\ndays", "提前\n天数", _lead),
    _Column("false\na month", "月均\n误报", lambda one: number(one.false_a_month)),
    _Column("not over", "未成熟", lambda one: f"{one.censored:,}", broad=True),
)


def _show(found: Backtest) -> None:
    """Print for loans and for borrowers the rules, the sets, the load and the groups; then what a reader must know beside it."""
    from rich.console import Console

    from daihou.runs.watch.caveats import caveats

    console = Console(highlight=False)
    for results in found.results:
        for line in _heading(found, results):
            typer.echo(line)
        console.print(_fitting(console, _rules(results, broad=True), _rules(results, broad=False)))
        for line in _load(results):
            typer.echo(line)
        if found.by is not None and results.sets:
            tables = [_groups(found, results, broad=broad) for broad in (True, False)]
            console.print(_fitting(console, *tables))
    for note in caveats(found):
        typer.echo(note.said(chinese=chinese()))


def _fitting(console: Console, broad: Table, narrow: Table) -> Table:
    """The table with all its columns where they fit, else the one with those that matter most."""
    from rich.measure import Measurement

    room = Measurement.get(console, console.options.update(max_width=ENDLESS), broad).maximum
    return broad if room <= console.width else narrow


def _heading(found: Backtest, results: Results) -> Iterator[str]:
    from daihou.warning.rule import NOUNS

    of = NOUNS[results.subject]
    noun, noun_zh, counted = of.many.en, of.many.zh, of.counted
    known = {
        "recorded": text("recorded", "有记录"),
        "assumed": text("assumed", "推定"),
        "mixed": text("mixed", "部分推定"),
    }[found.knowledge]
    yield text(
        f"Rules on {noun}: default is {found.default} within {found.months} months of a signal.",
        f"{noun_zh}规则：违约为预警后 {found.months} 个月内 {found.default}。",
    )
    yield text(
        f"{found.dates[0]} to {found.dates[-1]}, {len(found.dates)} dates ({found.step}), knowledge {known}: "
        f"{results.subjects:,} {noun} watched, {_whole(results).defaults:,} defaults. "
        f"Signals within {found.episode_days} days count as one alert.",
        f"{found.dates[0]} 至 {found.dates[-1]}，{len(found.dates)} 个观察点（{STEPS.get(found.step, found.step)}），知悉日期{known}："
        f"监测{noun_zh} {results.subjects:,} {counted}，违约 {_whole(results).defaults:,} {counted}；"
        f"{found.episode_days} 天内的重复信号合并为一次预警。",
    )


def _rules(results: Results, *, broad: bool) -> Table:
    """A line a rule, drafts below their live versions; under them a line a set."""
    from rich import box
    from rich.table import Table

    columns = [column for column in COLUMNS if broad or not column.broad]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=BROAD if broad else NARROW)
    table.add_column(text("rule", "规则"), no_wrap=True)
    for column in columns:
        table.add_column(_headed(column.en, column.zh, results), justify="right", no_wrap=True)
    if broad:
        table.add_column(text("no data", "无数据"), justify="right", no_wrap=True)
        table.add_column(text("it alone", "独有\n捕获"), justify="right", no_wrap=True)
        table.add_column(text("most overlap", "重合最多"), no_wrap=True)
    drafts = {one for of in results.sets if of.name == "draft" for one in of.rules}
    live = {one for of in results.sets if of.name != "draft" for one in of.rules}
    for rule in sorted(results.rules, key=lambda one: (one.rule, one.version)):
        mark = f" {text(*SETS['draft'])}" if rule.label in drafts - live else ""
        beside = (percent(rule.unknown_share), _alone(rule), _overlap(rule)) if broad else ()
        table.add_row(f"{rule.label}{mark}", *(column.cell(rule.result) for column in columns), *beside)
    table.add_section()
    for of in results.sets:
        table.add_row(_together(of), *(column.cell(of.result) for column in columns))
    return table


def _headed(en: str, zh: str, results: Results) -> str:
    """A heading; in Chinese loans and borrowers are counted by different words."""
    from daihou.warning.rule import NOUNS

    return text(en, zh.replace("千笔", f"千{NOUNS[results.subject].counted}"))


def _named(name: str) -> str:
    return text(*SETS.get(name, (name, name)))


def _together(of: OfSet) -> str:
    count = len(of.rules)
    return text(f"{_named(of.name)}, {count} together", f"{_named(of.name)}合计（{count} 条）")


def _alone(rule: OfRule) -> str:
    share = "" if rule.alone_share is None else f" ({percent(rule.alone_share)})"
    return f"{rule.alone:,}{share}"


def _overlap(rule: OfRule) -> str:
    """The other rule that warned of most of this one's subjects: a version of the same rule says nothing new."""
    others = ((label, share) for label, share in rule.overlaps if label.rpartition(" ")[0] != rule.rule)
    label, share = next(others, ("", 0.0))
    return f"{label} {percent(share)}" if label else "–"


def _load(results: Results) -> Iterator[str]:
    """What each set makes for the officers who get most of it."""
    for of in results.sets:
        if of.officers:
            shown_ones = of.officers[:MOST_OFFICERS]
            rest = len(of.officers) - len(shown_ones)
            listed = text(", ", "，").join(f"{officer} {number(load)}" for officer, load in shown_ones)
            more = text(f", and {rest} more with fewer", f"，其余 {rest} 人更少") if rest else ""
            yield text(
                f"Alerts a month of each officer ({_named(of.name)}): {listed}{more}.",
                f"每名客户经理月均预警（{_named(of.name)}）：{listed}{more}。",
            )


def _groups(found: Backtest, results: Results, *, broad: bool) -> Table:
    """A line a group and set, those with most defaults first."""
    from rich import box
    from rich.table import Table

    by = found.by or ""
    columns = [column for column in COLUMNS if (broad or not column.broad) and column.zh != "每千笔\n月预警"]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=BROAD if broad else NARROW)
    table.add_column(by, no_wrap=True)
    table.add_column(text("set", "方案"), no_wrap=True)
    table.add_column(text("defaults", "违约数"), justify="right", no_wrap=True)
    for column in columns:
        table.add_column(text(column.en, column.zh), justify="right", no_wrap=True)
    names = [name for name, _ in results.sets[0].groups]
    for name in names[:MOST_ROWS]:
        for of in results.sets:
            result = dict(of.groups)[name]
            table.add_row(
                name, _named(of.name), f"{result.defaults:,}", *_cells(result, columns, found.fewest_defaults)
            )
    if len(names) > MOST_ROWS:
        rest = len(names) - MOST_ROWS
        table.caption = text(f"and {rest} more with fewer defaults", f"另有 {rest} 组违约更少，未列出")
    return table


def _cells(result: Result, columns: Sequence[_Column], fewest: int) -> Iterator[str]:
    few = result.defaults < fewest
    for column in columns:
        yield text("too few", "样本不足") if few and column.en == "precision" else column.cell(result)
