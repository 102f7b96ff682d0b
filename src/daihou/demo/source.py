"""Which book the demo shows: a simulated one with a story, or the real used-car loans where they are asked for."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import polars as pl

from daihou.book.errors import DaihouError
from daihou.simulation.book import PEOPLE, simulate
from daihou.simulation.parameters import shipped

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from daihou.simulation.book import Simulated

FILE: Final = "auto_loans_2017.csv"
TABLES: Final = ("borrowers", "loans", "changes", "instalments", "payments", "charges", "standings")
MONTHS: Final = 24
SEED: Final = 1


@dataclass(frozen=True, slots=True)
class Sent:
    """Files on their way into a table."""

    table: str
    files: tuple[Path, ...]
    mapping: Path | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """A book to show."""

    sent: tuple[Sent, ...]
    first: dt.date
    last: dt.date
    currency: str
    example: tuple[str, dt.date] | None
    """A loan worth explaining, and the date on which; None where nothing happened in a book."""
    month_end_dues: bool
    """Whether all dues fall on month ends, so that one missed payment is 28 to 31 days at the next month end."""
    real: Path | None
    """Where the real file was found; None for a simulated book."""
    people: tuple[Path, ...] = ()
    """Files that say who the borrowers are, for the vault."""


def root() -> Path:
    """Return the folder of the checkout, which holds the examples."""
    return Path(__file__).resolve().parents[3]


def find(stated: Path | None, environment: Mapping[str, str]) -> Path | None:
    """Return the real file in the folder stated, or in that of DATA; None where neither is.

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
    return None


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
        sent=tuple(Sent(table, (file,), mappings / f"{table}.yaml") for table in TABLES),
        first=dt.date(2017, 5, 31),
        last=dt.date(2020, 12, 31),
        currency="USD",
        example=("20676931", dt.date(2018, 7, 31)),
        month_end_dues=True,
        real=file,
    )


def simulated(folder: Path, profile: str, loans: int, progress: Callable[[str, int, int], None]) -> Source:
    """Return the demo book of a profile, made in a folder."""
    made = simulate(shipped(profile), loans, MONTHS, SEED, folder, progress)
    return Source(
        sent=tuple(Sent(table, tuple(made.files(table))) for table in made.rows),
        first=made.first_on,
        last=made.last_on,
        currency="CNY",
        example=_bounced(made),
        month_end_dues=False,
        real=None,
        people=tuple(made.files(PEOPLE)),
    )


def _bounced(made: Simulated) -> tuple[str, dt.date] | None:
    """A loan of the second half of the book whose payment on the due date bounced, on the day on which the lender heard of it."""
    middle = made.first_on + (made.last_on - made.first_on) / 2
    payments = pl.scan_parquet(made.files("payments"))
    taken_back = payments.filter(pl.col("known_on").is_between(middle, made.last_on - dt.timedelta(days=31)))
    found = (
        payments.filter(pl.col("reverses").is_null())
        .join(
            taken_back.filter(pl.col("reverses").is_not_null()),
            left_on="payment_id",
            right_on="reverses",
            suffix="_back",
        )
        .join(
            pl.scan_parquet(made.files("instalments")),
            left_on=["loan_id", "paid_on"],
            right_on=["loan_id", "due_on"],
            how="semi",
        )
        .select("loan_id", "known_on_back")
        .sort(pl.all())
        .head(1)
        .collect()
    )
    for loan, on in found.iter_rows():
        return loan, on
    return None
