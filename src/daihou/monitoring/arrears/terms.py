"""Policies made into the arrays that kernels read, for the products and currencies of one shard."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from daihou.book import calendars, days, money
from daihou.book.errors import DaihouError
from daihou.monitoring.arrears.shapes import EMPTY, TERM, Terms

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from daihou.policies.products import DayCount, Profile


def terms(profile: Profile, products: Sequence[str], currencies: Sequence[str], calendar: str) -> Terms:
    """The day-count policies of some products; tolerances in minor units of each currency, rounded down."""
    offsets = [0]
    versions: list[DayCount] = []
    for product in products:
        versions.extend(profile.day_counts(product))
        offsets.append(len(versions))
    moves = any(version.move_holidays for version in versions)
    records = np.zeros(len(versions), TERM).view(np.recarray)
    records["from_on"] = [days.day_of(version.from_on) for version in versions]
    records["grace_days"] = [version.grace_days for version in versions]
    records["calendar"] = [0 if version.move_holidays else EMPTY for version in versions]
    records["vertical"] = [version.order == "vertical" for version in versions]
    tolerance = [[_minor(version.tolerance, currency) for currency in currencies] for version in versions]
    moved = np.array(calendars.moved(calendar)) if moves else np.zeros(0, np.int32)
    return Terms(
        np.array(offsets, np.int64), records, np.array(tolerance, np.int64).reshape(len(versions), len(currencies)),
        moved.reshape(1, -1), profile.standing_days,
    )  # fmt: skip


def in_force(judged: Terms, product: int, day: int) -> int:
    """The place of a product's policy version on a day, for those who tell of it; kernels look it up by `inforce.terms_on`."""
    first, end = int(judged.offsets[product]), int(judged.offsets[product + 1])
    later = judged.versions["from_on"][first + 1 : end]
    return first + int(np.searchsorted(later, day, side="right"))


def _minor(tolerance: Decimal, currency: str) -> int:
    try:
        return int(tolerance.scaleb(money.exponent(currency)))
    except KeyError as error:
        raise DaihouError(
            f"Currency {currency} is unknown.",
            "Use an ISO 4217 code.",
            zh=(f"未知币种：{currency}。", "请使用 ISO 4217 币种代码。"),
        ) from error
