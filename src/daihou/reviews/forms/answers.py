"""Answers against a form: which questions are shown, what is wrong or missing, and how far the work is. Any JSON may come; none of it raises.

An answer is, by kind of question: `choice` a code, `choices` a list of codes, `yes_no` true or false, `number` a number, `money` a whole number of
minor units, `date` a text like 2026-03-14, `text` a text, `rating` 1 to 5. An empty text or list and null are no answer. `place` takes what the phone
says and is not judged; attachments are not answers but pieces of evidence.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from daihou.reviews.forms.conditions import CHANGE, holds
from daihou.reviews.forms.form import CHARACTERS, COUNTED, STEPS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from daihou.reviews.forms.conditions import Value
    from daihou.reviews.forms.form import Evidence, Form, PieceKind, Question

Fault = Literal["missing", "wrong", "bounds", "reason", "evidence", "shown"]
LARGEST: Final = 2**53 - 1
"""Beyond this a browser's whole numbers are not exact."""


@dataclass(frozen=True, slots=True)
class Piece:
    """An attachment of a question. `shows`: the code of what is on it, as whoever took it said; empty where that was not said."""

    kind: PieceKind
    shows: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with an answer, told in both languages. The review cannot be finished while one is blocking."""

    question: str
    fault: Fault
    en: str
    zh: str
    blocking: bool = True


@dataclass(frozen=True, slots=True)
class Progress:
    """Questions of a section that must be answered, and how many of them are."""

    section: str
    answered: int
    required: int


@dataclass(frozen=True, slots=True)
class Standing:
    """A form with the answers given so far.

    `shown`: the questions that are asked. `answers`: the answers to these that can be read. `faults`: why others cannot, in both languages. `values`:
    the columns that conditions see.
    """

    shown: tuple[Question, ...]
    answers: Mapping[str, Any]
    faults: Mapping[str, tuple[str, str]]
    values: Mapping[str, Value]


def standing(form: Form, answers: Any, previous: Any, *, amount_unit: int = 100) -> Standing:
    """Walk the form: a question is shown where its condition holds of what was shown and answered before it.

    `previous`: those answers of the last review of the same subject that counted (`Standing.answers` of it); another form may have asked for them.
    """
    given, before = (one if isinstance(one, dict) else {} for one in (answers, previous))
    seen: list[Question] = []
    read: dict[str, Any] = {}
    faults: dict[str, tuple[str, str]] = {}
    values: dict[str, Value] = {}
    for question in form.questions():
        if question.when is not None and holds(question.when.tree, values, amount_unit=amount_unit) is not True:
            continue
        seen.append(question)
        answer, fault = read_answer(question, given.get(question.id))
        if fault is not None:
            faults[question.id] = fault
        elif answer is not None:
            read[question.id] = answer
            values.update(_filled(question, answer, before.get(question.id)))
    return Standing(tuple(seen), read, faults, values)


def shown(form: Form, answers: Any, previous: Any, *, amount_unit: int = 100) -> tuple[str, ...]:
    """The ids of the questions that are asked, in their order."""
    return tuple(one.id for one in standing(form, answers, previous, amount_unit=amount_unit).shown)


def check(
    form: Form, answers: Any, previous: Any, evidence: Mapping[str, Sequence[Piece]], *, amount_unit: int = 100
) -> list[Problem]:
    """What is wrong, in the order of the form. What is hidden is not looked at.

    `evidence`: the attachments by question; `amount_unit`: minor units of one unit of the currency.
    """
    found = standing(form, answers, previous, amount_unit=amount_unit)
    problems: list[Problem] = []
    for question in found.shown:
        if question.evidence is not None:
            problems.extend(_lacking(question, question.evidence, evidence.get(question.id, ())))
        elif question.id in found.faults:
            problems.append(Problem(question.id, "wrong", *found.faults[question.id]))
        elif question.id in found.answers:
            problems.extend(_beyond(question, found.answers[question.id], amount_unit))
        elif question.required:
            problems.append(Problem(question.id, "missing", "This must be answered.", "本题必填。"))
        problems.extend(_unexplained(question, found))
    return problems


def progress(
    form: Form, answers: Any, previous: Any, evidence: Mapping[str, Sequence[Piece]], *, amount_unit: int = 100
) -> list[Progress]:
    """How many of the questions that must be answered are, by section; attachments count where at least one is asked for."""
    found = standing(form, answers, previous, amount_unit=amount_unit)
    asked = {one.id for one in found.shown if one.required or (one.evidence is not None and one.evidence.least > 0)}
    done = {
        question.id
        for question in found.shown
        if question.id in found.answers
        or (question.evidence is not None and not any(_too_few(question.evidence, evidence.get(question.id, ()))))
    }
    return [
        Progress(
            section.id,
            sum(one.id in asked & done for one in section.questions),
            sum(one.id in asked for one in section.questions),
        )
        for section in form.sections
    ]


def read_answer(question: Question, stated: Any) -> tuple[Any, tuple[str, str] | None]:
    """An answer as it counts, None for none; or why it cannot be read, in both languages."""
    if stated is None or stated in ("", []) or (isinstance(stated, str) and not stated.strip()):
        return None, None
    match question.kind:
        case "choice":
            if isinstance(stated, str) and question.choice(stated):
                return stated, None
            return None, ("This is none of the choices.", "所填内容不在选项中。")
        case "choices":
            return _several(question, stated)
        case "yes_no":
            return _if(stated, isinstance(stated, bool), ("Answer yes or no.", "请选择是或否。"))
        case "number":
            return _if(stated, _is_number(stated), ("Write a number.", "请填写数字。"))
        case "money":
            return _if(stated, _is_whole(stated), ("Write an amount.", "请填写金额。"))
        case "rating":
            fits = _is_whole(stated) and 1 <= stated <= STEPS
            return _if(stated, fits, (f"Rate from 1 to {STEPS}.", f"请评 1 至 {STEPS} 分。"))
        case "date":
            return _if(stated, _is_day(stated), ("Write a date.", "请填写有效日期。"))
        case "text":
            return _if(stated, isinstance(stated, str), ("Write a text.", "请填写文字。"))
    return None, None


def change(answer: float, last: Any) -> float | None:
    """How much an answer is above (below 0: below) the last one, as a share of that; None where there is none above 0 to compare it with."""
    if not _is_number(last) or last <= 0:
        return None
    return (float(answer) - float(last)) / float(last)


def fits(question: Question, answer: Any, *, amount_unit: int = 100) -> bool:
    """Whether an answer that can be read keeps the bounds of its question."""
    return not any(_beyond(question, answer, amount_unit))


def _filled(question: Question, answer: Any, last: Any) -> Iterator[tuple[str, Value]]:
    """The columns that an answer fills."""
    if question.kind == "choices":
        for choice in question.choices:
            yield f"{question.id}.{choice.code}", choice.code in answer
        return
    yield question.id, answer
    if question.compared:
        yield f"{question.id}{CHANGE}", change(answer, last)


def _several(question: Question, stated: Any) -> tuple[Any, tuple[str, str] | None]:
    if not isinstance(stated, list) or not all(isinstance(one, str) and question.choice(one) for one in stated):
        return None, ("Something chosen is none of the choices.", "所选内容不在选项中。")
    chosen = [one for one in question.choices if one.code in stated]
    alone = next((one for one in chosen if one.alone), None)
    if alone is not None and len(chosen) > 1:
        return None, (f"'{alone.label.en}' goes with no other choice.", f"“{alone.label.zh}”不能与其他选项同时选择。")
    return [one.code for one in chosen], None


def _if(stated: Any, fits: object, fault: tuple[str, str]) -> tuple[Any, tuple[str, str] | None]:
    return (stated, None) if fits else (None, fault)


def _is_whole(stated: Any) -> bool:
    return type(stated) is int and abs(stated) <= LARGEST


def _is_number(stated: Any) -> bool:
    return _is_whole(stated) or (type(stated) is float and math.isfinite(stated) and abs(stated) <= LARGEST)


def _is_day(stated: Any) -> bool:
    if not isinstance(stated, str) or len(stated) != len("2026-01-01") or not stated.isascii():
        return False
    try:
        return dt.date.fromisoformat(stated).isoformat() == stated
    except ValueError:
        return False


def _beyond(question: Question, answer: Any, amount_unit: int) -> Iterator[Problem]:
    """Bounds that an answer leaves."""
    if question.kind == "text":
        most = CHARACTERS if question.most is None else int(question.most)
        if len(answer) > most:
            yield Problem(question.id, "bounds", f"At most {most} characters.", f"最多 {most} 个字。")
        return
    if question.kind not in COUNTED:
        return
    unit = amount_unit if question.kind == "money" else 1
    if question.least is not None and answer < question.least * unit:
        yield Problem(question.id, "bounds", f"At least {question.least:,f}.", f"不得小于 {question.least:,f}。")
    if question.most is not None and answer > question.most * unit:
        yield Problem(question.id, "bounds", f"At most {question.most:,f}.", f"不得大于 {question.most:,f}。")
    if question.whole and answer != int(answer):
        yield Problem(question.id, "bounds", "Write a whole number.", "请填写整数。")


def _unexplained(question: Question, found: Standing) -> Iterator[Problem]:
    """Changes since the last answer that need a reason, where the question for it is shown and not answered."""
    moved = found.values.get(f"{question.id}{CHANGE}")
    if not isinstance(moved, float):
        return
    for reason in question.reasons:
        far = moved < -reason.share if reason.direction == "fall" else moved > reason.share
        asked = any(one.id == reason.told_in for one in found.shown)
        if far and asked and reason.told_in not in found.answers:
            fell = reason.direction == "fall"
            en = f"{'Fell' if fell else 'Rose'} by {abs(moved):.1%} since the last review: say why."
            zh = f"较上次{'下降' if fell else '上升'} {abs(moved):.1%}，请填写原因。"
            yield Problem(question.id, "reason", en, zh)


def _lacking(question: Question, asked: Evidence, pieces: Sequence[Piece]) -> Iterator[Problem]:
    """Attachments that are missing; that something asked for is on none of them does not block."""
    for en, zh in _too_few(asked, pieces):
        yield Problem(question.id, "evidence", en, zh)
    there = {one.shows for one in pieces}
    for one in asked.asked:
        if pieces and one.code not in there:
            en, zh = f"Nothing shows yet: {one.label.en}.", f"尚无附件标明：{one.label.zh}。"
            yield Problem(question.id, "shown", en, zh, blocking=False)


def _too_few(asked: Evidence, pieces: Sequence[Piece]) -> Iterator[tuple[str, str]]:
    """What is said where there are too few; pieces of another kind do not count."""
    count = sum(one.kind in asked.kinds for one in pieces)
    if count < asked.least:
        photos = asked.kinds == ("photo",)
        en = f"At least {asked.least} {'photos' if photos else 'attachments'}; {count} so far."
        yield en, f"至少 {asked.least} {'张照片' if photos else '份附件'}，现有 {count} {'张' if photos else '份'}。"
