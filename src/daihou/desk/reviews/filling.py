"""What the page of a sheet shows, and what comes back from it: answers as a browser sends them, read by the kind of their question."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext as _

from daihou.desk.governance import labels
from daihou.desk.reviews import doing, sheets
from daihou.reviews.forms.answers import check, progress, standing
from daihou.reviews.forms.as_json import client

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.http import QueryDict

    from daihou.desk.reviews.models import Piece, Sheet
    from daihou.reviews.forms.answers import Problem
    from daihou.reviews.forms.form import Form, PieceKind, Question

ASKED = "asked"
"""The field that names the questions a page showed: what was not on it keeps its answer."""
ACCEPTED: Final[dict[PieceKind, str]] = {
    "photo": "image/jpeg,image/png",
    "audio": "audio/*,.m4a,.mp3,.ogg,.webm,.wav,.amr",
    "pdf": "application/pdf",
}
"""What a browser lets choose for each kind of piece. That it says JPEG makes an iPhone turn HEIC into it."""
PLACE: Final = (("latitude", 90), ("longitude", 180), ("accuracy_m", 10_000_000))
"""The numbers of a location and their bounds: degrees, and metres of doubt."""
PLACE_DIGITS: Final = 6
"""A millionth of a degree is a decimetre."""


@dataclass(frozen=True, slots=True)
class Line:
    """A question as the page shows it."""

    question: Question
    label: str
    help: str
    unit: str
    value: Any
    """The answer as a control holds it: a text, a code, or a list of codes."""
    last: str
    """The answer of the last review, where it is compared; empty where there is none."""
    change: float | None
    """Against that, as a share."""
    choices: tuple[tuple[str, str], ...]
    """Codes and labels; of a rating 1 to 5."""
    asked: tuple[tuple[str, str], ...]
    """What pieces should show."""
    pieces: tuple[Piece, ...]
    problem: str
    dependent: bool
    """Whether it is there because of an earlier answer."""
    shown: bool
    """Whether it is asked now. What is not lies on the page all the same, so that without a network an answer can bring it in."""
    accept: str
    """The kinds of files that may be attached."""


@dataclass(frozen=True, slots=True)
class Part:
    """A section as the page shows it."""

    id: str
    title: str
    every: tuple[Line, ...]
    """All its questions."""
    answered: int
    required: int

    @property
    def lines(self) -> tuple[Line, ...]:
        """The questions that are asked now; where there are none, the section is not shown."""
        return tuple(line for line in self.every if line.shown)


def parts(sheet: Sheet, *, told: bool = False) -> list[Part]:
    """The sections with their questions. `told`: whether what is missing is said too, not only what is wrong."""
    form, unit, chinese = sheets.form_of(sheet), doing.unit(), labels.chinese()
    found = standing(form, sheet.answers, sheet.previous, amount_unit=unit)
    pieces: dict[str, list[Piece]] = {}
    for piece in sheet.pieces.all():
        pieces.setdefault(piece.question, []).append(piece)
    evidence = doing.evidence(sheet)
    wrong: dict[str, Problem] = {}
    for one in check(form, sheet.answers, sheet.previous, evidence, amount_unit=unit):
        if told or one.fault in ("wrong", "bounds", "reason"):
            wrong.setdefault(one.question, one)
    far = {one.section: one for one in progress(form, sheet.answers, sheet.previous, evidence, amount_unit=unit)}
    shown = {one.id for one in found.shown}

    def line(question: Question) -> Line:
        problem = wrong.get(question.id)
        last = sheet.previous.get(question.id) if question.compared else None
        steps = tuple((str(step + 1), text.of(chinese=chinese)) for step, text in enumerate(question.labels))
        return Line(
            question, question.text.of(chinese=chinese), question.help.of(chinese=chinese) if question.help else "",
            question.unit.of(chinese=chinese) if question.unit else "", _held(question, sheet.answers.get(question.id), unit),
            "" if last is None else str(_held(question, last, unit)), _share(found.values.get(f"{question.id}_change")),
            tuple((one.code, one.label.of(chinese=chinese)) for one in question.choices) or steps,
            tuple((one.code, one.label.of(chinese=chinese)) for one in question.evidence.asked) if question.evidence else (),
            tuple(pieces.get(question.id, ())), (problem.zh if chinese else problem.en) if problem else "", question.when is not None,
            question.id in shown, ",".join(ACCEPTED[kind] for kind in question.evidence.kinds) if question.evidence else "",
        )  # fmt: skip

    return [
        Part(
            section.id, section.title.of(chinese=chinese), tuple(line(one) for one in section.questions),
            far[section.id].answered, far[section.id].required,
        )
        for section in form.sections
    ]  # fmt: skip


def walked(sheet: Sheet) -> dict[str, Any]:
    """What the page's script needs to tell which questions are asked, with nobody to ask."""
    return {"unit": doing.unit(), "questions": walk_of(sheets.form_of(sheet), sheet.previous)}


