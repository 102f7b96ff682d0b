"""Which book the demo shows: the real used-car loans where they are found, else a small invented one."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from daihou.book.errors import DaihouError
from daihou.demo import invented

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE = "auto_loans_2017.csv"
TABLES = ("borrowers", "loans", "changes", "instalments", "payments", "charges", "standings")


@dataclass(frozen=True, slots=True)
class Sent:
    """One file on its way into a table."""

    table: str
    file: Path
    mapping: Path | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """A book to show."""

    files: tuple[Sent, ...]
    first: dt.date
    last: dt.date
    currency: str
    story: tuple[str, dt.date]
    """A loan worth explaining, and the date on which."""
    month_end_dues: bool
    """Whether all dues fall on month ends, so that one missed payment is 28 to 31 days at the next month end."""
    real: Path | None
    """Where the real file was found; None for the invented book."""


def root() -> Path:
    """Return the folder of the checkout, which holds the examples."""
    return Path(__file__).resolve().parents[3]


def find(stated: Path | None, environment: Mapping[str, str], checkout: Path) -> Path | None:
    """Return the real file: in the folder stated, in that of DATA, or beside the checkout; None where there is none.

    DaihouError where a folder is stated, but does not hold it.
    """
    for named, place in ((stated, "--data"), (environment.get("DATA"), "DATA")):
        if not named:
            continue
        folder = Path(named).expanduser()
        for path in (folder, folder / FILE, folder / "auto_loans" / FILE):
            if path.name == FILE and path.is_file():
                return path.resolve()
        raise DaihouError(
            f"{folder} holds no {FILE}.",
            "Name the folder that holds it, or leave it out.",
            place,
            zh=(f"{folder} 中没有 {FILE}。", "请指定该文件所在的文件夹，或不指定。"),
        )
    beside = checkout.parent / "shared" / "data" / "auto_loans" / FILE
    return beside if beside.is_file() else None


def real(file: Path, checkout: Path) -> Source:
    """Return the used-car loans, taken in by the mappings of the examples; DaihouError where those are not there."""
    mappings = checkout / "examples" / "auto_loans"
    if not mappings.is_dir():
        raise DaihouError(
            "The mappings of the auto-loan book are not here.",
            "Run the demo from a checkout of daihou.",
            str(mappings),
            zh=("此处没有车贷示例的映射文件。", "请在 daihou 的源码目录中运行演示。"),
        )
    return Source(
        files=tuple(Sent(table, file, mappings / f"{table}.yaml") for table in TABLES),
        first=dt.date(2017, 5, 31),
        last=dt.date(2020, 12, 31),
        currency="USD",
        story=("20676931", dt.date(2018, 7, 31)),
        month_end_dues=True,
        real=file,
    )


def small(folder: Path, loans: int) -> Source:
    """Return the invented book, written as CSV files into a folder."""
    told = invented.write(folder, loans)
    return Source(
        files=tuple(Sent(table, path) for table, path in told.files.items()),
        first=invented.FIRST,
        last=invented.LAST,
        currency="CNY",
        story=told.story,
        month_end_dues=False,
        real=None,
    )
