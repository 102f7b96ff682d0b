"""Pages of models: what each shows, to whom, and what it says where there is nothing."""

from __future__ import annotations

import html
import io
import json
import re
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.test import override_settings

from daihou.book.home import Home, Settings
from daihou.desk.audit.models import Entry
from daihou.desk.portfolio.subjects import address
from daihou.desk.scoring import registry
from daihou.runs.scores.register import VALIDATION, folder
from desk.scoring.conftest import WAITS, last_run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from django.test import Client

    from scoring_home import Scoring

    Browser = Callable[[str], Client]

CHAMPION, SHADOW = "/models/watch_3m/1/", "/models/watch_3m/2/"


def text(response: Any) -> str:
    """What a page says, without its marks."""
    said = re.sub(r"<(script|style)\b.*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", said)).split())


@pytest.fixture
def nothing_yet(tmp_path: Path) -> Any:
    """A home without a book and without models."""
    (tmp_path / "lake").mkdir()
    with override_settings(HOME=Home(tmp_path, Settings())):
        yield


# The list --------------------------------------------------------------------------------------------------------------


def test_the_list_shows_what_waits_first_and_how_the_champion_fares(scoring: Scoring, browser: Browser) -> None:
    answer = browser("zhou").get("/models/")
    assert [row.model_id for row in answer.context["rows"]] == [WAITS, "watch_3m"]
    waiting, live = answer.context["rows"]
    assert (waiting.champion, len(waiting.waiting)) == (None, 1)
    assert live.champion.number == 1
    assert [one.number for one in live.shadows] == [2]
    told = text(answer)
    assert f"watched by the run of {last_run(scoring)}" in told
    assert f"{live.figures['psi']['value']:.3f}" in told
    assert "none: nobody is scored" in told


def test_an_empty_list_tells_what_a_model_is_and_how_to_train_one(nothing_yet: None, browser: Browser) -> None:
    told = text(browser("wang").get("/models/"))
    assert "No model yet" in told
    assert "daihou models train" in told
    assert "Models are trained by risk analysts of the whole lender." in text(browser("zhou").get("/models/"))


def test_the_list_asks_the_database_no_more_for_more_models(
    scoring: Scoring, browser: Browser, django_assert_max_num_queries: Any
) -> None:
    client = browser("zhou")
    client.get("/models/")
    with django_assert_max_num_queries(12):
        client.get("/models/")
    with django_assert_max_num_queries(12):
        client.get("/models/watch_3m/")


@pytest.mark.parametrize(
    "address", ["/models/", "/models/train/", "/models/watch_3m/", CHAMPION, f"{CHAMPION}report/", f"{CHAMPION}json"]
)
def test_only_who_sees_the_whole_lender_opens_models(scoring: Scoring, browser: Browser, address: str) -> None:
    assert browser("yu").get(address).status_code == 403
    assert browser("he").get(address).status_code == 403
    assert browser("lu").get(address).status_code == 403
    assert browser("wu").get(address).status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        "/models/watch_9m/",
        "/models/watch_3m/9/",
        f"{CHAMPION}csv",
        f"{SHADOW}xlsx",
        "/models/watch_9m/overlay/",
        "/models/jobs/9/",
    ],
)
def test_what_is_not_there_is_not_found(scoring: Scoring, browser: Browser, address: str) -> None:
    assert browser("zhou").get(address).status_code == 404


# One model -------------------------------------------------------------------------------------------------------------


def test_a_model_shows_its_watch_and_its_versions(scoring: Scoring, browser: Browser) -> None:
    answer = browser("zhou").get("/models/watch_3m/")
    found = answer.context["watch"]
    assert found.called == "watch_3m v1"
    assert list(found.days) == scoring.ends[-2:]
    assert [one.number for one, _stands, _role in answer.context["versions"]] == [2, 1]
    shift = answer.context["charts"][0]["option"]
    assert shift["xAxis"][0]["data"] == [day.isoformat() for day in found.days]
    told = text(answer)
    assert "Shift of the characteristics (CSI)" in told
    assert all(row["of"] in told for row in found.characteristics)
    other = browser("zhou").get("/models/watch_3m/?of=2")
    assert other.context["watch"].called == "watch_3m v2"


def test_the_chart_of_rates_tells_each_observation_point_once(scoring: Scoring, browser: Browser) -> None:
    rates = browser("zhou").get("/models/watch_3m/").context["charts"][1]
    days = rates["option"]["xAxis"][0]["data"]
    assert days == sorted(set(days))
    assert [series["name"] for series in rates["option"]["series"]][:2] == ["Default rate", "Expected"]


