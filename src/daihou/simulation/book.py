"""A simulated book as files: a folder of Parquet files by the contract, the truth behind them, and a record of what was made.

A book is made in parts of so many loans, each with a stream of random numbers of its own and each written as one file a table. So the
files depend on parameters, size, months and seed alone. A part that is there whole is not made again.
"""

from __future__ import annotations

import hashlib
import json
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from daihou.book.days import add_months, day_of
from daihou.book.errors import DaihouError
from daihou.simulation import shapes
from daihou.simulation import tables as made
from daihou.simulation.accounts import accounts
from daihou.simulation.happenings import events
from daihou.simulation.jit import SOURCES
from daihou.simulation.people import people

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable
    from pathlib import Path

    from daihou.simulation.parameters import Parameters
    from daihou.simulation.shapes import Array

    Progress = Callable[[str, int, int], None]

PART: Final = 65_536
"""Loans of a part."""
WORKERS: Final = 2
RECORD: Final = "simulation.json"
TRUTH: Final = "truth"
MOST_LOANS: Final = 99_999_999  # ids have 8 digits
MOST_MONTHS: Final = 600
DICTIONARY_BYTES: Final = 4 << 20  # the names of the loans of a part are kept as a dictionary
PLAIN: Final = (
    "payment_id",
    "change_id",
    "borrower_id",
    "reverses",
    "principal",
    "interest",
    "amount",
    "balance",
    "minimum_due",
    "txn_id",
    "booked_at",
    "event_id",
    "happened_at",
    "name",
    "id_no",
    "phones",
    "emails",
    "address",
)
"""Columns of which a dictionary would only cost time."""
ORDER: Final = (
    "orgs",
    "borrowers",
    "loans",
    "instalments",
    "bills",
    "payments",
    "changes",
    "relations",
    "accounts",
    "transactions",
    "events",
    "macro",
)
"""Tables in the order in which to take them in."""
PEOPLE: Final = "people"
"""Who the borrowers are, for the vault: made beside the book, and no part of what the lake takes in."""


@dataclass(frozen=True, slots=True)
class Simulated:
    """A book that was made: where, over which days, how many rows of each table."""

    folder: Path
    first_on: dt.date
    last_on: dt.date
    rows: dict[str, int]

    """By table, in the order in which to take them in; without the people, who go to the vault."""

    def files(self, table: str) -> list[Path]:
        """The files of a table, or of the people."""
        return _files(self.folder, table)


@dataclass(frozen=True, slots=True)
class _Plan:
    """What every part needs."""

    given: Parameters
    odds: shapes.Odds
    starts: Array
    loans: int
    months: int
    seed: int
    folder: Path


