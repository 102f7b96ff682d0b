"""Every text of the desk has its Chinese, in the catalogue of some app; and no catalogue holds what nobody says."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

if TYPE_CHECKING:
    from collections.abc import Iterator

DESK: Final = Path("src/daihou/desk")
KEYWORDS: Final[dict[str, Any]] = {
    "_": None, "gettext": None, "gettext_lazy": None, "gettext_noop": None,
    "ngettext": (1, 2), "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3), "npgettext_lazy": ((1, "c"), 2, 3),
}  # fmt: skip
PLACEHOLDER: Final = re.compile(r"%\((\w+)\)[sd]|\{(\w+)\}")

Text = tuple[str, str]
"""The context, or '', and the text itself, in the singular."""


def said() -> dict[Text, str]:
    """Every text in Python and templates of the desk, and where it is first said."""
    found: dict[Text, str] = {}
    for file in sorted(DESK.rglob("*.py")):
        for text in _texts(file.read_bytes()):
            found.setdefault(text, str(file))
    for file in sorted((*DESK.rglob("templates/**/*.html"), *DESK.rglob("templates/**/*.txt"))):
        python = templatize(file.read_text("utf-8"), origin=str(file))
        for text in _texts("\n".join(line.strip() for line in python.splitlines()).encode()):
            found.setdefault(text, str(file))
    return found


def _texts(source: bytes) -> Iterator[Text]:
    for _line, message, _comments, context in extract("python", io.BytesIO(source), KEYWORDS):
        singular = message[0] if isinstance(message, tuple | list) else message
        yield context or "", singular


def catalogues() -> list[Path]:
    """The Chinese catalogues of the desk and its apps."""
    return sorted(DESK.rglob("locale/zh_Hans/LC_MESSAGES/*.po"))


def translated() -> dict[Text, tuple[Any, Path]]:
    """Every message of the catalogues."""
    found: dict[Text, tuple[Any, Path]] = {}
    for file in catalogues():
        for message in read_po(io.BytesIO(file.read_bytes()), locale="zh_Hans", abort_invalid=True):
            if message.id:
                singular = message.id[0] if isinstance(message.id, tuple | list) else message.id
                found.setdefault((message.context or "", singular), (message, file))
    return found


def _words(value: Any) -> list[str]:
    return [str(one) for one in value] if isinstance(value, tuple | list) else [str(value)]


def _placeholders(words: str) -> list[str]:
    return sorted(first or second for first, second in PLACEHOLDER.findall(words))


def test_every_text_is_translated() -> None:
    done = translated()
    missing = {
        text: place for text, place in said().items() if text not in done or not all(_words(done[text][0].string))
    }
    assert not missing


def test_nothing_is_translated_that_nobody_says() -> None:
    texts = said()
    assert not {text: str(file) for text, (_, file) in translated().items() if text not in texts}


def test_one_text_has_one_translation() -> None:
    first: dict[Text, str] = {}
    for file in catalogues():
        for message in read_po(io.BytesIO(file.read_bytes()), locale="zh_Hans"):
            if message.id:
                text = (message.context or "", _words(message.id)[0])
                words = " ".join(_words(message.string))
                assert first.setdefault(text, words) == words, f"{file}: {text} is said otherwise elsewhere"


@pytest.mark.parametrize("file", catalogues(), ids=lambda file: file.parts[-5])
def test_translations_are_finished_and_keep_their_placeholders(file: Path) -> None:
    catalogue = read_po(io.BytesIO(file.read_bytes()), locale="zh_Hans", abort_invalid=True)
    assert not catalogue.obsolete
    for message in catalogue:
        if message.id:
            assert not message.fuzzy, message.id
            expected = _placeholders(_words(message.id)[-1])
            assert all(_placeholders(words) == expected for words in _words(message.string)), message.id
            ends = [words.rstrip()[-1:] for words in (_words(message.id)[0], *_words(message.string))]
            assert ends[0] != "." or all(end in "。？！" for end in ends[1:]), f"{message.id}: a sentence ends as one"