def test_a_model_that_no_run_has_watched_says_so(scoring: Scoring, browser: Browser) -> None:
    told = text(browser("zhou").get(f"/models/{WAITS}/"))
    assert "No run has watched it yet" in told
    assert "No version scores: none is approved as champion." in told


def test_what_is_about_a_model_leads_to_its_page() -> None:
    assert address("model", "watch_3m v2") == "/models/watch_3m/"


# A version -------------------------------------------------------------------------------------------------------------


def test_a_card_adds_up_and_says_what_was_left_out(scoring: Scoring, browser: Browser) -> None:
    answer = browser("zhou").get(CHAMPION)
    body = answer.context["model"].body
    groups = answer.context["groups"]
    assert [group.name for group in groups] == [line.input.name for line in body.characteristics]
    assert (
        body.base
        + sum(max(bin_.line.points for bin_ in group.bins if bin_.line.points is not None) for group in groups)
        <= body.most
    )
    told = text(answer)
    assert f"base {body.base}, scores from {body.least} to {body.most}" in told
    assert answer.context["version"].trained.digest in told
    assert all(name in told for name, _why in answer.context["dropped"])
    assert all(finding.en in told for finding in answer.context["findings"])


def test_trees_show_what_they_ask(scoring: Scoring, browser: Browser) -> None:
    answer = browser("zhou").get(SHADOW)
    assert answer.context["groups"] == []
    assert all(one.name in text(answer) for one in answer.context["model"].inputs)


def test_bars_lie_within_their_picture(scoring: Scoring, browser: Browser) -> None:
    for group in browser("zhou").get(CHAMPION).context["groups"]:
        for bin_ in group.bins:
            assert bin_.start >= 0
            assert bin_.start + bin_.wide <= 100.02


def test_a_validation_that_was_touched_is_not_shown(to_decide: Scoring, browser: Browser) -> None:
    path = folder(to_decide.home, "watch_3m", 1) / VALIDATION
    path.write_text(path.read_text("utf-8").replace('"n"', '"n" '), "utf-8")
    told = text(browser("zhou").get(CHAMPION))
    assert "The figures of the validation are gone or were changed since." in told


def test_a_model_whose_file_was_touched_is_refused_in_words(to_decide: Scoring, browser: Browser) -> None:
    path = folder(to_decide.home, "watch_3m", 1) / "model.json"
    path.write_text(path.read_text("utf-8") + " ", "utf-8")
    answer = browser("zhou").get(CHAMPION)
    assert answer.status_code == 400
    assert "not the one that was registered" in text(answer)


# Files -----------------------------------------------------------------------------------------------------------------


def test_the_report_is_served_alone_with_a_policy_of_its_own(scoring: Scoring, browser: Browser) -> None:
    answer = browser("zhou").get(f"{CHAMPION}report/")
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "script-src" not in policy
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    assert 'lang="en"' in answer.content.decode()[:200]
    assert 'lang="zh-Hans"' in browser("zhou").get(f"{CHAMPION}report/?language=zh").content.decode()[:200]


def test_files_leave_with_an_entry_in_the_log(scoring: Scoring, browser: Browser) -> None:
    client = browser("wu")
    pdf = client.get(f"{CHAMPION}pdf")
    assert pdf.content.startswith(b"%PDF-")
    assert pdf["Content-Disposition"] == 'attachment; filename="watch_3m-v1-report.pdf"'
    stated = json.loads(client.get(f"{CHAMPION}json").content)
    assert stated["design"]["id"] == "watch_3m"
    with zipfile.ZipFile(io.BytesIO(client.get(f"{CHAMPION}xlsx").content)) as book:
        assert "watch_3m v1" in book.read("xl/sharedStrings.xml").decode()
    entries = Entry.objects.filter(action="model.export")
    assert {entry.detail["as"] for entry in entries} == {"pdf", "json", "xlsx"}
    assert {entry.subject_id for entry in entries} == {"watch_3m v1"}


def test_a_version_stands_as_the_register_says(scoring: Scoring) -> None:
    day = last_run(scoring)
    known = {one.called: registry.standing(one, day) for one in registry.known().versions}
    assert known == {"watch_3m v1": "champion", "watch_3m v2": "shadow", f"{WAITS} v1": "waits"}
    assert scoring.home == settings.HOME
