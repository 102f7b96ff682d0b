"""A home of its own for each test, and files to put into it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from daihou.book import lake
from daihou.book.home import Home, open_home
from daihou.book.intake import FileReport, deliver

if TYPE_CHECKING:
    from collections.abc import Callable

TODAY = date(2026, 3, 1)


@dataclass
class Desk:
    """Sends files and looks at what came of them."""

    home: Home
    folder: Path

    def write(self, name: str, text: str | bytes, encoding: str = "utf-8") -> Path:
        path = self.folder / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        return path

    def send(self, table: str, text: str | bytes | Path, name: str = "file.csv", **options: Any) -> FileReport:
        path = text if isinstance(text, Path) else self.write(name, text)
        options.setdefault("today", TODAY)
        return deliver(self.home, [path], table, **options).files[0]

    def map(self, text: str) -> Path:
        return self.write("mapping.yaml", text)

    def rows(self, table: str, *columns: str) -> list[Any]:
        """Rows as tuples of the columns, or plain values where there is one; in order of batch and row."""
        names = [*columns, *(name for name in ("batch", "row") if name in lake.schema(table).names)]
        found = lake.read(self.home, table, list(dict.fromkeys(names))).read_all().to_pylist()
        found.sort(key=lambda row: (row.get("batch", 0), row.get("row", 0)))
        return [row[columns[0]] if len(columns) == 1 else tuple(row[name] for name in columns) for row in found]

    def reasons(self) -> list[tuple[int, str, str]]:
        return self.rows("quarantine", "line", "column", "reason")

    def loans(self, *ids: str, currency: str = "CNY", disbursed_on: str = "2026-01-01") -> FileReport:
        rows = "".join(f"{one},B1,P1,100000,{disbursed_on},2036-01-01,{currency}\n" for one in ids)
        header = "loan_id,borrower_id,product,principal,disbursed_on,matures_on,currency\n"
        return self.send("loans", header + rows, f"loans-{'-'.join(ids)}.csv")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return open_home(tmp_path / "home", {})


@pytest.fixture
def desk(home: Home, tmp_path: Path) -> Desk:
    return Desk(home, tmp_path)


@pytest.fixture
def payments() -> Callable[..., str]:
    """Makes a file of payments from rows of (payment_id, loan_id, paid_on, amount)."""

    def make(*rows: tuple[str, str, str, str], extra: str = "") -> str:
        return f"payment_id,loan_id,paid_on,amount{extra}\n" + "".join(",".join(row) + "\n" for row in rows)

    return make
