"""An alert raised by hand: for a borrower in reach, once a topic, and with a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from daihou.desk.alerts.choices import Act
from daihou.desk.alerts.models import Alert, Move
from daihou.desk.audit.models import Entry

if TYPE_CHECKING:
    from daihou.desk.people.models import User
    from daihou.vault.person import PersonRecord

REASON = "The yard stood empty at noon on two days."


@pytest.fixture
def live(loans: pl.DataFrame) -> pl.DataFrame:
    return loans.filter(pl.col("state").is_in(["current", "overdue"])).sort("loan_id")


@pytest.fixture
def borrower_id(live: pl.DataFrame) -> str:
    return str(live["borrower_id"][0])


def send(client: Any, **values: str) -> Any:
    return client.post("/alerts/raise/", {"topic": "other", "level": "orange", "reason": REASON, **values})


def test_it_is_raised_with_org_officer_and_exposure_of_the_newest_run(
    sign_in: Any, cast: dict[str, User], live: pl.DataFrame, borrower_id: str
) -> None:
    response = send(sign_in("manager"), borrower=borrower_id)
    alert = Alert.objects.get()
    assert response.headers["Location"] == f"/alerts/{alert.pk}/"
    owed = live.filter(pl.col("borrower_id") == borrower_id)
    assert alert.org_id in set(owed["org_id"])
    assert alert.officer_id in set(owed["officer_id"])
    assert alert.exposure > 0
    assert (alert.source, alert.topic, alert.level, alert.reason, alert.owner) == (
        "hand",
        "other",
        "orange",
        REASON,
        cast["manager"],
    )
    assert alert.due_at is not None
    assert [move.act for move in Move.objects.all()] == [Act.RAISE]
    assert Entry.objects.filter(action="alert.raise", subject_id=alert.number).exists()


def test_where_one_is_open_the_page_leads_to_it(sign_in: Any, borrower_id: str) -> None:
    client = sign_in("manager")
    send(client, borrower=borrower_id)
    response = send(client, borrower=borrower_id, level="red")
    page = response.content.decode()
    assert response.status_code == 409
    assert f'href="/alerts/{Alert.objects.get().pk}/"' in page
    assert REASON in page
    assert send(client, borrower=borrower_id, topic="events").status_code == 302


def test_a_borrower_is_found_by_exact_name_and_of_several_one_is_chosen(
    sign_in: Any, people: dict[str, PersonRecord], live: pl.DataFrame, borrower_id: str
) -> None:
    client, name = sign_in("manager"), people[borrower_id].name
    alike = {number for number in live["borrower_id"].unique() if people[number].name == name}
    response = send(client, borrower=name)
    if len(alike) == 1:
        assert Alert.objects.get().borrower_id == borrower_id
    else:
        assert response.status_code == 422
        assert set(response.context["meant"]) >= alike
    assert name not in response.content.decode()
    assert Entry.objects.filter(action="person.search").count() == 1
    assert name not in str(list(Entry.objects.values_list("detail", flat=True)))


def test_who_is_out_of_reach_is_nobody(sign_in: Any, live: pl.DataFrame) -> None:
    theirs = live.filter(pl.col("org_id") == "B01")["borrower_id"]
    elsewhere = live.filter(~pl.col("borrower_id").is_in(theirs.implode()))["borrower_id"][0]
    response = send(sign_in("branch_manager"), borrower=elsewhere)
    assert response.status_code == 422
    assert "No borrower in your reach" in response.content.decode()
    assert not Alert.objects.exists()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"borrower": ""}, "Say which borrower."), ({"borrower": "nobody at all"}, "No borrower in your reach"), ({"topic": "weather"}, "Choose a topic."),
        ({"level": "purple"}, "Choose a level."), ({"reason": "hm"}, "Say why, in a few words."),
    ],
)  # fmt: skip
def test_what_is_missing_is_said_and_nothing_is_lost(
    sign_in: Any, borrower_id: str, values: dict[str, str], words: str
) -> None:
    response = send(sign_in("manager"), **{"borrower": borrower_id, **values})
    page = response.content.decode()
    assert response.status_code == 422
    assert words in page
    assert values.get("reason", REASON) in page
    assert not Alert.objects.exists()


def test_the_form_can_be_filled_in_by_an_address(sign_in: Any, borrower_id: str) -> None:
    page = sign_in("manager").get(f"/alerts/raise/?borrower={borrower_id}&level=red").content.decode()
    assert f'value="{borrower_id}"' in page
    assert 'value="red" required checked' in page


@pytest.mark.parametrize("who", ["viewer", "auditor", "analyst", "reviewer"])
def test_only_who_works_on_alerts_raises_one(sign_in: Any, who: str) -> None:
    assert sign_in(who).get("/alerts/raise/").status_code == 403
