"""Signals as people read them: the message with its values, and the condition with what every part of it came to."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from daihou.book import money
from daihou.expressions import explain, parse
from daihou.warning.columns import columns_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from daihou.expressions import Field, Node
    from daihou.warning.checked import Checked
    from daihou.warning.rule import Subject


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a signal stood on: values by column as they were stored, and the tree of the condition with the value of every node."""

    values: dict[str, Any]
    tree: Node | None
    """None of a signal whose subject was not there any more."""


def evidence(signal: Mapping[str, Any], base_currency: str) -> Evidence:
    """The evidence of a row of `signals`, told by the condition that was asked that day."""
    if not signal["evidence"] or not signal["condition"]:
        return Evidence({}, None)
    subject: Subject = signal["subject"]
    columns = columns_of(subject)
    stated = json.loads(signal["evidence"])
    values = {name: _stored(columns[name], value) for name, value in stated.items() if name in columns}
    base = money.unit(base_currency)
    amount = money.unit(signal["currency"] or base_currency)
    return Evidence(values, explain(parse(signal["condition"], columns), values, amount_unit=amount, base_unit=base))


def message(signal: Mapping[str, Any], rule: Checked, base_currency: str, *, chinese: bool) -> str:
    """The message of a signal by the version that opened it, values filled in."""
    currency = signal["currency"] or base_currency
    values = {
        field.name: said(field, value, currency, base_currency)
        for field in rule.columns
        if (value := _stored(field, json.loads(signal["evidence"] or "{}").get(field.name))) is not None
    }
    return rule.message(values, chinese=chinese, currency=currency, base_currency=base_currency)


def _stored(field: Field, value: Any) -> Any:
    """A value of JSON as the column holds it."""
    if value is None:
        return None
    if field.unit == "date":
        return dt.date.fromisoformat(value)
    return Decimal(value) if field.unit == "rate" else value


def said(field: Field, value: Any, currency: str, base_currency: str) -> Any:
    """A stored value as it would be written: an amount as a decimal in units of its currency."""
    if value is None:
        return None
    if field.unit == "amount":
        return money.major(value, currency)
    return money.major(value, base_currency) if field.unit == "base_amount" else value
