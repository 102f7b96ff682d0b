"""What the codes of models are called on pages, and in which colour they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from daihou.runs.scores import register
from daihou.runs.scores.validate import segment_names

if TYPE_CHECKING:
    from collections.abc import Mapping

    from daihou.assessment.validation.said import Said
    from daihou.book.errors import DaihouError
    from daihou.runs.scores.register import Version

STANDINGS: Final[Mapping[str, tuple[Any, str]]] = {
    "trained": (pgettext_lazy("standing of a model", "Trained"), ""),
    "waits": (pgettext_lazy("standing of a model", "Waits for approval"), "yellow"),
    "returned": (pgettext_lazy("standing of a model", "Returned"), "orange"),
    "coming": (pgettext_lazy("standing of a model", "Approved, begins later"), "blue"),
    "shadow": (pgettext_lazy("standing of a model", "Shadow"), "blue"),
    "champion": (pgettext_lazy("standing of a model", "Champion"), "green"),
    "replaced": (pgettext_lazy("standing of a model", "Replaced"), ""),
    "retired": (pgettext_lazy("standing of a model", "Retired"), ""),
}
"""How a version stands: its label and colour."""
KINDS: Final[Mapping[str, Any]] = {
    "card": pgettext_lazy("kind of a model", "Scorecard"),
    "trees": pgettext_lazy("kind of a model", "Boosted trees"),
}
ROLES: Final[Mapping[str, Any]] = {
    "champion": pgettext_lazy("standing of a model", "Champion"),
    "shadow": pgettext_lazy("standing of a model", "Shadow"),
}
SUBJECTS: Final[Mapping[str, Any]] = {
    "loan": pgettext_lazy("subject of a rule", "Loan"),
    "borrower": pgettext_lazy("subject of a rule", "Borrower"),
}
PARTS: Final[Mapping[str, Any]] = {
    "train": pgettext_lazy("part of a sample", "Training"),
    "test": pgettext_lazy("part of a sample", "Out of sample"),
    "later": pgettext_lazy("part of a sample", "Out of time"),
}
LIGHTS: Final[Mapping[str, tuple[Any, str]]] = {
    "green": (pgettext_lazy("traffic light", "green"), "green"),
    "yellow": (pgettext_lazy("traffic light", "yellow"), "yellow"),
    "amber": (pgettext_lazy("traffic light", "yellow"), "yellow"),
    "red": (pgettext_lazy("traffic light", "red"), "red"),
}
"""Of the stability index amber and of the traffic light yellow are one colour."""
LEVELS: Final[Mapping[str, tuple[Any, str]]] = {
    "good": (pgettext_lazy("level of a finding", "Good"), "green"),
    "attention": (pgettext_lazy("level of a finding", "Attention"), "yellow"),
    "serious": (pgettext_lazy("level of a finding", "Serious"), "red"),
}
EVENTS: Final[Mapping[str, Any]] = {
    "trained": pgettext_lazy("step of a model", "Trained"),
    "validated": pgettext_lazy("step of a model", "Validated"),
    "approved": pgettext_lazy("step of a model", "Approved"),
    "returned": pgettext_lazy("step of a model", "Returned"),
    "retired": pgettext_lazy("step of a model", "Retired"),
}
ORIGINS: Final[Mapping[str, Any]] = {
    "desk": pgettext_lazy("where a step was taken", "at the desk"),
    "command": pgettext_lazy("where a step was taken", "by command"),
}
KNOWLEDGE: Final[Mapping[str, Any]] = {
    "recorded": _("recorded: each fact with the day on which it was known"),
    "assumed": _("assumed from the facts' own dates"),
    "mixed": _("partly recorded, partly assumed from the facts' own dates"),
}
METHODS: Final[Mapping[str, Any]] = {"platt": _("Logistic (Platt)"), "isotonic": _("Isotonic")}
SEEN: Final[Mapping[str, Any]] = {"any": _("at any month end of the window"), "end": _("at the window's end")}


def chinese() -> bool:
    """Whether pages are shown in Chinese."""
    return (get_language() or "").startswith("zh")


def told(error: DaihouError) -> tuple[str, str]:
    """What is wrong and what to do, in the language of the page."""
    return error.zh if chinese() else (error.message, error.remedy)


def said(text: Said) -> str:
    """A text of both languages in that of the page."""
    return text.said(chinese=chinese())


def inputs(version: Version) -> dict[str, str]:
    """What the inputs of a version are called."""
    return {one.name: one.label(chinese=chinese()) for one in register.model(settings.HOME, version).inputs}


def segments(version: Version) -> dict[str, str]:
    """What the codes of its segment are called; those without a name of their own stay out."""
    names = segment_names(register.model(settings.HOME, version))
    return {code: said(name) for code, name in names.items()}
