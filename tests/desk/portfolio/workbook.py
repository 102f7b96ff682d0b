"""A workbook as it lies in its file: cells with kind, value and number format, for tests that must see more than values."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from dataclasses import dataclass
from xml.etree import ElementTree as ET

NAMES = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
BUILT_IN = {"0": "General", "4": "#,##0.00", "3": "#,##0", "10": "0.00%"}


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell: `kind` as the file says it (inlineStr, n …), its text, and how a number is shown."""

    kind: str
    text: str
    form: str

    @property
    def value(self) -> str | float | dt.date | None:
        """The plain value; a date where the format is one."""
        if self.kind != "n":
            return self.text
        number = float(self.text)
        return dt.date(1899, 12, 30) + dt.timedelta(days=number) if "yyyy" in self.form else number


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: rows of cells by their place, whether the head is frozen, the filter's range, the footer."""

    rows: list[dict[int, Cell]]
    frozen: str | None
    filtered: str | None
    footer: str


def sheets(content: bytes) -> list[Sheet]:
    """The sheets of a workbook."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        styles = ET.fromstring(book.read("xl/styles.xml"))  # noqa: S314 - a file of our own
        own = {one.attrib["numFmtId"]: one.attrib["formatCode"] for one in styles.iterfind("m:numFmts/m:numFmt", NAMES)}
        forms = [{**BUILT_IN, **own}[one.attrib["numFmtId"]] for one in styles.iterfind("m:cellXfs/m:xf", NAMES)]
        names = sorted(name for name in book.namelist() if name.startswith("xl/worksheets/sheet"))
        assert "xl/externalLinks" not in " ".join(book.namelist())
        return [_sheet(ET.fromstring(book.read(name)), forms) for name in names]  # noqa: S314


def _sheet(root: ET.Element, forms: list[str]) -> Sheet:
    rows = []
    for row in root.iterfind("m:sheetData/m:row", NAMES):
        assert row.find("m:c/m:f", NAMES) is None, "a formula"
        rows.append({_place(cell.attrib["r"]): _cell(cell, forms) for cell in row.iterfind("m:c", NAMES)})
    pane, found = root.find("m:sheetViews/m:sheetView/m:pane", NAMES), root.find("m:autoFilter", NAMES)
    return Sheet(
        rows, None if pane is None else pane.attrib["topLeftCell"], None if found is None else found.attrib["ref"],
        root.findtext("m:headerFooter/m:oddFooter", "", NAMES),
    )  # fmt: skip


def _cell(cell: ET.Element, forms: list[str]) -> Cell:
    text = cell.findtext("m:v", None, NAMES)
    if text is None:
        text = "".join(part.text or "" for part in cell.iterfind("m:is/m:t", NAMES))
    return Cell(cell.attrib.get("t", "n"), text, forms[int(cell.attrib.get("s", "0"))])


def _place(name: str) -> int:
    """The column of a cell from its name: A1 is 0, AB7 is 27."""
    letters = re.match("[A-Z]+", name)
    assert letters is not None
    place = 0
    for letter in letters[0]:
        place = 26 * place + ord(letter) - ord("A") + 1
    return place - 1
