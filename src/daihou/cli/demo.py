"""`daihou demo`: a book with a story, taken in, measured at every month end, and shown."""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from daihou.book.errors import DaihouError
from daihou.cli import clock
from daihou.cli.language import chinese, text
from daihou.cli.progress import shown

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from rich.console import Console
    from rich.table import Table

    from daihou.book.home import Home
    from daihou.demo.delinquency import Standing
    from daihou.demo.source import Source

MARK = "daihou-demo"
"""A file in the demo's home that says it may be thrown away."""
LOANS = 20_000
KINDS = {
    "bank": ("bank", "商业银行"),
    "trust": ("trust company", "信托公司"),
    "online": ("online lender", "互联网贷款机构"),
}
MANY_DATES = 14
"""With more dates than this the table shows quarter ends."""


def command(
    data: Annotated[
        Path | None,
        typer.Option(
            help=text(
                "Folder of the real auto-loan file, to show that book; else DATA.",
                "真实车贷文件所在文件夹，演示该数据；不填则取 DATA。",
            )
        ),
    ] = None,
    profile: Annotated[
        Literal["bank", "trust", "online"], typer.Option(help=text("Kind of lender.", "机构类型。"))
    ] = "bank",
    output: Annotated[Path, typer.Option("-o", "--output", help=text("The picture to write.", "输出的图片。"))] = Path(
        "out/demo.png"
    ),
    loans: Annotated[
        int,
        typer.Option(min=1_000, max=1_000_000, help=text("Loans of the simulated book.", "模拟贷款组合的贷款笔数。")),
    ] = LOANS,
) -> None:
    """Take in a book, measure every loan at each month end, and show how it pays."""
    from daihou.demo import source

    began = time.perf_counter()
    if output.suffix not in (".png", ".svg", ".pdf"):
        raise DaihouError(
            f"A picture ending in '{output.suffix}' cannot be written.",
            "Name a .png, .svg or .pdf file.",
            "-o",
            zh=(f"无法输出 {output.suffix} 格式的图片。", "请指定 .png、.svg 或 .pdf 文件。"),
        )
    checkout = source.root()
    file = source.find(data, os.environ)
    folder = _fresh(_place())
    with shown() as progress:
        book = source.real(file, checkout) if file else source.simulated(folder / "sent", profile, loans, progress)
    home = _home(folder, profile, book.currency)
    console = _console()
    _announce(console, book, profile, loans)
    _take_in(console, home, book)
    dates = _measure(console, home, book)
    _show(console, home, book, profile, dates, output)
    console.print(
        text(f"Done in {time.perf_counter() - began:.0f} s.", f"用时 {time.perf_counter() - began:.0f} 秒。"),
        style="dim",
    )
    _go_on(console, home, book)


def _place() -> Path:
    """Where the demo's own home is: inside DAIHOU_HOME, or beside the usual one."""
    stated = os.environ.get("DAIHOU_HOME")
    if stated:
        return Path(stated).expanduser().resolve() / "demo"
    import platformdirs

    return Path(platformdirs.user_data_dir("daihou-demo", appauthor=False))


def _fresh(folder: Path) -> Path:
    """Throw away what an earlier demo left, and nothing else."""
    if folder.exists() and any(folder.iterdir()):
        if not (folder / MARK).is_file():
            raise DaihouError(
                "The demo's folder holds something else.",
                "Move it away, or set DAIHOU_HOME elsewhere.",
                str(folder),
                zh=("演示文件夹中已有其他内容。", "请移走，或将 DAIHOU_HOME 设到别处。"),
            )
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARK).write_text("Made by `daihou demo`, which throws this folder away and makes it anew.\n", "utf-8")
    return folder


def _home(folder: Path, profile: str, currency: str) -> Home:
    from daihou.book.home import SETTINGS_FILE, open_home

    (folder / SETTINGS_FILE).write_text(f'base_currency = "{currency}"\nprofile = "{profile}"\n', "utf-8")
    return open_home(folder)


def _console() -> Console:
    from rich.console import Console

    return Console(highlight=False, soft_wrap=False)


