"""Until when claims may be brought, as the desk tells it: of the book, served letters, payments and promises."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.urls import reverse

from daihou.desk.audit.models import Entry
from daihou.desk.casework.models import Arrangement, Case, Promise
from daihou.desk.letters import limits, paid
from daihou.desk.letters.models import ClaimEvent, Letter, Service
from daihou.desk.letters.views.lists import newest
from desk.alerts.hands import browser
from desk.casework.made import case
from desk.letters.home import NOW, TODAY
from desk.letters.test_making import made
from desk.letters.test_serving import act, attach, served

if TYPE_CHECKING:
    import pytest

    from daihou.book.home import Home
    from daihou.collection.limitation import Standing
    from daihou.desk.people.models import User


def stands(loan_id: str) -> Standing:
    moment = newest()
    assert moment is not None
    found = limits.of_loan(loan_id, moment, TODAY)
    assert found is not None
    return found.standing


def test_each_claim_ends_by_its_maturity_and_what_was_paid_since(staff: dict[str, User]) -> None:
    assert (stands("L1").due_on, stands("L1").ends_on) == (dt.date(2026, 5, 20), dt.date(2029, 5, 21))
    assert (stands("L3").ends_on, stands("L3").days_left) == (dt.date(2026, 4, 10), 36)
    assert (stands("L4").ends_on, [one.kind for one in stands("L4").interrupted_by]) == (
        dt.date(2026, 5, 22),
        ["payment"],
    )
    assert (stands("L5").ends_on, stands("L5").barred) == (dt.date(2025, 6, 3), True)
    moment = newest()
    assert moment is not None
    assert limits.of_loan("L2", moment, TODAY) is None


def test_the_list_shows_what_ends_soon_in_reach_and_what_is_over(staff: dict[str, User]) -> None:
    client = browser(staff["wang"])
    assert [one.row["loan_id"] for one, _name, _org in client.get("/letters/limitation/").context["rows"]] == [
        "L3",
        "L4",
    ]
    assert [
        one.row["loan_id"] for one, _name, _org in client.get("/letters/limitation/?view=over").context["rows"]
    ] == ["L5"]
    for who in ("li", "far"):
        assert client is not None
        assert browser(staff[who]).get("/letters/limitation/?view=nonsense&page=x").context["rows"] == []


def test_a_served_letter_begins_it_anew_and_a_withdrawn_one_did_not(staff: dict[str, User]) -> None:
    client, letter = browser(staff["wang"]), made(staff["wang"], "overdue", "L3").new[0]
    assert stands("L3").ends_on == dt.date(2026, 4, 10)
    served(client, letter, "refused")
    assert stands("L3").ends_on == dt.date(2029, 3, 5)
    assert stands("L3").interrupted_by[0].source == letter.number
    assert act(client, letter, "withdraw", note="not our stamp") == 302
    assert stands("L3").ends_on == dt.date(2026, 4, 10)


def test_a_letter_that_was_not_served_or_went_to_a_guarantor_does_nothing(staff: dict[str, User]) -> None:
    client, letter = browser(staff["wang"]), made(staff["wang"], "overdue", "L3").new[0]
    served(client, letter, "returned")
    assert stands("L3").ends_on == dt.date(2026, 4, 10)
    Letter.objects.filter(pk=letter.pk).update(state="served", served_on=TODAY, to="guarantor")
    Service.objects.update(served_on=TODAY)
    assert stands("L3").ends_on == dt.date(2026, 4, 10)


def test_a_claim_that_is_barred_revives_by_the_signed_slip_alone(staff: dict[str, User]) -> None:
    client = browser(staff["wang"])
    letter = made(staff["wang"], "overdue", "L5").new[0]
    served(client, letter)
    assert stands("L5").barred
    assert act(client, letter, "withdraw", note="signed slip came later") == 302
    letter = made(staff["wang"], "overdue", "L5").new[0]
    act(client, letter, "send", means="in_person")
    attach(client, letter)
    assert act(client, letter, "arrive", arrived_on=TODAY.isoformat(), receiver="debtor", acknowledged="1") == 302
    assert (stands("L5").ends_on, stands("L5").interrupted_by[0].renewed) == (dt.date(2029, 3, 5), True)


def test_a_promise_counts_until_it_is_withdrawn(staff: dict[str, User]) -> None:
    made_at = NOW - dt.timedelta(days=30)
    one = Promise.objects.create(
        key="k",
        case=case(borrower_id="C2"),
        loan_ids=["L3"],
        currency="CNY",
        made_on=made_at.date(),
        made_at=made_at,
        made_by=staff["wang"],
    )
    assert stands("L3").ends_on == dt.date(2029, 2, 5)
    Promise.objects.filter(pk=one.pk).update(withdrawn_at=NOW)
    assert stands("L3").ends_on == dt.date(2026, 4, 10)
    assert Case.objects.count() == 1


def test_an_arrangement_is_the_lenders_own_act_and_the_promise_it_replaced_counts_on(staff: dict[str, User]) -> None:
    of, first = case(borrower_id="C2"), NOW - dt.timedelta(days=30)
    said = {"case": of, "loan_ids": ["L3"], "currency": "CNY", "made_by": staff["wang"]}
    plan = Promise.objects.create(key="arrangement:1:1", made_on=TODAY, made_at=NOW, **said)
    kinds = ("instalments", "extension", "settlement")
    for kind, promise in zip(kinds, (plan, None, None), strict=True):
        Arrangement.objects.create(
            case=of, kind=kind, state="approved", loan_ids=["L3"], currency="CNY", reason="asked for", made_at=NOW, made_by=staff["wang"],
            decided_at=NOW, promise=promise,
        )  # fmt: skip
    assert stands("L3").ends_on == dt.date(2026, 4, 10)
    Promise.objects.create(key="k", made_on=first.date(), made_at=first, withdrawn_at=NOW, **said)
    assert stands("L3").ends_on == dt.date(2029, 2, 5)


def test_the_list_is_cut_after_it_is_split_and_reads_payments_once_a_run(
    staff: dict[str, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "LIST_MOST", 1)
    client, before = browser(staff["wang"]), paid._of_old.cache_info()
    for view, loan in (("running", "L3"), ("over", "L5")):
        context = client.get(f"/letters/limitation/?view={view}").context
        assert [one.row["loan_id"] for one, _name, _org in context["rows"]] == [loan]
        assert (context["running"], context["over"]) == (2, 1)
    after = paid._of_old.cache_info()
    assert (after.misses - before.misses, after.hits - before.hits) == (1, 1)


def test_what_cannot_be_reckoned_is_said_on_every_page(staff: dict[str, User], home: Home) -> None:
    one = case(borrower_id="C2", loans=("L3",))
    (home.path / "policies").mkdir(exist_ok=True)
    (home.path / "policies" / "limitation_cn.yaml").write_text("policy: limitation_cn\n", "utf-8")
    client = browser(staff["wang"])
    for address in ("/letters/limitation/", reverse("loan", args=["L3"]), reverse("case", args=[one.pk])):
        page = client.get(address).content.decode()
        assert "limitation_cn.yaml" in page, address
        assert "No limitation ends soon" not in page


def test_a_suit_that_was_stated_holds_it_until_it_is_over_and_begins_it_anew(staff: dict[str, User]) -> None:
    client, add = browser(staff["wang"]), reverse("claim_event_add", args=["L3"])
    said = {"kind": "suit", "on": "2025-01-10", "source": "（2025）滨民初1号", "note": "first hearing in May"}
    for wrong in ({"kind": "payment"}, {"kind": ""}, {"on": "x"}, {"on": "2026-03-06"}, {"source": " "}, {"ended_on": "2025-01-09"},
                  {"kind": "acknowledgement", "ended_on": "2025-01-10"}):  # fmt: skip
        answer = client.post(add, said | wrong)
        assert (answer.status_code, "first hearing in May" in answer.content.decode()) == (422, True)
    assert [client.post(add, said).status_code for _ in range(2)] == [302, 302]
    event = ClaimEvent.objects.get()
    assert (stands("L3").pending, stands("L3").ends_on) == (True, None)
    withdraw = reverse("claim_event_withdraw", args=[event.pk])
    assert client.post(withdraw, {"note": ""}).status_code == 422
    assert [client.post(withdraw, {"note": "another suit"}).status_code for _ in range(2)] == [302, 409]
    assert stands("L3").ends_on == dt.date(2026, 4, 10)
    assert client.post(add, said | {"ended_on": "2025-06-30"}).status_code == 302
    assert (stands("L3").ends_on, stands("L3").interrupted_by[-1].kind) == (dt.date(2028, 6, 30), "suit")
    actions = ["claim.event", "claim.event_withdraw", "claim.event"]
    assert (
        list(Entry.objects.filter(action__startswith="claim.").order_by("pk").values_list("action", flat=True))
        == actions
    )
    page = client.get(reverse("claim_events", args=["L3"])).content.decode()
    assert "another suit" in page
    assert reverse("claim_events", args=["L3"]) in client.get(reverse("loan", args=["L3"])).content.decode()


def test_what_went_on_is_over_from_the_day_that_is_recorded_once(staff: dict[str, User]) -> None:
    client, add = browser(staff["wang"]), reverse("claim_event_add", args=["L3"])
    client.post(add, {"kind": "suit", "on": "2025-01-10", "source": "（2025）滨民初1号"})
    client.post(add, {"kind": "acknowledgement", "on": "2025-01-09", "source": "letter of the debtor"})
    suit, letter = (ClaimEvent.objects.get(kind=kind) for kind in ("suit", "acknowledgement"))
    end = reverse("claim_event_end", args=[suit.pk])
    page = client.get(reverse("claim_events", args=["L3"])).content.decode()
    assert (end in page, reverse("claim_event_end", args=[letter.pk]) in page, "goes on" in page) == (True, False, True)
    for wrong in ("", "x", "2025-01-09", "2026-03-06"):
        assert client.post(end, {"ended_on": wrong}).status_code == 422, wrong
    assert client.post(reverse("claim_event_end", args=[letter.pk]), {"ended_on": "2025-02-01"}).status_code == 422
    assert stands("L3").pending
    assert [client.post(end, {"ended_on": "2025-06-30"}).status_code for _ in range(2)] == [302, 409]
    assert (stands("L3").pending, stands("L3").ends_on) == (False, dt.date(2028, 6, 30))
    assert Entry.objects.get(action="claim.event_end").detail["ended_on"] == "2025-06-30"
    assert end not in client.get(reverse("claim_events", args=["L3"])).content.decode()
    assert browser(staff["far"]).post(end, {"ended_on": "2025-06-30"}).status_code == 404


def test_events_of_a_claim_out_of_reach_are_not_there(staff: dict[str, User]) -> None:
    said = {"kind": "acknowledgement", "on": "2026-03-01", "source": "letter of the debtor"}
    for who, answers in (("far", (404, 404)), ("zheng", (200, 403)), ("hu", (200, 302))):
        client = browser(staff[who])
        assert client.get(reverse("claim_events", args=["L5"])).status_code == answers[0]
        assert client.post(reverse("claim_event_add", args=["L5"]), said).status_code == answers[1]
    assert stands("L5").interrupted_by[0].renewed
    withdraw = reverse("claim_event_withdraw", args=[ClaimEvent.objects.get().pk])
    assert browser(staff["far"]).post(withdraw, {"note": "not mine at all"}).status_code == 404


def test_a_guarantee_is_judged_by_its_form_and_by_what_came_within_its_period(staff: dict[str, User]) -> None:
    page = browser(staff["wang"]).get(reverse("loan", args=["L4"])).content.decode()
    assert "form not stated" in page
    assert page.count("lapsed") == 1
    moment = newest()
    assert moment is not None
    (limit,) = limits.of_borrower(["L4"], moment, TODAY)
    g3, g4 = limits.guarantors(limit.row, TODAY)
    assert (g3.person_id, g3.lapsed, g3.period.ends_on) == ("G3", True, dt.date(2022, 12, 1))
    assert (g4.person_id, g4.stated, g4.lapsed) == ("G4", False, False)
    over = browser(staff["wang"]).get(reverse("loan", args=["L5"])).content.decode()
    assert "no suit is known here" in over


def test_the_page_of_a_loan_shows_it_with_its_guarantors_and_letters(staff: dict[str, User]) -> None:
    letter = made(staff["wang"], "overdue", "L1").new[0]
    page = browser(staff["wang"]).get(reverse("loan", args=["L1"])).content.decode()
    assert "Limitation and letters" in page
    assert letter.number in page
    assert "2029-05-21" in page
    assert "2026-11-20" in page  # the guarantee period: six months from maturity
    assert "王*" in page or "王＊" in page or "G1" in page


def test_the_page_of_a_case_shows_it_loan_by_loan(staff: dict[str, User]) -> None:
    one = case(borrower_id="C2", loans=("L3", "L4", "L5"))
    page = browser(staff["wang"]).get(reverse("case", args=[one.pk])).content.decode()
    assert "Limitation ends" in page
    for told in ("2025-06-03", "2026-04-10", "2026-05-22", "Part payment"):
        assert told in page
