"""Figures as people read them: full amounts in tables, 万/亿 or K/M/B on cards, shares in percent. None is shown as a dash, never as 0."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from babel.numbers import get_currency_symbol
from django import template
from django.utils.translation import get_language

from daihou.book import money as minor_units

if TYPE_CHECKING:
    import datetime as dt
    from decimal import Decimal

register = template.Library()

DASH: Final = "–"
ZH_UNITS: Final = ((10**8, "亿"), (10**4, "万"))
EN_UNITS: Final = ((10**9, "B"), (10**6, "M"), (10**3, "K"))
MINUS: Final = "\N{MINUS SIGN}"


def _chinese() -> bool:
    return (get_language() or "").startswith("zh")


def _signed(text: str) -> str:
    return text.replace("-", MINUS)


@register.filter
def amount(minor: int | None, currency: str = "CNY") -> str:
    """Minor units as a full amount: 1,234,567.89."""
    return DASH if minor is None else _signed(minor_units.text(int(minor), currency or "CNY"))


@register.filter
def units(value: Decimal | None) -> str:
    """An amount in currency units with its own decimals: 1,234,567.89."""
    return DASH if value is None else _signed(f"{value:,}")


@register.filter
def compact(minor: int | None, currency: str = "CNY") -> str:
    """Minor units as a short figure for a card: 3.86亿, 218.40万, 38.64M."""
    if minor is None:
        return DASH
    value = minor_units.major(int(minor), currency or "CNY")
    for size, name in ZH_UNITS if _chinese() else EN_UNITS:
        if abs(value) >= size:
            return _signed(f"{value / size:,.2f}{name}")
    return _signed(f"{value:,.0f}")


@register.filter
def symbol(currency: str) -> str:
    """The sign of a currency: ¥ in Chinese, CN¥ in English."""
    return get_currency_symbol(currency or "CNY", locale="zh_Hans_CN" if _chinese() else "en_US")


@register.filter
def count(number: int | None) -> str:
    """A whole number in threes."""
    return DASH if number is None else _signed(f"{int(number):,}")


@register.filter
def percent(share: float | None, places: int = 2) -> str:
    """A share of 1 in percent: 3.62%."""
    return DASH if share is None else _signed(f"{100 * float(share):.{places}f}%")


@register.filter
def points(difference: float | None) -> str:
    """A difference of shares in percentage points with its sign: +0.06."""
    return DASH if difference is None else _signed(f"{100 * float(difference):+.2f}")


@register.filter
def day(date: dt.date | None) -> str:
    """A date: 2026-03-14."""
    return DASH if date is None else date.isoformat()


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """What a mapping holds under a key, or nothing."""
    return mapping.get(key) if mapping else None
