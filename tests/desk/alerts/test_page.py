"""The page of one alert: why it was raised, its way, its measure's course, its place in a list; and the cards that lead to it."""

from __future__ import annotations

import datetime as dt
import html
import re
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from django.conf import settings
from django.db import connection
from django.http import QueryDict
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from daihou.book.home import open_home
from daihou.desk.alerts.choices import Act, Stage
from daihou.desk.alerts.models import Alert, AlertSignal, Customer, Move
from daihou.desk.portfolio import moments, reading
from daihou.desk.signals.watch import watch
from daihou.runs import store
from desk.alerts.hands import BRANCH, browser, hands
from desk.alerts.made import alert as made

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from daihou.desk.people.models import User

    Pairs = list[tuple[dt.date, dt.date]]


@pytest.fixture
def staff(db: None) -> dict[str, User]:
    return hands()


@pytest.fixture
def no_run(tmp_path: Path) -> Iterator[None]:
    """A desk beside a home in which nothing was ever run."""
    home = tmp_path / "home"
    home.mkdir()
    with override_settings(HOME=open_home(home, {})):
        yield


def text(response: Any) -> str:
    """What a page says, without its marks."""
    assert response.status_code == 200, response.content.decode()[-2000:]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def alert(**values: Any) -> Alert:
    return made("C1", values.pop("level", "orange"), **({"org_id": BRANCH, "officer_id": "W01"} | values))


def signalled(rule_id: str, day: dt.date, **values: Any) -> Alert:
    """An alert that stands on a signal of a rule which a run opened on a day, as the ingester copies it."""
    found = watch(moments.moment(QueryDict(f"as_of={day}&known_on={day}")))
    assert found is not None
    asked = f"SELECT * FROM {found.open} WHERE rule_id = ? AND opened_on = ? ORDER BY subject_id LIMIT 1"
    (row,) = reading.rows(asked, [rule_id, day])
    one = made(
        row["borrower_id"], row["level"], signals=0, rule_id=rule_id, raised_on=day, org_id=row["org_id"],
        officer_id=row["officer_id"] or "", signals_open=1, signals_all=1, **values,
    )  # fmt: skip
    names = (
        "signal_id",
        "rule_id",
        "version",
        "subject",
        "subject_id",
        "level",
        "opened_on",
        "currency",
        "condition",
        "evidence",
    )
    one.lead = AlertSignal.objects.create(alert=one, **{name: row[name] for name in names})
    one.save(update_fields=["lead"])
    return one


def lead(one: Alert) -> AlertSignal:
    """The signal that such an alert stands on."""
    return one.signals.get()


# ---- Who sees it -----------------------------------------------------------------------------------------------------


def test_an_alert_beyond_reach_is_not_there(staff: dict[str, User], no_run: None) -> None:
    one = alert()
    assert browser(staff["wang"]).get(f"/alerts/{one.pk}/").status_code == 200
    assert browser(staff["wu"]).get(f"/alerts/{one.pk}/").status_code == 200
    assert browser(staff["far"]).get(f"/alerts/{one.pk}/").status_code == 404
    assert browser(staff["li"]).get(f"/alerts/{one.pk}/").status_code == 404
    assert browser(staff["wang"]).get(f"/alerts/{one.pk + 1}/").status_code == 404


def test_who_owns_an_alert_sees_it_whosever_customer_it_is(staff: dict[str, User], no_run: None) -> None:
    one = alert(owner=staff["li"])
    assert browser(staff["li"]).get(f"/alerts/{one.pk}/").status_code == 200


# ---- Without a run ---------------------------------------------------------------------------------------------------


def test_an_alert_raised_by_hand_has_a_page_before_the_first_run(staff: dict[str, User], no_run: None) -> None:
    one = alert(signals=0, source="hand", rule_id="", version=None, reason="Seen at the branch: the shop is closed.")
    page = text(browser(staff["wang"]).get(f"/alerts/{one.pk}/"))
    assert "Seen at the branch: the shop is closed." in page
    assert "no run yet" in page
    assert "None was closed within 24 months" in page


