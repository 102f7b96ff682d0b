"""Answers for hypothesis to draw: such as fit a form, and any JSON at all."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

from hypothesis import strategies as st

from daihou.reviews.forms.answers import Piece
from daihou.reviews.forms.form import PIECES

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from daihou.reviews.forms.form import Form, Question

ANY: Final[SearchStrategy[Any]] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just(10**400),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
MONEY: Final = st.sampled_from([0, 1, 5_000_000, 9_000_000, 10_000_000, 12_000_000, 30_000_000]) | st.integers(
    0, 10**10
)


def fitting(question: Question) -> SearchStrategy[Any]:
    """An answer of the question's kind, within its bounds or not."""
    codes = [one.code for one in question.choices]
    match question.kind:
        case "choice":
            return st.sampled_from(codes)
        case "choices":
            together = [one.code for one in question.choices if not one.alone]
            alone = [[one.code] for one in question.choices if one.alone]
            several = st.lists(st.sampled_from(together), min_size=1, unique=True)
            return several | st.sampled_from(alone) if alone else several
        case "yes_no":
            return st.booleans()
        case "number":
            return st.integers(0, 60) | st.floats(0, 60)
        case "money":
            return MONEY
        case "rating":
            return st.integers(1, 5)
        case "date":
            return st.dates(dt.date(2020, 1, 1), dt.date(2030, 1, 1)).map(dt.date.isoformat)
        case "text":
            return st.text(min_size=1, max_size=5).filter(lambda text: bool(text.strip()))
    return st.none()


def good(form: Form) -> SearchStrategy[dict[str, Any]]:
    """Answers of the right kinds to some of the questions, hidden ones too."""
    return st.fixed_dictionaries({}, optional={one.id: fitting(one) for one in form.questions()})


def bad(form: Form) -> SearchStrategy[Any]:
    """Whatever may come: right and wrong answers mixed, and things that are no answers at all."""
    mixed = st.fixed_dictionaries({}, optional={one.id: fitting(one) | ANY for one in form.questions()})
    return mixed | ANY


def pieces(form: Form) -> SearchStrategy[dict[str, list[Piece]]]:
    """Attachments of some questions."""
    one = st.builds(Piece, st.sampled_from(PIECES), st.sampled_from(["", "front", "stock", "strange"]))
    asked = [question.id for question in form.questions() if question.evidence is not None]
    return st.fixed_dictionaries({}, optional={name: st.lists(one, max_size=4) for name in asked})
