"""Downloaded rows of quarantine come back: the desk's own columns and apostrophes are taken out before intake sees the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
from python_calamine import CalamineError, CalamineWorkbook

from daihou.book.errors import DaihouError
from daihou.book.intake.content import examine
from daihou.book.intake.readers import Layout, open_source
from daihou.book.intake.rows import json_objects
from daihou.desk.deliveries.cells import plain, plain_cells
from daihou.desk.deliveries.download import OURS, REASON

if TYPE_CHECKING:
    from pathlib import Path

    from daihou.book.intake.content import Content


def is_download(content: Content) -> bool:
    """Whether a file was downloaded from quarantine: it still has the column that says why."""
    return REASON in _names(content)


def _names(content: Content) -> tuple[str, ...]:
    try:
        if content.format == "xlsx":
            with CalamineWorkbook.from_path(content.path) as book:
                rows = book.get_sheet_by_index(0).to_python(skip_empty_area=False, nrows=1)
            return tuple(str(value) for row in rows for value in row)
        return open_source(content, Layout()).names
    except (DaihouError, CalamineError, IndexError):
        return ()  # what cannot be read as it is may be read with a mapping


def restored(content: Content, target: Path) -> Content:
    """Write a download as JSON lines in the sender's columns, each row on its line of the file, and return what was written.

    DaihouError where a line does not fit the header: its rest would be read in the wrong columns.
    """
    source = open_source(content, Layout())
    line = 1
    with target.open("w", encoding="utf-8") as file:
        for chunk in source.chunks():
            if chunk.broken:
                raise _broken([one.line for one in chunk.broken], content)
            theirs = [name for name in chunk.cells.columns if name not in OURS]
            empty = [pl.col(name).str.strip_chars() == "" for name in theirs]
            cells = chunk.cells.select(
                pl.when(~blank).then(plain_cells(name)).alias(plain(name))
                for name, blank in zip(theirs, empty, strict=True)
            )
            for at, text in zip(chunk.lines.tolist(), json_objects(cells).to_list(), strict=True):
                if text is None:
                    continue
                file.write("\n" * (at - line) + text + "\n")
                line = at + 1
    if line == 1:
        raise DaihouError(
            "The file has a header but no rows.",
            "Leave the corrected rows in it, and send it again.",
            content.path.name,
            zh=("文件只有表头，没有数据。", "请保留已更正的行后重新上传。"),
        )
    return examine(target, lambda _: None)


def _broken(lines: list[int], content: Content) -> DaihouError:
    listed = ", ".join(str(line) for line in lines[:5]) + (" …" if len(lines) > 5 else "")
    return DaihouError(
        f"Lines of the file do not have as many cells as its header: {listed}.",
        "Put them right: quote cells that hold the delimiter. Nothing was taken in; the rows are still in quarantine.",
        content.path.name,
        zh=(
            f"以下各行的单元格数与表头不符：{listed}。",
            "请更正，含分隔符的内容请加引号。未导入任何数据，原记录仍在隔离区。",
        ),
    )
