"""Which rules can be tried on the book of past dates: those on what facts tell of. Models have scores from the day they score, and no earlier ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from daihou.book.errors import DaihouError
from daihou.warning.rule import OF_BOOK, SUBJECTS

if TYPE_CHECKING:
    from daihou.warning.rule import Rule


WITHOUT: Final = frozenset(SUBJECTS) - frozenset(OF_BOOK)


def has_past(subject: str) -> bool:
    """Whether a subject can be walked back over; what is not stated yet may be one that can."""
    return subject not in WITHOUT


def must_have_past(rule: Rule) -> None:
    """DaihouError where the subject of a rule cannot be."""
    if not has_past(rule.subject):
        raise no_past(rule.id)


def no_past(rule_id: str) -> DaihouError:
    """That a rule watches models, and what says more of them."""
    return DaihouError(
        f"Rule {rule_id} watches models. Rules on models are watched, not backtested: what a model did on past dates is told by its validation.",
        "Read the model's validation report, or let the version run in shadow to see what it says night by night.",
        rule_id,
        zh=(
            f"规则 {rule_id} 监测的是评分模型。模型类规则只做日常监测，不支持回测；模型在历史日期上的表现以验证报告为准。",
            "请查阅模型验证报告，或将该版本影子运行，逐日观察其结果。",
        ),
    )
