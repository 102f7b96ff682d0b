"""Rows in quarantine: which are asked for, a page of them, and all of them for a file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

import polars as pl
from django.conf import settings

from daihou.book import contracts, lake
from daihou.desk.deliveries import registers, wording

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import QueryDict

    from daihou.book.home import Home

FILTERS: Final = ("table", "reason", "batch", "file", "column")
NOT_ROWS: Final = ("wrong_cells", "not_json")
"""Reasons of lines that could not be read as a row: they are kept as the text they were."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which rows of quarantine are asked for; an empty part asks for all."""

    table: str = ""
    reason: str = ""
    batch: str = ""
    file: str = ""
    column: str = ""

    @classmethod
    def of(cls, query: QueryDict) -> Selection:
        """What a page's address asks for."""
        return cls(**{name: query.get(name, "").strip() for name in FILTERS})

    @property
    def query(self) -> str:
        """The same as a query string."""
        return urlencode({name: value for name, value in self.chosen.items() if value})

    @property
    def chosen(self) -> dict[str, str]:
        """Its parts by name."""
        return {name: getattr(self, name) for name in FILTERS}

    def condition(self) -> pl.Expr:
        """The same as a condition over the register."""
        parts = [pl.lit(value=True)]
        for name, value in self.chosen.items():
            if value and name == "batch":
                parts.append(pl.col("batch") == (int(value) if value.isdecimal() and len(value) < 18 else -1))
            elif value:
                parts.append(pl.col(name) == value)
        return pl.all_horizontal(parts)

    @property
    def resend(self) -> str:
        """The query of the page on which its rows are sent again."""
        return urlencode({name: value for name, value in (("table", self.table), ("batch", self.batch)) if value})

    def count(self) -> int:
        """How many rows it is."""
        return int(registers.facets().filter(self.condition())["rows"].sum())

    def tables(self) -> list[str]:
        """The tables of its rows."""
        return registers.facets().filter(self.condition())["table"].unique().sort().to_list()


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a row as sent."""

    name: str
    meaning: str
    value: str
    wrong: bool


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row in quarantine: where it came from, what is wrong, and its cells as sent."""

    batch: int
    table: str
    file: str
    row: int
    line: int
    column: str
    value: str
    reason: str
    message: str
    cells: tuple[Cell, ...]


def page(selection: Selection, first: int, rows: int) -> list[BadRow]:
    """Some rows of a selection, newest batch first, in the order of their file."""
    scan = _scan()
    if scan is None:
        return []
    # The rows of the page are found without what is in them, which is most of the register.
    keys = (
        scan.filter(selection.condition()).select("batch", "row")
        .sort(["batch", "row"], descending=[True, False]).slice(first, rows).collect()
    )  # fmt: skip
    if keys.is_empty():
        return []
    wanted = pl.col("batch").is_in(keys["batch"].unique().to_list()) & pl.col("row").is_in(
        keys["row"].unique().to_list()
    )
    found = scan.filter(wanted).collect().join(keys, on=["batch", "row"], how="semi")
    return [bad_row(row) for row in found.sort(["batch", "row"], descending=[True, False]).to_dicts()]


def everything(selection: Selection) -> pl.DataFrame:
    """All rows of a selection in the order of their files, oldest batch first."""
    scan = _scan()
    if scan is None:
        return pl.DataFrame(pl.from_arrow(lake.schema("quarantine").empty_table()))
    return scan.filter(selection.condition()).sort("batch", "row").collect()


def examples(batch: int, count: int = 5) -> list[BadRow]:
    """The first few rows of a batch that are in quarantine."""
    return page(Selection(batch=str(batch)), 0, count)


def _scan() -> pl.LazyFrame | None:
    home: Home = settings.HOME
    paths = lake.files(home, "quarantine")
    return pl.scan_parquet(paths) if paths else None


def sent(row: Mapping[str, Any]) -> dict[str, str]:
    """The cells of a row as sent, by column; of a line that is no row nothing."""
    if row["reason"] in NOT_ROWS:
        return {}
    return {
        name: text if isinstance(text, str) else json.dumps(text)
        for name, text in json.loads(row["raw"] or "{}").items()
    }


def line_text(row: Mapping[str, Any]) -> str:
    """The text of a line that is no row."""
    return str(json.loads(row["raw"] or "{}").get("line", "")) if row["reason"] in NOT_ROWS else ""


def in_order(table: str, names: set[str]) -> list[str]:
    """Columns in the order of the contract, then known_on, then a sender's further ones."""
    declared = (
        [*(column.name for column in contracts.TABLES[table].columns), contracts.KNOWN_ON.name]
        if table in contracts.TABLES
        else []
    )
    return [*(name for name in declared if name in names), *sorted(names.difference(declared))]


def bad_row(row: Mapping[str, Any]) -> BadRow:
    """A row of the register as shown."""
    cells = sent(row)
    if row["column"]:
        cells.setdefault(row["column"], "")  # the cell that is missing is the one to look at
    text = line_text(row)
    told = tuple(
        Cell(name, wording.column(row["table"], name), cells[name], name == row["column"])
        for name in in_order(row["table"], set(cells))
    )
    return BadRow(
        batch=row["batch"],
        table=row["table"],
        file=row["file"],
        row=row["row"],
        line=row["line"],
        column=row["column"] or "",
        value=text or row["value"] or "",
        reason=row["reason"],
        message=row["message_zh"] if wording.chinese() else row["message_en"],
        cells=told,
    )
