"""A measure's value in words, with its unit, as it stands in the message of a signal."""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING, Final

from babel.numbers import get_currency_name

from daihou.book import money

if TYPE_CHECKING:
    from daihou.expressions import Field

PERCENT: Final[dict[str, Decimal]] = {"share": Decimal("0.1"), "rate": Decimal("0.01")}
"""To which part of a percent shares and rates are told: interest rates differ in hundredths."""
COUNTED: Final[dict[str, tuple[str, str, str]]] = {"days": ("day", "days", "天"), "months": ("month", "months", "个月")}
NUMBER: Final = Decimal("0.01")


def filled(field: Field, value: object, *, chinese: bool, currency: str | None = None) -> str:
    """A value as a reader says it: 37 days, 37天, 12,500.00 CNY, 12,500.00元, −45.2%, 小微企业.

    Amounts are in units of `currency` (without one they stand bare), shares and rates are fractions; None is said to be no data.
    """
    match value:
        case None:
            return "无数据" if chinese else "no data"
        case bool():
            return ("是" if value else "否") if chinese else ("yes" if value else "no")
        case dt.datetime():
            return value.isoformat(" ", "minutes")
        case dt.date():
            return value.isoformat()
        case str():
            return field.label(value, chinese=chinese)
        case int() | float() | Decimal():
            return _number(field, Decimal(str(value)), chinese=chinese, currency=currency)
    raise TypeError(f"{field.name} has a value that cannot be told: {value!r}")


def _number(field: Field, value: Decimal, *, chinese: bool, currency: str | None) -> str:
    if field.unit in PERCENT:
        return f"{_plain(_rounded(value * 100, PERCENT[field.unit]))}%"
    if field.unit in ("amount", "base_amount"):
        return _amount(value, currency, chinese=chinese)
    if field.unit in COUNTED:
        one, many, zh = COUNTED[field.unit]
        return f"{_plain(value)}{zh}" if chinese else f"{_plain(value)} {one if abs(value) == 1 else many}"
    return _plain(_rounded(value, NUMBER))


def _rounded(value: Decimal, step: Decimal) -> Decimal:
    """Rounded, without idle zeros."""
    number = value.quantize(step, ROUND_HALF_EVEN)
    return number.quantize(Decimal(1)) if number == number.to_integral_value() else number.normalize()


def _plain(value: Decimal) -> str:
    return ("−" if value < 0 else "") + f"{abs(value):,f}"


def _amount(value: Decimal, currency: str | None, *, chinese: bool) -> str:
    if currency is None:
        return _plain(value)
    said = _plain(value.quantize(Decimal(1).scaleb(-money.exponent(currency))))
    if not chinese:
        return f"{said} {currency}"
    return f"{said}元" if currency == "CNY" else f"{said}{get_currency_name(currency, locale='zh_Hans_CN')}"
