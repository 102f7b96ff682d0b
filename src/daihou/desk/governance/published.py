"""The rules as they are in force: those shipped and those in the lake's register, read again when the register changes."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from django.conf import settings

from daihou.book.lake import stamp as stamp_of
from daihou.desk.governance.models import Draft
from daihou.runs.watch import register

if TYPE_CHECKING:
    import datetime as dt

    from daihou.book.errors import DaihouError
    from daihou.book.home import Home
    from daihou.runs.watch.register import Entry
    from daihou.warning.checked import Checked
    from daihou.warning.rule import Rule
    from daihou.warning.rulebook import Rulebook

FIRST_OWN: Final = 501
"""Rules of the lender's own are counted from here; those below are shipped."""
NUMBERED: Final = re.compile(r"R-([0-9]+)")


def rulebook() -> Rulebook:
    """All rules of the home as last published."""
    home: Home = settings.HOME
    return _rulebook(home, stamp_of(home.lake / register.REGISTER))


def rule(rule_id: str) -> Rule | None:
    """The rule of an id; None where none was published."""
    return next((found for found in rulebook().rules if found.id == rule_id), None)


def live(rule_id: str, day: dt.date) -> Checked | None:
    """The version of a rule that warns on a day, ready to judge; None where none does or can."""
    return next((one for one in rulebook().live(day) if one.rule.id == rule_id), None)


def newest(rule_id: str) -> int:
    """The number of the newest version of a rule, also where it cannot be read; 0 where none was published."""
    found = rule(rule_id)
    unread = [one.number for one in rulebook().unread if one.rule_id == rule_id]
    return max([found.versions[-1].number if found else 0, *unread])


def resting(rule_id: str, day: dt.date) -> list[DaihouError]:
    """Why a rule rests on a day: its versions in the register that came last and cannot be read."""
    return [one.problem for one in rulebook().resting(day) if one.rule_id == rule_id]


def next_id() -> str:
    """The first free id of the lender's own."""
    ids = [*(found.id for found in rulebook().rules), *Draft.objects.values_list("rule_id", flat=True)]
    taken = [int(found[1]) for one in ids if (found := NUMBERED.fullmatch(one))]
    return f"R-{max([FIRST_OWN - 1, *taken]) + 1:03d}"


def publish(rule: Rule, *, author: str, reviewer: str, note: str, day: dt.date) -> None:
    """Append a rule's version to the register; done twice, it stands there once. DaihouError where another text has its number."""
    home: Home = settings.HOME
    register.publish(home, [rule], author=author, reviewer=reviewer, note=note, recorded_on=day, origin="desk")


def entries(rule_id: str) -> dict[int, Entry]:
    """The register's rows of a rule by version; versions that shipped have none."""
    home: Home = settings.HOME
    rows = _entries(home, stamp_of(home.lake / register.REGISTER))
    return {entry.number: entry for entry in rows if entry.rule_id == rule_id}


@lru_cache(maxsize=2)
def _rulebook(home: Home, _stamp: str) -> Rulebook:
    return register.rulebook_of(home)


@lru_cache(maxsize=2)
def _entries(home: Home, stamp: str) -> tuple[Entry, ...]:
    return register.entries(home) if stamp else ()