def walk_of(form: Form, previous: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The questions of a form as that script walks them: conditions, choices, the last answers. No points and no findings."""
    kept = ("id", "kind", "when", "compare")
    return [
        {key: one[key] for key in kept if key in one}
        | ({"choices": [[each["code"], each.get("alone", False)] for each in one["choices"]]} if "choices" in one else {})
        | ({"last": previous[one["id"]]} if "compare" in one and one["id"] in previous else {})
        for section in client(form, "en")["sections"]
        for one in section["questions"]
    ]  # fmt: skip


def read(form: Form, post: QueryDict, stored: Mapping[str, Any]) -> dict[str, Any]:
    """The answers that a page sends, beside those it did not show. What cannot be read stays as it was typed, and is told as wrong."""
    answers = dict(stored)
    for name in post.getlist(ASKED):
        question = form.question(name)
        if question is None:
            continue
        sent = post.getlist(f"a.{name}")
        answer = sent if question.kind == "choices" else _answer(question, sent[-1].strip() if sent else "")
        if answer in ("", []):
            answers.pop(name, None)
        else:
            answers[name] = answer
    return answers


def _answer(question: Question, text: str) -> Any:
    match question.kind:
        case "yes_no":
            return {"yes": True, "no": False}.get(text, text)
        case "number" | "money" | "rating":
            try:
                number = Decimal(text.replace(",", "")) * (doing.unit() if question.kind == "money" else 1)
            except ArithmeticError:  # no number, or one beyond what Decimal holds
                return text
            if not number.is_finite() or abs(number) > 10**15:
                return text
            return int(number) if number == number.to_integral_value() else float(number)
        case "place":
            return _place(text)
    return text


def _place(text: str) -> dict[str, float] | str:
    """A location as a phone says it, in degrees and metres; what is none is left out, as it always may be."""
    try:
        stated = json.loads(text)
        found = {name: round(float(stated[name]), PLACE_DIGITS) for name, _most in PLACE}
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return ""
    return found if all(abs(found[name]) <= most for name, most in PLACE) and found["accuracy_m"] >= 0 else ""


def place_told(answer: Any) -> str:
    """A location in numbers; empty where there is none."""
    if not isinstance(answer, dict) or any(not isinstance(answer.get(name), int | float) for name, _most in PLACE):
        return ""
    return place_words().format(latitude=f"{answer['latitude']:.6f}", longitude=f"{answer['longitude']:.6f}", metres=f"{answer['accuracy_m']:.0f}")  # fmt: skip


def place_words() -> str:
    """How a location is told, with room for its numbers."""
    return _("{latitude}, {longitude}, accurate to {metres} m")


def _held(question: Question, answer: Any, unit: int) -> Any:
    """An answer as a control holds it."""
    if question.kind == "choices":
        return answer if isinstance(answer, list) else []
    if answer is None:
        return ""
    if question.kind == "place":
        return json.dumps(answer) if isinstance(answer, dict) else ""
    if question.kind == "yes_no":
        return {True: "yes", False: "no"}.get(answer, answer) if isinstance(answer, bool) else answer
    if question.kind == "money" and isinstance(answer, int):
        return f"{Decimal(answer) / unit:,f}"
    return str(answer)


def _share(value: Any) -> float | None:
    return value if isinstance(value, float) else None


def findings(sheet: Sheet) -> Sequence[tuple[str, str]]:
    """What a finished sheet found: labels with their levels."""
    form = sheets.form_of(sheet)
    named = {
        one.code: one.label.of(chinese=labels.chinese())
        for question in form.questions()
        for one in (*(each.finding for each in question.findings), *(choice.finding for choice in question.choices if choice.finding))
    }  # fmt: skip
    return [(named.get(code, code), level) for code, level in sheet.result.get("findings", ())]
