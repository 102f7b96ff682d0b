"""Pictures of a report: opened from where they lie sealed, found to be what was attached, scaled down for the page. What does not open says why."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from daihou.desk.files import keeping
from daihou.desk.files.errors import DamagedError, ErasedError
from daihou.desk.files.pictures import MOST_PIXELS
from daihou.desk.reviews.models import Piece

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daihou.desk.reports.models import Report

SIDE: Final = 900
"""Pixels of the longer side: half the width of A4 at some 270 to the inch."""
QUALITY: Final = 78
FORMATS: Final = ("JPEG", "PNG")
"""Several pictures in one JPEG, as some phones take them, are read by the decoder of JPEG: the first is shown."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as a page shows it: JPEG without anything but what is seen, or why it is not shown."""

    piece: int
    label: str
    at: str
    by: str
    digest: str
    jpeg: bytes | None
    wide: int
    high: int
    said: str


def opened(report: Report, stated: Sequence[dict[str, Any]]) -> list[Picture]:
    """The pictures that a version of a report names, those of its own review alone."""
    rows = Piece.objects.filter(pk__in=[one["piece"] for one in stated], sheet__review=report.review_id).in_bulk()
    return [_picture(rows.get(one["piece"]), one, report.borrower_id) for one in stated]


def _picture(row: Piece | None, stated: dict[str, Any], whose: str) -> Picture:
    jpeg, size, said = None, (0, 0), ""
    try:
        if row is None or row.digest != stated["digest"]:
            raise DamagedError  # noqa: TRY301 - told like one that was changed on the disk
        jpeg, size = _scaled(keeping.read(row.content.path, row.digest, whose))
    except ErasedError:
        said = _("erased: it is about somebody who was erased")
    except DamagedError:
        said = _("not what was attached, and so not shown")
    except _UnshownError:
        said = _("cannot be shown as a picture")
    return Picture(stated["piece"], stated["label"], stated["at"], stated["by"], stated["digest"], jpeg, *size, said)


class _UnshownError(Exception):
    """What is no picture that can be drawn."""


def _scaled(content: bytes) -> tuple[bytes, tuple[int, int]]:
    """A picture turned as it was held, at most SIDE pixels long, as JPEG, and its size; nothing of what a phone notes beside it comes along."""
    try:
        with Image.open(BytesIO(content), formats=FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                raise _UnshownError
            share = SIDE / max(image.size)
            image.draft(
                "RGB", (round(image.width * share), round(image.height * share))
            )  # a JPEG is read at a fraction of its size
            image.thumbnail((SIDE, SIDE), reducing_gap=None)
            turned = ImageOps.exif_transpose(image)
            flat = _on_white(turned) if turned.mode in ("RGBA", "LA", "PA", "P") else turned.convert("RGB")
            found = BytesIO()
            flat.save(found, "JPEG", quality=QUALITY, exif=b"")
            return found.getvalue(), flat.size
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _UnshownError from error
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, TypeError, KeyError, MemoryError) as error:
        raise _UnshownError from error  # as files.pictures says: decoders meet broken files with all of these


def _on_white(image: Image.Image) -> Image.Image:
    """A picture that one can see through, on white paper."""
    seen = image.convert("RGBA")
    flat = Image.new("RGB", seen.size, "white")
    flat.paste(seen, mask=seen.getchannel("A"))
    return flat
