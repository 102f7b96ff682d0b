"""The pages of arrangements and hardship: what they show, what they refuse and keep, who sees them, and that their queries do not grow."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from daihou.desk.casework import arranging
from daihou.desk.casework.models import Arrangement, Case, Hardship
from desk.alerts.hands import browser
from desk.casework.made import case, crew
from desk.casework.owing import built, on, today

if TYPE_CHECKING:
    from daihou.desk.people.models import User

pytestmark = pytest.mark.django_db
WHY = "Lost her job in spring."


@pytest.fixture(autouse=True)
def _home(settings: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    settings.HOME = built(tmp_path_factory)


@pytest.fixture
def people() -> dict[str, User]:
    return crew()


@pytest.fixture
def held(people: dict[str, User]) -> Case:
    return case("C1", owner=people["sun"], loans=("L1", "L2"))


def form(**more: Any) -> dict[str, Any]:
    """A plan for L1 as a form sends it."""
    stated = {
        "kind": "instalments", "loan": ["L1"], "part_on": [on(20).isoformat(), on(50).isoformat(), ""], "part_amount": ["1,000.00", "1250", ""],
        "reason": WHY, "agreed": ["G1", "G2"],
    }  # fmt: skip
    return {**stated, **more}


def drafted(of: Case, by: User, **more: Any) -> Arrangement:
    response = browser(by).post(f"/collection/cases/{of.pk}/arrangements/new/", form(**more))
    assert response.status_code == 302, response.content.decode()
    return Arrangement.objects.order_by("-pk")[0]


def submitted(of: Case, by: User, **more: Any) -> Arrangement:
    one = drafted(of, by, **more)
    assert sent(one, by, "submit").status_code == 302
    return Arrangement.objects.get(pk=one.pk)


def sent(one: Arrangement, by: User, act: str, **more: Any) -> Any:
    return browser(by).post(f"/collection/arrangements/{one.pk}/{act}/", {"revision": one.revision, **more})


def page(by: User, address: str) -> str:
    response = browser(by).get(address)
    assert response.status_code == 200
    return str(response.content.decode())


def plain(html: str) -> str:
    """The words of a page."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_a_draft_shows_both_courses_limits_consents_and_who_approves(held: Case, people: dict[str, User]) -> None:
    one = drafted(held, people["sun"], agreed=["G1"])
    html = page(people["sun"], f"/collection/arrangements/{one.pk}/")
    words = plain(html)
    assert one.terms["parts"] == [[on(20).isoformat(), 100_000], [on(50).isoformat(), 125_000]]
    assert (
        f"{on(50)} – 3,350.00 1,250.00 3,350.00 0.00" in words
    )  # day, falls due, by the contract, to pay, under it, less by
    assert "May be approved by He" in words
    assert "1 consent missing" in words
    assert f"guarantee period ends on {on(260)}" in words
    assert "data-chart" in html
    assert "style=" not in html


def test_what_cannot_be_read_comes_back_with_what_was_typed(held: Case, people: dict[str, User]) -> None:
    response = browser(people["sun"]).post(
        f"/collection/cases/{held.pk}/arrangements/new/", form(part_amount=["12.345", "x", ""])
    )
    html = response.content.decode()
    assert response.status_code == 422
    assert "“12.345” is no amount in CNY." in html
    assert 'value="12.345"' in html
    assert WHY in html
    assert not Arrangement.objects.exists()


def test_an_amount_is_parted_evenly_with_the_rest_on_the_last(held: Case, people: dict[str, User]) -> None:
    one = drafted(held, people["sun"], spread="1", count="4", first_on=on(10).isoformat())
    amounts = [amount for _day, amount in one.terms["parts"]]
    assert amounts == [56_250] * 4
    one = drafted(held, people["sun"], spread="1", count="7", first_on=on(10).isoformat())
    amounts = [amount for _day, amount in one.terms["parts"]]
    assert amounts == [32_142] * 6 + [32_148]


def test_a_draft_is_changed_and_one_changed_elsewhere_is_not(held: Case, people: dict[str, User]) -> None:
    one = drafted(held, people["sun"])
    assert (
        sent(
            one, people["sun"], "change", **form(kind="waiver", waived_principal="100", part_on=[], part_amount=[])
        ).status_code
        == 302
    )
    assert Arrangement.objects.get(pk=one.pk).terms["waived"] == {"principal": 10_000}
    response = sent(one, people["sun"], "change", **form())
    assert response.status_code == 409
    assert "Somebody was first" in response.content.decode()


def test_a_refused_act_says_why_and_keeps_the_note(held: Case, people: dict[str, User]) -> None:
    one = submitted(held, people["he"])
    response = sent(one, people["he"], "approve", note="Fine with me.")
    assert response.status_code == 422
    assert "Who drafted or submitted it does not decide on it." in response.content.decode()
    assert "Fine with me." in response.content.decode()


