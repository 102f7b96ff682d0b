# ruff: noqa: INP001 - a script, no package
"""The used-car book as a portfolio: roll rates, the pooled migration, vintages and cures, as Markdown on the terminal; pictures as files.

    python examples/auto_loans/portfolio.py HOME [FOLDER]

HOME is a home in which the file was taken in and measured at every month end (docs/examples/auto_loans.md); FOLDER is where the
pictures go (docs/examples unless given).
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

import daihou
from daihou.runs.portfolio.charts import roll_chart, vintage_chart
from daihou.runs.portfolio.figure import figure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daihou.runs.portfolio.portfolio import Portfolio

CYCLES = ["0", "1", "2", "3", "4", "5", "6", "6+"]
ENDS = ["closed", "written_off"]
AGES = (9, 12, 18, 24, 30, 36, 42)
SINCE = (0, 3, 6, 12, 18, 24)


def share(value: float | None) -> str:
    """Return a share as per cent, empty where there is none."""
    return "" if value is None else f"{value:.1%}".replace("%", " %")


def table(head: list[str], rows: list[list[str]]) -> Iterator[str]:
    """Return a Markdown table: the first column left, the others right."""
    yield "| " + " | ".join(head) + " |"
    yield "|---|" + "---:|" * (len(head) - 1)
    for row in rows:
        yield "| " + " | ".join(row) + " |"


def rolls(book: Portfolio) -> Iterator[str]:
    """Return roll rates by balance, each year's sums over its sums a month before."""
    found = book.rolls().filter(pl.col("loans_before").is_not_null()).with_columns(year=pl.col("as_of").dt.year())
    sums = found.group_by("year", "from", "to", maintain_order=True).agg(pl.col("balance", "balance_before").sum())
    years = sums["year"].unique().sort().to_list()
    rows = []
    for earlier, later in sums.select("from", "to").unique(maintain_order=True).rows():
        step = {
            year: (after, before)
            for year, after, before in sums.filter((pl.col("from") == earlier) & (pl.col("to") == later))
            .select("year", "balance", "balance_before")
            .rows()
        }
        rows.append(
            [
                f"{earlier} → {later}",
                *(share(step[year][0] / step[year][1] if step[year][1] else None) for year in years),
            ]
        )
    yield from table(["step", *map(str, years)], rows)


def migration(book: Portfolio) -> Iterator[str]:
    """Return the pooled month-to-month migration by loans."""
    found = book.migration().with_columns(pl.col("from", "to").cast(pl.String))
    cells = {(a, b): value for a, b, value in found.select("from", "to", "loans_share").rows()}
    counts = dict(found.group_by("from").agg(pl.col("loans").sum()).rows())
    rows = [
        [start, f"{counts.get(start, 0):,}", *(share(cells.get((start, end))) for end in (*CYCLES, *ENDS))]
        for start in CYCLES
    ]
    yield from table(["from", "loan-months", *CYCLES, *ENDS], rows)


def vintages(book: Portfolio) -> Iterator[str]:
    """Return the share ever 60 days late or charged off, by quarter of origination and months on book."""
    found = book.vintages(60, "quarter")
    rows = []
    for cohort, part in found.partition_by("cohort", as_dict=True, maintain_order=True).items():
        at = dict(part.select("months_on_book", "bad_share").rows())
        day = cohort[0]
        rows.append(
            [f"{day.year} Q{(day.month + 2) // 3}", f"{part['loans'][0]:,}", *(share(at.get(age)) for age in AGES)]
        )
    yield from table(["paid out", "loans", *(f"{age} months" for age in AGES)], rows)


def cures(book: Portfolio) -> Iterator[str]:
    """Return cures of 60 days past due within three months, and relapses within three more, by year."""
    found = book.cures(60, 3).with_columns(year=pl.col("as_of").dt.year())
    rows = []
    for year in found["year"].unique().sort().to_list():
        part = found.filter((pl.col("year") == year) & pl.col("cured").is_not_null())
        late, cured = int(part["late"].sum()), int(part["cured"].sum())
        again = part.filter(pl.col("relapsed").is_not_null()).select(pl.col("relapsed", "cured").sum())
        back, of = again.row(0)
        rows.append(
            [
                str(year),
                f"{late:,}",
                f"{cured:,}",
                share(cured / late if late else None),
                share(back / of if of else None),
            ]
        )
    yield from table(
        ["year", "late loan-months", "cured in 3 months", "cure rate", "of them late again in 3 more"], rows
    )


def prepayment(book: Portfolio) -> Iterator[str]:
    """Return what was paid off ahead by year: the year's sums over its sums a month before, and the same a year."""
    found = (
        book.prepayment().filter(pl.col("balance_before").is_not_null()).with_columns(year=pl.col("as_of").dt.year())
    )
    sums = found.group_by("year").agg(
        pl.col("loans_before", "prepaid_loans", "balance_before", "prepaid_balance").sum()
    )
    rows = []
    for year, before, ahead, balance, prepaid in sums.sort("year").rows():
        smm = prepaid / balance
        rows.append(
            [str(year), f"{before:,}", f"{ahead:,}", f"{smm:.2%}".replace("%", " %"), share(1 - (1 - smm) ** 12)]
        )
    yield from table(
        ["year", "live loan-months", "paid off ahead", "of the balance, a month (SMM)", "a year (CPR)"], rows
    )


def recoveries(book: Portfolio) -> Iterator[str]:
    """Return the share of the written-off amount that came back, by year of the write-off and months since."""
    found = book.recoveries("year")
    rows = []
    for (cohort, *_), part in found.partition_by("cohort", as_dict=True, maintain_order=True).items():
        at = dict(part.select("months_since_write_off", "recovered_share").rows())
        amount = f"{part['written_off'][0] / 100:,.0f}"
        rows.append([f"{cohort.year}", f"{part['loans'][0]:,}", amount, *(share(at.get(age)) for age in SINCE)])
    yield from table(["written off in", "loans", "amount, USD", *(f"{age} months" for age in SINCE)], rows)


def main() -> None:
    """Print the tables and write the pictures."""
    home = Path(sys.argv[1])
    folder = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(__file__).parents[2] / "docs" / "examples"
    book = daihou.open(home).portfolio()
    for title, part in (
        ("Roll rates", rolls),
        ("Migration", migration),
        ("Vintages", vintages),
        ("Cures", cures),
        ("Prepayment", prepayment),
        ("Recoveries", recoveries),
    ):
        print(f"### {title}\n")
        print("\n".join(part(book)), end="\n\n")
    steps = book.rolls().filter(pl.col("from").is_in(["0", "1", "2"]))
    figure(roll_chart(steps)).savefig(folder / "auto_loans_rolls.png", dpi=110)
    figure(vintage_chart(book.vintages(60, "quarter"), 60, cohort="quarter")).savefig(
        folder / "auto_loans_vintages.png", dpi=110
    )


if __name__ == "__main__":
    main()
