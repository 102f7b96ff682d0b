"""The people of the journeys: a user of each role, and some who come to do one thing. All have one password."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

PASSWORD: Final = "correct horse battery"  # noqa: S105 - of users that live as long as the tests


@dataclass(frozen=True, slots=True)
class Player:
    """A user to be entered: an empty org is the whole lender."""

    username: str
    role: str
    name: str
    org_id: str = ""
    language: str = "en"
    officer: bool = False
    """Carries the officer number of the branch's first officer."""
    new: bool = False
    """Must change the password at the first sign-in."""


CAST: Final = (
    Player("viewer", "viewer", "吴静"),
    Player("officer", "officer", "李娜", org_id="B01", officer=True),
    Player("collector", "collector", "赵刚"),
    Player("reviewer", "reviewer", "孙丽"),
    Player("manager", "manager", "王敏"),
    Player("branch", "manager", "陈建国", org_id="B01"),
    Player("analyst", "analyst", "周涛"),
    Player("auditor", "auditor", "郑平"),
    Player("administrator", "administrator", "冯磊"),
    Player("newcomer", "viewer", "何川", new=True),
    Player("settler", "viewer", "林芳"),
)
