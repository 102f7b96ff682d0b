"""What happens to alerts, cases and promises, and at night: told to hooks in the transaction of the act, without a name, and only to who may see it."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING

import pytest
from django.db import connection, transaction
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from daihou.book.home import open_home
from daihou.desk.alerts import ingest
from daihou.desk.alerts import transitions as alert_acts
from daihou.desk.casework import following, promising
from daihou.desk.people.roles import Role
from daihou.desk.webhooks import routing, runs
from daihou.desk.webhooks.choices import HookState, Kind
from daihou.desk.webhooks.models import Delivery, HookEvent, SeenRun
from desk.alerts.hands import asked, hands
from desk.alerts.made import alert
from desk.alerts.nights import Nights
from desk.casework import nights as case_nights
from desk.casework.made import case, crew
from desk.conftest import user
from desk.webhooks.conftest import NOON, happened, hook

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from daihou.desk.people.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def nights(tmp_path: Path) -> Iterator[Nights]:
    """A home whose runs a test writes, with a borrower of two loans, and its first date taken in."""
    home = open_home(tmp_path / "home", {})
    with override_settings(HOME=home):
        made = Nights(home)
        made.loan("L1", "C1")
        made.loan("L2", "C1")
        made.run(0)
        ingest.take(timezone.now())
        yield made


def told() -> list[str]:
    """The kinds of what was told, in order."""
    return list(HookEvent.objects.order_by("pk").values_list("kind", flat=True))


def last() -> HookEvent:
    return HookEvent.objects.order_by("pk")[HookEvent.objects.count() - 1]


def test_an_alert_is_told_from_its_raising_to_its_end(nights: Nights, analyst: User) -> None:
    hook(analyst)
    (first,) = nights.run(1, ("R-001", "L1"))
    ingest.take(timezone.now())
    assert told() == ["alert.raised"]
    (second,) = nights.run(2, ("R-003", "L2"))
    ingest.take(timezone.now())
    assert told()[1:] == ["alert.level_changed"]
    assert (last().data["level_before"], last().data["level"]) == ("yellow", "red")
    nights.run(3, ended={first: "cleared"})
    ingest.take(timezone.now())
    assert len(told()) == 2
    nights.run(4, ended={second: "cleared"})
    ingest.take(timezone.now())
    assert told()[2:] == ["alert.ceased"]
    assert last().data["ceased_on"] == "2026-03-06"


def test_what_people_do_is_told_with_its_stage_and_without_their_words(analyst: User) -> None:
    people = hands()
    hook(analyst)
    made = alert(org_id="X1", officer_id="W01", owner=people["wang"])
    after = alert_acts.conclude(made, made.revision, "confirmed", "Wang Fang said so", asked(people["wang"]))
    assert told() == ["alert.stage_changed"]
    data = last().data
    assert (data["stage_before"], data["stage"], data["act"]) == ("check", "confirm", "conclude")
    assert (data["number"], data["revision"], data["exposure"], data["currency"]) == (
        made.number,
        after.revision,
        "10000.00",
        "CNY",
    )
    assert "Wang Fang" not in json.dumps(data)
    alert_acts.confirm(after, after.revision, "false_alarm", "orange", "nothing to it", asked(people["he"]))
    assert told() == ["alert.stage_changed", "alert.closed"]
    assert last().data["outcome"] == "false_alarm"


def test_an_act_that_is_undone_is_not_told(analyst: User) -> None:
    people = hands()
    hook(analyst)
    made = alert(org_id="X1", officer_id="W01", owner=people["wang"])
    with transaction.atomic():
        alert_acts.conclude(made, made.revision, "confirmed", "looked at it", asked(people["wang"]))
        assert told() == ["alert.stage_changed"]
        transaction.set_rollback(True)
    assert not told()


def test_where_nobody_listens_nothing_is_written_and_one_short_query_asked(analyst: User) -> None:
    people = hands()
    hook(analyst, "https://a.example/", Kind.CASE_OPENED)
    hook(analyst, "https://b.example/", state=HookState.OFF)
    hook(analyst, "https://c.example/", removed_at=timezone.now())
    made = alert(org_id="X1", officer_id="W01", owner=people["wang"])
    with CaptureQueriesContext(connection, ) as captured:  # fmt: skip
        alert_acts.conclude(made, made.revision, "confirmed", "looked at it", asked(people["wang"]))
    assert len([one for one in captured if "webhooks_" in one["sql"]]) == 1
    with CaptureQueriesContext(connection) as captured:
        alert_acts.comment(made, "a word", [], asked(people["wang"]))
    assert not [one for one in captured if "webhooks_" in one["sql"]]
    assert not told()


def test_a_paused_hook_is_told_afterwards(analyst: User) -> None:
    people = hands()
    hook(analyst, state=HookState.PAUSED)
    made = alert(org_id="X1", officer_id="W01", owner=people["wang"])
    alert_acts.conclude(made, made.revision, "confirmed", "looked at it", asked(people["wang"]))
    assert told() == ["alert.stage_changed"]


def test_a_case_is_told_from_its_opening_to_its_end(tmp_path: Path, analyst: User) -> None:
    hook(analyst)
    now = dt.datetime(2026, 3, 5, 2, tzinfo=dt.UTC)
    home = open_home(tmp_path / "home", {})
    with override_settings(HOME=home):
        made = case_nights.Nights(home)
        made.loan("L1", "C1", 20)
        made.loan("L2", "C2", 20)
        made.run(0)
        following.follow(now)
        assert told() == ["case.opened", "case.opened"]
        assert (last().data["stage"], last().data["claim"], last().data["dpd"]) == ("M1", "1050.00", 20)
        made.age(20)
        made.run(1)
        with CaptureQueriesContext(connection) as captured:
            following.follow(now)
        assert told()[2:] == ["case.stage_changed", "case.stage_changed"]
        assert (last().data["stage_before"], last().data["stage"]) == ("M1", "M2")
        assert len([one for one in captured if "webhooks_" in one["sql"]]) <= 3
        made.paid("L1", case_nights.day(2))
        made.run(2)
        following.follow(now)
        assert told()[4:] == ["case.closed"]
        assert (last().data["borrower_id"], last().data["closing"]) == ("C1", "cured")


def test_a_promise_is_told_with_its_parts_and_that_it_was_withdrawn_without_why(analyst: User) -> None:
    hook(analyst)
    people = crew()
    held = case(owner=people["sun"])
    day = timezone.localdate() + dt.timedelta(days=3)
    made = promising.take(held, [(day, 50_000)], (), 7, "k1", asked(people["sun"]))
    assert told() == ["promise.made"]
    data = last().data
    assert data["parts"] == [{"due_on": day.isoformat(), "amount": "500.00", "state": "open", "received": "0.00"}]
    assert (data["case"], data["loan_ids"], data["state"]) == (held.number, ["C1-L1"], "open")
    promising.withdraw(made.case, made, "Li Na lost her work", asked(people["sun"]))
    assert told() == ["promise.made", "promise.withdrawn"]
    assert "Li Na" not in json.dumps(last().data)
    assert last().subject == f"promise:{made.pk}"


def test_a_hook_is_told_of_what_its_user_sees_and_of_nothing_else(analyst: User) -> None:
    branch = user("branch", (Role.MANAGER, "B01"))
    officer = user("officer", (Role.OFFICER, ""), officer_id="O7")
    blind = user("blind", (Role.ADMINISTRATOR, ""))
    gone = user("gone", (Role.ANALYST, ""), is_active=False)
    hooks = {who.username: hook(who) for who in (analyst, branch, officer, blind, gone)}
    (here,) = happened()
    (elsewhere,) = happened(org_id="B02")
    (theirs,) = happened(org_id="B02", officer_id="O7")
    (own,) = happened(org_id="B02", owner_id=branch.pk)
    (led,) = happened(org_id="B02", lead_org_id="B01")
    (run,) = happened(kind=Kind.RUN_FINISHED, org_id="")
    assert routing.route(NOON) == 6
    events = {
        name: set(Delivery.objects.filter(hook=one).values_list("event", flat=True)) for name, one in hooks.items()
    }
    assert events == {
        "analyst": {here.pk, elsewhere.pk, theirs.pk, own.pk, led.pk, run.pk},
        "branch": {here.pk, own.pk, led.pk, run.pk},
        "officer": {theirs.pk, run.pk},
        "blind": set(),
        "gone": set(),
    }
    assert routing.route(NOON) == 0


def test_a_hook_is_told_of_the_kinds_it_asks_for(analyst: User) -> None:
    asks = hook(analyst, "https://a.example/", Kind.ALERT_CLOSED)
    happened()
    (closed,) = happened(kind=Kind.ALERT_CLOSED)
    routing.route(NOON)
    assert list(Delivery.objects.values_list("hook", "event")) == [(asks.pk, closed.pk)]


def test_routing_asks_as_much_for_many_events_as_for_one(analyst: User) -> None:
    for number in range(3):
        hook(analyst, f"https://{number}.example/")
    happened()
    with CaptureQueriesContext(connection) as one:
        routing.route(NOON)
    happened(10)
    with CaptureQueriesContext(connection) as many:
        routing.route(NOON)
    assert len(many) <= len(one)
    assert Delivery.objects.count() == 33


def test_a_run_is_told_once_and_what_was_there_before_is_not(nights: Nights, analyst: User) -> None:
    hook(analyst)
    assert runs.look(NOON) == 0
    assert not HookEvent.objects.filter(kind=Kind.RUN_FINISHED).exists()
    nights.run(1)
    nights.run(2)
    assert runs.look(NOON) == 2
    assert runs.look(NOON) == 0
    told_of = list(HookEvent.objects.filter(kind=Kind.RUN_FINISHED).order_by("pk").values_list("data", flat=True))
    assert sorted(one["as_of"] for one in told_of) == ["2026-03-03", "2026-03-04"]
    assert told_of[0]["said"] is True
    nights.run(2)  # run again, with facts that came late
    assert runs.look(NOON) == 1


def test_the_first_run_of_a_home_is_told(tmp_path: Path, analyst: User) -> None:
    hook(analyst)
    home = open_home(tmp_path / "home", {})
    with override_settings(HOME=home):
        assert runs.look(NOON) == 0
        assert runs.stamp() == ""
        Nights(home).run(0)
        assert runs.look(NOON) == 1


def test_runs_that_finished_while_nobody_listened_are_not_told_later(nights: Nights, analyst: User) -> None:
    runs.look(NOON)
    nights.run(1)
    assert runs.look(NOON) == 1
    assert SeenRun.objects.count() == 3
    assert not HookEvent.objects.exists()
    hook(analyst)
    assert runs.look(NOON) == 0
