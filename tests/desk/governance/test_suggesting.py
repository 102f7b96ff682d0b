"""Thresholds at the desk: what is asked, how the command is told, what is shown of its answer, and the number put into a draft."""

from __future__ import annotations

import json
import re
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from daihou.desk.governance import adopting, transitions
from daihou.desk.governance.models import Draft
from daihou.desk.jobs.arguments import words
from daihou.desk.jobs.models import Job, Kind, Status
from daihou.desk.jobs.rule_arguments import Suggest
from desk.governance.conftest import drafted, in_force
from desk.governance.findings import job, suggestion
from desk.governance.test_pages import button, text
from desk.portfolio.workbook import sheets

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from daihou.desk.asked import Asked
    from daihou.desk.people.models import User

    By = Callable[[str], Asked]
    Browser = Callable[[str], Client]

ASKED = {
    "measure": "dpd",
    "subject": "loan",
    "default": "dpd > 90",
    "within": "12",
    "step": "month-end",
    "goal": "budget",
}


def drawn(response: Any) -> Any:
    """What the chart's script reads."""
    found = re.search(r'<script type="application/json">(.*?)</script>', response.content.decode(), re.DOTALL)
    assert found
    return json.loads(found[1])


# What is asked ---------------------------------------------------------------------------------------------------------


def test_a_question_becomes_a_job_and_the_words_of_its_command(browser: Browser) -> None:
    more = {
        "segment": "product = 'card'",
        "by": "product",
        "from": "2024-01-31",
        "to": "2025-12-31",
        "goal": "capture",
        "aim": "60%",
    }
    answer = browser("wang").post("/rules/suggest/", {**ASKED, **more})
    made = Job.objects.get()
    assert answer.headers["Location"] == f"/rules/suggest/{made.pk}/"
    assert words(made.kind, made.arguments) == [
        "rules", "suggest", "dpd", "--subject=loan", "--segment=product = 'card'", "--default=dpd > 90", "--within=12m",
        "--from=2024-01-31", "--to=2025-12-31", "--step=month-end", "--by=product", "--capture=60%", "--json=suggest.json",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "field", "says"),
    [
        ({"default": "dpdd > 90"}, "default", "dpdd"),
        ({"segment": "dpd >"}, "segment", ""),
        ({"measure": "state"}, "measure", "Select a valid choice"),
        ({"measure": "payers_6m", "default": "payers_6m > 1"}, "default", "borrower"),
        ({"measure": "loans", "subject": "loan"}, "worse", "choose"),
        ({"measure": "principal_outstanding", "subject": "borrower"}, "measure", "no such measure"),
        ({"by": "dpd"}, "by", "Select a valid choice"),
        ({"goal": "capture", "aim": "60"}, "aim", "like 60%"),
        ({"goal": "cost", "aim": "0:0"}, "aim", "like 1:20"),
        ({"goal": "cost", "aim": ""}, "aim", "like 1:20"),
        ({"within": "0"}, "within", "1"),
        ({"from": "2025-12-31", "to": "2025-12-31"}, "to", "before the first"),
    ],
)
def test_what_cannot_be_asked_is_said_at_its_field(db: None, typed: dict[str, str], field: str, says: str) -> None:
    form = Suggest({**ASKED, **typed})
    assert not form.is_valid()
    assert list(form.errors) == [field]
    assert says in form.errors[field][0]


def test_a_wrong_question_starts_nothing_and_keeps_what_was_typed(browser: Browser) -> None:
    page = browser("wang").post("/rules/suggest/", {**ASKED, "default": "dpdd > 90"})
    assert page.status_code == 422
    assert not Job.objects.exists()
    assert "dpdd &gt; 90" in page.content.decode()


def test_only_who_drafts_for_the_whole_lender_may_ask(browser: Browser) -> None:
    assert browser("zhou").post("/rules/suggest/", ASKED).status_code == 403
    assert browser("he").get("/rules/suggest/").status_code == 403
    page = browser("zhou").get("/rules/suggest/")
    assert "disabled" in button(page, "Search for the threshold")
    assert "Rules are drafted by risk analysts of the whole lender." in text(page)
    assert not Job.objects.exists()


def test_a_rule_fills_in_its_first_threshold_where_all_else_holds(browser: Browser, by: By) -> None:
    rule = drafted(
        by("wang"), when="product = 'card' and dpd > 10 and missed_24m >= 2", segment="currency = 'CNY'"
    ).rule_id
    form = browser("wang").get(f"/rules/{rule}/suggest/").context["form"]
    assert form.initial["measure"] == "dpd"
    assert form.initial["segment"] == "currency = 'CNY' and product = 'card' and missed_24m >= 2"


def test_a_rule_without_a_threshold_says_so(browser: Browser, by: By) -> None:
    rule = drafted(by("wang"), when="state = 'overdue'").rule_id
    assert f"No threshold can be read from {rule}" in text(browser("wang").get(f"/rules/{rule}/suggest/"))
    assert browser("wang").get("/rules/R-999/suggest/").status_code == 404


