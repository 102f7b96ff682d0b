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
    officer: bool = False
    """Carries the officer number of the branch's first officer."""
    new: bool = False
    """Must change the password at the first sign-in."""


ENGLISH: Final = (
    Player("viewer", "viewer", "Wu Jing", "吴静"),
    Player("officer", "officer", "Li Na", "李娜", org_id="B01", officer=True),
    Player("collector", "collector", "Zhao Gang", "赵刚"),
    Player("reviewer", "reviewer", "Sun Li", "孙丽"),
    Player("manager", "manager", "Wang Min", "王敏"),
    Player("branch", "manager", "Chen Jianguo", "陈建国", org_id="B01"),
    Player("analyst", "analyst", "Zhou Tao", "周涛"),
    Player("auditor", "auditor", "Zheng Ping", "郑平"),
    Player("administrator", "administrator", "Feng Lei", "冯磊"),
    Player("newcomer", "viewer", "He Chuan", "何川", new=True),
    Player("settler", "viewer", "Lin Fang", "林芳"),
)
CHINESE: Final = tuple(
    replace(one, username=f"{one.username}-zh", name=one.name_zh, language="zh-hans") for one in ENGLISH[:-2]
)
"""The same once more, who read Chinese."""
CAST: Final = (*ENGLISH, *CHINESE)
