"""Signals: those open on a date, what nights said over a span of dates, and what the stream said, in the order in which it said it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from ninja import Field, Query, Router, Schema

from daihou.api.auth import needs_scope
from daihou.api.reading import answers, cursors, described, evidence, refusals, values
from daihou.api.reading import asked as asking
from daihou.api.reading.asked import Dates, Paged
from daihou.api.reading.described import Page
from daihou.desk.portfolio import reading
from daihou.desk.signals import chosen as choice
from daihou.desk.signals.shelf import COLUMNS
from daihou.desk.signals.sight import sight
from daihou.desk.signals.watch import parquet, said_on, watch
from daihou.runs.log.log import open_log
from daihou.runs.log.store import FILE
from daihou.runs.stream import told as stream

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpResponse

    from daihou.api.auth import Called
    from daihou.desk.signals.sight import Sight

router = Router(tags=["signals"])
OPEN: Final = ", ".join(COLUMNS)
SAID: Final = (
    "as_of", "signal_id", "transition", "rule_id", "version", "shadow", "subject", "subject_id", "borrower_id", "org_id", "officer_id", "currency",
    "balance", "level", "opened_on", "condition", "evidence",
)  # fmt: skip
LAST: Final = 2**63 - 1
"""The greatest number that the log can give."""
MOST_DAYS: Final = 366
"""Days of transitions that one request may span."""
LOOKED_AT: Final = 5_000
"""Sayings of the stream that one request looks through for those in reach."""


class Chosen(Schema):
    """Which signals; a value that does not exist is refused."""

    rule: str = Field("", description="The id of a rule.")
    level: str = Field("", description="red, orange, yellow or blue.")
    topic: str = Field("", description="The topic of its rule.")
    subject: str = Field("", description="loan or borrower.")
    org_id: str = Field("", description="An org, with all below it.")
    officer_id: str = Field("", description="An officer number.")
    borrower: str = Field("", description="A borrower's number.")
    within: str = Field("", description="Opened within so many days up to the date: 1, 7, 30 or 90.")
    shadow: str = Field("", description="1: of rules in shadow; all: both. Else of rules in force.")


class Open(Chosen, Dates, Paged):
    """Which signals of which date."""


class Said(Paged):
    """Which transitions."""

    since: str | None = Field(None, description="The first date, ISO; that of the newest run unless given.")
    until: str | None = Field(None, description="The last date; that of the newest run unless given.")
    rule: str = Field("", description="The id of a rule.")
    shadow: bool = Field(default=False, description="Those of rules in shadow too.")


class Told(Schema):
    """From where on."""

    after: int = Field(
        0, ge=0, le=LAST, description="`seq` of the last that is known already; 0 for all that are kept."
    )
    limit: int = Field(asking.USUAL, ge=1, le=asking.MOST, description="Sayings at most.")


@router.get(
    "/signals", response=Page[described.OpenSignal], auth=needs_scope("signals:read"), summary="Signals open on a date"
)
def signals(request: Called, wanted: Query[Open]) -> HttpResponse:
    """The signals in reach that were open after the night of a date."""
    asking.only(request, Open)
    cursor = cursors.read(request)
    seen, moment = sight(request.rights, "portfolio.view"), asking.moment(wanted, cursor)
    run = asking.run_of(moment)
    chosen = choice.chosen(asking.querydict({name: getattr(wanted, name) for name in Chosen.model_fields}))
    tag = answers.tag_of(request, run, answers.by_reach(seen))
    if (same := answers.unchanged(request, tag)) is not None:
        return same
    found = watch(moment)
    if found is None:
        raise refusals.not_watched(moment.as_of)
    condition, bound = chosen.condition(found.day)
    rows = _page(
        f"SELECT {OPEN} FROM {found.open} WHERE {condition}", bound, seen, ("signal_id",), cursor, wanted.limit
    )
    more, rows = len(rows) > wanted.limit, rows[: wanted.limit]
    following = cursors.write(request, [rows[-1]["signal_id"]], moment.pair, run) if more else None
    return answers.page(request, [_open(row) for row in rows], following, answers.meta_of(moment, run), tag)


@router.get(
    "/signals/transitions",
    response=Page[described.SaidSignal],
    auth=needs_scope("signals:read"),
    summary="What nights said",
)
def transitions(request: Called, wanted: Query[Said]) -> HttpResponse:
    """Signals opened, cleared, ended or retired on some dates, in order of the dates. What was said of a date never changes."""
    asking.only(request, Said)
    cursor, moment = cursors.read(request), asking.newest()
    seen = sight(request.rights, "portfolio.view")
    since = asking.day("since", wanted.since) or moment.as_of
    until = asking.day("until", wanted.until) or max(since, moment.as_of)
    if not 0 <= (until - since).days < MOST_DAYS:
        raise refusals.no_span(since, until, MOST_DAYS)
    days = [since + dt.timedelta(days=after) for after in range((until - since).days + 1)]
    paths = said_on(days, moment.stamp)
    meta = {"since": since.isoformat(), "until": until.isoformat()}
    if not paths:
        return answers.page(request, [], None, meta)
    condition, bound = ("true", []) if wanted.shadow else ("NOT shadow", list[Any]())
    if wanted.rule:
        condition, bound = f"{condition} AND rule_id = ?", [*bound, wanted.rule]
    asked = f"SELECT {', '.join(SAID)} FROM {parquet(paths)} WHERE {condition}"
    rows = _page(asked, bound, seen, ("as_of", "signal_id"), cursor, wanted.limit)
    more, rows = len(rows) > wanted.limit, rows[: wanted.limit]
    following = cursors.write(request, [rows[-1]["as_of"].isoformat(), rows[-1]["signal_id"]]) if more else None
    return answers.page(request, [_said(row) for row in rows], following, meta)


@router.get(
    "/signals/told",
    response=Page[described.ToldSignal],
    auth=needs_scope("signals:read"),
    summary="What the stream said",
)
def told(request: Called, wanted: Query[Told]) -> HttpResponse:
    """What the stream said within the day, behind a number; ask again with `next` to hear what came since. A night says it once more for good."""
    asking.only(request, Told)
    seen = sight(request.rights, "portfolio.view")
    heard = _heard(wanted.after)
    rows = [one for one in heard if seen.holds(one.row)]
    further = rows[wanted.limit - 1].seq if len(rows) >= wanted.limit else heard[-1].seq if heard else wanted.after
    data = [
        {
            "seq": one.seq, "as_of": one.as_of.isoformat(), "transition": one.transition, "stands": one.stands, "place": one.place,
            "accepted_at": _at(one.accepted_at), "at": _at(one.at), **_signal({**one.row, "signal_id": one.signal_id}),
        }
        for one in rows[: wanted.limit]
    ]  # fmt: skip
    return answers.page(request, data, str(further), {})


def _heard(after: int) -> list[stream.Told]:
    """What the stream said; nothing where no log was ever begun."""
    if not (settings.HOME.path / FILE).exists():
        return []
    return stream.read(open_log(settings.HOME), after, LOOKED_AT)


def _page(
    asked: str, bound: list[Any], seen: Sight, order: tuple[str, ...], cursor: cursors.Cursor | None, limit: int
) -> list[dict[str, Any]]:
    """The rows in reach behind where the page before ended, one more than asked for where there are more."""
    within, reached = seen.sql()
    condition, values_ = f" AND {within}", [*bound, *reached]
    if cursor is not None:
        marks = ", ".join("?::DATE" if name == "as_of" else "?" for name in order)
        condition, values_ = f"{condition} AND ({', '.join(order)}) > ({marks})", [*values_, *cursor.after]
    return reading.rows(f"{asked}{condition} ORDER BY {', '.join(order)} LIMIT {limit + 1}", values_)


def _open(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**_signal(row), "hits": row["hits"], "clears": row["clears"]}


def _said(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"as_of": row["as_of"].isoformat(), "transition": row["transition"], **_signal(row)}


def _signal(row: Mapping[str, Any]) -> dict[str, Any]:
    """A signal as it is answered; its balance is in the base currency, `currency` that of the amounts that its rule looks at."""
    base = settings.HOME.settings.base_currency
    return {
        **{name: row[name] for name in ("signal_id", "rule_id", "version", "shadow", "subject", "subject_id", "borrower_id", "org_id", "officer_id")},
        "level": row["level"], "opened_on": values.plain(row["opened_on"]), "currency": row["currency"],
        "balance": values.amount(row["balance"], base), "base_currency": base, "condition": row["condition"],
        "message": evidence.message(row), "evidence": evidence.stated(row),
    }  # fmt: skip


def _at(seconds: float) -> str | None:
    """A moment to the millisecond."""
    return dt.datetime.fromtimestamp(seconds, dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
