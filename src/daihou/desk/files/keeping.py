"""Where files that people attach lie, sealed, and that they are still what was attached.

A file lies under the home's files by the SHA-256 of what it holds, as `<folder>/<SHA-256>`, encrypted with the key of whom it is about: once that is erased, it is noise.
What a crash leaves between the disk and the database is swept when the next file comes.
"""

from __future__ import annotations

import hashlib
import os
import time
import uuid
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.http import FileResponse
from django.utils.translation import gettext as _

from daihou.desk.files.errors import DamagedError, ErasedError, UnfitError
from daihou.desk.files.place import incoming as on_its_way
from daihou.desk.vault import file_keys
from daihou.vault.seal import AlteredError, seal_file, unseal_file

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from daihou.desk.files.fitness import Incoming

FILES_EACH: Final = 100
"""Files beside one thing at most."""
SWEPT_AFTER_SECONDS: Final = 3600
"""How long something that no row names may lie: it may be on its way into one."""
SEALED: Final = b"daihou sealed file 1\n"
"""How a sealed file begins; its key's number follows, and a line's end."""


@contextmanager
def kept(folder: str, known: Collection[str], incoming: Incoming, whose: str) -> Iterator[str]:
    """The file in its place in a folder below the home's files, sealed, whole or not at all, while its row is written; gives the path that the row names.

    `known`: the digests of the files that rows name in the folder. `whose`: the borrower it is about.
    """
    _sweep(folder, known)
    name = f"{folder}/{incoming.digest}"
    place = Path(settings.MEDIA_ROOT) / name
    place.parent.mkdir(parents=True, exist_ok=True)
    draft = on_its_way() / uuid.uuid4().hex
    try:
        with draft.open("wb") as file:
            incoming.content.seek(0)
            file.write(sealed(incoming.content.read(), incoming.digest, whose))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(place)
    finally:
        draft.unlink(missing_ok=True)
    yield name


def read(path: str, digest: str, whose: str) -> bytes:
    """What a file holds; DamagedError where that is not what was attached, ErasedError where the key of whom it is about is gone."""
    try:
        content = Path(path).read_bytes()
    except FileNotFoundError:
        raise DamagedError from None
    if content.startswith(SEALED):
        content = _opened(content, digest, whose)
    if hashlib.sha256(content).hexdigest() != digest:
        raise DamagedError
    return content


def sealed(content: bytes, digest: str, whose: str) -> bytes:
    """A file as it lies on the disk; UnfitError where it is about somebody who was erased."""
    try:
        number, key = file_keys.given(whose)
    except file_keys.ErasedPersonError:
        raise UnfitError(_("It is about somebody who was erased: nothing is kept about them any more.")) from None
    return SEALED + f"{number}\n".encode() + seal_file(key, whose, digest, content)


def _opened(content: bytes, digest: str, whose: str) -> bytes:
    number, _, body = content[len(SEALED) :].partition(b"\n")
    if not number.isdigit():
        raise DamagedError
    key = file_keys.held(int(number), whose)
    if key is None:
        raise ErasedError
    try:
        return unseal_file(key, whose, digest, body)
    except AlteredError:
        raise DamagedError from None


def given(content: bytes, name: str, kind: str, *, download: bool = True) -> FileResponse:
    """A file as it was attached. Should a browser show it, nothing in it runs, and nothing keeps a copy."""
    headers = {
        "Content-Security-Policy": "default-src 'none'; sandbox", "X-Content-Type-Options": "nosniff", "Cache-Control": "private, no-store",
    }  # fmt: skip
    return FileResponse(BytesIO(content), as_attachment=download, filename=name, content_type=kind, headers=headers)


def _sweep(folder: str, known: Collection[str]) -> None:
    """Take away what a crash left: drafts of any folder, and files of this one that no row names."""
    before = time.time() - SWEPT_AFTER_SECONDS
    for place, named in ((on_its_way(), ()), (Path(settings.MEDIA_ROOT) / folder, known)):
        for path in place.iterdir() if place.is_dir() else ():
            if path.name not in named and path.stat().st_mtime < before:
                path.unlink(missing_ok=True)
