"""How a file comes in: counted and hashed while it comes, without a name on the disk, so that an upload that is cut off leaves nothing."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from typing import IO, TYPE_CHECKING, Any, Concatenate, Final, ParamSpec

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_protect

from daihou.desk.files.errors import UnfitError
from daihou.desk.files.place import incoming

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

Given = ParamSpec("Given")

FILE_BYTES: Final = 20 << 20
"""The largest file that is taken."""
FORM_BYTES: Final = 1 << 20
"""What the form around it may add."""
FREE_BYTES: Final = 1 << 30
"""What stays free on the disk whatever is attached."""


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
        self.file = tempfile.TemporaryFile(dir=incoming())  # noqa: SIM115 - closed with the request

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


def taken_in(
    request: HttpRequest,
    view: Callable[Concatenate[Any, Given], HttpResponse],
    *args: Given.args,
    **kwargs: Given.kwargs,
) -> HttpResponse:
    """What a view answers that reads a form with a file; it comes in as this module says, and only then the token of the form is checked.

    UnfitError as soon as the file cannot be taken: nothing of it stays. The view around it is exempt from the check of tokens, which would read the form first.
    """
    check_announced(request)
    request.upload_handlers = [Arriving(request)]
    response: HttpResponse = csrf_protect(view)(request, *args, **kwargs)
    return response


def check_announced(request: HttpRequest) -> None:
    """UnfitError where a request says it is too large, or the disk has no room: before any of it is read."""
    stated = request.META.get("CONTENT_LENGTH") or "0"
    announced = int(stated) if stated.isdecimal() else 0
    if announced > FILE_BYTES + FORM_BYTES:
        raise too_large()
    if shutil.disk_usage(settings.HOME.path).free < announced + FREE_BYTES:
        raise UnfitError(_("The disk of the desk has too little room left. Tell an administrator; nothing was kept."))
