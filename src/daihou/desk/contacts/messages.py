"""The texts in force: the home's own file, else the one that ships."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daihou.desk import house
from daihou.policies.messages import Messages, messages

if TYPE_CHECKING:
    import datetime as dt


def policy(day: dt.date) -> Messages:
    """What holds on a day; DaihouError names the file and the key that is wrong."""
    return house.dated("messages", messages).on(day).values
