"""How parameters are stated in YAML and refused: mappings read strictly into dataclasses, and checks of chances, shares and spans."""

from __future__ import annotations

from dataclasses import MISSING, fields
from typing import TYPE_CHECKING, Any, Final

from daihou.book.errors import DaihouError
from daihou.policies.dated import only

if TYPE_CHECKING:
    from collections.abc import Mapping

SHARES_TOLERANCE: Final = 1e-9

Shares = dict[Any, float]
"""Values and how likely each is; they sum to 1."""
Span = tuple[int, int]
"""The least and the greatest of whole numbers that are all as likely."""
Between = tuple[float, float]
"""Two numbers between which any is as likely."""


def made(kind: type[Any], stated: dict[str, Any], place: str) -> Any:
    """A dataclass from a mapping of its fields, lists made tuples; DaihouError where a key is unknown or missing."""
    needed = tuple(field.name for field in fields(kind) if field.default is MISSING)
    only(stated, tuple(field.name for field in fields(kind)), place, needed=needed)
    return kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in stated.items()})


def wrong(place: str, en: str, zh: str) -> DaihouError:
    """The error of parameters that make no sense."""
    return DaihouError(en, "Correct the parameters.", place, zh=(zh, "请更正参数。"))


def check_shares(name: str, shares: Shares, place: str) -> None:
    """Fail unless the shares sum to 1 and none is negative."""
    if not shares or abs(sum(shares.values()) - 1) > SHARES_TOLERANCE or min(shares.values()) < 0:
        raise wrong(place, f"The shares of {name} do not sum to 1.", f"{name} 的占比之和不为 1。")


def check_chances(chances: Mapping[str, float], place: str) -> None:
    """Fail on a chance that is none."""
    for name, chance in chances.items():
        if not 0 <= chance <= 1:
            raise wrong(
                place,
                f"{name}: {chance} is not a chance between 0 and 1.",
                f"{name}：{chance} 不是 0 与 1 之间的概率。",
            )


def check_span(name: str, span: Between, place: str) -> None:
    """Fail on what is no pair of ascending numbers, none negative."""
    if len(span) != 2 or not 0 <= span[0] <= span[1]:
        raise wrong(
            place,
            f"{name}: {list(span)} is no span of two ascending numbers.",
            f"{name}：{list(span)} 不是由小到大的两个数。",
        )