def test_a_condition_that_is_no_longer_understood_is_shown_as_it_was_written(
    staff: dict[str, User], no_run: None
) -> None:
    one = alert()
    AlertSignal.objects.filter(alert=one).update(condition="days_of_old > 30")
    page = text(browser(staff["wang"]).get(f"/alerts/{one.pk}/"))
    assert "days_of_old > 30" in page
    assert "no longer understood" in page


# ---- Its way ---------------------------------------------------------------------------------------------------------


def steps(of: User, one: Alert) -> dict[str, Any]:
    found = browser(of).get(f"/alerts/{one.pk}/").context["steps"]
    return {step.label: step for step in found}


def test_the_stage_in_hand_says_who_has_it_and_until_when(staff: dict[str, User], no_run: None) -> None:
    late = timezone.now() - dt.timedelta(days=30)
    one = alert(owner=staff["wang"], due_at=late)
    found = steps(staff["wang"], one)
    assert [step.state for step in found.values()] == ["done", "now", *["ahead"] * 5]
    assert found["Check"].lines == ("Wang",)
    page = text(browser(staff["wang"]).get(f"/alerts/{one.pk}/"))
    assert re.search(r"Check \d+ work days late Wang", page)


def test_who_decides_goes_by_the_colour(staff: dict[str, User], no_run: None) -> None:
    found = steps(staff["wang"], alert(level="red"))
    assert found["Confirm"].lines[0] == "by head office"
    assert found["Lift"].lines == ("2 people, with evidence", "by head office")
    Alert.objects.update(level="orange")
    assert steps(staff["wang"], Alert.objects.get())["Confirm"].lines[0] == "by another person of the unit"


def test_a_stage_that_waits_for_a_decision_names_those_who_may_take_it(staff: dict[str, User], no_run: None) -> None:
    one = alert(stage=Stage.CONFIRM, conclusion="confirmed", owner=staff["wang"])
    Move.objects.create(
        alert=one, at=timezone.now(), actor=staff["wang"], act=Act.CONCLUDE, stage_before="check", stage_after="confirm", level_after="orange"
    )  # fmt: skip
    found = steps(staff["wang"], one)
    assert found["Check"].state == "done"
    assert found["Check"].lines[0].startswith("Wang ")
    assert found["Confirm"].lines[0] == "He, Sun"


def test_what_a_false_alarm_never_came_to_is_left_out(staff: dict[str, User], no_run: None) -> None:
    one = alert(stage=Stage.CLOSED, outcome="false_alarm", conclusion="false_alarm", level="blue")
    Move.objects.create(
        alert=one, at=timezone.now(), actor=staff["wang"], act=Act.CONCLUDE, stage_before="check", stage_after="closed",
        level_before="blue", level_after="blue",
    )  # fmt: skip
    assert [step.state for step in steps(staff["wang"], one).values()] == ["done", "done", *["out"] * 5]


def test_what_is_out_of_the_ordinary_is_said_at_the_head(staff: dict[str, User], no_run: None) -> None:
    now = timezone.now()
    left = staff["li"]
    left.is_active = False
    left.save()
    one = alert(
        owner=left, rule_id="R-999", snoozed_until=dt.date(2026, 12, 24), escalated_org_id="", escalated_at=now, chased_at=now,
        ceased_on=dt.date(2026, 11, 2), signals_open=0,
    )  # fmt: skip
    Move.objects.create(alert=one, at=now, actor=staff["he"], act=Act.CHASE, stage_after="check", level_after="orange")
    said = [mark.text for mark in browser(staff["he"]).get(f"/alerts/{one.pk}/").context["marks"]]
    assert said == [
        "snoozed until 2026-12-24", "escalated to head office", f"chased once, {timezone.localtime(now):%m-%d}",
        "all signals ceased on 2026-11-02: lifting is proposed", "rule withdrawn", "Li no longer works here",
    ]  # fmt: skip


