"""A form as the phone's page takes it: texts in one language, condition trees, bounds.

Points and findings stay on the server: who answers does not see what an answer brings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from daihou.reviews.forms.form import CHARACTERS, PIECES

if TYPE_CHECKING:
    from decimal import Decimal

    from daihou.reviews.forms.form import Evidence, Form, Question, Text

Language = Literal["en", "zh"]


def client(form: Form, language: Language) -> dict[str, Any]:
    """The form as plain JSON; what a question does not have is left out. The grammar of `when` is that of `conditions`; bounds of money are in units of the currency."""
    chinese = language == "zh"
    return {
        "form": form.id,
        "number": form.number,
        "digest": form.digest,
        "title": form.title.of(chinese=chinese),
        "two_people": form.two_people,
        "onsite": form.onsite,
        "sections": [
            {
                "id": section.id,
                "title": section.title.of(chinese=chinese),
                "questions": [_question(one, chinese=chinese) for one in section.questions],
            }
            for section in form.sections
        ],
    }


def _question(question: Question, *, chinese: bool) -> dict[str, Any]:
    said: dict[str, Any] = {
        "id": question.id,
        "kind": question.kind,
        "label": question.text.of(chinese=chinese),
        "required": question.required,
    }
    optional: dict[str, Any] = {
        "help": _said(question.help, chinese=chinese),
        "when": None if question.when is None else question.when.tree,
        "measures": list(question.measures),
        "choices": [
            {"code": one.code, "label": one.label.of(chinese=chinese)} | ({"alone": True} if one.alone else {})
            for one in question.choices
        ],
        "least": _number(question.least),
        "most": CHARACTERS if question.kind == "text" and question.most is None else _number(question.most),
        "whole": question.whole or None,
        "unit": _said(question.unit, chinese=chinese),
        "compare": "last" if question.compared else None,
        "needs_reason": [
            {"direction": one.direction, "share": one.share, "told_in": one.told_in} for one in question.reasons
        ],
        "labels": [one.of(chinese=chinese) for one in question.labels],
        "evidence": None if question.evidence is None else _evidence(question.evidence, chinese=chinese),
    }
    return said | {key: value for key, value in optional.items() if value is not None and value != []}


def _said(text: Text | None, *, chinese: bool) -> str | None:
    return None if text is None else text.of(chinese=chinese)


def _number(value: Decimal | None) -> float | None:
    return None if value is None else int(value) if value == value.to_integral_value() else float(value)


def _evidence(evidence: Evidence, *, chinese: bool) -> dict[str, Any]:
    return {
        "least": evidence.least,
        "kinds": [one for one in PIECES if one in evidence.kinds],
        "asked": [{"code": one.code, "label": one.label.of(chinese=chinese)} for one in evidence.asked],
    }
