"""What the codes of rules are called on pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from daihou.warning.rule import owner_said

if TYPE_CHECKING:
    from collections.abc import Mapping

    from daihou.book.errors import DaihouError
    from daihou.warning.rule import Text

TOPICS: Final[Mapping[str, Any]] = {
    "arrears": pgettext_lazy("topic of a rule", "Arrears"),
    "behaviour": pgettext_lazy("topic of a rule", "Payment behaviour"),
    "terms": pgettext_lazy("topic of a rule", "Terms"),
    "cash_flow": pgettext_lazy("topic of a rule", "Cash flow"),
    "events": pgettext_lazy("topic of a rule", "Events"),
    "borrower": pgettext_lazy("topic of a rule", "Borrower as a whole"),
    "market": pgettext_lazy("topic of a rule", "Market"),
    "model": pgettext_lazy("topic of a rule", "Scoring models"),
}
SUBJECTS: Final[Mapping[str, Any]] = {
    "loan": pgettext_lazy("subject of a rule", "Loan"),
    "borrower": pgettext_lazy("subject of a rule", "Borrower"),
    "model": pgettext_lazy("subject of a rule", "Model"),
}
LEVELS: Final[Mapping[str, Any]] = {
    "red": pgettext_lazy("level of a warning", "Red"),
    "orange": pgettext_lazy("level of a warning", "Orange"),
    "yellow": pgettext_lazy("level of a warning", "Yellow"),
    "blue": pgettext_lazy("level of a warning", "Blue"),
}
RECIPIENTS: Final[Mapping[str, Any]] = {
    "officer": pgettext_lazy("gets a warning", "Credit officer"),
    "branch_manager": pgettext_lazy("gets a warning", "Branch manager"),
    "head_office": pgettext_lazy("gets a warning", "Head office"),
    "collector": pgettext_lazy("gets a warning", "Collector"),
    "analyst": pgettext_lazy("gets a warning", "Risk analyst"),
}
FIELDS: Final[Mapping[str, Any]] = {
    "id": _("Rule number"),
    "name_zh": _("Name in Chinese"),
    "name_en": _("Name in English"),
    "topic": _("Topic"),
    "subject": _("Watches"),
    "number": pgettext_lazy("of a rule", "Version"),
    "from": _("In force from"),
    "shadow_from": _("In shadow from"),
    "retired": _("Ends the rule"),
    "owner": _("Owner"),
    "level": pgettext_lazy("of a rule", "Level"),
    "segment": _("Applies to"),
    "when": pgettext_lazy("of a rule", "Condition"),
    "clear": _("Clears when"),
    "confirm": _("Confirmed after"),
    "clear_times": _("Cleared after"),
    "cooldown_days": _("Cool-down in days"),
    "due_work_days": _("Work days to handle it"),
    "notify": _("Goes to"),
    "message_zh": _("Message in Chinese"),
    "message_en": _("Message in English"),
    "reason_zh": _("Reason in Chinese"),
    "reason_en": _("Reason in English"),
}
"""What a version says, in the order in which it is shown."""
UNITS: Final[Mapping[str, Any]] = {
    "id": pgettext_lazy("unit", "number of a record"),
    "code": pgettext_lazy("unit", "code"),
    "date": pgettext_lazy("unit", "date"),
    "days": pgettext_lazy("unit", "days"),
    "months": pgettext_lazy("unit", "months"),
    "count": pgettext_lazy("unit", "count"),
    "amount": pgettext_lazy("unit", "amount"),
    "base_amount": pgettext_lazy("unit", "amount in base currency"),
    "rate": pgettext_lazy("unit", "rate a year"),
    "share": pgettext_lazy("unit", "share"),
    "flag": pgettext_lazy("unit", "yes or no"),
    "codes": pgettext_lazy("unit", "codes"),
    "number": pgettext_lazy("unit", "number"),
}


def chinese() -> bool:
    """Whether the page is in Chinese."""
    return (get_language() or "").startswith("zh")


def said(text: Text) -> str:
    """A text of a rule in the language of the page; the other where that one is empty."""
    return text.said(chinese=chinese()) or text.said(chinese=not chinese())


def owner(name: str) -> str:
    """An owner in the language of the page, where it is a post that has a name in both."""
    return owner_said(name, chinese=chinese())


def told(error: DaihouError) -> tuple[str, str]:
    """What is wrong and the remedy, in the language of the page."""
    return error.zh if chinese() else (error.message, error.remedy)
