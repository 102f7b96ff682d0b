"""What the demo prints of a book: what it is, how it pays and moves, what goes wrong in it, and one of its loans."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from daihou.cli.language import chinese, text
from daihou.cli.progress import shown

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence
    from pathlib import Path

    from rich.console import Console
    from rich.table import Table

    from daihou.book.home import Home
    from daihou.demo.delinquency import Standing
    from daihou.demo.source import Source

KINDS: Final = {
    "bank": ("bank", "商业银行"),
    "trust": ("trust company", "信托公司"),
    "online": ("online lender", "互联网贷款机构"),
}
MANY_DATES: Final = 14
"""With more dates than this the table shows quarter ends."""


def announce(console: Console, book: Source, profile: str, loans: int) -> None:
    """Say which book it is."""
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
    section(console, "daihou demo")
    console.print(said, markup=False, soft_wrap=True)


def section(console: Console, said: str) -> None:
    """A line that something new begins under."""
    console.print()
    console.rule(f"[bold]{said}", align="left", style="dim")


def show(console: Console, home: Home, book: Source, profile: str, dates: Sequence[Standing], output: Path) -> None:
    """Print the book's tables and draw its pictures."""
    from daihou.demo.plot import draw

    rows = list(dates) if len(dates) <= MANY_DATES else [row for row in dates if row.as_of.month % 3 == 0]
    section(console, text("How it pays", "还款状况"))
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

    section(console, text("How it moves", "迁徙情况"))
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
    console.print(f"{text('Pictures', '图')}: {output} {rolls} {vintages}", soft_wrap=True)


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
    section(console, text(*told.title))
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

    section(console, text("One loan explained", "一笔贷款的解释"))
    with shown() as progress:
        told = explain(home, loan, as_of, as_of, progress)
    known = [paid for paid in told.payments if paid["standing"] != "not_yet_known"]
    for saying in sayings(replace(told, payments=known)):
        console.print(f"  {text(*saying)}", markup=False, soft_wrap=True)
    if later := len(told.payments) - len(known):
        said = text(f"Payments not known yet, which do not count: {later}.", f"{later} 笔还款当时尚未获知，不计入。")
        console.print(f"  {said}", style="dim")
