"""The people of the journeys: a user of each role, in either language, and some who come to do one thing. All have one password."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

PASSWORD: Final = "correct horse battery"  # noqa: S105 - of users that live as long as the tests


@dataclass(frozen=True, slots=True)
class Player:
    """A user to be entered: an empty org is the whole lender."""

    username: str
    role: str
    name: str
    name_zh: str
    org_id: str = ""
    language: str = "en"
    officer: int | None = None
    """Carries the officer number of the branch's first officer, or of one after."""
    new: bool = False
    """Must change the password at the first sign-in."""


ROLES: Final = (
    Player("viewer", "viewer", "Wu Jing", "吴静"),
    Player("officer", "officer", "Li Na", "李娜", org_id="B01", officer=0),
    Player("collector", "collector", "Zhao Gang", "赵刚"),
    Player("reviewer", "reviewer", "Sun Li", "孙丽"),
    Player("manager", "manager", "Wang Min", "王敏"),
    Player("branch", "manager", "Chen Jianguo", "陈建国", org_id="B01"),
    Player("analyst", "analyst", "Zhou Tao", "周涛"),
    Player("auditor", "auditor", "Zheng Ping", "郑平"),
    Player("administrator", "administrator", "Feng Lei", "冯磊"),
    Player("idle", "reviewer", "Yu Xin", "余欣", org_id="B04"),
)
"""Of each role one, and a reviewer for whom nothing waits."""
CHINESE: Final = tuple(
    replace(one, username=f"{one.username}-zh", name=one.name_zh, language="zh-hans") for one in ROLES
)
"""The same once more, who read Chinese."""
GUESTS: Final = (
    Player("newcomer", "viewer", "He Chuan", "何川", new=True),
    Player("settler", "viewer", "Lin Fang", "林芳"),
    Player("typist", "officer", "Ma Chao", "马超", org_id="B02", officer=0),
    Player("colleague", "officer", "Tang Yu", "唐雨", org_id="B02", officer=1),
    Player("traveller", "officer", "Qian Duo", "钱多", org_id="B04", officer=0),
    Player("stand-in", "officer", "Gu Yan", "顾燕", org_id="B04", officer=1),
    Player("head", "manager", "Luo Jun", "罗军", org_id="B03"),
    Player("deputy", "manager", "Gao Fei", "高飞"),
    Player("lifter", "manager", "Xie Hong", "谢红"),
)
"""Who come to do one thing, so that nobody gets into another's way."""
CAST: Final = (*ROLES, *CHINESE, *GUESTS)
LATE: Final = (Player("heir", "officer", "Dong Mei", "董梅", org_id="B03", officer=0),)
"""Who comes when the alerts are given out already."""
