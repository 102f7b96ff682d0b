"""`daihou rules suggest`: thresholds from the lender's own defaults, as a table with the advice in a sentence, as JSON, and as a picture."""

from __future__ import annotations

import json
import re
import textwrap
from dataclasses import dataclass
from pathlib import Path  # noqa: TC003 (Typer reads it when the command runs)
from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer

from daihou.book.errors import DaihouError
from daihou.cli import clock, span
from daihou.cli.cells import number, percent
from daihou.cli.home import current
from daihou.cli.language import chinese, text
from daihou.cli.progress import shown
from daihou.cli.written import written

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rich.console import Console
    from rich.table import Table

    from daihou.warning.choice import Goal
    from daihou.warning.figures import Figures, Interval
    from daihou.warning.thresholds import Segment, Suggestion

HELP: Final = text(
    "Say what thresholds of a measure would have done, and which to choose.", "按历史违约测算指标阈值并给出建议。"
)
MONTHS_BACK: Final = 36
"""How far the span reaches back unless --from is given."""
ENDLESS: Final = 1000
"""Characters of a line on which any table has all its room."""
MARKS: Final = 18
"""Characters of a line of what a threshold is beside a candidate, where the threshold itself is shorter."""
MOST_ROWS: Final = 25
"""Segments that the terminal shows; the file has all."""
PICTURES: Final = (".png", ".svg")


