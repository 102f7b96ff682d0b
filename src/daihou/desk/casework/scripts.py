"""The script a collector sees: the one that fits the case and the person spoken to, with the figures of now in their places."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.utils import timezone

from daihou.desk import house
from daihou.desk.portfolio.columns import chinese
from daihou.policies.scripts import Scripts, scripts

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Mapping


PLACE: Final = re.compile(r"\{(\w+)\}")
DASH: Final = "–"


@dataclass(frozen=True, slots=True)
class Said:
    """A piece of a sentence; `figure`: it stands for a value and is shown strong."""

    text: str
    figure: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A step: what it is called, what is said, what the collector minds."""

    code: str
    title: str
    said: tuple[Said, ...]
    remark: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A script as it is read out. `limited`: nothing of a debt may be said."""

    code: str
    title: str
    limited: bool
    lines: tuple[Line, ...]


def policy(day: dt.date | None = None) -> Scripts:
    """The scripts that hold on a day, else today; DaihouError names the file and the key that is wrong."""
    return house.dated("scripts", scripts).on(day or timezone.localdate()).values


def shown(stage: str, party: str, situations: Collection[str], values: Mapping[str, str]) -> Shown:
    """The script for a stage, a party and what holds, in the reader's language. A value that is not known is a dash."""
    found = policy().fitting(stage, party, situations)
    zh = chinese()
    lines = tuple(
        Line(
            step.code, step.title_zh if zh else step.title_en, filled(step.zh if zh else step.en, values),
            "".join(piece.text for piece in filled(step.remark_zh if zh else step.remark_en, values)),
        )
        for step in found.steps
    )  # fmt: skip
    return Shown(found.code, found.title_zh if zh else found.title_en, found.limited, lines)


def filled(text: str, values: Mapping[str, str]) -> tuple[Said, ...]:
    """A text with its placeholders filled, in pieces, so that a page can show figures strong without trusting them as markup."""
    pieces: list[Said] = []
    at = 0
    for found in PLACE.finditer(text):
        if found.start() > at:
            pieces.append(Said(text[at : found.start()], figure=False))
        pieces.append(Said(values.get(found[1], "") or DASH, figure=True))
        at = found.end()
    if at < len(text):
        pieces.append(Said(text[at:], figure=False))
    return tuple(pieces)
