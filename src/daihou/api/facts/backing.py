"""Back-pressure: a program is told to wait where the log has fallen behind the lake, and turned away where nothing more has room."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from django.conf import settings

from daihou.api.auth import take_share
from daihou.api.limits import TURNS, Limit
from daihou.api.problems import Problem, Words
from daihou.runs.log.log import open_log
from daihou.runs.log.pressure import pressure

if TYPE_CHECKING:
    from daihou.api.auth import Called


def checked(request: Called) -> int:
    """The seconds that the program should wait after this request, 0 where it need not; Problem where it has not waited, or nothing is taken in.

    While the log is behind each program has one turn in so many seconds, so that all go on, slowly, and the log catches up.
    """
    stands = pressure(settings.HOME, open_log(settings.HOME))
    if stands.state == "ok":
        return 0
    wait = max(1, stands.retry_after)
    if stands.state == "full":
        raise Problem(
            "full",
            Words("Too many rows wait for the lake, or the disk is almost full.", "待入湖的数据过多，或磁盘空间即将用尽。"),
            Words("Send it again later; nothing was taken in.", "请稍后重新发送；本次未接收任何内容。"),
            headers={"Retry-After": str(wait)},
        )  # fmt: skip
    left = take_share(request.auth.program, TURNS, Limit(1 / wait, 1), 1)
    if not left.allowed:
        wait = max(1, math.ceil(left.wait_seconds))
        raise Problem(
            "slow_down",
            Words("Rows come faster than they reach the lake.", "数据到达速度超过入湖速度。"),
            Words(
                f"Send it again in {wait} s; nothing of it was taken in.",
                f"请在 {wait} 秒后重新发送；本次未接收任何内容。",
            ),
            headers={"Retry-After": str(wait)},
        )
    return wait
