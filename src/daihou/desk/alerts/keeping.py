"""Files that people attach: which are taken, how they come in, where they lie, and that they are still what was attached.

A file lies under the home's files by its SHA-256, as `alerts/<alert>/<SHA-256>`. While it comes in it has no name on the disk, so that an upload that is cut off
leaves nothing; what a crash leaves between the disk and the database is swept when the next file comes.
"""

from __future__ import annotations

import email.parser
import hashlib
import os
import shutil
import tempfile
import time
import unicodedata
import uuid
import zipfile
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import FileResponse
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from django.http import HttpRequest

FILE_BYTES: Final = 20 << 20
"""The largest file that is taken."""
FORM_BYTES: Final = 1 << 20
"""What the form around it may add."""
FREE_BYTES: Final = 1 << 30
"""What stays free on the disk whatever is attached."""
FILES_EACH: Final = 100
"""Files beside one thing at most."""
NAME_CHARACTERS: Final = 120
SWEPT_AFTER_SECONDS: Final = 3600
"""How long something that no row names may lie: it may be on its way into one."""

KINDS: Final = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
    "txt": "text/plain",
    "eml": "message/rfc822",
}
"""What is taken: the ending that a name gets, and the kind as it is served."""
ENDINGS: Final = {"jpeg": "jpg", "log": "txt", "md": "txt"}
"""Other endings of a kind that a name may keep."""
BEGINNINGS: Final = {b"%PDF-": "pdf", b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpg"}
OFFICE: Final = {"word/document.xml": "docx", "xl/workbook.xml": "xlsx"}
WITHOUT_TEXT: Final = {chr(code) for code in range(32)} - set("\t\n\v\f\r\x1b")
"""Signs that no text holds."""


class UnfitError(Exception):
    """A file that is not taken; the text says why and what to do, in the language in hand."""


class DamagedError(Exception):
    """What lies on the disk is not what was attached, or is gone."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A whole file that has come in and is fit to be kept: its name with the ending of its kind, and what it holds."""

    name: str
    kind: str
    size: int
    digest: str
    content: IO[bytes]


class Arriving(FileUploadHandler):
    """Takes one file into the disk without a name, counting and hashing it; UnfitError as soon as it is too large."""

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        self.file: IO[bytes] | None = None
        self._digest = hashlib.sha256()
        self._bytes = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin; a second file is one too many."""
        super().new_file(*args, **kwargs)
        if self.file is not None:
            raise UnfitError(_("Attach one file at a time."))
        self.file = tempfile.TemporaryFile(dir=_folder())  # noqa: SIM115 - closed with the request

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:  # noqa: ARG002 - Django's signature
        """Write a piece."""
        assert self.file is not None  # noqa: S101 - a piece follows its file's start
        self._bytes += len(raw_data)
        if self._bytes > FILE_BYTES:
            self.file.close()
            raise too_large()
        self._digest.update(raw_data)
        self.file.write(raw_data)

    def file_complete(self, file_size: int) -> Arrived:
        """The whole file."""
        assert self.file is not None  # noqa: S101 - an end follows its file's start
        self.file.flush()
        return Arrived(self.file, str(self.file_name), file_size, self._digest.hexdigest())


class Arrived(UploadedFile):  # type: ignore[type-arg]
    """A file as it came in, not looked into yet."""

    def __init__(self, content: IO[bytes], name: str, size: int, digest: str) -> None:
        super().__init__(content, name, "", size)
        self.digest = digest


def too_large() -> UnfitError:
    """The refusal of what is too large."""
    return UnfitError(_("The file is larger than %(most)d MB. Send a part of it, or a scan that is smaller.") % {"most": FILE_BYTES >> 20})  # fmt: skip


def check_announced(request: HttpRequest) -> None:
    """UnfitError where a request says it is too large, or the disk has no room: before any of it is read."""
    stated = request.META.get("CONTENT_LENGTH") or "0"
    announced = int(stated) if stated.isdecimal() else 0
    if announced > FILE_BYTES + FORM_BYTES:
        raise too_large()
    if shutil.disk_usage(settings.HOME.path).free < announced + FREE_BYTES:
        raise UnfitError(_("The disk of the desk has too little room left. Tell an administrator; nothing was kept."))


def fit(arrived: Arrived) -> Incoming:
    """A file that has come in, if it is of a kind that is taken: found by what it holds, whatever it is called."""
    content = arrived.file
    assert content is not None  # noqa: S101 - an Arrived always has one
    if not arrived.size:
        raise UnfitError(_("The file is empty."))
    ending = _ending(content, str(arrived.name))
    content.seek(0)
    return Incoming(_named(str(arrived.name), ending), KINDS[ending], arrived.size or 0, arrived.digest, content)


@contextmanager
def kept(folder: str, known: Collection[str], incoming: Incoming) -> Iterator[str]:
    """The file in its place in a folder below the home's files, whole or not at all, while its row is written; gives the path that the row names.

    `known`: the digests of the files that rows name in the folder.
    """
    _sweep(folder, known)
    name = f"{folder}/{incoming.digest}"
    place = Path(settings.MEDIA_ROOT) / name
    place.parent.mkdir(parents=True, exist_ok=True)
    draft = _folder() / "incoming" / uuid.uuid4().hex
    draft.parent.mkdir(exist_ok=True)
    try:
        with draft.open("wb") as file:
            incoming.content.seek(0)
            shutil.copyfileobj(incoming.content, file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(place)
    finally:
        draft.unlink(missing_ok=True)
    yield name


def read(path: str, digest: str) -> bytes:
    """What a file holds; DamagedError where that is not what was attached."""
    try:
        content = Path(path).read_bytes()
    except FileNotFoundError:
        raise DamagedError from None
    if hashlib.sha256(content).hexdigest() != digest:
        raise DamagedError
    return content


def given(content: bytes, name: str, kind: str, *, download: bool = True) -> FileResponse:
    """A file as it was attached. Should a browser show it, nothing in it runs, and nothing keeps a copy."""
    headers = {
        "Content-Security-Policy": "default-src 'none'; sandbox", "X-Content-Type-Options": "nosniff", "Cache-Control": "private, no-store",
    }  # fmt: skip
    return FileResponse(BytesIO(content), as_attachment=download, filename=name, content_type=kind, headers=headers)


def _folder() -> Path:
    folder = Path(settings.MEDIA_ROOT) / "alerts"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _sweep(folder: str, known: Collection[str]) -> None:
    """Take away what a crash left: drafts of any folder, and files of this one that no row names."""
    before = time.time() - SWEPT_AFTER_SECONDS
    for place, named in ((_folder() / "incoming", ()), (Path(settings.MEDIA_ROOT) / folder, known)):
        for path in place.iterdir() if place.is_dir() else ():
            if path.name not in named and path.stat().st_mtime < before:
                path.unlink(missing_ok=True)


def _ending(content: IO[bytes], name: str) -> str:
    """The ending of the kind that a file is; UnfitError where it is none that is taken."""
    content.seek(0)
    head = content.read(8)
    for beginning, ending in BEGINNINGS.items():
        if head.startswith(beginning):
            return ending
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
        _("Files of this kind are not taken. PDF, PNG, JPEG, Word (docx), Excel (xlsx), CSV, text and mail (eml) are; unpack archives first.")
    )  # fmt: skip


def _named(name: str, ending: str) -> str:
    """A file's name without folders and signs that do not show, with an ending under which it opens as what it is."""
    base = name.replace("\\", "/").rpartition("/")[2]
    shown = "".join(" " if unicodedata.category(sign)[0] in "CZ" else sign for sign in base).strip(" .") or "file"
    last = shown.rpartition(".")[2].lower() if "." in shown else ""
    if ENDINGS.get(last, last) == ending:
        return f"{shown.rpartition('.')[0][-NAME_CHARACTERS:]}.{last}"
    return f"{shown[-NAME_CHARACTERS:]}.{ending}"