def test_buttons_that_may_not_be_pressed_say_why(held: Case, people: dict[str, User]) -> None:
    one = submitted(held, people["sun"])
    html = page(people["sun"], f"/collection/arrangements/{one.pk}/")
    assert re.search(r'<button class="btn btn-primary" disabled aria-describedby="arr-why">', html)
    assert "Your role does not reach this case for that." in html
    html = page(people["he"], f"/collection/arrangements/{one.pk}/")
    assert '<button class="btn btn-primary">' in html


def test_an_approved_one_says_that_it_is_a_decision_and_what_came(held: Case, people: dict[str, User]) -> None:
    one = submitted(held, people["sun"])
    assert sent(one, people["he"], "approve").status_code == 302
    words = plain(page(people["sun"], f"/collection/arrangements/{one.pk}/"))
    assert "It is a decision." in words
    assert f"{on(21)} 1,100.00 0.00" in words
    one.refresh_from_db()
    assert sent(one, people["he"], "end", how="broken", note="He laughs at it.").status_code == 302
    assert Arrangement.objects.get(pk=one.pk).state == "broken"


def test_a_claim_that_cannot_be_read_is_said_and_stops_only_what_needs_it(people: dict[str, User]) -> None:
    unknown = case("C9", owner=people["sun"], loans=("L9",))
    one = drafted(unknown, people["sun"], loan=["L9"])
    words = plain(page(people["sun"], f"/collection/arrangements/{one.pk}/"))
    assert "Loan L9 is not known." in words
    assert sent(one, people["sun"], "submit").status_code == 422
    assert sent(one, people["sun"], "withdraw", note="No such loan.").status_code == 302


def test_what_lies_out_of_reach_does_not_exist(held: Case, people: dict[str, User]) -> None:
    one = drafted(held, people["sun"])
    for address in (
        f"/collection/arrangements/{one.pk}/", f"/collection/cases/{held.pk}/arrangements/", f"/collection/cases/{held.pk}/arrangements/new/",
        f"/collection/cases/{held.pk}/hardship/",
    ):  # fmt: skip
        assert browser(people["far"]).get(address).status_code == 404
    assert sent(one, people["far"], "submit").status_code == 404
    assert browser(people["far"]).get("/collection/arrangements/?view=open").context["count"] == 0


def test_the_list_first_tells_what_one_may_decide_on(held: Case, people: dict[str, User]) -> None:
    assert "Nothing waits for your decision" in page(people["he"], "/collection/arrangements/")
    one = submitted(held, people["sun"])
    assert [row[0].pk for row in browser(people["he"]).get("/collection/arrangements/").context["rows"]] == [one.pk]
    assert browser(people["sun"]).get("/collection/arrangements/").context["view"] == "submitted"


def test_queries_of_the_list_do_not_grow_with_its_rows(held: Case, people: dict[str, User]) -> None:
    client, counts = browser(people["he"]), []
    for count in (1, 6):
        for _ in range(count):
            submitted(held, people["sun"])
        client.get("/collection/arrangements/")
        with CaptureQueriesContext(connection) as asked_for:
            assert client.get("/collection/arrangements/").status_code == 200
        counts.append(len(asked_for))
    assert counts[0] == counts[1]


def test_a_cases_page_is_empty_until_something_is_agreed(held: Case, people: dict[str, User]) -> None:
    address = f"/collection/cases/{held.pk}/arrangements/"
    assert "Nothing is agreed yet" in page(people["wu"], address)
    one = drafted(held, people["sun"])
    assert arranging.number(one) in page(people["wu"], address)


def test_hardship_is_assessed_and_opens_a_filled_draft(held: Case, people: dict[str, User]) -> None:
    held.of_loans.filter(loan_id="L2").delete()
    address = f"/collection/cases/{held.pk}/hardship/"
    stated = {
        "cause": "job",
        "income": "6,500.00",
        "living": "4000",
        "other_debts": "1000",
        "lasts_until": on(80).isoformat(),
        "evidence": "Notice seen.",
    }
    assert "Not assessed yet" in page(people["sun"], address)
    wrong = browser(people["sun"]).post(address, {**stated, "income": ""})
    assert wrong.status_code == 422
    assert "Income: state an amount a month; 0 is one." in wrong.content.decode()
    assert browser(people["sun"]).post(address, stated).status_code == 302
    assert Hardship.objects.get().left == 150_000
    words = plain(page(people["sun"], address))
    assert "extended by 3 months" in words
    draft = page(people["sun"], f"/collection/cases/{held.pk}/arrangements/new/?kind=instalments&hardship=1")
    assert 'value="400.00"' in draft
    assert "In hardship: Lost the job. Notice seen." in draft


def test_terms_are_read_in_full_by_who_only_looks(held: Case, people: dict[str, User]) -> None:
    one = drafted(held, people["sun"], kind="extension", months="2")
    words = plain(page(people["wu"], f"/collection/arrangements/{one.pk}/"))
    assert "by 2 months" in words
    assert str(today()) in words