def _announce(console: Console, book: Source, profile: str, loans: int) -> None:
    if book.real:
        said = text(
            f"The real book: US used-car loans, {book.first:%Y-%m} to {book.last:%Y-%m}, from {book.real}",
            f"真实数据：美国二手车贷款，{book.first:%Y-%m} 至 {book.last:%Y-%m}，来自 {book.real}",
        )
    else:
        said = text(
            f"A simulated book of {loans:,} loans of a {KINDS[profile][0]}, {book.first:%Y-%m} to {book.last:%Y-%m}; "
            "docs/guides/simulation.md says how they live.",
            f"模拟贷款组合：{KINDS[profile][1]}，{loans:,} 笔贷款，{book.first:%Y-%m} 至 {book.last:%Y-%m}；口径见 docs/guides/simulation.md。",
        )
    _heading(console, "daihou demo")
    console.print(said, markup=False, soft_wrap=True)


def _heading(console: Console, said: str) -> None:
    console.print()
    console.rule(f"[bold]{said}", align="left", style="dim")


def _take_in(console: Console, home: Home, book: Source) -> None:
    """Take in every file, table by table, and say what came of each."""
    from daihou.book.business_date import open_business_date
    from daihou.book.intake import deliver

    _heading(console, text("Taking in", "导入"))
    today = open_business_date(home, clock.now())
    for sent in book.sent:
        with shown() as progress:
            report = deliver(
                home,
                list(sent.files),
                sent.table,
                today=today,
                mapping_file=sent.mapping,
                known_on="event" if book.real else None,  # a simulated book says itself when what was known
                progress=progress,
            )
        bad = sum(report.quarantined.values())
        refused = text(f", [yellow]{bad:,} in quarantine[/]", f"，[yellow]隔离 {bad:,} 行[/]") if bad else ""
        console.print(f"  {sent.table:<12} {report.new:>9,} {text('facts', '条事实')}{refused}")
        for example in report.examples[:2]:
            why = example.message_zh if chinese() else example.message_en
            console.print(
                f"    {example.file}:{example.line} {example.column} '{example.value}': {why}",
                style="dim",
                markup=False,
                soft_wrap=True,
            )


def _measure(console: Console, home: Home, book: Source) -> list[Standing]:
    """Measure the book at every month end, as known on that day."""
    from daihou.cli.warm import warm
    from daihou.demo.delinquency import standings
    from daihou.runs.history import dates, pairs
    from daihou.runs.nightly import run_all

    _heading(console, text("Measuring", "计量"))
    days = dates(book.first, book.last, "month-end")
    with shown() as progress:
        warm(progress)
        began = time.perf_counter()
        outcomes = run_all(home, pairs(days, None), progress)
    took = time.perf_counter() - began
    measured = sum(outcome.loans for outcome in outcomes)
    console.print(
        text(
            f"  {len(days)} month ends, each as known on its day: {measured:,} standings in {took:.1f} s",
            f"  {len(days)} 个月末，各按当日已知事实：{measured:,} 条状况，{took:.1f} 秒",
        )
    )
    unmeasured = sum(outcome.unmeasured for outcome in outcomes)
    if unmeasured:
        console.print(text(f"  {unmeasured:,} could not be measured", f"  {unmeasured:,} 条无法计量"), style="yellow")
    return standings(home, days)


def _show(console: Console, home: Home, book: Source, profile: str, dates: Sequence[Standing], output: Path) -> None:
    from daihou.demo.plot import draw

    rows = list(dates) if len(dates) <= MANY_DATES else [row for row in dates if row.as_of.month % 3 == 0]
    _heading(console, text("How it pays", "还款状况"))
    console.print(_table_of_loans(rows))
    console.print(_table_of_balance(rows, book.currency))
    if book.month_end_dues:
        console.print(
            text(
                "All dues of this book fall on month ends, so one missed payment is 28 to 31 days old at the next one: "
                "read 1-30 and 31-60 together. In spring 2020 the share of months without a payment doubles; "
                "whether the lender agreed to it the file does not say, so it counts as arrears.",
                "本数据的应还日均为月末，漏还一期在下一月末为 28 至 31 天：1-30 与 31-60 宜合并看待。"
                "2020 年春无还款月份的占比翻倍，文件未载明贷款人是否同意延期，故按逾期计。",
            ),
            style="dim",
        )
    draw(dates, output, chinese=chinese(), merge_first=book.month_end_dues)
    console.print(f"{text('Picture', '图')}: {output}", soft_wrap=True)
    _moves(console, home, output)
    if not book.real:
        _story(console, home, profile, [row.as_of for row in dates])
    if book.example:
        _explained(console, home, *book.example)


