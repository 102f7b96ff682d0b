"""Cut a book at a day, and move it so that the day is today.

    python -m examples.play_day.prepare FOLDER OUT [--day 2026-06-30] [--today 2026-07-14]

FOLDER holds a book of `daihou simulate`, or `past_loans.csv` of the short loans. OUT gets `history/`, to take in before, and `day.jsonl`, to play.
"""

from __future__ import annotations

import argparse
import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import polars as pl
from examples.play_day import book as cut
from examples.play_day.sources import book

if TYPE_CHECKING:
    from collections.abc import Sequence

    from examples.play_day.book import Book


def main(arguments: Sequence[str] | None = None) -> None:
    """Cut, move, write, and say how to go on."""
    parser = argparse.ArgumentParser(
        prog="python -m examples.play_day.prepare",
        description="Cut a book at a day, and move it so that the day is today.",
    )
    parser.add_argument("folder", type=Path, help="a simulated book, or the folder of past_loans.csv")
    parser.add_argument("out", type=Path, help="folder to write; it must not exist")
    parser.add_argument(
        "--day",
        type=dt.date.fromisoformat,
        help="the day of the book to play; that on which most becomes known unless given",
    )
    parser.add_argument(
        "--today",
        type=dt.date.fromisoformat,
        help="the day that it becomes; the day it is where the book is from unless given",
    )
    given = parser.parse_args(arguments)
    found = book(given.folder)
    day: dt.date = given.day or fullest(found)
    today: dt.date = given.today or dt.datetime.now(ZoneInfo(found.zone)).date()
    there = cut.moved(found, (today - day).days)
    events = cut.on(there, today)
    paths = cut.write(given.out, cut.before(there, today), events)
    print(f"{day} of the book is {today} now: {len(events):,} events in {given.out / cut.DAY}")
    yesterday = today - dt.timedelta(days=1)
    print(f"Into a home with base_currency {found.currency} and timezone {found.zone}:")
    for path in paths:
        print(f"  daihou intake {path} --table {path.stem}")
    print(f"  daihou run --as-of {yesterday} --known-on {yesterday}")
    print(f"Then, while `daihou serve` runs: python -m examples.play_day.play {given.out}")


def fullest(found: Book) -> dt.date:
    """The day on which most payments, loans and events become known."""
    days = pl.concat(
        [table["known_on"] for name, table in found.tables.items() if name in ("payments", "loans", "events")]
    )
    counted = days.value_counts(sort=True)
    most: dt.date = counted["known_on"][0]
    return most


if __name__ == "__main__":
    main()
