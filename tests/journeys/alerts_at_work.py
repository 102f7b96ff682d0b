"""Alerts at every stage, as people have brought them there, for the pictures; and those that each journey begins with. Each is given to one journey alone."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Final

import polars as pl

from daihou.cli.demo_handling import Hands, advance, asked
from daihou.runs import store

if TYPE_CHECKING:
    from daihou.book.home import Home
    from daihou.desk.alerts.models import Alert
    from daihou.desk.people.models import User

NOTED: Final = "journeys.json"
"""In the home: which alert is for what, by number."""
KEYED: Final = 5
"""Alerts that are worked on by keyboard."""
SHUT_DAYS: Final = 15
"""Notices were written so long ago, so that the desk has a digest to send as soon as it opens: more than any holidays have."""


def take_in() -> None:
    """Take in what the runs found, as the keeper does."""
    from django.utils import timezone

    from daihou.desk.alerts import ingest

    ingest.take(timezone.now())


def begin(home: Home) -> None:
    """Bring alerts to their stages, and note which is for what."""
    noted = {**_seen(), **_worked(), "borrower": _borrower(home)}
    _digest()
    (home.path / NOTED).write_text(json.dumps(noted), "utf-8")


def noted(home: Home) -> dict[str, int]:
    """Which alert is for what."""
    found: dict[str, int] = json.loads((home.path / NOTED).read_text("utf-8"))
    return found


def _seen() -> dict[str, int | str]:
    """Alerts of the first branch that are looked at: one a stage, some that rest, are pressed or went up."""
    from daihou.desk.alerts import transitions
    from daihou.desk.alerts.choices import Listing

    hands = Hands(_user("officer-zh"), _user("manager-zh"), chinese=True)
    manager = asked(_user("manager-zh"))
    first = _given(_fresh("B01", "red"), hands.owner)
    found: dict[str, int | str] = {"red": first.pk}
    for stage in ("confirm", "plan", "act", "follow", "lift"):
        found[stage] = advance(_fresh("B01", "orange"), stage, hands).pk
    found["closed"] = advance(_fresh("B01", "orange"), "closed", hands).pk
    for conclusion in ("false_alarm", "data_error"):
        advance(_fresh("B01", "yellow"), "closed", hands, conclusion)
    rests = _given(_fresh("B01", "yellow"), hands.owner)
    until = dt.date.today() + dt.timedelta(days=20)  # noqa: DTZ011 - a day of the desk
    transitions.snooze(rests, rests.revision, until, "客户约定月底还款，届时复核。", asked(hands.owner))
    pressed = _given(_fresh("B01", "orange"), hands.owner)
    transitions.chase(pressed, pressed.revision, "请今日完成核查并反馈。", manager)
    risen = _given(_fresh("B01", "orange"), hands.owner)
    transitions.escalate(risen, risen.revision, "涉及分行外担保企业，请总行牵头核查。", asked(hands.owner))
    transitions.begin_task(first, "special_inspection", hands.owner, manager)
    transitions.comment(first, "@officer-zh 请尽快核实抵押物状况。", [hands.owner], manager)
    whose = {"org_id": first.org_id, "lead_org_id": first.lead_org_id, "officer_id": first.officer_id}
    transitions.set_customer(first.borrower_id, 0, "red", Listing.WATCH, "连续逾期，列入名单管理。", whose, manager)
    return {**found, "snoozed": rests.pk, "pressed": pressed.pk}


def _worked() -> dict[str, int | str]:
    """Alerts that journeys begin with."""
    typist, colleague, manager = _user("typist"), _user("colleague"), _user("manager")
    for _ in range(KEYED + 1):
        _given(_fresh("B02", "orange"), typist)
    lifter = Hands(_user("lifter"), manager, chinese=False)
    red = advance(_fresh("B02", "red"), "confirm", Hands(colleague, manager, chinese=False))
    return {
        "level": advance(_fresh("B02", "orange"), "confirm", Hands(colleague, manager, chinese=False)).pk,
        "contested": advance(_fresh("B02", "orange"), "confirm", Hands(colleague, manager, chinese=False)).pk,
        "lifted": advance(red, "follow", lifter).pk,
        "rests": _given(_fresh("B02", "orange"), colleague).pk,
        "handed": _given(_fresh("B04", "orange"), _user("traveller")).pk,
    }


def _digest() -> None:
    """Let the notices of a desk that was shut wait for the digest whose hour is past."""
    from django.utils import timezone

    from daihou.desk.notices import routing

    before = timezone.now() - dt.timedelta(days=SHUT_DAYS)
    while routing.route(before):
        pass


def _borrower(home: Home) -> str:
    """A customer of the colleague, on whom nothing was raised by hand yet."""
    day = max(as_of for as_of, known_on in store.pairs(home) if as_of == known_on)
    loans = pl.DataFrame(pl.from_arrow(store.read(home, "snapshots", day, day)))
    mine = loans.filter(pl.col("officer_id").cast(pl.String) == _user("colleague").officer_id)
    return str(mine["borrower_id"].min())


def _fresh(org_id: str, level: str) -> Alert:
    """An alert of a branch that nobody has touched."""
    from daihou.desk.alerts.models import Alert

    fresh = Alert.objects.filter(org_id=org_id, level=level, revision=1, closed_at=None)
    return fresh.select_related("owner", "lead").order_by("pk")[0]


def _given(alert: Alert, owner: User) -> Alert:
    from daihou.desk.alerts import transitions

    if alert.owner_id == owner.pk:
        return alert
    return transitions.assign(alert, alert.revision, owner, "", asked(_user("manager")))


def _user(username: str) -> User:
    from daihou.desk.people.models import User

    return User.objects.get(username=username)