def test_the_customers_own_level_stands_apart_from_the_alerts(staff: dict[str, User], no_run: None) -> None:
    one = alert(level="yellow")
    Customer.objects.create(
        borrower_id="C1", level="red", listing="exit", changed_at=timezone.now(), changed_by=staff["he"]
    )
    page = text(browser(staff["he"]).get(f"/alerts/{one.pk}/"))
    assert "Customer's own level Red Exit list" in page
    assert Alert.objects.get().level == "yellow"


# ---- Its place in a list ---------------------------------------------------------------------------------------------


def test_the_page_knows_its_place_in_the_list_it_was_opened_from(staff: dict[str, User], no_run: None) -> None:
    due = timezone.now() + dt.timedelta(days=2)
    three = [
        alert(topic=topic, due_at=due + dt.timedelta(hours=hours))
        for hours, topic in enumerate(("arrears", "terms", "market"))
    ]
    alert(topic="events", level="blue", due_at=due)
    client = browser(staff["wang"])
    response = client.get(f"/alerts/{three[1].pk}/", {"from": "level=orange&sort=due"})
    place = response.context["place"]
    assert (place.position, place.count) == (2, 3)
    assert (place.previous, place.next) == (str(three[0].pk), str(three[2].pk))
    assert "2 of 3" in text(response)
    first = client.get(place.previous_url).context["place"]
    assert (first.position, first.previous, first.next) == (1, "", str(three[1].pk))
    turned = client.get(f"/alerts/{three[0].pk}/", {"from": "level=orange&sort=-due"}).context["place"]
    assert (turned.position, turned.previous, turned.next) == (3, str(three[1].pk), "")


def test_an_alert_that_left_its_list_leads_to_the_first_that_is_left(staff: dict[str, User], no_run: None) -> None:
    one, other = alert(topic="terms", level="yellow"), alert()
    place = browser(staff["wang"]).get(f"/alerts/{one.pk}/", {"from": "level=orange"}).context["place"]
    assert (place.position, place.next) == (0, str(other.pk))


def test_nonsense_where_the_list_is_named_does_no_harm(staff: dict[str, User], no_run: None) -> None:
    one = alert()
    for stated in ("sort=nothing&level=mauve", "q=%00&page=x", "closed=all&sort=due", "%"):
        assert browser(staff["wang"]).get(f"/alerts/{one.pk}/", {"from": stated}).status_code == 200


def test_the_number_of_queries_does_not_grow_with_what_the_page_shows(staff: dict[str, User], no_run: None) -> None:
    few = alert(signals=2)
    many = alert(signals=25, topic="terms")
    now = timezone.now()
    for _ in range(40):
        detail = {"owner": staff["wang"].pk, "owner_before": staff["li"].pk}
        Move.objects.create(
            alert=many,
            at=now,
            actor=staff["he"],
            act=Act.ASSIGN,
            stage_after="check",
            level_after="orange",
            detail=detail,
        )
        made("C2", stage=Stage.CLOSED, outcome="lifted", org_id=BRANCH, officer_id="W01", signals=0)
    Move.objects.create(
        alert=few,
        at=now,
        actor=staff["he"],
        act=Act.ASSIGN,
        stage_after="check",
        level_after="orange",
        detail={"owner": staff["wang"].pk},
    )
    counts = []
    for one in (few, many):
        for query in ("", "?events=customer"):
            with CaptureQueriesContext(
                connection,
            ) as queries:
                assert browser(staff["wang"]).get(f"/alerts/{one.pk}/{query}").status_code == 200
            counts.append(len(queries))
    assert counts[0] == counts[2]
    assert counts[1] == counts[3]


# ---- Why, and the course ---------------------------------------------------------------------------------------------


def test_every_value_is_told_with_its_threshold_its_dates_and_its_rows(sign_in: Any, book: Pairs) -> None:
    day = book[-1][0]
    one = signalled("R-002", day)
    response = sign_in("manager").get(f"/alerts/{one.pk}/")
    (why,) = response.context["whys"]
    snapshot = pl.DataFrame(pl.from_arrow(store.read(settings.HOME, "snapshots", day, day)))
    row = snapshot.filter(loan_id=why.signal.subject_id).row(0, named=True)
    values = {value.name: value for value in why.values}
    assert values["dpd"].said == f"{row['dpd']} days"
    assert [(bound.said, bound.holds) for bound in values["dpd"].bounds] == [("> 30 days", True)]
    assert values["overdue_amount"].bounds == ()
    assert why.sentence == "Days past due above 30 days"
    page = response.content.decode()
    assert f'href="/loans/{row["loan_id"]}/?as_of={day}&amp;known_on={day}"' in page
    assert 'href="/rules/R-002/?version=1"' in page
    assert why.version.reason.en.split(":")[0] in text(response)


