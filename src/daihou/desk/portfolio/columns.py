"""The columns of a list of loans: what each is called, how it is written, and the codes it may hold."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.utils.translation import get_language

from daihou.expressions import Field
from daihou.monitoring.families import LOAN
from daihou.runs.policies import read_policies

if TYPE_CHECKING:
    from collections.abc import Mapping

    from daihou.book.home import Home
    from daihou.monitoring.catalogue import Choice, Measure

SHORT: Final[Mapping[str, tuple[str, str]]] = {
    "principal_outstanding": ("Balance", "余额"), "overdue_amount": ("Overdue", "逾期金额"), "overdue_principal": ("Overdue principal", "逾期本金"),
    "overdue_interest": ("Overdue interest", "欠息"), "dpd": ("Days", "逾期天数"), "status_24m": ("24 months", "近24个月"),
    "missed_24m": ("Missed", "未按期"), "last_paid_on": ("Last paid", "最近还款"), "officer_id": ("Officer", "客户经理"),
    "loan_id": ("Loan", "借据号"), "borrower_id": ("Borrower", "客户"), "org_id": ("Org", "机构"), "bucket": ("Bucket", "档位"),
    "days_to_maturity": ("Days left", "剩余天数"), "matures_on": ("Matures on", "到期日"), "next_due_on": ("Next due", "下期应还日"),
    "next_due_amount": ("Next amount", "下期应还"), "oldest_unpaid_due_on": ("Unpaid since", "最早欠款日"), "dpd_interest": ("Interest days", "欠息天数"),
    "charges_accrued": ("Charges", "罚息复利"), "unpaid_due_dates": ("Unpaid", "欠期数"),
}  # fmt: skip
"""Headings short enough for a table; the whole name stands in the column chooser."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the list: a measure of a loan with its heading."""

    measure: Measure
    family: str
    heading: tuple[str, str]

    @property
    def name(self) -> str:
        """Its name in addresses and files."""
        return self.measure.name

    @property
    def label(self) -> str:
        """Its whole name in the reader's language."""
        return self.measure.zh if chinese() else self.measure.en

    @property
    def head(self) -> str:
        """Its heading in the reader's language."""
        return self.heading[1] if chinese() else self.heading[0]

    @property
    def meaning(self) -> str:
        """What it means."""
        return self.measure.meaning_zh if chinese() else self.measure.meaning_en

    @property
    def numeric(self) -> bool:
        """Whether it stands to the right."""
        return self.measure.unit in ("days", "months", "count", "amount", "base_amount", "rate", "share")


def chinese() -> bool:
    """Whether the reader's language is Chinese."""
    return (get_language() or "").startswith("zh")


def columns() -> dict[str, Column]:
    """Every column of a loan by name, in the order of the catalogue."""
    return _columns()


@lru_cache(maxsize=1)
def _columns() -> dict[str, Column]:
    found = {}
    for family in LOAN:
        for measure in family.measures:
            found[measure.name] = Column(measure, family.name, SHORT.get(measure.name, (measure.en, measure.zh)))
    return found


def fields() -> dict[str, Field]:
    """The columns as filters may name them, with the codes that are known."""
    return _fields(settings.HOME)


@lru_cache(maxsize=2)
def _fields(home: Home) -> dict[str, Field]:
    policies = read_policies(home)
    bucket = policies.schemes["buckets_atomic"].versions[-1].values
    buckets = tuple((label, label, label) for label in bucket.labels)
    return {
        name: _field(column.measure, buckets if name == "bucket" else column.measure.choices)
        for name, column in columns().items()
        if name not in ("as_of", "known_on")
    }


def _field(measure: Measure, choices: tuple[Choice, ...]) -> Field:
    """A measure as filters name it; where its codes may be others too, a form offers those that occur."""
    return Field(
        measure.name,
        measure.unit,
        measure.en,
        measure.zh,
        () if measure.extensible else choices,
        signed=measure.signed,
    )


def code_label(name: str, code: str | None) -> str:
    """A code as the reader reads it; the code itself where it has no name."""
    if code is None:
        return ""
    if name == "product":
        told = _product_names(settings.HOME).get(code)
        return told[1 if chinese() else 0] if told else code
    column = columns().get(name)
    choices = (column.measure.choices or fields()[name].choices) if column and name in fields() else ()
    return next(((zh if chinese() else en) for held, en, zh in choices if held == code), code)


@lru_cache(maxsize=2)
def _product_names(home: Home) -> dict[str, tuple[str, str]]:
    return read_policies(home).profile.names