# What came out ---------------------------------------------------------------------------------------------------------


def test_the_answer_shows_the_advice_and_each_figure_beside_the_present_one(
    browser: Browser, staff: dict[str, User]
) -> None:
    page = browser("wu").get(f"/rules/suggest/{job(staff['wang'], Kind.SUGGEST, suggestion()).pk}/")
    said = text(page)
    assert "dpd >= 20 is best." in said
    assert "Knowledge dates: recorded" in said
    assert "400 loans at risk, 40 defaults" in said
    row = drawn(page)["rows"][1]
    assert row["caught"] == {"value": "70.0%", "beside": "+20.0 points against the present one"}
    assert row["alerts"] == {"value": "8.0", "beside": "+3.0 against the present one"}
    assert row["precision"] == {"value": "35.0%", "beside": "−5.0 points against the present one"}
    assert row["lead"] == {"value": "60 days", "beside": "+10 days against the present one"}
    assert drawn(page)["rows"][2]["caught"]["beside"] == "as the present one"


def test_the_chart_has_the_line_the_present_threshold_and_the_budget(browser: Browser, staff: dict[str, User]) -> None:
    found = suggestion()
    found["candidates"][0] |= {
        "caught_share": 0.65,
        "alerts": 9.0,
    }  # more alerts than 20 has, and fewer caught: below the line
    option = drawn(browser("wang").get(f"/rules/suggest/{job(staff['wang'], Kind.SUGGEST, found).pk}/"))["option"]
    series = {
        one["name"]: [point["value"] if isinstance(point, dict) else point for point in one["data"]]
        for one in option["series"]
    }
    assert series["frontier"] == [[5.0, 50.0], [8.0, 70.0]]
    assert series["others"] == [[9.0, 65.0]]
    assert series["present"] == [[5.0, 50.0]]
    assert series["draft"] == [[8.0, 70.0]]
    assert series["low"] == [[5.0, 40.0], [8.0, 60.0]]
    assert series["band"] == [[5.0, 20.0], [8.0, 20.0]]
    assert "markLine" not in option["series"][2]  # a budget of 10 lies beyond the widest candidate
    found["goal"]["alerts"] = 6.0
    option = drawn(browser("wang").get(f"/rules/suggest/{job(staff['wang'], Kind.SUGGEST, found).pk}/"))["option"]
    assert option["series"][2]["markLine"]["data"] == [{"xAxis": 6.0}]


def test_too_few_defaults_give_no_threshold_and_nothing_to_use(browser: Browser, staff: dict[str, User]) -> None:
    found = suggestion(
        defaults=9,
        enough=False,
        chosen=None,
        amber=None,
        red=None,
        advice={"en": "Not enough defaults: 9.", "zh": "违约样本不足。"},
    )
    page = browser("wang").get(f"/rules/suggest/{job(staff['wang'], Kind.SUGGEST, found).pk}/")
    assert "There were 9; from 30 on a threshold is advised." in text(page)
    assert "Use this threshold" not in text(page)


def test_a_command_that_failed_tells_its_sentences(browser: Browser, staff: dict[str, User]) -> None:
    failed = job(staff["wang"], Kind.SUGGEST, None)
    Job.objects.filter(pk=failed.pk).update(
        output="reading\nError: No loan was known on 2020-01-31.\nWhere: --from\nDo: Begin later.\n"
    )
    said = text(browser("wang").get(f"/rules/suggest/{failed.pk}/"))
    assert "No loan was known on 2020-01-31. Begin later." in said


def test_while_it_runs_its_progress_is_asked_for_and_the_page_loads_again_at_its_end(
    browser: Browser, staff: dict[str, User]
) -> None:
    made = job(staff["wang"], Kind.SUGGEST, suggestion())
    Job.objects.filter(pk=made.pk).update(status=Status.RUNNING, stage="measure", done=3, total=64)
    page = browser("wu").get(f"/rules/suggest/{made.pk}/")
    assert f'hx-get="/rules/suggest/{made.pk}/state/"' in page.content.decode()
    assert "Measuring · 3 of 64" in text(page)
    Job.objects.filter(pk=made.pk).update(status=Status.DONE)
    assert browser("wu").get(f"/rules/suggest/{made.pk}/state/").headers["HX-Refresh"] == "true"


def test_what_was_found_can_be_opened_again_from_its_rule(browser: Browser, staff: dict[str, User]) -> None:
    mine, other = (job(staff["wang"], Kind.SUGGEST, suggestion(), about=rule) for rule in ("R-001", "R-002"))
    page = browser("wu").get("/rules/R-001/suggest/").content.decode()
    assert f"/rules/suggest/{mine.pk}/" in page
    assert f"/rules/suggest/{other.pk}/" not in page


