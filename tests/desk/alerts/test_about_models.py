"""Alerts about scoring models: raised by the signals of a run, kept apart from those of borrowers, and seen by those who may see models."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from api.reading.conftest import reader
from daihou.book.home import open_home
from daihou.desk.alerts import clock, ingest, scope, transitions
from daihou.desk.alerts.choices import Act
from daihou.desk.alerts.models import Alert
from daihou.desk.notices.models import Notice
from daihou.desk.people.models import Membership
from daihou.desk.people.reach import Access
from daihou.desk.people.roles import Role
from daihou.desk.refusals import RefusedError
from daihou.desk.webhooks.models import HookEvent
from daihou.desk.webhooks.reaching import reaches as told_of
from desk.alerts.hands import asked, browser, hands
from desk.alerts.made import alert as made
from desk.conftest import user
from runs.watch.scoring import row, scored

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from daihou.book.home import Home
    from daihou.desk.people.models import User

DAYS = [dt.date(2026, 3, day) for day in range(2, 8)]
V1 = "BEHAVIOUR v1"


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    """Whatever language a page was read in, what comes after is said in that of before."""
    with translation.override("en"):
        yield


@pytest.fixture
def home(db: None, tmp_path: Path) -> Iterator[Home]:
    """A home on whose first date all models did well, taken in."""
    made_here = open_home(tmp_path / "home", {})
    with override_settings(HOME=made_here):
        scored(made_here, DAYS[0], row())
        ingest.take(timezone.now())
        yield made_here


@pytest.fixture
def staff(home: Home) -> dict[str, User]:
    return hands() | {"looks": user("looks", (Role.VIEWER, ""), language="en")}


@pytest.fixture
def shifted(home: Home, staff: dict[str, User]) -> Alert:
    """The alert of a version whose score shifted."""
    scored(home, DAYS[1], row(score_psi=0.31), row(version=2, model_role="shadow"))
    ingest.take(timezone.now())
    return Alert.objects.get()


def signs(alert: Alert) -> list[tuple[str, bool]]:
    return sorted((one.rule_id, one.ended_on is None) for one in alert.signals.all())


def test_signals_about_a_version_are_one_alert_which_is_nobodys(shifted: Alert) -> None:
    assert (shifted.borrower_id, shifted.model, shifted.topic, shifted.level) == ("", V1, "model", "orange")
    assert (shifted.org_id, shifted.officer_id, shifted.owner, shifted.exposure) == ("", "", None, 0)
    assert shifted.subject_id == V1
    assert signs(shifted) == [("R-351", True), ("R-352", True)]
    assert list(shifted.moves.values_list("act", flat=True)) == [Act.RAISE, Act.MERGE]


def test_what_breaks_later_joins_it_and_another_version_has_its_own(home: Home, shifted: Alert) -> None:
    scored(home, DAYS[2], row(score_psi=0.31, calibration_light="red"), row(version=2, score_psi=0.12))
    ingest.take(timezone.now())
    assert sorted(Alert.objects.values_list("model", "level")) == [(V1, "red"), ("BEHAVIOUR v2", "blue")]
    assert signs(Alert.objects.get(model=V1)) == [("R-351", True), ("R-352", True), ("R-355", True)]


def test_it_has_ceased_when_the_figures_fall_back_and_a_rerun_raises_no_other(home: Home, shifted: Alert) -> None:
    scored(home, DAYS[1], row(score_psi=0.31), batch=2)
    ingest.take(timezone.now())
    scored(home, DAYS[2], row(score_psi=0.03), row(version=2))
    ingest.take(timezone.now())
    scored(home, DAYS[2], row(score_psi=0.03), batch=3)
    ingest.take(timezone.now())
    alert = Alert.objects.get()
    assert (alert.ceased, alert.ceased_on, alert.signals_open) == (True, DAYS[2], 0)
    assert signs(alert) == [("R-351", False), ("R-352", False)]


def test_a_model_that_scores_no_more_ends_them(home: Home, shifted: Alert) -> None:
    scored(home, DAYS[2], row(version=2))
    ingest.take(timezone.now())
    assert Alert.objects.get().ceased
    assert set(shifted.signals.values_list("ended_by", flat=True)) == {"ended"}


def test_a_desk_that_begins_takes_over_what_is_open_of_models(db: None, tmp_path: Path) -> None:
    beginning = open_home(tmp_path / "begins", {})
    with override_settings(HOME=beginning):
        scored(beginning, DAYS[0], row(unscored_share=0.2))
        ingest.take(timezone.now())
        assert list(Alert.objects.values_list("model", "rule_id")) == [(V1, "R-358")]


def test_an_alert_is_about_a_borrower_or_a_model_and_open_once(shifted: Alert) -> None:
    wrong: list[tuple[str, dict[str, str]]] = [("", {"model": V1, "topic": "model"}), ("C1", {"model": V1}), ("", {})]
    for borrower_id, more in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            made(borrower_id, signals=0, **more)
    assert made(V1, signals=0, topic="model").subject_id == V1, "a borrower who is called like it is another"


SEES = {
    "zhou": True,
    "qian": True,
    "wu": True,
    "an": True,
    "he": False,
    "sun": False,
    "wang": False,
    "far": False,
    "looks": False,
}


def test_it_is_seen_by_those_who_see_models_of_the_whole_lender(shifted: Alert, staff: dict[str, User]) -> None:
    of_borrower = made("C1", signals=0, org_id="X1")
    for name, sees in SEES.items():
        rights = Access(staff[name])
        seen = scope.seen(staff[name], rights)
        assert (shifted in seen, scope.reaches(staff[name], rights, shifted, "alerts.view")) == (sees, sees), name
        client = browser(staff[name])
        assert client.get(f"/alerts/{shifted.pk}/").status_code == (200 if sees else 404), name
        listed = [one.alert.pk for one in client.get("/alerts/?closed=0").context["rows"]]
        assert (shifted.pk in listed) == sees, name
    assert of_borrower in scope.seen(staff["looks"], Access(staff["looks"]))


def test_who_works_on_it_takes_it_and_who_may_not_see_models_cannot_be_given_it(
    shifted: Alert, staff: dict[str, User]
) -> None:
    request = asked(staff["zhou"])
    with pytest.raises(RefusedError):
        transitions.assign(shifted, shifted.revision, staff["wang"], "", request)
    transitions.claim(shifted, shifted.revision, request)
    assert Alert.objects.get(pk=shifted.pk).owner == staff["zhou"]
    clock.tick(timezone.now())
    assert Alert.objects.get(pk=shifted.pk).owner == staff["zhou"]
    Membership.objects.filter(user=staff["zhou"]).update(role=Role.OFFICER)
    clock.tick(timezone.now())
    assert Alert.objects.get(pk=shifted.pk).owner is None


def test_an_officer_of_the_whole_lender_is_given_none(home: Home) -> None:
    user("everywhere", (Role.OFFICER, ""), officer_id="E01")
    scored(home, DAYS[1], row(score_psi=0.31))
    ingest.take(timezone.now())
    assert Alert.objects.get().owner is None


def test_who_may_see_models_is_told_of_it(home: Home, staff: dict[str, User]) -> None:
    scored(home, DAYS[1], row(score_psi=0.31))
    ingest.take(timezone.now())
    told = set(Notice.objects.values_list("recipient__username", flat=True))
    assert told == {"zhou", "qian", "an"}, (
        "who assigns, head office and the analyst, as its rule asks; nobody of a branch"
    )


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_page_on_which_it_appears_names_the_model(shifted: Alert, staff: dict[str, User], language: str) -> None:
    staff["zhou"].language = language
    staff["zhou"].save()
    client = browser(staff["zhou"])
    transitions.claim(shifted, shifted.revision, asked(staff["zhou"]))
    signal_id = shifted.signals.earliest("pk").signal_id
    for path in (
        f"/alerts/{shifted.pk}/", f"/alerts/{shifted.pk}/?events=customer&entries=all&months=24", "/alerts/?closed=0", "/alerts/?closed=all&topic=model",
        f"/alerts/?model={V1}", "/work/", "/signals/", "/signals/?subject=model", f"/signals/{signal_id}/",
    ):  # fmt: skip
        page = client.get(path)
        assert page.status_code == 200, path
        assert V1 in page.content.decode(), path
    for path in (
        "/work/team/",
        "/alerts/rules/",
        "/alerts/customers/",
        "/rules/R-351/",
        "/rules/?subject=model",
        "/rules/?topic=model",
    ):
        assert client.get(path).status_code == 200, path
    for sought, rows in ((V1, [shifted.pk]), (V1.rsplit(" ", 1)[0], [shifted.pk]), (f"{V1}0", [])):
        found = client.get("/alerts/", {"closed": "0", "q": sought}, follow=True)
        assert [one.alert.pk for one in found.context["rows"]] == rows, sought


def test_the_course_of_its_measure_is_drawn_from_the_rows_of_the_model(
    home: Home, shifted: Alert, staff: dict[str, User]
) -> None:
    client = browser(staff["zhou"])
    (shown,) = client.get("/alerts/?closed=0").context["rows"]
    assert (shown.trend.measure, shown.trend.said, shown.trend.said_threshold) == ("score_psi", "0.31", "0.25")
    assert shown.trend.values == (0.02, 0.31)
    drawn = client.get(f"/alerts/{shifted.pk}/").context["history"]
    assert [point.said for point in drawn.points] == ["0.02", "0.31"]
    assert [(one.level, one.value) for one in drawn.thresholds] == [("orange", 0.25), ("blue", 0.1)]


def test_it_goes_its_way_to_the_end_as_any_other(home: Home, shifted: Alert, staff: dict[str, User]) -> None:
    manager, reviewer = browser(staff["zhou"]), browser(staff["qian"])
    steps = [
        (manager, "claim", {}), (manager, "conclude", {"conclusion": "confirmed", "level": "orange", "note": "Customers of a new partner."}),
        (reviewer, "confirm", {"conclusion": "confirmed", "level": "orange", "note": "Agreed."}), (manager, "plan", {"note": "Train it again."}),
        (manager, "comment", {"text": "@an, look at its characteristics.", "note": "@an, look at its characteristics."}),
        (manager, "carry-out", {"note": "Trained, version 2 in shadow."}), (manager, "follow-up", {"note": "The score is stable."}),
    ]  # fmt: skip
    for by, act, said in steps:
        revision = Alert.objects.get(pk=shifted.pk).revision
        answer = by.post(f"/alerts/{shifted.pk}/{act}/", {"revision": revision, **said}, follow=True)
        assert answer.status_code == 200, (act, answer.content.decode()[-2000:])
        assert by.get(f"/alerts/{shifted.pk}/").status_code == 200, act
    assert Alert.objects.get(pk=shifted.pk).stage in ("follow", "lift")
    assert browser(staff["an"]).get(f"/alerts/{shifted.pk}/people/?q=z").status_code == 200


def test_files_of_alerts_and_signals_name_the_model(shifted: Alert, staff: dict[str, User]) -> None:
    client = browser(staff["zhou"])
    for path in (
        "/alerts/export.csv?closed=0",
        "/signals/export.csv",
        "/signals/export.xlsx",
        "/alerts/export.xlsx?closed=0",
    ):
        answer = client.get(path)
        assert answer.status_code == 200, path
        content = b"".join(answer) if answer.streaming else answer.content
        if path.split("?")[0].endswith("csv"):
            assert V1 in content.decode("utf-8-sig"), path


def test_signals_about_models_are_seen_as_their_alerts_are(shifted: Alert, staff: dict[str, User]) -> None:
    signal_id = shifted.signals.earliest("pk").signal_id
    for name, sees in SEES.items():
        client = browser(staff[name])
        assert (V1 in client.get("/signals/").content.decode()) == sees, name
        assert client.get(f"/signals/{signal_id}/").status_code == (200 if sees else 404), name


def test_programs_read_it_as_far_as_their_role_sees_models(shifted: Alert, staff: dict[str, User]) -> None:
    whole, blind = reader("whole", Role.MANAGER, ""), reader("blind", Role.VIEWER, "")
    (told,) = whole.data("/alerts")
    assert (told["borrower_id"], told["model"], told["topic"]) == (None, V1, "model")
    one = whole.data(f"/alerts/{shifted.number}")
    assert {signal["subject_id"] for signal in one["signals"]} == {V1}
    assert [row["id"] for row in whole.data(f"/alerts?model={V1}")] == [shifted.pk]
    assert {row["subject"] for row in whole.data("/signals")} == {"model"}
    assert len(whole.data(f"/signals/transitions?since={DAYS[1]}&until={DAYS[1]}")) == 2
    assert blind.data("/alerts") == []
    assert blind.data("/signals") == []


def test_webhooks_are_told_of_it_as_far_as_their_user_sees_models(shifted: Alert, staff: dict[str, User]) -> None:
    event = HookEvent(
        kind="alert.raised", subject=f"alert:{shifted.pk}", at=timezone.now(), path="/", data={"model": V1}
    )
    assert told_of(Access(staff["zhou"]), event)
    assert not told_of(Access(staff["looks"]), event)
    assert not told_of(Access(staff["he"]), event)


def test_lists_need_no_more_queries_for_more_models(home: Home, shifted: Alert, staff: dict[str, User]) -> None:
    client = browser(staff["zhou"])

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as held:
            client.get("/alerts/?closed=0")
        return len(held)

    queries()
    few = queries()
    scored(home, DAYS[2], *(row(f"M{n}", score_psi=0.31) for n in range(20)), row(score_psi=0.31))
    ingest.take(timezone.now())
    client.get("/alerts/?closed=0")
    assert Alert.objects.count() == 21
    assert queries() <= few


def test_no_task_that_is_done_to_a_borrower_is_suggested(shifted: Alert, staff: dict[str, User]) -> None:
    client = browser(staff["zhou"])
    assert client.get(f"/alerts/{shifted.pk}/").context["suggested"] == []
    client.post(f"/alerts/{shifted.pk}/tasks/", {"kind": "freeze_limit", "revision": shifted.revision})
    assert not shifted.tasks.exists()


def test_a_borrowers_alert_is_not_raised_by_hand_on_models(staff: dict[str, User]) -> None:
    page = browser(staff["zhou"]).get("/alerts/raise/")
    assert page.status_code == 200
    assert "model" not in dict(page.context["topics"])
