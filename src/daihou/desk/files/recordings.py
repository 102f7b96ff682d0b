"""Recordings as phones make them, told by what they hold. Films are none: they are large, and prove nothing that a picture does not."""

from __future__ import annotations

import struct
from typing import IO, Final

KINDS: Final = {
    "m4a": "audio/mp4",
    "mp3": "audio/mpeg",
    "ogg": "audio/ogg",
    "webm": "audio/webm",
    "wav": "audio/wav",
    "amr": "audio/amr",
}
"""What is taken: the ending that a name gets, and the kind as it is served."""
ENDINGS: Final = {"mp4": "m4a", "3gp": "m4a", "oga": "ogg", "opus": "ogg", "weba": "webm"}
"""Other endings of a kind that a name may keep."""
HEAD: Final = 16
AMR: Final = (b"#!AMR\n", b"#!AMR-WB\n")
VOICES: Final = (b"OpusHead", b"\x01vorbis", b"Speex   ", b"\x7fFLAC")
"""How the first page of an Ogg file with sound goes on."""
EARLY: Final = 1 << 16
"""Where a WebM file names its tracks."""
BOX: Final = 8
MOST_BOXES: Final = 1_000
MOST_INDEX: Final = 4 << 20
"""The largest index (`moov`) of an MP4 file that is looked into: 20 MB of sound have far less."""
ID3_VERSIONS: Final = (2, 3, 4)
MPEG_RATES: Final = {
    3: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
"""Kilobits a second by the index in a frame's head: of MPEG 1, and of 2 and 2.5 (ISO/IEC 11172-3 and 13818-3, layer III)."""
MPEG_SAMPLES: Final = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
"""Samples a second of MPEG 1, 2 and 2.5."""


def ending(content: IO[bytes]) -> str:
    """The ending of the kind of recording that a file is; empty where it is none."""
    content.seek(0)
    head = content.read(HEAD)
    if head.startswith(AMR):
        return "amr"
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return "wav"
    if head[4:8] == b"ftyp":
        return "m4a" if _only_sound(content) else ""
    if head[:4] in (b"OggS", b"\x1a\x45\xdf\xa3"):
        content.seek(0)
        return _in_a_container(head[:4], content.read(EARLY))
    if (head[:3] == b"ID3" and head[3] in ID3_VERSIONS) or _frames(content):
        return "mp3"
    return ""


def _in_a_container(magic: bytes, start: bytes) -> str:
    """Ogg with sound as its first stream, or WebM with tracks of sound alone."""
    if magic == b"OggS":
        return "ogg" if any(start[28:60].startswith(voice) for voice in VOICES) else ""
    sound = b"A_OPUS" in start or b"A_VORBIS" in start
    return "webm" if b"webm" in start[:64] and sound and b"V_" not in start else ""


def _only_sound(content: IO[bytes]) -> bool:
    """Whether the index of an MP4 file names a track of sound, and none of pictures."""
    place, end = 0, content.seek(0, 2)
    for _ in range(MOST_BOXES):
        content.seek(place)
        head = content.read(2 * BOX)
        if len(head) < BOX:
            return False
        size, name = struct.unpack(">I4s", head[:BOX])
        if size == 1 and len(head) == 2 * BOX:
            size = int.from_bytes(head[BOX:], "big")
        if name == b"moov":
            content.seek(place)
            kinds = _handlers(content.read(min(size or MOST_INDEX, MOST_INDEX)))
            return b"soun" in kinds and b"vide" not in kinds
        if size < BOX or place + size > end:
            return False
        place += size
    return False


def _handlers(index: bytes) -> set[bytes]:
    """What the tracks of an MP4 file are handled by: eight bytes after each box `hdlr` begins."""
    kinds, at = set(), index.find(b"hdlr")
    while at >= 0:
        kinds.add(index[at + 12 : at + 16])
        at = index.find(b"hdlr", at + 4)
    return kinds


def _frames(content: IO[bytes]) -> bool:
    """Whether a file begins with two frames of MPEG sound, layer III: two bytes alone say too little."""
    content.seek(0)
    first = content.read(4)
    length = _frame(first)
    if not length:
        return False
    content.seek(length)
    return _frame(content.read(4)) > 0


def _frame(head: bytes) -> int:
    """The bytes of a frame with such a head; 0 where it is none."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return 0
    version, layer, rate, pitch = head[1] >> 3 & 3, head[1] >> 1 & 3, head[2] >> 4, head[2] >> 2 & 3
    if layer != 1 or version not in MPEG_SAMPLES or not 0 < rate < 15 or pitch == 3:
        return 0
    kilobits = MPEG_RATES[3 if version == 3 else 2][rate]
    return (144 if version == 3 else 72) * kilobits * 1000 // MPEG_SAMPLES[version][pitch] + (head[2] >> 1 & 1)