def test_the_course_is_that_of_the_snapshots_with_the_thresholds_of_all_levels(sign_in: Any, book: Pairs) -> None:
    one = signalled("R-002", book[-1][0])
    response = sign_in("manager").get(f"/alerts/{one.pk}/?months=24")
    history = response.context["history"]
    assert [point.day for point in history.points] == [as_of for as_of, _ in book]
    for point in history.points:
        snapshot = pl.DataFrame(pl.from_arrow(store.read(settings.HOME, "snapshots", point.day, point.day)))
        found = snapshot.filter(loan_id=lead(one).subject_id)["dpd"].to_list()
        assert point.value == (found[0] if found else None)
        assert point.said == ("no data" if not found or found[0] is None else f"{found[0]} day{'s' * (found[0] != 1)}")
    bounds = [(line.level, line.sign, line.value) for line in history.thresholds]
    assert bounds == [("red", ">", 60.0), ("orange", ">", 30.0), ("yellow", "≥", 1.0)]
    option = response.context["chart"]
    assert option["series"][0]["data"] == [point.value for point in history.points]
    assert [mark["yAxis"] for mark in option["series"][0]["markLine"]["data"]] == [60.0, 30.0, 1.0]


def test_three_months_are_asked_for_by_the_address(sign_in: Any, book: Pairs) -> None:
    one = signalled("R-002", book[-1][0])
    points = sign_in("manager").get(f"/alerts/{one.pk}/?months=3").context["history"].points
    assert [point.day for point in points] == [as_of for as_of, _ in book[-3:]]
    whole = sign_in("manager").get(f"/alerts/{one.pk}/?months=7").context["history"]
    assert (whole.months, len(whole.points)) == (12, len(book))


def test_dates_without_a_value_are_gaps_and_hatched(sign_in: Any, book: Pairs) -> None:
    one = signalled("R-002", book[-1][0])
    newest = pl.DataFrame(pl.from_arrow(store.read(settings.HOME, "snapshots", *book[-1])))
    oldest = pl.DataFrame(pl.from_arrow(store.read(settings.HOME, "snapshots", *book[0])))
    young = newest.filter(~pl.col("loan_id").is_in(oldest["loan_id"].implode()), pl.col("dpd").is_not_null())[
        "loan_id"
    ][0]
    AlertSignal.objects.filter(alert=one).update(subject_id=young)
    response = sign_in("manager").get(f"/alerts/{one.pk}/?months=24")
    history, option = response.context["history"], response.context["chart"]
    assert history.points[0].value is None
    assert history.points[-1].value is not None
    hatched = option["series"][-1]
    assert hatched["data"] == [1 if point.value is None else None for point in history.points]
    assert hatched["itemStyle"]["decal"]
    assert 'class="n none">no data' in response.content.decode()


# ---- From other pages ------------------------------------------------------------------------------------------------


def test_the_borrower_the_loan_and_the_signal_lead_to_the_alert(sign_in: Any, book: Pairs) -> None:
    one = signalled("R-002", book[-1][0])
    link = f'href="/alerts/{one.pk}/"'
    client = sign_in("manager")
    for page in (
        f"/borrowers/{one.borrower_id}/",
        f"/loans/{lead(one).subject_id}/",
        f"/signals/{lead(one).signal_id}/",
    ):
        assert link in client.get(page).content.decode(), page
    Alert.objects.filter(pk=one.pk).update(org_id="B99", officer_id="")
    assert link not in sign_in("branch_manager").get(f"/borrowers/{one.borrower_id}/").content.decode()
