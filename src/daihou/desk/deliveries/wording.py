"""Words for what intake and runs say in codes, in the language of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from daihou.book import contracts
from daihou.book.intake.reasons import REASONS, message

if TYPE_CHECKING:
    from collections.abc import Mapping

    from daihou.book.contracts import Column
    from daihou.book.errors import DaihouError

STATES: Final[Mapping[str, Any]] = {
    "not_started": pgettext_lazy("state of loans", "Not paid out yet"),
    "current": pgettext_lazy("state of loans", "Current"),
    "overdue": pgettext_lazy("state of loans", "Overdue"),
    "closed": pgettext_lazy("state of loans", "Closed"),
    "written_off": pgettext_lazy("state of loans", "Written off"),
    "transferred": pgettext_lazy("state of loans", "Transferred away"),
    "unmeasured": pgettext_lazy("state of loans", "Unmeasured"),
}
COVERAGE: Final[Mapping[str, tuple[Any, Any]]] = {
    "no_plan_bill_or_fresh_figures": (
        gettext_lazy("No plan, no bill and no fresh figures of the lender"),
        gettext_lazy("Send the loan's instalments, bills or standings."),
    ),
    "balance_below_zero": (
        gettext_lazy("More principal was paid than was lent"),
        gettext_lazy("Check the loan's principal and its payments for one sent twice."),
    ),
    "refund_beyond_money": (
        gettext_lazy("More was refunded than was received"),
        gettext_lazy("Check the refund, or send the payment it gives back."),
    ),
    "waiver_beyond_dues": (
        gettext_lazy("More was waived than was due"),
        gettext_lazy("Check the amounts of the waiver."),
    ),
    "too_many_decimals": (
        gettext_lazy("An amount has more decimals than its loan's currency"),
        gettext_lazy("Send the row again with the exact amount."),
    ),
    "paid_amount_does_not_tie": (
        gettext_lazy("Money measured does not tie to the payments"),
        gettext_lazy("This is a fault of the run: tell an administrator."),
    ),
    "control_total_loans": (
        gettext_lazy("The number of loans does not tie to the control total"),
        gettext_lazy("Loans are missing, or closed on one side only."),
    ),
    "control_total_balance": (
        gettext_lazy("The balance does not tie to the control total"),
        gettext_lazy("Look for payments or changes not sent yet."),
    ),
    "control_total_overdue": (
        gettext_lazy("The overdue amount does not tie to the control total"),
        gettext_lazy("Compare plans, grace days and payments of the day."),
    ),
}
"""Reasons of coverage: what each says, and what to do."""
TOTALS: Final[Mapping[str, Any]] = {
    "loans": gettext_lazy("Number of loans"),
    "balance": gettext_lazy("Principal outstanding"),
    "overdue": gettext_lazy("Amount overdue"),
    "paid_amount": gettext_lazy("Money received, measured against the payments themselves"),
}
"""What a tie compares."""


def chinese() -> bool:
    """Whether the page is in Chinese."""
    return (get_language() or "").startswith("zh")


def of(thing: Any) -> str:
    """A table's, column's or choice's meaning in the language of the page."""
    return str(thing.zh if chinese() else thing.en)


def table(name: str) -> str:
    """The meaning of a table, in short: its first clause."""
    if name not in contracts.TABLES:
        return name
    meaning = of(contracts.TABLES[name])
    for stop in (". ", "。", "；", "（", "; "):
        meaning = meaning.partition(stop)[0]
    return meaning.rstrip(".")


def column(table_name: str, name: str) -> str:
    """The meaning of a contract column; nothing for a sender's further column."""
    found = contract_column(table_name, name)
    return of(found) if found else ""


def contract_column(table_name: str, name: str) -> Column | None:
    """A column of the contract, known_on among them."""
    if name == contracts.KNOWN_ON.name:
        return contracts.KNOWN_ON
    declared = contracts.TABLES.get(table_name)
    return next((column for column in declared.columns if column.name == name), None) if declared else None


def kind(column: Column) -> str:
    """What a column holds: money, or a date say."""
    en, zh = contracts.TYPE_LABELS[column.type]
    return zh if chinese() else en


def reason(code: str) -> str:
    """Why rows are in quarantine, of no column in particular."""
    if code not in REASONS:
        return code
    en, zh = message(code, "\N{WORD JOINER}")
    text = zh.replace("\N{WORD JOINER} ", "该字段") if chinese() else en.replace("\N{WORD JOINER}", _("The column"))
    return text.replace("\N{WORD JOINER}", "该字段" if chinese() else _("the column"))


def error(trouble: DaihouError) -> tuple[str, str]:
    """What is wrong and what to do, in the language of the page."""
    return trouble.zh if chinese() else (trouble.message, trouble.remedy)
