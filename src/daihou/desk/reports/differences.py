"""What two versions of a report say differently: words with what was put in and taken out, figures as a list.

Texts are compared sentence by sentence, and only within what is short and changed sign by sign: so much work is done for the longest texts too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any, Final, Literal

from daihou.desk.reports.choices import PARTS, WORDS, Grade

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_TOKEN: Final = re.compile(r"[A-Za-z0-9]+|\s|.", re.DOTALL)
"""A Latin word or a number, else one sign: Chinese is told apart sign by sign."""
_SENTENCE: Final = re.compile(r"[^\n。！？；]*[\n。！？；]|[^\n。！？；]+")
MOST_SENTENCES: Final = 300
"""Of more that changed, on either side, all are told as changed."""
MOST_SIGNS: Final = 250
"""Of more in one place that changed, on either side, all are told as changed."""
Kind = Literal["same", "new", "gone"]


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text that is in both, only in the later, or only in the earlier."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Wording:
    """A text that differs."""

    label: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """A value that differs; empty where one of the two does not have it."""

    part: str
    label: str
    before: str
    after: str


def words(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Wording]:
    """The texts and the grade that differ, in the order of the document."""
    found = []
    for name, label in WORDS.items():
        old, new = str(before.get(name, "")), str(after.get(name, ""))
        if old != new:
            found.append(Wording(str(label), tuple(pieces(old, new))))
    grades = [str(one.get("grade", "")) for one in (before, after)]
    if grades[0] != grades[1]:
        told = [str(Grade(one).label) if one in Grade.values else one for one in grades]
        found.append(Wording(str(PARTS["grades"]), (Piece("gone", told[0]), Piece("new", told[1]))))
    return found


def pieces(old: str, new: str) -> Iterator[Piece]:
    """A text told by what is in both, and what is in one of them."""
    kind: Kind = "same"
    held: list[str] = []
    for each, text in _changed(old, new):
        if each != kind and held:
            yield Piece(kind, "".join(held))
            held = []
        kind = each
        held.append(text)
    if held:
        yield Piece(kind, "".join(held))


def _changed(old: str, new: str) -> Iterator[tuple[Kind, str]]:
    for gone, come in _told_apart(_SENTENCE.findall(old), _SENTENCE.findall(new), MOST_SENTENCES):
        if gone == come:
            yield "same", gone
            continue
        for one, other in _told_apart(_TOKEN.findall(gone), _TOKEN.findall(come), MOST_SIGNS):
            if one == other:
                yield "same", one
                continue
            if one:
                yield "gone", one
            if other:
                yield "new", other


def _told_apart(a: list[str], b: list[str], most: int) -> Iterator[tuple[str, str]]:
    """Runs of both, in order: the same text twice where they agree, else what stands in each.

    Between what they begin and end with alike, more than `most` are one run.
    """
    least = min(len(a), len(b))
    begin = next((at for at in range(least) if a[at] != b[at]), least)
    end = next((at for at in range(least - begin) if a[-1 - at] != b[-1 - at]), least - begin)
    if begin:
        yield ("".join(a[:begin]),) * 2
    mine, yours = a[begin : len(a) - end], b[begin : len(b) - end]
    if max(len(mine), len(yours)) > most:
        yield "".join(mine), "".join(yours)
    else:
        for _tag, from_a, to_a, from_b, to_b in SequenceMatcher(None, mine, yours, autojunk=False).get_opcodes():
            yield "".join(mine[from_a:to_a]), "".join(yours[from_b:to_b])
    if end:
        yield ("".join(a[len(a) - end :]),) * 2


def figures(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Figure]:
    """The values that differ, part by part."""
    old, new = _values(before), _values(after)
    return [
        Figure(str(PARTS.get(key[0], key[0])), key[1], old.get(key, ""), new.get(key, ""))
        for key in dict.fromkeys((*old, *new))
        if old.get(key, "") != new.get(key, "")
    ]


def _values(content: Mapping[str, Any]) -> dict[tuple[str, str], str]:
    """Every value of a document by its part and what it is called there."""
    found: dict[tuple[str, str], str] = {}
    for part in content.get("parts", ()):
        for label, value in _of_part(part):
            key, again = (part["id"], label), 1
            while key in found:
                again += 1
                key = (part["id"], f"{label} ({again})")
            found[key] = value
    return found


def _of_part(part: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if part["missing"]:
        yield "–", part["missing"]
    yield from (tuple(pair) for pair in part["pairs"])
    for table in part["tables"]:
        heads = [label for label, _numeric in table["heads"]]
        for first, *rest in table["rows"]:
            yield from ((f"{first} · {head}", cell) for head, cell in zip(heads[1:], rest, strict=True))
    for picture in part["pictures"]:
        yield picture["digest"][:12], picture["label"]
    for note in part["notes"]:
        yield "*", note