def test_the_candidates_are_taken_out_as_csv_and_as_a_workbook(browser: Browser, staff: dict[str, User]) -> None:
    number = job(staff["wang"], Kind.SUGGEST, suggestion()).pk
    lines = browser("wang").get(f"/rules/suggest/{number}/csv").content.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("Condition,Dates beyond,Alerts in all,")
    assert lines[2] == 'dpd >= 20,90,60,8.0,0.5,0.01,4.0,0.35,0.7,0.7,60,4,"advised, amber"'
    assert "# Exported by Wang (wang)" in lines[-1]
    with closing(browser("wang").get(f"/rules/suggest/{number}/xlsx")) as response:
        (sheet,) = sheets(response.getvalue())
    assert [sheet.rows[3][place].value for place in range(4)] == ["dpd >= 30", 90, 60, 5]
    assert sheet.frozen == "B2"
    assert browser("wang").get(f"/rules/suggest/{number}/pdf").status_code == 404


# The number put into a draft -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("when", "becomes"),
    [
        ("dpd > 10", "dpd >= 20"),
        ("dpd>10\n  and missed_24m >= 2", "dpd >= 20\n  and missed_24m >= 2"),
        ("missed_24m >= 2 and dpd >= 5 or dpd > 90", "missed_24m >= 2 and dpd >= 20 or dpd > 90"),
        ("max_dpd_12m > 10", None),
        ("dpd > missed_24m", None),
        ("dpd > 10 * missed_24m", None),
        ("missed_24m + dpd > 10", None),
        ("net_flow_3m < -5", None),
        ("dpd > 'x", None),
    ],
)
def test_a_number_takes_the_place_of_another_and_all_else_stays(when: str, becomes: str | None) -> None:
    assert adopting.with_threshold(when, "dpd", "dpd >= 20") == becomes


def test_a_number_below_zero_is_replaced_with_its_sign() -> None:
    assert (
        adopting.with_threshold("net_flow_3m < -5 and dpd > 1", "net_flow_3m", "net_flow_3m <= -9")
        == "net_flow_3m <= -9 and dpd > 1"
    )


def test_a_threshold_used_goes_into_the_next_version_and_its_search_stands_beside(
    browser: Browser, by: By, staff: dict[str, User]
) -> None:
    rule = in_force(by("wang"), by("zhou"), when="dpd > 10 and missed_24m >= 2")
    number = job(staff["wang"], Kind.SUGGEST, suggestion(), about=rule).pk
    answer = browser("wang").post(f"/rules/suggest/{number}/use/", {"place": "1", "rule": rule}, follow=True)
    draft = Draft.objects.get(state="drafting")
    assert (draft.rule_id, draft.number, draft.values["when"]) == (rule, 2, "dpd >= 20 and missed_24m >= 2")
    evidence = draft.evidence("suggest")
    assert evidence is not None
    assert evidence.result["job"] == number
    said = text(answer)
    assert "The draft now says dpd >= 20." in said
    assert "from default history" in said
    assert drawn(answer)["at"] == 1


def test_without_a_rule_a_new_one_is_begun(browser: Browser, staff: dict[str, User]) -> None:
    number = job(staff["wang"], Kind.SUGGEST, suggestion(segment="product = 'card'")).pk
    browser("wang").post(f"/rules/suggest/{number}/use/", {"place": "0", "rule": "new"})
    values = Draft.objects.get().values
    assert (values["when"], values["segment"], values["subject"]) == ("dpd >= 10", "product = 'card'", "loan")


def test_a_threshold_that_has_no_place_in_the_rule_changes_nothing(
    browser: Browser, by: By, staff: dict[str, User]
) -> None:
    draft = drafted(by("wang"), when="missed_24m >= 2")
    number = job(staff["wang"], Kind.SUGGEST, suggestion()).pk
    page = browser("wang").post(f"/rules/suggest/{number}/use/", {"place": "1", "rule": draft.rule_id}, follow=True)
    assert f"The condition of {draft.rule_id} compares dpd with no number." in text(page)
    assert Draft.objects.get().values["when"] == "missed_24m >= 2"
    for place in ("3", "-1", ""):
        assert browser("wang").post(f"/rules/suggest/{number}/use/", {"place": place}).status_code == 400


def test_what_is_being_reviewed_takes_no_other_number(browser: Browser, by: By, staff: dict[str, User]) -> None:
    from desk.governance.conftest import submitted

    draft = submitted(by("wang"), when="dpd > 10")
    number = job(staff["li"], Kind.SUGGEST, suggestion()).pk
    page = browser("li").post(f"/rules/suggest/{number}/use/", {"place": "1", "rule": draft.rule_id}, follow=True)
    assert "It is being reviewed." in text(page)
    assert Draft.objects.get().values["when"] == "dpd > 10"


def test_a_draft_of_another_text_has_its_search_marked_as_older(
    browser: Browser, by: By, staff: dict[str, User]
) -> None:
    draft = drafted(by("wang"), when="dpd > 10")
    number = job(staff["wang"], Kind.SUGGEST, suggestion()).pk
    browser("wang").post(f"/rules/suggest/{number}/use/", {"place": "1", "rule": draft.rule_id})
    draft = Draft.objects.get()
    transitions.write(draft, draft.revision, {"when": "dpd > 40"}, by("wang"))
    assert "For an older text" in text(browser("wang").get(f"/rules/{draft.rule_id}/draft/"))
