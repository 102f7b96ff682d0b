"""A home with a log, rows to send into it, and what the lake came to hold."""

from __future__ import annotations

import datetime as dt
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from daihou.book import lake
from daihou.book.home import Home, open_home
from daihou.book.intake import deliver
from daihou.runs.log.door import Door
from daihou.runs.log.flushing import flush

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from daihou.book.intake import FileReport
    from daihou.runs.log.door import Taken
    from daihou.runs.log.flushing import Flushed

NOW = dt.datetime(2026, 3, 1, 4, tzinfo=dt.UTC)
TODAY = dt.date(2026, 3, 1)


def payment(number: int | str, loan: str = "L1", amount: str = "1.00", **more: str) -> dict[str, Any]:
    """A payment as a sender writes it."""
    return {"payment_id": f"P{number}", "loan_id": loan, "paid_on": "2026-02-01", "amount": amount, **more}


def loan(number: int | str, currency: str = "CNY") -> dict[str, Any]:
    """A loan as a sender writes it."""
    return {
        "loan_id": f"L{number}", "borrower_id": "B1", "product": "P1", "principal": "100000", "disbursed_on": "2026-01-01",
        "matures_on": "2036-01-01", "currency": currency,
    }  # fmt: skip


def until(true: Callable[[], bool], seconds: float = 30.0) -> None:
    """Wait for another thread or process; fail when it takes too long."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)


@dataclass
class Sender:
    """Sends rows one by one or as files, brings them to the lake, and looks at what came of them."""

    home: Home
    folder: Path
    sent: int = 0
    door: Door = field(init=False)

    def __post_init__(self) -> None:
        self.door = Door(self.home)
        self.log = self.door.log

    def send(self, table: str, *rows: dict[str, Any], source: str = "api:1") -> Taken:
        return self.door.take(table, rows, source, NOW)

    def flush(self, step: Callable[[str], None] = lambda _: None, most: int = 100_000) -> Flushed:
        return flush(self.home, NOW, TODAY, step=step, most=most)

    def file(self, table: str, rows: Sequence[dict[str, Any]]) -> FileReport:
        names = list(dict.fromkeys(name for row in rows for name in row))
        self.sent += 1
        path = self.folder / f"{self.sent}.csv"
        path.write_text(
            "\n".join([",".join(names), *(",".join(row.get(name, "") for name in names) for row in rows)]) + "\n"
        )
        return deliver(self.home, [path], table, today=TODAY).files[0]

    def rows(self, table: str, *columns: str) -> list[Any]:
        """Rows of the lake as tuples, or plain values where one column is asked for; in order of batch and row."""
        found = lake.read(self.home, table).read_all().to_pylist()
        found.sort(key=lambda row: (row["batch"], row.get("row", 0)))
        return [row[columns[0]] if len(columns) == 1 else tuple(row[name] for name in columns) for row in found]

    def reasons(self) -> Counter[str]:
        return Counter(self.rows("quarantine", "reason"))

    def refused(self) -> list[tuple[int, str]]:
        return self.log.store.rows("SELECT place, reason FROM refused ORDER BY place")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return open_home(tmp_path / "home", {})


@pytest.fixture
def sender(home: Home, tmp_path: Path) -> Sender:
    return Sender(home, tmp_path)
