"""Small real files to attach: pictures that decode, recordings as phones make them."""

from __future__ import annotations

import struct
import wave
from io import BytesIO
from typing import Final

from PIL import Image


def picture(form: str = "PNG", size: tuple[int, int] = (8, 6), colour: str = "#9b3a2e") -> bytes:
    """A picture of one colour."""
    held = BytesIO()
    Image.new("RGB", size, colour).save(held, form)
    return held.getvalue()


def noise(width: int = 64, height: int = 48) -> bytes:
    """A JPEG with something in it, so that a part of it is missing where it is cut off."""
    held = BytesIO()
    Image.effect_noise((width, height), 80).save(held, "JPEG", quality=95)
    return held.getvalue()


def sound() -> bytes:
    """A WAV of a tenth of a second."""
    held = BytesIO()
    with wave.open(held, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(1600))
    return held.getvalue()


def box(name: bytes, content: bytes) -> bytes:
    """A box of an MP4 file."""
    return struct.pack(">I4s", 8 + len(content), name) + content


def mp4(*handlers: bytes, brand: bytes = b"M4A ") -> bytes:
    """The bones of an MP4 file with tracks of such kinds, its index last, as recorders write it."""
    tracks = b"".join(box(b"trak", box(b"mdia", box(b"hdlr", bytes(8) + handler + bytes(12)))) for handler in handlers)
    return box(b"ftyp", brand + bytes(8)) + box(b"mdat", bytes(500)) + box(b"moov", tracks)


MP3_FRAME: Final = b"\xff\xfb\x90\x00" + bytes(413)
"""A frame of MPEG 1, layer III, 128 kbit/s, 44.1 kHz: 417 bytes."""
OGG: Final = b"OggS\x00\x02" + bytes(20) + b"\x01\x13OpusHead" + bytes(20)
WEBM: Final = b"\x1a\x45\xdf\xa3" + bytes(20) + b"webm" + bytes(60) + b"A_OPUS" + bytes(40)
AMR: Final = b"#!AMR\n" + bytes(range(32))
HEIC: Final = box(b"ftyp", b"heic" + bytes(4) + b"mif1heic") + bytes(60)
