"""How days are counted for each product, and how old the lender's own figures may be: the house's choices, in its profile."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from daihou.book.errors import DaihouError
from daihou.policies.dated import only, only_date, read_yaml

KEYS = ("from", "owner", "citation", "grace_days", "move_holidays", "tolerance", "order")
ORDERS = ("horizontal", "vertical")


@dataclass(frozen=True, slots=True)
class DayCount:
    """How a product is judged from a day on; `tolerance` in units of the loan's currency."""

    from_on: dt.date
    grace_days: int = 0
    move_holidays: bool = False
    tolerance: Decimal = Decimal(0)
    order: str = "horizontal"


DEFAULT = DayCount(dt.date.min)
"""A product without a policy of its own: no grace, no holiday shift, no tolerance, oldest instalment first."""


@dataclass(frozen=True, slots=True)
class Profile:
    """A kind of lender: its products' day counts and what else it may choose."""

    name: str
    products: dict[str, tuple[DayCount, ...]]
    standing_days: int
    names: dict[str, tuple[str, str]] = field(default_factory=dict)
    """What products are called, in English and Chinese; others go by their code."""

    def day_counts(self, product: str) -> tuple[DayCount, ...]:
        """The versions for a product, in order of date, beginning with what holds before the first of them."""
        return (DEFAULT, *self.products.get(product, ()))


def profile(text: str, place: str) -> Profile:
    """A profile from its file."""
    stated = read_yaml(text, place)
    only(
        stated, ("profile", "meaning", "standing_days", "products", "names"), place, needed=("profile", "standing_days")
    )
    products = {
        str(name): tuple(
            sorted((_day_count(version, f"{place}, product {name}") for version in versions), key=lambda v: v.from_on)
        )
        for name, versions in (stated.get("products") or {}).items()
    }
    names = {str(code): _named(told, f"{place}, names, {code}") for code, told in (stated.get("names") or {}).items()}
    return Profile(str(stated["profile"]), products, _whole(stated["standing_days"], "standing_days", place), names)


def _named(told: object, place: str) -> tuple[str, str]:
    """The names of a product in English and Chinese."""
    if not isinstance(told, dict) or set(told) != {"en", "zh"}:
        raise DaihouError(
            "A product's name is needed in two languages.",
            "Write it like {en: Consumer loan, zh: 个人消费贷款}.",
            place,
            zh=("产品名称须有中英文两种。", "写法如 {en: Consumer loan, zh: 个人消费贷款}。"),
        )
    return str(told["en"]), str(told["zh"])


def _day_count(stated: dict[str, Any], place: str) -> DayCount:
    only(stated, KEYS, place, needed=("from",))
    if not stated.get("owner") and not stated.get("citation"):
        raise DaihouError(
            "Nobody answers for this version.",
            "Give an owner or a citation.",
            place,
            zh=("该版本没有依据或负责人。", "请写明 owner（负责人）或 citation（依据）。"),
        )
    order = stated.get("order", "horizontal")
    if order not in ORDERS:
        raise DaihouError(
            f"order: {order} is unknown.",
            f"Orders are: {', '.join(ORDERS)}.",
            place,
            zh=(f"未知的冲抵顺序：{order}。", f"可用的顺序：{'、'.join(ORDERS)}。"),
        )
    only_date(stated["from"], place)
    if not isinstance(stated.get("move_holidays", False), bool):
        raise DaihouError(
            "move_holidays is neither true nor false.",
            "Write true or false.",
            place,
            zh=("move_holidays 既不是 true 也不是 false。", "请写 true 或 false。"),
        )
    try:
        tolerance = Decimal(str(stated.get("tolerance", "0")))
    except InvalidOperation as error:
        raise DaihouError(
            f"tolerance: {stated['tolerance']} is not an amount.",
            "Write it like 0.50.",
            place,
            zh=(f"tolerance: {stated['tolerance']} 不是金额。", "写法如 0.50。"),
        ) from error
    if not tolerance.is_finite() or tolerance < 0:
        raise DaihouError(
            f"tolerance: {stated['tolerance']} is not an amount.",
            "Write it like 0.50.",
            place,
            zh=(f"tolerance: {stated['tolerance']} 不是金额。", "写法如 0.50。"),
        )
    grace = _whole(stated.get("grace_days", 0), "grace_days", place)
    return DayCount(stated["from"], grace, stated.get("move_holidays", False), tolerance, order)


def _whole(value: object, key: str, place: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise DaihouError(
            f"{key}: {value} is not a whole number of days.",
            "Write 0 or more.",
            place,
            zh=(f"{key}: {value} 不是整数天数。", "请写 0 或正整数。"),
        )
    return value