def simulate(given: Parameters, loans: int, months: int, seed: int, folder: Path, progress: Progress) -> Simulated:
    """Make a book of so many loans over so many months up to the last day of the parameters; DaihouError where that cannot be.

    The folder must be empty, or hold the same book, done or begun.
    """
    _check(loans, months, seed)
    first_on = add_months(given.ends_on.replace(day=1), 1 - months)
    settings = {
        "profile": given.profile, "loans": loans, "months": months, "seed": seed, "first_on": f"{first_on}", "last_on": f"{given.ends_on}",
        "parameters": hashlib.sha256(repr(given).encode()).hexdigest()[:16], "daihou": version("daihou"), "sources": SOURCES,
    }  # fmt: skip
    _claim(folder, settings)
    plan = _Plan(given, shapes.odds(given, months), _starts(given, first_on, months), loans, months, seed, folder)
    for name, table in made.common(given, first_on, plan.starts, shapes.macro(given, months), seed):
        _write(folder / f"{name}-000.parquet", table)
    parts = -(-loans // PART)
    rooms: list[tuple[shapes.Facts, Array]] = []  # one a worker, used again and again
    progress("simulate", 0, loans)
    with ThreadPoolExecutor(WORKERS) as pool:
        for part, _ in enumerate(pool.map(lambda part: _part(plan, part, rooms), range(parts))):
            progress("simulate", min((part + 1) * PART, loans), loans)
    rows = {
        name: sum(pq.read_metadata(path).num_rows for path in paths)
        for name in ORDER
        if (paths := _files(folder, name))
    }
    _write_text(folder / RECORD, json.dumps(settings | {"rows": rows}, indent=1, ensure_ascii=False) + "\n")
    return Simulated(folder, first_on, given.ends_on, rows)


def _files(folder: Path, table: str) -> list[Path]:
    return sorted(folder.glob(f"{table}-*.parquet"))


def _check(loans: int, months: int, seed: int) -> None:
    for name, value, least, most in (
        ("--loans", loans, 1, MOST_LOANS), ("--months", months, 1, MOST_MONTHS), ("--seed", seed, 0, 2**63 - 1),
    ):  # fmt: skip
        if not least <= value <= most:
            raise DaihouError(
                f"{value} is not between {least} and {most:,}.", "Give another number.", name,
                zh=(f"{value} 不在 {least} 与 {most:,} 之间。", "请换一个数值。"),
            )  # fmt: skip


def _claim(folder: Path, settings: dict[str, Any]) -> None:
    """Make the folder, or see that it holds the same book."""
    if folder.exists() and not folder.is_dir():
        raise DaihouError(
            "This is a file.", "Name a folder.", str(folder), zh=("这是一个文件。", "请指定文件夹。")
        )  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    record = folder / RECORD
    if record.is_file():
        held = json.loads(record.read_text("utf-8"))
        if {name: held.get(name) for name in settings} != settings:
            raise DaihouError(
                "The folder holds another simulated book.", "Name another folder, or delete this one.", str(folder),
                zh=("该文件夹中是另一套模拟数据。", "请换一个文件夹，或先删除。"),
            )  # fmt: skip
    elif any(
        not path.name.startswith(".simulation.json.") for path in folder.iterdir()
    ):  # a draft is of one stopped at once
        raise DaihouError(
            "The folder holds something else.", "Name an empty or a new folder.", str(folder),
            zh=("该文件夹中已有其他内容。", "请指定空文件夹或新文件夹。"),
        )  # fmt: skip
    else:
        _write_text(record, json.dumps(settings, indent=1, ensure_ascii=False) + "\n")
    (folder / TRUTH).mkdir(exist_ok=True)


def _write_text(path: Path, text: str) -> None:
    """Write a text whole or not at all."""
    draft = _draft(path)
    draft.write_text(text, "utf-8")
    draft.replace(path)


def _draft(path: Path) -> Path:
    """A name beside a file that nobody else writes: two may make the same book at once, and write the same."""
    return path.with_name(f".{path.name}.{os.getpid()}")


def _starts(given: Parameters, first_on: dt.date, months: int) -> Array:
    """The first day of each month of the book, and of as many after it as a plan may reach."""
    longest = max(product.every * max(product.terms, default=0) for product in given.products)
    reach = months + longest + given.extend_months + given.restructure_months + 2
    return np.array([day_of(add_months(first_on, month)) for month in range(reach)], np.int32)


def _part(plan: _Plan, part: int, rooms: list[tuple[shapes.Facts, Array]]) -> None:
    """Make one part, unless its files are all there."""
    done = plan.folder / TRUTH / f"part-{part:03d}.json"
    if done.is_file() and all((plan.folder / name).is_file() for name in json.loads(done.read_text("utf-8"))):
        return
    try:
        facts, dues = rooms.pop()
    except IndexError:
        longest = max(max(product.terms, default=0) for product in plan.given.products)
        facts, dues = shapes.room(PART, plan.months, longest), np.zeros((2, max(longest, 1)), np.int64)
    from daihou.simulation.life import live

    first = part * PART
    circle = next((trouble for trouble in plan.given.troubles if trouble.where == "circle"), None)
    size, month = (circle.size, min(circle.month, plan.months)) if circle else (0, plan.months)
    random = np.random.Generator(np.random.PCG64(np.random.SeedSequence((plan.seed, part))))
    live(random, plan.odds, facts, first, min(PART, plan.loans - first), plan.months, plan.starts, dues, size, month)
    made_of_part = [
        *made.tables(plan.given, facts, first, size, plan.seed, part),
        *accounts(plan.given, facts, plan.starts, plan.months, plan.seed, part),
        ("events", events(plan.given, facts, plan.starts, plan.months, plan.seed, part)),
        (PEOPLE, people(plan.given, made.borrowers_of(facts), plan.seed, part)),
        *((f"{TRUTH}/{name}", table) for name, table in made.truth(facts, plan.starts)),
    ]
    files = {f"{name}-{part:03d}.parquet": table for name, table in made_of_part}
    for name, table in files.items():
        _write(plan.folder / name, table)
    _write_text(done, json.dumps(list(files)))
    rooms.append((facts, dues))


def _write(path: Path, table: pa.Table) -> None:
    """Write a file whole or not at all; dictionaries are written as the strings they stand for."""
    draft = _draft(path)
    coded = [name for name in table.column_names if name not in PLAIN]
    pq.write_table(
        table, draft, compression="zstd", compression_level=1, use_dictionary=coded, dictionary_pagesize_limit=DICTIONARY_BYTES,
        store_schema=False, store_decimal_as_integer=True,
    )  # fmt: skip
    draft.replace(path)
