"""What a file that has come in is, found by what it holds, and whether files of its kind are taken."""

from __future__ import annotations

import email.parser
import unicodedata
import zipfile
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Final

from django.utils.translation import gettext as _

from daihou.desk.files import pictures, recordings
from daihou.desk.files.errors import UnfitError

if TYPE_CHECKING:
    from daihou.desk.files.arriving import Arrived

NAME_CHARACTERS: Final = 120

KINDS: Final = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
    "txt": "text/plain",
    "eml": "message/rfc822",
    **recordings.KINDS,
}
"""What is taken: the ending that a name gets, and the kind as it is served."""
ENDINGS: Final = {"jpeg": "jpg", "log": "txt", "md": "txt", **recordings.ENDINGS}
"""Other endings of a kind that a name may keep."""
BEGINNINGS: Final = {b"%PDF-": "pdf", b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpg"}
OFFICE: Final = {"word/document.xml": "docx", "xl/workbook.xml": "xlsx"}
WITHOUT_TEXT: Final = {chr(code) for code in range(32)} - set("\t\n\v\f\r\x1b")
"""Signs that no text holds."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A whole file that has come in and is fit to be kept: its name with the ending of its kind, and what it holds."""

    name: str
    kind: str
    size: int
    digest: str
    content: IO[bytes]


def fit(arrived: Arrived) -> Incoming:
    """A file that has come in, if it is of a kind that is taken: found by what it holds, whatever it is called. Pictures are decoded."""
    content = arrived.file
    assert content is not None  # noqa: S101 - an Arrived always has one
    if not arrived.size:
        raise UnfitError(_("The file is empty."))
    ending = _ending(content, str(arrived.name))
    content.seek(0)
    return Incoming(_named(str(arrived.name), ending), KINDS[ending], arrived.size or 0, arrived.digest, content)


def _ending(content: IO[bytes], name: str) -> str:
    """The ending of the kind that a file is; UnfitError where it is none that is taken."""
    content.seek(0)
    head = content.read(recordings.HEAD)
    for beginning, ending in BEGINNINGS.items():
        if head.startswith(beginning):
            if ending in pictures.FORMATS:
                pictures.check(content, ending)
            return ending
    pictures.check_not_heic(head)
    if recording := recordings.ending(content):
        return recording
    if head.startswith(b"PK"):
        return _office(content)
    content.seek(0)
    if not _is_text(content.read()):
        raise _not_taken()
    content.seek(0)
    headers = email.parser.BytesHeaderParser().parse(content)
    if headers["From"] and headers["Date"]:
        return "eml"
    return "csv" if name.lower().endswith(".csv") else "txt"


def _office(content: IO[bytes]) -> str:
    try:
        with zipfile.ZipFile(content) as archive:
            inside = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError):
        raise _not_taken() from None
    found = [ending for part, ending in OFFICE.items() if part in inside]
    if not found or "[Content_Types].xml" not in inside:
        raise _not_taken()
    if any(part.lower().endswith("vbaproject.bin") for part in inside):
        raise UnfitError(_("The file holds macros. Save it without them, or as PDF."))
    return found[0]


def _is_text(raw: bytes) -> bool:
    encodings = ("utf-16",) if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        return WITHOUT_TEXT.isdisjoint(text)
    return False


def _not_taken() -> UnfitError:
    return UnfitError(
        _(
            "Files of this kind are not taken. PDF, PNG, JPEG, Word (docx), Excel (xlsx), CSV, text, mail (eml) and recordings "
            "(m4a, mp3, ogg, webm, wav, amr) are; unpack archives first."
        )
    )  # fmt: skip


def _named(name: str, ending: str) -> str:
    """A file's name without folders and signs that do not show, with an ending under which it opens as what it is."""
    base = name.replace("\\", "/").rpartition("/")[2]
    shown = "".join(" " if unicodedata.category(sign)[0] in "CZ" else sign for sign in base).strip(" .") or "file"
    last = shown.rpartition(".")[2].lower() if "." in shown else ""
    if ENDINGS.get(last, last) == ending:
        return f"{shown.rpartition('.')[0][-NAME_CHARACTERS:]}.{last}"
    return f"{shown[-NAME_CHARACTERS:]}.{ending}"
