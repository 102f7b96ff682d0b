"""A design before it is trained: those that ship to begin with, and everything that is wrong with one, each at its key."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _

from daihou.assessment.scores import design as designs
from daihou.book.errors import DaihouError
from daihou.desk.scoring import labels
from daihou.runs.scores import asked
from daihou.runs.scores.suited import suited


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is wrong: where, what, and what to do."""

    key: str
    message: str
    remedy: str


def shipped() -> dict[str, str]:
    """The designs that ship for the lender's kind, by id, with the dates that its runs allow."""
    return dict(suited(settings.HOME))


def named(text: str) -> tuple[str, str]:
    """The id and the name of a design that can be read; its place among those that ship is enough where it cannot."""
    try:
        found = designs.read(text, "")
    except DaihouError:
        return "", ""
    return found.id, found.name.zh if labels.chinese() else found.name.en


def faults(text: str) -> list[Fault]:
    """Everything that is wrong with a design; empty of one that can be trained from here."""
    found = designs.faults(text, "") or asked.faults(designs.read(text, ""), "")
    if found:
        return [_fault(error) for error in found]
    if designs.read(text, "").table is not None:
        return [
            Fault(
                "table",
                _("This design takes its sample from a file."),
                _("Train it by command: `daihou models train DESIGN --data FILE`."),
            )
        ]
    return []


def _fault(error: DaihouError) -> Fault:
    message, remedy = labels.told(error)
    key = error.place.removeprefix(", ")
    return Fault(key, message.removeprefix(f"{key}:").removeprefix(f"{key}：").strip() if key else message, remedy)
