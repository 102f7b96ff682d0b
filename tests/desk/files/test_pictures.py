"""Pictures are decoded before they are kept; recordings are told by what they hold; both come back in parts."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image, ImageFile

from daihou.desk.files import fitness, pictures, ranges, recordings
from daihou.desk.files.arriving import Arrived
from daihou.desk.files.errors import UnfitError
from desk.files_made import AMR, HEIC, MP3_FRAME, OGG, WEBM, box, mp4, noise, picture, sound


def kind(content: bytes, name: str = "a") -> tuple[str, str]:
    found = fitness.fit(Arrived(BytesIO(content), name, len(content), "0" * 64))
    return found.name, found.kind


def bomb(width: int, height: int) -> bytes:
    """A PNG that says it is of a size, and holds next to nothing."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\x00")) + chunk(b"IEND", b"")


def test_a_whole_picture_is_taken_by_what_it_is() -> None:
    assert kind(noise(), "门头.png") == ("门头.png.jpg", "image/jpeg")
    assert kind(picture("PNG", (1, 1)), "b.png") == ("b.png", "image/png")
    assert kind(picture("JPEG", (1, 1)) + bytes(7), "c.jpeg") == ("c.jpeg", "image/jpeg")


@pytest.mark.parametrize(
    "content",
    [
        noise()[:-900],
        noise()[: len(noise()) // 2],
        b"\xff\xd8\xff\xe0" + bytes(60),
        picture("PNG", (64, 64))[:-30],
        b"\x89PNG\r\n\x1a\n" + bytes(40),
        b"\xff\xd8\xff" + b"MZ\x90\x00" * 50,
        bomb(4, 4),
    ],
    ids=["jpeg without its end", "half a jpeg", "jpeg of nothing", "png without its end", "png of nothing", "a program behind a beginning", "too few rows"],
)  # fmt: skip
def test_what_only_begins_like_a_picture_is_refused(content: bytes, db: None) -> None:
    with pytest.raises(UnfitError, match="damaged or cut off"):
        kind(content)


def test_what_is_cut_off_is_refused_though_another_library_has_it_filled_up(
    monkeypatch: pytest.MonkeyPatch, db: None
) -> None:
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    content = picture()
    with pytest.raises(UnfitError):
        pictures.check(BytesIO(content[: len(content) // 2]), "jpg")
    assert ImageFile.LOAD_TRUNCATED_IMAGES


def large_jpeg(progressive: bool) -> bytes:
    """A JPEG of 42 million pixels of one grey."""
    held = BytesIO()
    Image.new("L", (7_000, 6_000)).save(held, "JPEG", progressive=progressive)
    return held.getvalue()


@pytest.mark.parametrize("side", [6_325, 10_001, 20_000, 60_000])
def test_a_picture_that_would_fill_the_memory_is_refused_before_it_is_decoded(side: int, db: None) -> None:
    assert len(bomb(side, side)) < 100
    with pytest.raises(UnfitError, match="more than 40 million pixels"):
        kind(bomb(side, side))


def test_what_cannot_be_decoded_by_an_eighth_may_be_less_large(db: None) -> None:
    assert kind(large_jpeg(progressive=False))[1] == "image/jpeg"
    with pytest.raises(UnfitError, match="more than 40 million pixels"):
        kind(large_jpeg(progressive=True))


def test_pictures_are_decoded_one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bool] = []
    load = ImageFile.ImageFile.load

    def watched(self: ImageFile.ImageFile) -> object:
        seen.append(pictures._ONE.locked())
        return load(self)

    monkeypatch.setattr(ImageFile.ImageFile, "load", watched)
    kind(picture())
    assert seen
    assert all(seen)
    assert not pictures._ONE.locked()


@pytest.mark.parametrize("brand", sorted(pictures.HEIC))
def test_pictures_that_the_desk_cannot_decode_are_refused_with_what_to_do(brand: bytes, db: None) -> None:
    with pytest.raises(UnfitError, match="Set the camera to JPEG"):
        kind(HEIC.replace(b"heic", brand, 1), "IMG_1.jpg")


@pytest.mark.parametrize(
    ("content", "name", "found"),
    [
        (mp4(b"soun"), "新录音 1.m4a", ("新录音 1.m4a", "audio/mp4")),
        (mp4(b"soun", brand=b"isom"), "a.mp4", ("a.mp4", "audio/mp4")),
        (mp4(b"soun", brand=b"3gp4"), "a.3gp", ("a.3gp", "audio/mp4")),
        (MP3_FRAME * 3, "a.mp3", ("a.mp3", "audio/mpeg")),
        (b"ID3\x03\x00" + bytes(50), "a", ("a.mp3", "audio/mpeg")),
        (OGG, "a.opus", ("a.opus", "audio/ogg")),
        (WEBM, "a.webm", ("a.webm", "audio/webm")),
        (sound(), "a.wav", ("a.wav", "audio/wav")),
        (AMR, "a.amr", ("a.amr", "audio/amr")),
    ],
)
def test_recordings_of_phones_are_taken(content: bytes, name: str, found: tuple[str, str]) -> None:
    assert kind(content, name) == found


def test_each_kind_of_recording_is_tried_above() -> None:
    assert set(recordings.KINDS) == {"m4a", "mp3", "ogg", "webm", "wav", "amr"}


@pytest.mark.parametrize(
    "content",
    [
        mp4(b"soun", b"vide"),
        mp4(b"vide"),
        mp4(),
        box(b"ftyp", b"M4A " + bytes(8)) + box(b"mdat", bytes(99)),
        box(b"ftyp", b"M4A " + bytes(8)) + struct.pack(">I4s", 2**31, b"mdat"),
        WEBM + b"V_VP8" + bytes(9),
        OGG.replace(b"OpusHead", b"\x80theora"),
        MP3_FRAME + bytes(500),
        b"RIFF" + bytes(4) + b"AVI " + bytes(50),
    ],
    ids=["film", "film without sound", "no track", "no index", "a box beyond the end", "film in webm", "film in ogg", "one frame alone", "film in avi"],
)  # fmt: skip
def test_films_and_what_only_begins_like_a_recording_are_not_taken(content: bytes, db: None) -> None:
    with pytest.raises(UnfitError, match="not taken"):
        kind(content, "a.mp3")


def test_a_text_that_begins_like_a_recording_stays_a_text() -> None:
    assert kind(b"ID3,name\n1,x\n", "a.csv") == ("a.csv", "text/csv")


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("bytes=0-", (0, 10)),
        ("bytes=2-4", (2, 5)),
        ("bytes=8-99", (8, 10)),
        ("bytes=-3", (7, 10)),
        ("bytes=-99", (0, 10)),
        ("bytes=-0", None),
        ("bytes=10-", None),
        ("bytes=5-2", None),
        ("bytes=-", None),
        ("bytes=0-1,3-4", None),
        ("lines=1-2", None),
        ("", None),
    ],
)
def test_a_range_is_what_there_is_of_it(header: str, found: tuple[int, int] | None) -> None:
    assert ranges.asked(header, 10) == found
