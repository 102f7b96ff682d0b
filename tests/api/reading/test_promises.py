"""Promises read and taken by a dialler under the collectors' own rules, and cases in brief."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from api.reading.conftest import Reader, reader
from daihou.desk.audit.models import Entry
from daihou.desk.casework import promising
from daihou.desk.casework.models import Case, Promise
from daihou.desk.people.roles import Role
from daihou.desk.refusals import RefusedError
from desk.alerts.hands import asked
from desk.casework.made import case, crew

if TYPE_CHECKING:
    from daihou.desk.people.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(db: None) -> dict[str, User]:
    """Who works cases of branch X1."""
    return crew()


@pytest.fixture
def dialler(people: dict[str, User]) -> Reader:
    """A dialler of branch X1."""
    return reader("dialler", Role.COLLECTOR, "X1")


def day(after: int) -> dt.date:
    """A day to come."""
    return timezone.localdate() + dt.timedelta(days=after)


def body(of: Case, amount: str = "300.00", after: int = 2, **more: Any) -> dict[str, Any]:
    """A promise on a case."""
    return {"case": of.number, "parts": [{"due_on": day(after).isoformat(), "amount": amount}], **more}


def test_a_promise_is_taken_and_told(dialler: Reader) -> None:
    held = case("C1")
    response = dialler.post("/promises", body(held), Idempotency_Key="call-1")
    assert response.status_code == 201, response.content
    told = response.json()["data"]
    assert (told["case"], told["amount"], told["currency"], told["state"]) == (held.number, "300.00", "CNY", "open")
    assert told["parts"] == [
        {"due_on": day(2).isoformat(), "amount": "300.00", "received": "0.00", "state": "open", "kept_on": None}
    ]
    assert dialler.data(response["Location"].removeprefix("/api/v1")) == told
    assert Promise.objects.get(pk=told["id"]).parts.get().amount == 30_000
    assert Entry.objects.filter(action="case.promise", actor="api-dialler").exists()
    assert dialler.data(f"/cases/{held.number}")["open_promise"] == told["id"]


def test_the_same_key_is_the_same_promise(dialler: Reader) -> None:
    held = case("C1")
    first = dialler.post("/promises", body(held), Idempotency_Key="call-1")
    again = dialler.post("/promises", body(held), Idempotency_Key="call-1")
    assert (again.status_code, again["Idempotent-Replay"]) == (200, "true")
    assert again.json()["data"] == first.json()["data"]
    other = dialler.post("/promises", body(held, "301.00"), Idempotency_Key="call-1")
    assert (other.status_code, other.json()["type"]) == (409, "/api/v1/docs#key_reused")
    assert Promise.objects.count() == 1


def test_each_program_has_keys_of_its_own(dialler: Reader) -> None:
    second = reader("second", Role.COLLECTOR, "X1")
    assert dialler.post("/promises", body(case("C1")), Idempotency_Key="1").status_code == 201
    assert second.post("/promises", body(case("C2")), Idempotency_Key="1").status_code == 201


def test_the_case_is_found_by_a_loan(dialler: Reader) -> None:
    held = case("C1", loans=("L1", "L2"))
    case("C2", loans=("L3",), closed_on=dt.date(2026, 3, 31))
    parts = [{"due_on": day(1).isoformat(), "amount": "10"}]
    response = dialler.post("/promises", {"loan_ids": ["L2"], "parts": parts}, Idempotency_Key="1")
    assert (response.status_code, response.json()["data"]["loan_ids"]) == (201, ["L2"])
    assert response.json()["data"]["case"] == held.number
    assert dialler.post("/promises", {"loan_ids": ["L3"], "parts": parts}, Idempotency_Key="2").status_code == 404


def test_the_rules_are_those_of_the_desk(dialler: Reader, people: dict[str, User]) -> None:
    held = case("C1")
    for refused, said in (
        (body(held, "999999"), "will be owed"), (body(held, after=-1), "A promise is for days"), (body(held, after=400), "A promise is for days"),
        (body(held, "0"), "above 0"), (body(held, loan_ids=["NONE"]), "loans of this case"),
    ):  # fmt: skip
        response = dialler.post("/promises", refused, Idempotency_Key=said)
        assert (response.status_code, said in response.json()["detail"]) == (422, True), response.content
        parts = [
            (dt.date.fromisoformat(part["due_on"]), int(Decimal(part["amount"]) * 100)) for part in refused["parts"]
        ]
        with pytest.raises(RefusedError) as desk:
            promising.take(held, parts, refused.get("loan_ids", ()), None, f"desk {said}", asked(people["sun"]))
        assert response.json()["detail"] == str(desk.value)
    Case.objects.filter(pk=held.pk).update(owner=people["sun"])
    theirs = dialler.post("/promises", body(held), Idempotency_Key="theirs")
    assert (theirs.status_code, "Sun works on it" in theirs.json()["detail"]) == (422, True)
    assert not Promise.objects.exists()


def test_a_promise_takes_the_place_of_another(dialler: Reader) -> None:
    held = case("C1")
    first = dialler.post("/promises", body(held), Idempotency_Key="1").json()["data"]
    assert dialler.post("/promises", body(held, "200"), Idempotency_Key="2").status_code == 422
    second = dialler.post("/promises", body(held, "200", instead_of=first["id"]), Idempotency_Key="3")
    assert second.status_code == 201
    assert dialler.data(f"/promises/{first['id']}")["state"] == "withdrawn"


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": "1e3"},
        {"amount": "12.345"},
        {"amount": 12.3},
        {"amount": "-5"},
        {"due_on": "soon"},
        {"amount": "NaN"},
    ],
)
def test_what_is_no_amount_or_day_is_refused(dialler: Reader, wrong: dict[str, Any]) -> None:
    held = case("C1")
    sent = body(held)
    sent["parts"][0] |= wrong
    response = dialler.post("/promises", sent, Idempotency_Key="1")
    assert response.status_code == 400, response.content
    assert not Promise.objects.exists()


def test_a_key_is_needed(dialler: Reader) -> None:
    assert dialler.post("/promises", body(case("C1"))).status_code == 400


def test_promises_and_cases_out_of_reach_are_not_there(dialler: Reader) -> None:
    far = case("C9", org_id="X2")
    elsewhere = reader("elsewhere", Role.COLLECTOR, "X2")
    made = elsewhere.post("/promises", body(far), Idempotency_Key="1").json()["data"]
    for address in (f"/cases/{far.pk}", f"/cases/{far.number}", f"/promises/{made['id']}", "/cases/x"):
        assert dialler.get(address).status_code == 404, address
    assert dialler.post("/promises", body(far), Idempotency_Key="2").status_code == 404
    assert dialler.data("/promises") == dialler.data("/cases") == []


def test_lists_are_filtered_and_paged(dialler: Reader, queries: Any) -> None:
    held = [case(f"C{n}", "M1" if n % 2 else "M2") for n in range(7)]
    for n, one in enumerate(held):
        dialler.post("/promises", body(one, after=n), Idempotency_Key=str(n))
    assert [row["borrower_id"] for row in dialler.all("/promises?limit=2")] == [f"C{n}" for n in reversed(range(7))]
    assert len(dialler.data(f"/promises?due_since={day(2)}&due_until={day(3)}")) == 2
    assert len(dialler.data(f"/promises?case={held[3].number}")) == 1
    assert [row["borrower_id"] for row in dialler.data("/promises?borrower_id=C5")] == ["C5"]
    assert dialler.data("/promises?state=kept") == []
    assert dialler.get("/promises?state=happy").status_code == 400
    assert {row["stage"] for row in dialler.all("/cases?stage=M2&limit=3")} == {"M2"}
    assert [row["borrower_id"] for row in dialler.data("/cases?loan_id=C4-L1")] == ["C4"]
    with queries(9):
        dialler.data("/promises")
    with queries(8):
        assert len(dialler.data("/cases")) == 7


def test_a_case_is_told_without_names(dialler: Reader, people: dict[str, User]) -> None:
    held = case("C1", owner=people["sun"])
    response = dialler.get(f"/cases/{held.pk}")
    told = response.json()["data"]
    assert (told["claim"], told["owner"], told["loans"][0]["claim"]) == ("1050.00", "sun", "1050.00")
    assert "Sun" not in response.content.decode()
