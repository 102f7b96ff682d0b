"""The desk's audit log, made ready for a command that will be noted in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daihou.cli.desk import ask_database, has_desk
from daihou.cli.vault import ready

if TYPE_CHECKING:
    from daihou.book.home import Home


def audited(home: Home) -> bool:
    """Whether there is a desk that notes what a command does, made ready before anything is done: what cannot be noted is not done."""
    if not has_desk(home):
        return False
    ready()
    ask_database()
    return True
