"""The designs that ship for a home's kind of lender, with dates that suit the month ends it has run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from daihou.assessment.scores import design as designs
from daihou.book.days import last_within
from daihou.profiles.scores import shipped_designs
from daihou.runs.scores.own_runs import OwnRuns

if TYPE_CHECKING:
    import datetime as dt

    from daihou.book.home import Home

KEYS: Final = {
    "from": r"(observe:\n\s+from: )\S+",
    "to": r"(observe:\n\s+from: \S+\n\s+to: )\S+",
    "later": r"(out_of_time_from: )\S+",
}
"""Where the dates of a shipped design stand."""
LATER: Final = 3
"""One observation point in so many, the last ones, is out of time."""


def suited(home: Home) -> dict[str, str]:
    """The YAML of each design by id; with its own dates where too few month ends were run."""
    ends = [date for date in OwnRuns(home).dates if (date + date.resolution).day == 1]
    return {name: _dated(text, ends) for name, text in shipped_designs(home.settings.profile).items()}


def _dated(text: str, ends: list[dt.date]) -> str:
    design = designs.read(text, "shipped")
    if design.runs is None or not ends:
        return text
    mature = [date for date in ends if last_within(date, design.runs.window_months) <= ends[-1]]
    if len(mature) < LATER:
        return text
    dates = {"from": mature[0], "to": mature[-1], "later": mature[-(len(mature) // LATER)]}
    for key, date in dates.items():
        text = re.sub(KEYS[key], rf"\g<1>{date}", text)
    return text
