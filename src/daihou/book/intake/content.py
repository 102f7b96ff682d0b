"""What a file is before it is read: its format, its encoding, and the hash of its content."""

from __future__ import annotations

import codecs
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from daihou.book.errors import DaihouError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Format = Literal["csv", "parquet", "jsonl", "xlsx"]

_BLOCK = 4 << 20
_SAMPLE = 1 << 20
_SUFFIXES: dict[str, Format] = {
    ".csv": "csv",
    ".txt": "csv",
    ".tsv": "csv",
    ".parquet": "parquet",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".xlsx": "xlsx",
}
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True)
class Content:
    """A file as found: `sha256` of its bytes, and for text files the encoding and whether cells are quoted."""

    path: Path
    format: Format
    size: int
    sha256: str
    encoding: str = "utf-8"
    damaged: bool = False
    """Whether some bytes are no text in that encoding; they are read as U+FFFD and their rows quarantined."""
    quotes: int = 0


def examine(path: Path, progress: Callable[[int], None], encoding: str | None = None) -> Content:
    """Return what a file is, reading it once; `progress` takes bytes done. DaihouError if it is none."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(_SAMPLE)
    except OSError as error:
        raise DaihouError(
            f"The file cannot be read: {error.strerror}.",
            "Check its name and permissions.",
            str(path),
            zh=(f"文件无法读取：{error.strerror}。", "请核对文件名和读取权限。"),
        ) from error
    if size == 0:
        raise DaihouError(
            "The file is empty.",
            "Send a file with a header and at least one row.",
            str(path),
            zh=("文件为空。", "请发送含表头且至少一行数据的文件。"),
        )
    kind = _format(path, head)
    if kind != "csv" and kind != "jsonl":
        return Content(path, kind, size, _hash(path, progress))
    return _text(path, kind, size, head, encoding, progress)


def _format(path: Path, head: bytes) -> Format:
    if head[:4] == b"PAR1":
        return "parquet"
    if head[:4] == b"PK\x03\x04":
        return "xlsx"
    kind = _SUFFIXES.get(path.suffix.lower())
    if kind is None:
        raise DaihouError(
            f"'{path.suffix or path.name}' is no format that can be read.",
            f"Use one of {', '.join(_SUFFIXES)}.",
            str(path),
            zh=(f"无法识别的文件格式：{path.suffix or path.name}。", f"可用格式：{'、'.join(_SUFFIXES)}。"),
        )
    if kind in ("parquet", "xlsx"):
        raise DaihouError(
            f"The file is no {kind} file; it may be cut off.",
            "Write it again, or give it its right name.",
            str(path),
            zh=(f"该文件不是有效的 {kind} 文件，可能不完整。", "请重新导出，或改为正确的扩展名。"),
        )
    return kind


def _hash(path: Path, progress: Callable[[int], None]) -> str:
    digest = hashlib.sha256()
    done = 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
            done += len(block)
            progress(done)
    return digest.hexdigest()


def _text(
    path: Path, kind: Format, size: int, head: bytes, encoding: str | None, progress: Callable[[int], None]
) -> Content:
    """Read a text file once for its hash, quotes, and whether it is UTF-8; a second time only where it is not."""
    digest = hashlib.sha256()
    marked = next((name for mark, name in _BYTE_ORDER_MARKS if head.startswith(mark)), None)
    decoder: codecs.IncrementalDecoder | None = codecs.getincrementaldecoder("utf-8")("strict")
    quotes = done = 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
            quotes += block.count(b'"')
            done += len(block)
            if decoder is not None and not _decodes(decoder, block, final=done >= size):
                decoder = None
            progress(done)
    sha256 = digest.hexdigest()
    if encoding is not None or marked == "utf-16":
        return Content(path, kind, size, sha256, encoding or "utf-16", damaged=False, quotes=quotes)
    if decoder is not None:
        return Content(path, kind, size, sha256, "utf-8", damaged=False, quotes=quotes)
    found, damaged = _other(path, marked)
    return Content(path, kind, size, sha256, found, damaged, quotes)


def _decodes(decoder: codecs.IncrementalDecoder, block: bytes, *, final: bool) -> bool:
    try:
        decoder.decode(block, final)
    except UnicodeDecodeError:
        return False
    return True


def _other(path: Path, marked: str | None) -> tuple[str, bool]:
    """Return the encoding of a file that is not clean UTF-8, and whether some of its bytes are damaged."""
    wrong, wide = _utf8_damage(path)
    if marked == "utf-8" or wrong * 20 < wide:  # almost all that is not ASCII reads as UTF-8: a few bytes are broken
        return "utf-8", True
    decoder = codecs.getincrementaldecoder("gb18030")("strict")
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            if not _decodes(decoder, block, final=False):
                break
        else:
            if _decodes(decoder, b"", final=True):
                return "gb18030", False
    raise DaihouError(
        f"The text is neither UTF-8 nor GB18030{_guess(path)}.",
        "Save the file as UTF-8, or name its encoding in a mapping (file: {encoding: …}).",
        str(path),
        zh=("文件编码既不是 UTF-8 也不是 GB18030。", "请另存为 UTF-8，或在映射文件中注明编码（file: {encoding: …}）。"),
    )


def _utf8_damage(path: Path) -> tuple[int, int]:
    """Return how many characters do not decode as UTF-8, and how many beyond ASCII do."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    wrong = wide = 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            text = decoder.decode(block)
            lost = text.count("\ufffd")
            wrong += lost
            wide += len(text) - lost - len(text.encode("ascii", "ignore"))
    return wrong, wide


def _guess(path: Path) -> str:
    from charset_normalizer import from_bytes  # a slow import, only wanted for this message

    with path.open("rb") as file:
        best = from_bytes(file.read(_SAMPLE)).best()
    return f"; it looks like {best.encoding}" if best else ""