def command(
    measure: Annotated[
        str,
        typer.Argument(
            help=text(
                "Name of a measure, as docs/reference/measures.md lists them.",
                "指标名，见 docs/reference/measures.md。",
            )
        ),
    ],
    default: Annotated[
        str, typer.Option(help=text('What counts as default, e.g. "dpd > 90".', "违约定义，如 “dpd > 90”。"))
    ],
    within: Annotated[str, typer.Option(help=text("Within how many months, e.g. 12m.", "观察期（月），如 12m。"))],
    first: Annotated[
        str | None,
        typer.Option("--from", help=text("First date; 36 months back unless given.", "起始日；不填则为 36 个月前。")),
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
    subject: Annotated[
        Literal["loan", "borrower"],
        typer.Option(help=text("Who is watched.", "监测对象：loan（贷款）或 borrower（借款人）。")),
    ] = "loan",
    segment: Annotated[
        str | None, typer.Option(help=text("Only where this condition holds.", "适用范围（条件表达式）。"))
    ] = None,
    by: Annotated[str | None, typer.Option(help=text("A row for each value of this column.", "按该字段分组。"))] = None,
    budget: Annotated[
        float | None,
        typer.Option(help=text("Alerts per 1,000 a month that may be made.", "每千笔（户）每月预警预算。")),
    ] = None,
    capture: Annotated[
        str | None, typer.Option(help=text("Share of defaults to be caught, e.g. 60%.", "违约捕获率目标，如 60%。"))
    ] = None,
    cost: Annotated[
        str | None,
        typer.Option(
            help=text("Cost of a false alarm to that of a missed default, e.g. 1:20.", "误报成本:漏报成本，如 1:20。")
        ),
    ] = None,
    rule: Annotated[
        str | None,
        typer.Option(help=text("Compare with this rule alone, e.g. R-017.", "只与该规则的现行阈值比较，如 R-017。")),
    ] = None,
    worse: Annotated[
        Literal["high", "low"] | None,
        typer.Option(
            help=text(
                "Which way the measure is bad, where the catalogue does not say.",
                "指标目录未注明方向时指明：high 越高越差，low 越低越差。",
            )
        ),
    ] = None,
    as_json: Annotated[
        Path | None, typer.Option("--json", help=text("Write all of it to this file.", "将全部结果写入该 JSON 文件。"))
    ] = None,
    chart: Annotated[
        Path | None,
        typer.Option(help=text("Draw the trade-off into this .png or .svg.", "将取舍图写入该 .png 或 .svg 文件。")),
    ] = None,
) -> None:
    """Judge thresholds of a measure by the lender's own default history; 1 where there are not enough defaults, or no data, to advise any."""
    from daihou.cli.warm import warm
    from daihou.runs.history import dates
    from daihou.runs.watch.asked import Asked
    from daihou.runs.watch.suggest import suggested

    months, goal = span.months(within), _goal(budget, capture, cost)
    if chart is not None and chart.suffix not in PICTURES:
        raise DaihouError(
            f"A picture is written as .png or .svg, not {chart.suffix or chart.name}.",
            "Name a file that ends so.",
            "--chart",
            zh=(f"图片只能写为 .png 或 .svg，不能是 {chart.suffix or chart.name}。", "请更改文件扩展名。"),
        )
    home = current()
    today = clock.today(home)
    end = span.end(clock.parsed(last, "--to"), today)
    with shown() as progress:
        warm(progress)
        start = clock.parsed(first, "--from") or span.start(home, end, progress, MONTHS_BACK)
        asked = Asked(
            measure, default, months, dates(start, end, step), step, subject, segment, by, goal, rule=rule, worse=worse
        )
        found = suggested(home, asked, today, progress)
    _show(found)
    if as_json is not None:
        written(as_json, lambda draft: _to_json(found, draft))
    if chart is not None:
        written(chart, lambda draft: _to_picture(found, draft))
    raise typer.Exit(0 if found.choice is not None else 1)


def _goal(budget: float | None, capture: str | None, cost: str | None) -> Goal | None:
    from daihou.warning.choice import Budget, Capture, Cost

    if sum(one is not None for one in (budget, capture, cost)) > 1:
        raise DaihouError(
            "More than one goal is given.",
            "Give one of --budget, --capture and --cost.",
            zh=("给出了多个选择目标。", "--budget、--capture、--cost 只能选一个。"),
        )
    if budget is not None:
        return Budget(_above_nothing(budget, str(budget), "--budget"))
    if capture is not None:
        match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(%?)", capture.strip())
        share = float(match[1]) / (100 if match[2] else 1) if match else 0.0
        if not 0 < share <= 1:
            raise DaihouError(
                f"'{capture}' is no share of defaults.",
                "Write it like 60%.",
                "--capture",
                zh=(f"“{capture}”不是占比。", "写法如 60%。"),
            )
        return Capture(share)
    if cost is not None:
        match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*[:：]\s*(\d+(?:\.\d+)?)", cost.strip())
        if match is None:
            raise DaihouError(
                f"'{cost}' is no pair of costs.",
                "Write it like 1:20, the false alarm first.",
                "--cost",
                zh=(f"“{cost}”不是成本之比。", "写法如 1:20，误报成本在前。"),
            )
        return Cost(_above_nothing(float(match[1]), cost, "--cost"), _above_nothing(float(match[2]), cost, "--cost"))
    return None


def _above_nothing(number: float, stated: str, option: str) -> float:
    if not 0 < number < float("inf"):
        raise DaihouError(
            f"{stated} is not above 0.",
            "Give a number above 0.",
            option,
            zh=(f"{stated} 不大于 0。", "请给出大于 0 的数。"),
        )
    return number


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of the table: its heading and its cell."""

    en: str
    zh: str
    cell: Callable[[Figures], str]
    broad: bool | None = None
    """Whether only a broad terminal has it, or only a narrow one; None where both have."""


def _halves(one: Figures) -> str:
    lifts = " → ".join(number(half.lift) for half in one.halves)
    precisions = " → ".join("–" if half.precision is None else f"{100 * half.precision:.0f}%" for half in one.halves)
    return f"{'* ' if one.moved else ''}{lifts}, {precisions}"


def _with(value: float | None, interval: Interval | None) -> str:
    if value is None or interval is None:
        return percent(value)
    return f"{percent(value)} ({100 * interval[0]:.0f}–{100 * interval[1]:.0f})"


COLUMNS: Final = (
    _Column("support", "越限\n点数", lambda one: f"{one.support:,}", broad=True),
    _Column("signals", "信号", lambda one: f"{one.signals:,}", broad=True),
    _Column("episodes", "预警", lambda one: f"{one.episodes:,}"),
    _Column("alerts\n/1,000\na month", "每千笔\n月预警", lambda one: number(one.alerts)),
    _Column("default\nrate above", "越限\n违约率", lambda one: percent(one.rate_above), broad=True),
    _Column("rate\nbelow", "未越限\n违约率", lambda one: percent(one.rate_below), broad=True),
    _Column("lift", "提升度", lambda one: number(one.lift)),
    _Column("precision", "精确率", lambda one: _with(one.precision, one.intervals.precision), broad=True),
    _Column("precision", "精确率", lambda one: percent(one.precision), broad=False),
    _Column("caught", "捕获率", lambda one: _with(one.caught_share, one.intervals.caught_share), broad=True),
    _Column("caught", "捕获率", lambda one: percent(one.caught_share), broad=False),
    _Column("caught\nof balance", "余额\n捕获率", lambda one: percent(one.caught_balance_share), broad=True),
    _Column("lead\ndays", "提前\n天数", lambda one: "–" if one.lead_days is None else f"{one.lead_days:g}"),
    _Column("not over", "未成熟", lambda one: f"{one.censored:,}", broad=True),
    _Column("lift, precision\nfirst → second half", "提升度、精确率\n前期 → 后期", _halves, broad=True),
)


def _show(found: Suggestion) -> None:
    """Print the table of candidates, the segments, what is advised, and what a reader must know beside it."""
    from rich.console import Console

    console = Console(highlight=False)
    for line in _heading(found):
        typer.echo(line)
    if found.figures:
        tables = [_table(found, broad=broad) for broad in (True, False)]
        if _fitting(console, tables) is tables[0] and any(one.moved for one in found.figures):
            typer.echo(
                text("* changed from one half to the other by more than chance explains.", "* 前后期差异超出随机波动。")
            )
    if found.segments:
        _fitting(console, [_segments(found, left_out) for left_out in range(len(LEFT_OUT) + 1)])
        if len(found.segments) > MOST_ROWS:
            rest = len(found.segments) - MOST_ROWS
            typer.echo(text(f"and {rest} more with fewer defaults.", f"另有 {rest} 组违约更少，未列出。"))
    typer.echo(found.advice.said(chinese=chinese()))
    if found.pair is not None:
        typer.echo(f"{text('Amber: ', '橙色：')}{found.pair.amber.why.said(chinese=chinese())}")
        typer.echo(f"{text('Red: ', '红色：')}{found.pair.red.why.said(chinese=chinese())}")
    for note in found.notes:
        typer.echo(note.said(chinese=chinese()))


def _fitting(console: Console, tables: Sequence[Table]) -> Table:
    """Print the first of some tables that fits the terminal, else the last one, whole: the terminal may break its lines, and no figure is cut."""
    from rich.console import Console
    from rich.measure import Measurement

    endless = console.options.update(max_width=ENDLESS)
    widths = [Measurement.get(console, endless, table).maximum for table in tables]
    place = next((place for place, width in enumerate(widths) if width <= console.width), len(tables) - 1)
    Console(highlight=False, width=max(console.width, widths[place])).print(tables[place])
    return tables[place]


def _table(found: Suggestion, *, broad: bool) -> Table:
    """The candidates, a line each, and under the threshold what it is beside a candidate."""
    from rich import box
    from rich.table import Table

    columns = [column for column in COLUMNS if column.broad in (None, broad)]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1) if broad else (0, 0))
    table.add_column(text("threshold", "阈值"), no_wrap=True)
    for column in columns:
        table.add_column(_headed(column.en, column.zh, found), justify="right", no_wrap=True)
    for place, (name, one) in enumerate(zip(found.names, found.figures, strict=True)):
        beside = textwrap.wrap(_marks(found, place), max(len(name), MARKS))
        table.add_row("\n".join((name, *beside)), *(column.cell(one) for column in columns))
    return table


def _headed(en: str, zh: str, found: Suggestion) -> str:
    """A heading; in Chinese loans and borrowers are counted by different words."""
    from daihou.warning.rule import NOUNS

    return text(en, zh.replace("千笔", f"千{NOUNS[found.question.subject].counted}"))


def _heading(found: Suggestion) -> Sequence[str]:
    from daihou.warning.rule import NOUNS

    asked, span = found.question, found.span
    rate = (
        ""
        if found.base_rate is None
        else text(f", base rate {percent(found.base_rate)}", f"，基准违约率 {percent(found.base_rate)}")
    )
    known = {
        "recorded": text("recorded", "有记录"),
        "assumed": text("assumed", "推定"),
        "mixed": text("mixed", "部分推定"),
    }
    steps = {"day": "每日", "week": "每周", "month-end": "月末"}
    of = NOUNS[asked.subject]
    noun, counted = of.many.said(chinese=chinese()), of.counted
    segment = "" if asked.segment is None else text(f", where {asked.segment}", f"，适用范围 {asked.segment}")
    return (
        text(
            f"{asked.measure}{segment}: default is {asked.default} within {asked.months} months of a date.",
            f"{asked.measure}{segment}：违约为观察点后 {asked.months} 个月内 {asked.default}。",
        ),
        text(
            f"{span.dates[0]} to {span.dates[-1]}, {len(span.dates)} dates ({span.step}), knowledge {known[span.knowledge]}: "
            f"{found.subjects:,} {noun} at risk, {found.defaults:,} defaults{rate}.",
            f"{span.dates[0]} 至 {span.dates[-1]}，{len(span.dates)} 个观察点（{steps.get(span.step, span.step)}），"
            f"知悉日期{known[span.knowledge]}：{noun} {found.subjects:,} {counted}，其中违约 {found.defaults:,} {counted}{rate}。",
        ),
    )


def _marks(found: Suggestion, place: int) -> str:
    """What a threshold is beside a candidate: advised, amber, red, or that of a rule."""
    marks = [text("◀ advised", "◀ 建议")] if found.choice and found.choice.place == place else []
    if found.pair is not None:
        marks += [text("amber", "橙色")] if found.pair.amber.place == place else []
        marks += [text("red", "红色")] if found.pair.red.place == place else []
    rules = " ".join(one.rule for one in found.question.present if found.place_of(one) == place)
    marks += [text(f"now {rules}", f"现行 {rules}")] if rules else []
    return " · ".join(marks)


SEGMENTS: Final[tuple[tuple[str, str, bool], ...]] = (
    ("subjects", "对象数", True), ("defaults", "违约数", True), ("own best", "本组最优阈值", False),
    ("alerts\n/1,000\na month", "每千笔\n月预警", True), ("precision", "精确率", True), ("caught", "捕获率", True),
)  # fmt: skip
"""The columns beside the name of a group: their headings, and whether they are figures."""
LEFT_OUT: Final = ("subjects", "alerts\n/1,000\na month", "defaults")
"""Those that a narrow terminal does without, the first first."""


def _segments(found: Suggestion, left_out: int) -> Table:
    """The groups, a line each, without so many of the columns that may be left out."""
    from rich import box
    from rich.table import Table

    kept = [place for place, (en, _, _) in enumerate(SEGMENTS) if en not in LEFT_OUT[:left_out]]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(found.question.by or "", no_wrap=True)
    for place in kept:
        en, zh, figures = SEGMENTS[place]
        table.add_column(_headed(en, zh, found), justify="right" if figures else "left", no_wrap=True)
    for row in found.segments[:MOST_ROWS]:
        cells = _cells(found, row)
        table.add_row(text("not stated", "未填写") if row.name is None else row.name, *(cells[place] for place in kept))
    return table


def _cells(found: Suggestion, row: Segment) -> tuple[str, ...]:
    """The cells of a group, as `SEGMENTS` heads them."""
    counts = (f"{row.subjects:,}", f"{row.defaults:,}")
    if row.choice is None:
        few = row.defaults < found.policy.fewest_defaults
        return (*counts, text("not enough defaults", "违约样本不足") if few else "–", "", "", "")
    if row.choice.place is None:
        return (*counts, text("none", "无"), "", "", "")
    one = row.figures[row.choice.place]
    best = found.names[row.choice.place]
    return (*counts, best, number(one.alerts), percent(one.precision), percent(one.caught_share))


def _to_json(found: Suggestion, draft: Path) -> None:
    draft.write_text(json.dumps(found.as_dict(), ensure_ascii=False, indent=1) + "\n", "utf-8")


def _to_picture(found: Suggestion, draft: Path) -> None:
    from daihou.runs.watch.tradeoff import tradeoff

    tradeoff(found, chinese=chinese()).savefig(draft, dpi=110)
