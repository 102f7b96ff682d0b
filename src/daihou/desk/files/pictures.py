"""Pictures are decoded before they are kept: what only begins like one, is cut off, or would fill the memory is refused."""

from __future__ import annotations

from contextlib import contextmanager
from threading import Lock
from typing import IO, TYPE_CHECKING, Final

from django.utils.translation import gettext as _
from PIL import Image, ImageFile

from daihou.desk.files.errors import UnfitError

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_PIXELS: Final = 100_000_000
"""The largest picture that is decoded: twice what phones take. A small file may hold a picture of any size."""
MOST_WHOLE_PIXELS: Final = 40_000_000
"""The largest that must be decoded whole: a PNG or a progressive JPEG holds all its pixels in memory, about 4 bytes each, however small its file is."""
FORMATS: Final[dict[str, tuple[str, ...]]] = {"jpg": ("JPEG", "MPO"), "png": ("PNG",)}
"""The decoders of an ending; no other is tried. Some phones take several pictures in one JPEG (MPO)."""
HEIC: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis"})
"""Brands of the pictures that phones take where they are set to save room."""
SMALLER: Final = 8
"""A JPEG may be decoded to an eighth of its size: all of it is read, a fraction is computed."""

_ONE = Lock()
"""One picture is decoded at a time in a process: several at once would need the memory of all."""

Image.MAX_IMAGE_PIXELS = MOST_PIXELS


@contextmanager
def _strictly() -> Iterator[None]:
    """What is cut off does not decode, whatever another library wants of Pillow in this process: WeasyPrint has it fill up what is missing."""
    before, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, False
    try:
        yield
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = before


def check(content: IO[bytes], ending: str) -> None:
    """UnfitError where a picture of an ending cannot be decoded to its end, or is larger than is sane."""
    content.seek(0)
    most = MOST_WHOLE_PIXELS if ending == "png" else MOST_PIXELS
    try:
        with _ONE, _strictly(), Image.open(content, formats=FORMATS[ending]) as picture:
            wide, high = picture.size
            most = MOST_WHOLE_PIXELS if "progressive" in picture.info else most
            if wide * high > most:
                raise _too_many(most)
            picture.draft("L", (max(wide // SMALLER, 1), max(high // SMALLER, 1)))
            picture.load()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_many(most) from None
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, TypeError, KeyError, MemoryError):
        # Pillow's decoders meet broken files with all of these.
        raise UnfitError(_("The picture is damaged or cut off: it cannot be shown. Take it again, or send the original.")) from None  # fmt: skip


def check_not_heic(head: bytes) -> None:
    """UnfitError where a file begins as a picture in HEIC or AVIF, which the desk cannot decode."""
    if head[4:8] == b"ftyp" and head[8:12] in HEIC:
        raise UnfitError(
            _("Pictures in HEIC are not taken. Set the camera to JPEG (iPhone: Settings, Camera, Formats, Most Compatible), or save the picture as JPEG.")
        )  # fmt: skip


def _too_many(most: int) -> UnfitError:
    return UnfitError(_("The picture has more than %(most)d million pixels. Save it smaller.") % {"most": most // 1_000_000})  # fmt: skip
