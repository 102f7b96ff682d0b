"""What a request for reading asks: parameters that are known, dates, a cursor, and how many rows."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

from django.http import QueryDict
from ninja import Field, Schema

from daihou.api.reading import refusals
from daihou.book.errors import DaihouError
from daihou.desk.portfolio import moments

if TYPE_CHECKING:
    from collections.abc import Collection

    from daihou.api.auth import Called
    from daihou.api.reading.cursors import Cursor
    from daihou.desk.people.reach import Reach
    from daihou.desk.portfolio.moments import Moment

USUAL: Final = 100
"""Rows of a page, unless the request says otherwise."""
MOST: Final = 1_000
"""Rows of a page at most; more are read page by page, or in bulk."""
MOST_IDS: Final = 1_000
"""Ids that one request may name; an address with more is too long for most servers."""
YEARS: Final = (1980, 2100)
"""Dates outside are slips of the hand."""


class Dates(Schema):
    """The pair of dates that is asked about."""

    as_of: str | None = Field(None, description="Data date, ISO; the newest that a run wrote unless given.")
    known_on: str | None = Field(None, description="By which day's knowledge, ISO; the date's own where there is one, else the newest.")  # fmt: skip


class Paged(Schema):
    """Where in a list the page begins, and how long it is."""

    limit: int = Field(USUAL, ge=1, le=MOST, description="Rows of the page.")
    after: str | None = Field(None, description="`next` of the page before.")


def only(request: Called, *known: type[Schema]) -> None:
    """Refuse a parameter that is none of these: a slip of the hand must not ask for more than was meant."""
    names = [name for schema in known for name in schema.model_fields]
    for name, held in request.GET.lists():
        if name not in names:
            raise refusals.unknown("parameter", name, names)
        if any("\0" in value for value in held):  # no database takes it in a text
            raise refusals.unknown(name, "NUL", ())


def reach(request: Called, permission: str) -> Reach:
    """The loans for which the program's user has a permission; that it has it anywhere is seen to by the scope."""
    return request.rights.reach(permission)


def newest() -> Moment:
    """The newest pair of dates that a run wrote."""
    return moments.moment(QueryDict())


def moment(dates: Dates, cursor: Cursor | None = None) -> Moment:
    """The pair of dates that is asked for: that of the cursor on later pages; refused where its run was written again since."""
    if cursor is None or cursor.pair is None:
        stated = {"as_of": dates.as_of, "known_on": dates.known_on}
    else:
        as_of, known_on = cursor.pair
        stated = {"as_of": as_of.isoformat(), "known_on": known_on.isoformat()}
    found = moments.moment(querydict({name: value for name, value in stated.items() if value}))
    if cursor is not None and cursor.run and cursor.run != run_of(found):
        raise refusals.run_changed(found.pair)
    return found


def run_of(found: Moment) -> str:
    """What names the run that wrote a pair of dates: another run of the same pair has another name."""
    (path,) = moments.files("runs", found.pair, found.stamp)[:1] or ("",)
    return path.rpartition("/")[2].removesuffix(".parquet")


def querydict(values: dict[str, Any]) -> QueryDict:
    """Parameters as the desk's pages read them."""
    made = QueryDict(mutable=True)
    for name, value in values.items():
        made.setlist(name, list(value) if isinstance(value, list | tuple) else [str(value)])
    return made


def day(name: str, stated: str | None) -> dt.date | None:
    """A date of a request."""
    if stated is None or not stated.strip():
        return None
    try:
        found = dt.date.fromisoformat(stated.strip())
    except ValueError:
        found = None
    if found is None or not YEARS[0] <= found.year <= YEARS[1]:
        raise DaihouError(
            f"{name}: '{stated[:40]}' is no date within {YEARS[0]} and {YEARS[1]}.",
            "Write it like 2026-06-30.",
            zh=(f"{name}：“{stated[:40]}”不是 {YEARS[0]} 至 {YEARS[1]} 年间的日期。", "写法如 2026-06-30。"),
        )
    return found


def names(stated: str | None, known: Collection[str], usual: Collection[str]) -> list[str]:
    """The columns that `columns=a,b` names, each once; the usual ones where it names none."""
    asked = list(dict.fromkeys(name.strip() for name in (stated or "").split(",") if name.strip()))
    for name in asked:
        if name not in known:
            raise refusals.unknown("column", name, known)
    return asked or list(usual)