def _moves(console: Console, home: Home, output: Path) -> None:
    """How it moves from month to month, and what became of each quarter's loans."""
    from rich import box
    from rich.table import Table

    from daihou.demo.moves import draw_moves, moves

    _heading(console, text("How it moves", "迁徙情况"))
    table = Table(
        title=text("A month later, by due dates missed", "一个月后的去向，按欠款期数"), title_justify="left", title_style="bold",
        box=box.SIMPLE_HEAD, pad_edge=False,
    )  # fmt: skip
    headings = (
        text("missed", "欠款期数"), text("loan-months", "笔月数"), text("better", "好转"), text("same", "不变"), text("worse", "恶化"),
        text("closed", "结清"), text("written off", "核销"),
    )  # fmt: skip
    for heading in headings:
        table.add_column(heading, justify="right", no_wrap=True)
    for row in moves(home):
        parts = (row.better, row.same, row.worse, row.closed, row.written_off)
        table.add_row(row.cycle, f"{row.loans:,}", *(f"{100 * part:.1f}%" if part else "[dim]-[/]" for part in parts))
    console.print(table)
    rolls, vintages = (output.with_stem(f"{output.stem}-{name}") for name in ("rolls", "vintages"))
    draw_moves(home, rolls, vintages, chinese=chinese())
    for path in (rolls, vintages):
        console.print(f"{text('Picture', '图')}: {path}", soft_wrap=True)


def _columns(title: str) -> Table:
    from rich import box
    from rich.table import Table

    from daihou.demo.delinquency import BUCKETS

    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(text("month end", "月末"), no_wrap=True)
    for bucket in BUCKETS:
        table.add_column(bucket, justify="right", no_wrap=True)
    return table


def _table_of_loans(rows: Sequence[Standing]) -> Table:
    table = _columns(text("Share of loans, by days past due", "笔数占比，按逾期天数"))
    for heading in (text("closed", "结清"), text("written off", "核销"), text("loans", "笔数")):
        table.add_column(heading, justify="right")
    for row in rows:
        shares = [_share(count, row.known) for count in (*row.loans, *row.ended)]
        table.add_row(row.as_of.isoformat(), *shares, f"{row.known:,}")
    return table


def _table_of_balance(rows: Sequence[Standing], currency: str) -> Table:
    from daihou.book import money

    table = _columns(text("Share of balance, by days past due", "余额占比，按逾期天数"))
    table.add_column(text(f"balance, {currency}", f"余额（{currency}）"), justify="right", no_wrap=True)
    for row in rows:
        total = sum(row.balance)
        table.add_row(
            row.as_of.isoformat(), *(_share(part, total) for part in row.balance), money.text(total, currency)
        )
    return table


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}%" if part and whole else "[dim]-[/]"


def _story(console: Console, home: Home, profile: str, dates: Sequence[dt.date]) -> None:
    """What goes wrong in this book."""
    from rich import box
    from rich.table import Table

    from daihou.demo.stories import story

    told = story(home, profile, dates)
    _heading(console, text(*told.title))
    console.print(text(*told.said), soft_wrap=True)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in told.head:
        table.add_column(text(*heading), justify="right", no_wrap=True)
    for row in told.rows:
        table.add_row(*row)
    console.print(table)


def _explained(console: Console, home: Home, loan: str, as_of: dt.date) -> None:
    """One loan, as a taste; payments not known by then are only counted."""
    from daihou.runs.explain import explain
    from daihou.runs.sayings import sayings

    _heading(console, text("One loan explained", "一笔贷款的解释"))
    with shown() as progress:
        told = explain(home, loan, as_of, as_of, progress)
    known = [paid for paid in told.payments if paid["standing"] != "not_yet_known"]
    for saying in sayings(replace(told, payments=known)):
        console.print(f"  {text(*saying)}", markup=False, soft_wrap=True)
    if later := len(told.payments) - len(known):
        said = text(f"Payments not known yet, which do not count: {later}.", f"{later} 笔还款当时尚未获知，不计入。")
        console.print(f"  {said}", style="dim")


def _go_on(console: Console, home: Home, book: Source) -> None:
    """Say how to go on."""
    _heading(console, text("Go on", "接下来"))
    explaining: tuple[str, ...] = ()
    if book.example:
        loan, as_of = book.example
        explaining = (f"daihou explain {loan} --as-of {as_of} --known-on {as_of} --against {book.last}",)
    for line in (
        f"export DAIHOU_HOME='{home.path}'",
        *explaining,
        f"daihou export snapshots --as-of {book.last} --where 'dpd > 90' -o late.xlsx",
        "daihou export vintages -o vintages.xlsx",
        "daihou export rolls -o rolls.png",
        "daihou contract payments",
    ):
        console.print(f"  {line}", markup=False, soft_wrap=True)
