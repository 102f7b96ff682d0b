"""One act on many alerts: frozen when it is asked for, shown with what it comes to, done once, and told."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from daihou.desk.alerts import many, transitions
from daihou.desk.alerts.choices import RANKS, Act
from daihou.desk.alerts.models import Alert, Bulk, Move
from daihou.desk.audit.models import Entry
from daihou.desk.notices.models import Notice
from daihou.desk.refusals import StaleError
from desk.alerts.hands import BRANCH, asked, browser, hands
from desk.alerts.made import DAY
from desk.alerts.made import alert as made

if TYPE_CHECKING:
    from django.test import Client

    from daihou.desk.people.models import User

NOTE = "Handed over for the holidays."


@pytest.fixture
def staff(db: None) -> dict[str, User]:
    return hands()


@pytest.fixture
def chief(staff: dict[str, User]) -> Client:
    """The manager of the branch."""
    return browser(staff["he"])


def alert(borrower_id: str, level: str = "orange", **values: Any) -> Alert:
    return made(borrower_id, level, **{"org_id": BRANCH, "signals": 0, **values})


def chosen(*alerts: Alert) -> list[str]:
    return [f"{one.pk}.{one.revision}" for one in alerts]


def ask(client: Client, act: str, *alerts: Alert, **more: Any) -> str:
    """The address of the page that asks to confirm."""
    response = client.post("/alerts/bulk/", {"act": act, "ids": chosen(*alerts), "query": "closed=0", **more})
    assert response.status_code == 302, response.content.decode()
    return str(response.headers["Location"])


def text(response: Any, status: int = 200) -> str:
    assert response.status_code == status
    return str(response.content.decode())


def test_rows_are_assigned_once_with_one_entry_of_the_log(chief: Client, staff: dict[str, User]) -> None:
    one, two = alert("C1"), alert("C2", exposure=2_500_000)
    address = ask(chief, "assign", one, two)
    page = text(chief.get(address))
    assert "Assign 2 alerts" in page
    assert "35,000.00 CNY" in page
    assert not Move.objects.filter(act=Act.ASSIGN).exists()
    assert chief.post(address, {"owner": staff["wang"].pk, "note": NOTE}).headers["Location"] == address
    assert "Done to 2 alerts" in text(chief.get(address))
    assert set(Alert.objects.values_list("owner__username", flat=True)) == {"wang"}
    bulk = Bulk.objects.get()
    assert {move.detail["bulk"] for move in Move.objects.filter(act=Act.ASSIGN)} == {bulk.pk}
    entry = Entry.objects.get(action__startswith="alert.")
    assert (entry.action, entry.detail["done"], entry.detail["refused"]) == ("alert.bulk", [one.pk, two.pk], [])
    assert entry.detail["values"] == {"owner": staff["wang"].pk, "note": NOTE}


def test_who_is_given_many_is_told_of_each(chief: Client, staff: dict[str, User]) -> None:
    one, two = alert("C1"), alert("C2")
    chief.post(ask(chief, "assign", one, two), {"owner": staff["wang"].pk})
    told = Notice.objects.filter(kind="assigned")
    assert {(notice.recipient_id, notice.subject) for notice in told} == {
        (staff["wang"].pk, f"alert:{one.pk}"),
        (staff["wang"].pk, f"alert:{two.pk}"),
    }


def test_a_second_confirm_does_nothing_and_says_so(chief: Client, staff: dict[str, User]) -> None:
    address = ask(chief, "escalate", alert("C1"), alert("C2"))
    chief.post(address, {"note": NOTE})
    assert "This was done before." in text(chief.post(address, {"note": NOTE}), 409)
    assert Move.objects.filter(act=Act.ESCALATE).count() == 2
    assert Entry.objects.filter(action="alert.bulk").count() == 1
    with pytest.raises(StaleError):
        many.do(Bulk.objects.get(), many.Said(NOTE), asked(staff["he"]))


def test_what_will_be_refused_is_shown_with_the_reason_before_it_is_done(chief: Client, staff: dict[str, User]) -> None:
    rests = {"owner": staff["he"]}
    red, calm, theirs = alert("red", "red", **rests), alert("calm", "blue", **rests), alert("theirs", owner=staff["li"])
    address = ask(chief, "snooze", red, calm, theirs)
    page = text(chief.get(address))
    assert "It will be done to <b>1</b> alert" in page
    for words in ("A red alert cannot be snoozed.", red.number, "Li works on it."):
        assert words in page
    until = timezone.localdate() + dt.timedelta(days=5)
    chief.post(address, {"until": until.isoformat(), "note": NOTE})
    calm.refresh_from_db()
    assert calm.snoozed_until == until
    assert Alert.objects.filter(snoozed_until__isnull=False).count() == 1
    done = text(chief.get(address))
    assert "Done to 1 alert" in done
    assert "2 were refused" in done
    assert "A red alert cannot be snoozed." in done


def test_alerts_that_changed_meanwhile_are_refused_singly_with_who_did_it(
    chief: Client, staff: dict[str, User]
) -> None:
    one, two = alert("C1"), alert("C2")
    address = ask(chief, "assign", one, two)
    transitions.claim(two, two.revision, asked(staff["zhou"]))
    assert "It was changed since you chose it." in text(chief.get(address))
    chief.post(address, {"owner": staff["wang"].pk})
    one.refresh_from_db()
    two.refresh_from_db()
    assert (one.owner, two.owner) == (staff["wang"], staff["zhou"])
    assert Bulk.objects.get().result == {"done": 1, "refused": [[two.pk, "Zhou took it a moment ago."]]}


def test_rows_that_were_old_on_the_page_are_refused_too(chief: Client, staff: dict[str, User]) -> None:
    one = alert("C1")
    old = chosen(one)
    transitions.claim(one, one.revision, asked(staff["zhou"]))
    response = chief.post("/alerts/bulk/", {"act": "escalate", "ids": old, "query": ""})
    assert "None of them can be done" in text(chief.get(response.headers["Location"]))


def test_all_that_match_are_frozen_as_they_are_when_asked(chief: Client, staff: dict[str, User]) -> None:
    inside = [alert(f"C{number}", "yellow") for number in range(3)]
    alert("orange")
    alert("elsewhere", "yellow", org_id="X2")
    address = ask(chief, "escalate", inside[0], all="1", query="level=yellow")
    later = alert("later", "yellow")
    assert [pk for pk, _ in Bulk.objects.get().ids] == [one.pk for one in inside]
    chief.post(address, {"note": NOTE})
    later.refresh_from_db()
    assert later.escalated_org_id is None
    assert Alert.objects.filter(escalated_org_id="").count() == 3


@pytest.mark.parametrize(
    ("act", "values", "words"),
    [
        ("assign", {"note": NOTE}, "Choose to whom."), ("assign", {"owner": "x"}, "Choose to whom."), ("assign", {"owner": "99999"}, "Choose to whom."),
        ("snooze", {"note": NOTE}, "Snooze it until a day to come."), ("snooze", {"note": NOTE, "until": "2020-01-01"}, "Snooze it until a day to come."),
        ("snooze", {"until": "2999-01-01", "note": " "}, "Say why, in a few words."), ("escalate", {"note": "no"}, "Say why, in a few words."),
        ("chase", {}, "Say why, in a few words."),
    ],
)  # fmt: skip
def test_what_is_missing_is_said_and_nothing_is_done_or_lost(
    chief: Client, staff: dict[str, User], act: str, values: dict[str, str], words: str
) -> None:
    owner = staff["he"] if act == "snooze" else staff["wang"]
    address = ask(chief, act, alert("C1", "yellow", owner=owner))
    page = text(chief.post(address, values), 422)
    assert words in page
    assert values.get("note", "") in page
    assert Bulk.objects.get().done_at is None
    assert Move.objects.exclude(act=Act.RAISE).count() == 0


def test_nothing_chosen_too_much_and_unknown_acts_are_refused_in_words(
    chief: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = alert("C1"), alert("C2")
    assert "No alert was chosen." in text(chief.post("/alerts/bulk/", {"act": "assign"}), 400)
    assert "nothing that is done with many" in text(
        chief.post("/alerts/bulk/", {"act": "conclude", "ids": chosen(one)}), 400
    )
    assert "purple" in text(chief.post("/alerts/bulk/", {"act": "assign", "all": "1", "query": "level=purple"}), 400)
    monkeypatch.setattr(many, "MOST", 1)
    assert "more than are done at once (1)" in text(
        chief.post("/alerts/bulk/", {"act": "assign", "ids": chosen(one, two)}), 400
    )
    assert not Bulk.objects.exists()


def test_an_act_is_confirmed_by_who_asked_for_it_alone(chief: Client, staff: dict[str, User]) -> None:
    address = ask(chief, "escalate", alert("C1"))
    for who in ("zhou", "wang"):
        assert browser(staff[who]).get(address).status_code == 404
        assert browser(staff[who]).post(address, {"note": NOTE}).status_code == 404
    assert browser(staff["wu"]).post("/alerts/bulk/", {"act": "escalate"}).status_code == 403


def test_ids_out_of_reach_are_refused_and_named_to_nobody(staff: dict[str, User]) -> None:
    inside, outside = alert("C1"), alert("C2", org_id="X2")
    client = browser(staff["he"])
    address = ask(client, "escalate", inside, outside)
    assert outside.number not in text(client.get(address))
    client.post(address, {"note": NOTE})
    outside.refresh_from_db()
    assert outside.escalated_org_id is None
    assert Bulk.objects.get().result["refused"] == [[outside.pk, "It lies outside your reach."]]


def test_what_breaks_off_has_done_nothing_and_can_be_confirmed_again(
    staff: dict[str, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = alert("C1"), alert("C2")
    request = asked(staff["he"])
    bulk = many.freeze(request, "escalate", [(one.pk, 1), (two.pk, 1)], "")
    real = transitions.escalate

    def breaking(alert: Alert, *rest: Any, **more: Any) -> Alert:
        if alert.pk == two.pk:
            raise RuntimeError("the machine goes down here")
        return real(alert, *rest, **more)

    with monkeypatch.context() as broken:
        broken.setattr(transitions, "escalate", breaking)
        with pytest.raises(RuntimeError):
            many.do(bulk, many.Said(NOTE), request)
    assert not Move.objects.filter(act=Act.ESCALATE).exists()
    assert not Entry.objects.exists()
    assert many.do(Bulk.objects.get(), many.Said(NOTE), request).result["done"] == 2


def test_chasing_presses_each_owner_and_skips_what_is_nobodys(chief: Client, staff: dict[str, User]) -> None:
    owned, free = alert("C1", owner=staff["wang"]), alert("C2")
    address = ask(chief, "chase", owned, free)
    assert "Nobody has it. Assign it first." in text(chief.get(address))
    chief.post(address, {"note": NOTE})
    owned.refresh_from_db()
    assert owned.chased_at is not None


def test_one_more_costs_a_few_queries_however_many_there_are(staff: dict[str, User]) -> None:
    def asked_of(numbers: range) -> int:
        now = timezone.now()
        rows = [
            Alert(
                borrower_id=f"C{number}", topic="arrears", level="yellow", rank=RANKS["yellow"], rule_id="R-001", version=1, org_id=BRANCH, raised_on=DAY,
                raised_at=now, staged_at=now, due_at=now,
            )
            for number in numbers
        ]  # fmt: skip
        Alert.objects.bulk_create(rows)
        request = asked(staff["he"])
        open_ones = list(Alert.objects.filter(owner=None).values_list("pk", "revision"))
        bulk = many.freeze(request, "assign", open_ones, "closed=0")
        with CaptureQueriesContext(connection) as queries:
            assert many.preview(bulk, request).refusals.count == 0
            assert many.do(bulk, many.Said(NOTE, staff["wang"]), request).result == {"done": len(rows), "refused": []}
        return len(queries)

    asked_of(range(1))  # what is asked once only
    few, many_more = asked_of(range(1, 11)), asked_of(range(11, 61))
    assert many_more <= few * 5
    assert Alert.objects.filter(owner=staff["wang"]).count() == 61
