"""Files on their way in: written to the disk as they come, counted and hashed, and stopped as soon as they are too much."""

from __future__ import annotations

import hashlib
import shutil
import unicodedata
from typing import TYPE_CHECKING, Any, BinaryIO

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from daihou.book.errors import DaihouError
from daihou.desk.deliveries.policy import FREE_BYTES, MAPPING_BYTES, UPLOAD_BYTES, UPLOAD_FILES

if TYPE_CHECKING:
    from pathlib import Path

    from django.http import HttpRequest

_OVERHEAD = 1 << 20
"""What the form around the files may add to them."""


class TooLargeError(DaihouError):
    """More than may be uploaded."""


def too_large(sent: int | None = None) -> TooLargeError:
    """The refusal of what is too large, with its size where that is known."""
    limit = UPLOAD_BYTES >> 20
    size = f" ({sent / (1 << 20):,.0f} MB)" if sent else ""
    return TooLargeError(
        f"The files are larger than the {limit} MB of one upload{size}. Nothing was kept of them.",
        "Send them in parts, or let an administrator take them in with `daihou intake`.",
        zh=(
            f"文件超过单次上传上限 {limit} MB{size}，未保留任何内容。",
            "请拆分后上传，或请管理员用 `daihou intake` 导入。",
        ),
    )


def check_announced(request: HttpRequest, home: Path) -> None:
    """DaihouError where the request says it is too large, or the disk has no room for it: before any of it is read."""
    try:
        announced = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        announced = 0
    if announced > UPLOAD_BYTES + _OVERHEAD:
        raise too_large(announced)
    if shutil.disk_usage(home).free < announced + FREE_BYTES:
        raise DaihouError(
            "The disk of the desk has too little room left for these files.",
            "Tell an administrator; nothing was kept.",
            zh=("服务器磁盘空间不足，无法接收文件。", "请联系管理员；未保留任何内容。"),
        )


def clean_name(name: str) -> str:
    """A file's name without folders and characters that do not show, not too long."""
    base = name.replace("\\", "/").rpartition("/")[2]
    text = "".join(" " if unicodedata.category(char)[0] in "CZ" else char for char in base).strip(" .")
    return text[-120:] or "file"


class StoredFile(UploadedFile):  # type: ignore[type-arg]
    """A file as it lies on the disk."""

    def __init__(self, path: Path, name: str, size: int, sha256: str) -> None:
        super().__init__(None, name, "", size)
        self.path = path
        self.sha256 = sha256

    def close(self) -> None:
        """It is closed since it was complete."""


class ToDisk(FileUploadHandler):
    """Writes each file into a folder of its own below one folder, never holding more than a piece of it."""

    def __init__(self, request: HttpRequest, folder: Path) -> None:
        super().__init__(request)
        self.folder = folder
        self._bytes = self._files = 0
        self._open: BinaryIO | None = None
        self._path = folder
        self._digest = hashlib.sha256()
        self._of_file = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Open the next file."""
        super().new_file(*args, **kwargs)
        self._files += 1
        if self._files > UPLOAD_FILES + 1:
            raise TooLargeError(
                f"More than {UPLOAD_FILES} files in one upload. Nothing was kept of them.",
                "Send them in parts.",
                zh=(f"单次上传超过 {UPLOAD_FILES} 个文件，未保留任何内容。", "请分次上传。"),
            )
        self._path = self.folder / str(self._files) / clean_name(str(self.file_name))
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._open = self._path.open("wb")
        self._digest, self._of_file = hashlib.sha256(), 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:  # noqa: ARG002 - Django's signature
        """Write a piece."""
        self._bytes += len(raw_data)
        self._of_file += len(raw_data)
        if self._bytes > UPLOAD_BYTES or (self.field_name == "mapping" and self._of_file > MAPPING_BYTES):
            self._close()
            raise too_large()
        assert self._open is not None  # noqa: S101 - a piece follows its file's start
        self._digest.update(raw_data)
        self._open.write(raw_data)

    def file_complete(self, file_size: int) -> StoredFile:
        """The file, closed."""
        self._close()
        return StoredFile(self._path, self._path.name, file_size, self._digest.hexdigest())

    def upload_interrupted(self) -> None:
        """Let go of a file that will not be whole."""
        self._close()

    def _close(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None
