"""The policy of reports in force: the home's own, else the one that ships."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from daihou.desk import house
from daihou.policies.reports import Reports, reports

if TYPE_CHECKING:
    import datetime as dt

NAME: Final = "reports"


def policy(day: dt.date) -> Reports:
    """What holds on a day; DaihouError names the file and the key that is wrong."""
    return house.dated(NAME, reports).on(day).values
