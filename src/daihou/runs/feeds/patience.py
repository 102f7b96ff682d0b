"""What is missing for a while is no message's fault: a key that cannot be read, a policy that is broken, a disk that fails. The feed waits for it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from daihou.book.errors import DaihouError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from daihou.book.intake.blinding import Blinder


class NotNowError(DaihouError):
    """Messages cannot be judged now: nothing is wrong with them."""


def patient(make: Callable[[dt.date], Blinder]) -> Callable[[dt.date], Blinder]:
    """The same maker of blinders, where whatever fails in it or in them is NotNowError."""

    def made(day: dt.date) -> Blinder:
        blinder = make_(day)

        def token(text: str) -> str | None:
            try:
                return blinder.token(text)
            except Exception as error:
                raise _not_now(error) from error

        return replace(blinder, token=token)

    def make_(day: dt.date) -> Blinder:
        try:
            return make(day)
        except Exception as error:
            raise _not_now(error) from error

    return made


def _not_now(error: Exception) -> NotNowError:
    if isinstance(error, DaihouError):
        return NotNowError(error.message, error.remedy, error.place, zh=error.zh)
    return NotNowError(
        f"Raw texts cannot be blinded now: {type(error).__name__}.",
        "Check the desk's database and the keyset.",
        zh=(f"暂时无法对原文做脱敏处理：{type(error).__name__}。", "请检查工作台数据库与密钥集。"),
    )


__all__ = ["NotNowError", "patient"]
