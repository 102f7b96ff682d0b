"""Answers given under one version of a form, carried to another: which still say the same, and which must be asked again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from daihou.reviews.forms.answers import fits, read_answer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from daihou.reviews.forms.form import Form

Cause = Literal["gone", "kind", "unit", "choice", "bounds"]
CAUSES: dict[Cause, tuple[str, str]] = {
    "gone": ("The question is not asked any more.", "新版检查表已无此题。"),
    "kind": ("The question is answered in another way now.", "此题的作答方式已变更，请重新填写。"),
    "unit": ("The question is answered in another unit now.", "此题的计量单位已变更，请重新填写。"),
    "choice": ("What was chosen is no choice any more.", "原选项已取消，请重新选择。"),
    "bounds": ("The answer is beyond the bounds now.", "原答案超出新版允许的范围，请重新填写。"),
}


@dataclass(frozen=True, slots=True)
class Again:
    """An answer that is not carried over, and why, in both languages. `gone` is kept by the review's history and asked no more; all else is to be asked again."""

    question: str
    cause: Cause
    en: str
    zh: str


@dataclass(frozen=True, slots=True)
class Carried:
    """The answers that stay, and those that do not, in the order of the old form."""

    answers: Mapping[str, Any]
    again: tuple[Again, ...]


def carried(old: Form, new: Form, answers: Any, *, amount_unit: int = 100) -> Carried:
    """The answers to `old` as answers to `new`. What could not be read before is left out in silence: nobody had answered it."""
    given = answers if isinstance(answers, dict) else {}
    kept: dict[str, Any] = {}
    again: list[Again] = []
    for question in old.questions():
        answer, _ = read_answer(question, given.get(question.id))
        if question.kind == "place":
            answer = given.get(question.id)
        if answer is None:
            continue
        cause: Cause | None = None
        asked = new.question(question.id)
        if asked is None:
            cause = "gone"
        elif asked.kind != question.kind:
            cause = "kind"
        elif asked.unit != question.unit:
            cause = "unit"
        elif read_answer(asked, answer)[1] is not None:
            cause = "choice"
        elif not fits(asked, answer, amount_unit=amount_unit):
            cause = "bounds"
        if cause is None:
            kept[question.id] = answer
        else:
            again.append(Again(question.id, cause, *CAUSES[cause]))
    return Carried(kept, tuple(again))
