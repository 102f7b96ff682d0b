"""What kind of file was sent, by what is in it; its name is not believed."""

from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING, Final

from daihou.book.errors import DaihouError
from daihou.desk.deliveries.policy import UNPACKED_BYTES

if TYPE_CHECKING:
    from pathlib import Path

    from daihou.book.intake.content import Format

ENDINGS: Final[dict[Format, tuple[str, ...]]] = {
    "csv": (".csv", ".txt", ".tsv"),
    "jsonl": (".jsonl", ".ndjson", ".json"),
    "parquet": (".parquet",),
    "xlsx": (".xlsx",),
}
"""What a file of each kind may end in; another gets the first of these behind its name."""
_HEAD: Final = 64 << 10
_OTHERS: Final[tuple[tuple[bytes, str, str], ...]] = (
    (b"\x89PNG", "an image (PNG)", "图片（PNG）"),
    (b"\xff\xd8\xff", "an image (JPEG)", "图片（JPEG）"),
    (b"GIF8", "an image (GIF)", "图片（GIF）"),
    (b"BM", "an image (BMP)", "图片（BMP）"),
    (b"II*\x00", "an image (TIFF)", "图片（TIFF）"),
    (b"MM\x00*", "an image (TIFF)", "图片（TIFF）"),
    (b"%PDF", "a PDF", "PDF 文件"),
    (b"MZ", "a program", "可执行程序"),
    (b"\x7fELF", "a program", "可执行程序"),
    (b"#!", "a script", "脚本"),
    (b"\x1f\x8b", "a packed file (gzip)", "压缩文件（gzip）"),
    (b"Rar!", "a packed file (RAR)", "压缩文件（RAR）"),
    (b"7z\xbc\xaf", "a packed file (7z)", "压缩文件（7z）"),
    (b"SQLite format 3", "a database", "数据库文件"),
)
_OLD_OFFICE: Final = b"\xd0\xcf\x11\xe0"
_TEXT_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
_DULL: Final = ("BM", "MZ", "#!")
"""Signatures that a text may start with too."""


def recognised(path: Path, name: str) -> Format:
    """The kind of a file; DaihouError where it is none that can be taken in."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head:
        raise DaihouError(
            "The file is empty.", "Send a file with a header and at least one row.", name,
            zh=("文件为空。", "请发送含表头且至少一行数据的文件。"),
        )  # fmt: skip
    if head[:4] == b"PAR1":
        return "parquet"
    if head[:4] == b"PK\x03\x04":
        return _workbook(path, name)
    _refuse_others(head, name)
    return _text(head, name)


def _refuse_others(head: bytes, name: str) -> None:
    if head.startswith(_OLD_OFFICE):
        raise DaihouError(
            "This is a workbook of the old kind (.xls) or another Office file of before 2007.",
            "Save it as .xlsx or CSV, and send that.", name,
            zh=("这是旧版 Office 文件（如 .xls）。", "请另存为 .xlsx 或 CSV 后再上传。"),
        )  # fmt: skip
    for mark, en, zh in _OTHERS:
        if head.startswith(mark) and not (mark.decode("latin-1") in _DULL and b"\x00" not in head):
            raise _wrong(en, zh, name)
    if b"\x00" in head and not head.startswith(_TEXT_MARKS):
        raise _wrong("no text, and none of the kinds known", "无法识别的二进制文件", name)


def _wrong(en: str, zh: str, name: str) -> DaihouError:
    return DaihouError(
        f"The file is {en}, not a file of facts.",
        "Send CSV, XLSX, Parquet or JSON lines, not packed.",
        name,
        zh=(f"该文件是{zh}，不是数据文件。", "请上传 CSV、XLSX、Parquet 或 JSON 行文件，且不要压缩。"),
    )


def _workbook(path: Path, name: str) -> Format:
    try:
        with zipfile.ZipFile(path) as packed:
            entries = packed.infolist()
    except (zipfile.BadZipFile, OSError) as error:
        raise DaihouError(
            "The workbook is cut off or damaged.", "Save it again as .xlsx, and send that.", name,
            zh=("工作簿不完整或已损坏。", "请重新另存为 .xlsx 后再上传。"),
        ) from error  # fmt: skip
    if not any(entry.filename == "xl/workbook.xml" for entry in entries):
        raise _wrong("a packed file (ZIP) or another Office file", "压缩文件（ZIP）或其他 Office 文件", name)
    if sum(entry.file_size for entry in entries) > UNPACKED_BYTES:
        raise DaihouError(
            f"The workbook unpacks to more than {UNPACKED_BYTES >> 20} MB.",
            "Save the sheet as CSV, and send that.", name,
            zh=(f"工作簿解压后超过 {UNPACKED_BYTES >> 20} MB。", "请将工作表另存为 CSV 后上传。"),
        )  # fmt: skip
    return "xlsx"


def _text(head: bytes, name: str) -> Format:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"["):
        try:
            # A list on a line of its own, or one that goes on over many: either way no JSON lines.
            json.loads(start.splitlines()[0])
            is_list = True
        except ValueError:
            is_list = start[1:].lstrip().startswith(b"{")
        if is_list:
            raise DaihouError(
                "The file is one JSON list.", "Write one object a line (JSON lines).", name,
                zh=("该文件是一个 JSON 数组。", "请改为每行一个对象（JSON 行）。"),
            )  # fmt: skip
    if start.lstrip().startswith((b"<html", b"<!DOCTYPE", b"<!doctype", b"<?xml")):
        raise _wrong("a web page or XML", "网页或 XML", name)
    return "jsonl" if start.startswith(b"{") else "csv"


def fitting_name(name: str, kind: Format) -> str:
    """The name under which intake knows the file: with an ending of its kind."""
    return name if name.lower().endswith(ENDINGS[kind]) else name + ENDINGS[kind][0]
