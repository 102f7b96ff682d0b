"""The inbox: what an address asks for, counts that equal the rows behind them, views, taking what is nobody's, and files."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from daihou.desk.alerts import chosen as choice
from daihou.desk.alerts import presets, taking
from daihou.desk.alerts.choices import Act, Stage
from daihou.desk.alerts.models import Alert, Move
from daihou.desk.audit.models import Entry
from daihou.desk.portfolio.models import FirstView, SavedView
from daihou.desk.vault import people as vaulted
from daihou.vault.person import PersonRecord
from desk.alerts.hands import BRANCH, browser, hands
from desk.alerts.made import alert as made

if TYPE_CHECKING:
    from django.test import Client

    from daihou.desk.people.models import User

SOMEBODY = "张三丰"


@pytest.fixture
def staff(db: None) -> dict[str, User]:
    return hands()


@pytest.fixture
def boss(staff: dict[str, User]) -> Client:
    """The manager of the whole lender."""
    return browser(staff["zhou"])


def alert(borrower_id: str, level: str = "orange", **values: Any) -> Alert:
    return made(borrower_id, level, **{"org_id": BRANCH, "signals": 0, **values})


def page(client: Client, query: str = "closed=0", status: int = 200) -> Any:
    response = client.get(f"/alerts/?{query}")
    assert response.status_code == status, response.headers.get("Location")
    return response


def borrowers(client: Client, query: str = "closed=0", status: int = 200) -> list[str]:
    return [row.alert.borrower_id for row in page(client, query, status).context["rows"]]


@pytest.fixture
def many(staff: dict[str, User]) -> dict[str, Alert]:
    """One alert of each kind that filters tell apart."""
    now = timezone.now()
    today = now.date()
    at = {name: now + dt.timedelta(days=days) for name, days in (("past", -2), ("far", 40))}
    return {
        "red": alert("red", "red", due_at=at["past"], exposure=900_000_00),
        "mine": alert("mine", owner=staff["zhou"], due_at=at["far"]),
        "theirs": alert("theirs", "yellow", owner=staff["wang"], due_at=at["far"], topic="terms"),
        "confirm": alert("confirm", "yellow", stage=Stage.CONFIRM, owner=staff["wang"], conclusion="confirmed", due_at=at["far"]),
        "lift": alert("lift", "blue", stage=Stage.LIFT, owner=staff["li"], due_at=at["far"]),
        "rests": alert("rests", "blue", owner=staff["zhou"], due_at=at["past"], snoozed_until=today + dt.timedelta(days=3)),
        "ceased": alert("ceased", "blue", owner=staff["li"], ceased_on=today, due_at=at["far"]),
        "up": alert("up", owner=staff["li"], escalated_org_id="", escalated_at=now, due_at=at["far"]),
        "hand": alert("hand", "blue", owner=staff["li"], rule_id="", version=None, source="hand", reason="Seen on site.", topic="other", due_at=at["far"]),
        "closed": alert("closed", stage=Stage.CLOSED, outcome="false_alarm", conclusion="false_alarm"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("closed=0", {"red", "mine", "theirs", "confirm", "lift", "rests", "ceased", "up", "hand"}), ("level=red", {"red"}),
        ("level=red,yellow", {"red", "theirs", "confirm"}), ("level=red&level=yellow", {"red", "theirs", "confirm"}), ("stage=confirm,lift", {"confirm", "lift"}),
        ("owner=me", {"mine", "rests"}), ("owner=none", {"red"}), ("owner=me,none", {"red", "mine", "rests"}), ("topic=terms", {"theirs"}),
        ("topic=other", {"hand"}), ("source=hand", {"hand"}), ("due=overdue", {"red"}), ("snoozed=1", {"rests"}), ("snoozed=0&owner=me", {"mine"}),
        ("ceased=1", {"ceased"}), ("escalated=1", {"up"}), ("decide=1", {"confirm", "lift"}), ("exposure=500000..", {"red"}),
        ("exposure=..10000&owner=me", {"mine", "rests"}), ("exposure=1,000,000..", set()), ("rule=R-001&level=red", {"red"}), ("borrower=up,hand", {"up", "hand"}),
        ("closed=1", {"closed"}), ("closed=all&level=orange", {"mine", "up", "closed"}), ("closed=1&outcome=false_alarm", {"closed"}),
        ("closed=1&outcome=lifted", set()),
    ],
)  # fmt: skip
def test_an_address_asks_for_what_it_says(boss: Client, many: dict[str, Alert], query: str, found: set[str]) -> None:
    assert set(borrowers(boss, query)) == found


@pytest.mark.parametrize("who", ["zhou", "he", "wang", "qian", "wu"])
def test_the_count_on_each_tab_equals_the_rows_behind_it(
    staff: dict[str, User], many: dict[str, Alert], who: str
) -> None:
    client = browser(staff[who])
    alert("elsewhere", "red", org_id="X2")
    alert("own", "red", officer_id="W01", due_at=timezone.now() - dt.timedelta(days=1))
    SavedView.objects.create(user=staff[who], page="alerts", name="Mine", query="level=red,orange&exposure=1..")
    context = page(client).context
    tabs = {tab.query: tab.count for tab in context["tabs"]}
    assert tabs.pop("closed=1") is None  # what is over may be much, and nobody waits for it
    assert len(tabs) >= 9
    assert tabs == {query: len(borrowers(client, query)) for query in tabs}
    counts = context["counts"]
    assert counts.due == {name: len(borrowers(client, f"due={name}")) for name in counts.due}
    assert counts.levels == {level: len(borrowers(client, f"level={level}")) for level in counts.levels}
    assert counts.unowned == len(borrowers(client, "owner=none"))
    assert counts.borrowers == len(set(borrowers(client)))


def test_all_counts_are_one_query_and_more_rows_and_views_ask_no_more(staff: dict[str, User]) -> None:
    client = browser(staff["zhou"])
    alert("one", signals=1)
    page(client)

    def asked() -> list[str]:
        with CaptureQueriesContext(connection) as found:
            page(client)
        return [query["sql"] for query in found]

    before = asked()
    for number in range(20):
        alert(f"more {number}", "yellow", owner=staff["wang"], signals=1)
        SavedView.objects.create(user=staff["zhou"], page="alerts", name=f"V{number}", query=f"exposure={number}..")
    after = asked()
    assert len(after) == len(before) <= 20
    assert sum("COUNT" in sql and "alerts_alert" in sql and "rank" in sql for sql in after) == 1


def test_only_what_is_in_reach_is_seen_and_counted(staff: dict[str, User]) -> None:
    alert("mine", officer_id="W01")
    alert("colleague", officer_id="L01")
    alert("given", officer_id="L01", owner=staff["wang"])
    alert("elsewhere", org_id="X2")
    assert set(borrowers(browser(staff["wang"]))) == {"mine", "given"}
    assert set(borrowers(browser(staff["he"]))) == {"mine", "colleague", "given"}
    assert page(browser(staff["far"])).context["counts"].open == 0


def test_what_is_wrong_in_an_address_is_told_and_the_rest_holds(boss: Client, many: dict[str, Alert]) -> None:
    response = page(boss, "level=red,purple&due=overdue,today&exposure=lots&sort=colour&org=nowhere", 400)
    said = response.content.decode()
    assert [row.alert.borrower_id for row in response.context["rows"]] == ["red"]
    for words in (
        "&#x27;purple&#x27;",
        "red, orange, yellow, blue",
        "due holds one value",
        "&#x27;lots&#x27;",
        "500000..2000000",
        "&#x27;colour&#x27;",
        "nowhere",
    ):
        assert words in said
    assert boss.get("/alerts/export.csv?level=purple").status_code == 400
    assert boss.post("/alerts/views/", {"name": "x", "query": "level=purple"}).status_code == 400
    assert not SavedView.objects.exists()


@pytest.mark.parametrize(
    "query", ["exposure=9..1", "exposure=nan", "exposure=1e99..", "owner=9999999999999999999", "page=-3", "page=99999", "size=7", "closed=0&page=²"]
)  # fmt: skip
def test_no_address_breaks_the_page(boss: Client, many: dict[str, Alert], query: str) -> None:
    assert boss.get(f"/alerts/?{query}").status_code in (200, 400)


def test_the_soonest_comes_first_and_each_order_can_be_turned(boss: Client, many: dict[str, Alert]) -> None:
    assert borrowers(boss)[:2] == ["red", "rests"]
    assert borrowers(boss, "sort=level")[0] == "red"
    assert borrowers(boss, "sort=-level")[-1] == "red"
    assert borrowers(boss, "sort=exposure")[0] == "red"
    assert borrowers(boss, "sort=raised")[0] == "hand"
    assert borrowers(boss, "sort=-raised") == borrowers(boss, "sort=raised")[::-1]


def test_an_alert_found_by_its_number_and_a_borrower_by_theirs(boss: Client, many: dict[str, Alert]) -> None:
    assert borrowers(boss, f"q={many['red'].number.lower()}") == ["red"]
    assert boss.get("/alerts/?q=theirs&level=yellow").headers["Location"] == "/alerts/?level=yellow&borrower=theirs"
    assert "Nothing found" in page(boss, "q=nobody").content.decode()


def test_a_name_is_looked_up_in_the_vault_and_stays_in_no_address(
    sign_in: Any, cast: dict[str, User], people: dict[str, PersonRecord], loans: Any
) -> None:
    number = loans["borrower_id"][0]
    alert(number, org_id=loans["org_id"][0])
    name = people[number].name
    response = sign_in("manager").get("/alerts/", {"q": name, "level": "orange"})
    asked = parse_qs(urlsplit(response.headers["Location"]).query)
    assert response.status_code == 302
    assert asked["level"] == ["orange"]
    assert number in asked["borrower"][0].split(",")
    followed = page(sign_in("manager"), urlsplit(response.headers["Location"]).query)
    assert name not in followed.content.decode()
    assert [row.alert.borrower_id for row in followed.context["rows"]] == [number]
    entry = Entry.objects.get(action="person.search")
    assert name not in str(entry.detail)
    assert "Nothing found" in page(sign_in("auditor"), f"q={name}").content.decode()


def test_what_was_looked_for_in_vain_is_kept_nowhere(boss: Client, many: dict[str, Alert]) -> None:
    response = page(boss, f"level=red&q={SOMEBODY}")
    assert response.context["saved"] == "level=red"
    boss.post("/alerts/views/", {"name": "V", "query": f"level=red&q={SOMEBODY}&page=3"})
    assert SavedView.objects.get().query == "level=red"
    boss.get(f"/alerts/export.csv?level=red&q={SOMEBODY}")
    assert SOMEBODY not in str(list(Entry.objects.values_list("detail", flat=True)))


def test_names_are_masked_and_the_reason_is_a_sentence_with_values(boss: Client, staff: dict[str, User]) -> None:
    vaulted.put([("C9", "person", PersonRecord("张三", "110101199003071234", ()), dt.date(2026, 1, 1))])
    alert("C9", signals=1)
    alert("other", source="hand", rule_id="", reason="Locked gate, no work since Monday.")
    said = page(boss).content.decode()
    assert ("张*" in said, "张三" in said) == (True, False)
    assert "Locked gate, no work since Monday." in said
    row = next(row for row in page(boss).context["rows"] if row.alert.borrower_id == "C9")
    assert "45" in row.reason


@pytest.mark.parametrize(
    ("who", "query"),
    [("wang", presets.MINE.query), ("he", presets.TO_DECIDE.query), ("qian", presets.TO_DECIDE.query), ("wu", presets.ALL.query)],
)  # fmt: skip
def test_the_inbox_opens_by_role(staff: dict[str, User], who: str, query: str) -> None:
    assert browser(staff[who]).get("/alerts/").headers["Location"] == f"/alerts/?{query}"


def test_a_view_that_was_starred_opens_the_inbox_until_it_is_starred_off(staff: dict[str, User]) -> None:
    client = browser(staff["wang"])
    client.post("/alerts/views/first/", {"query": "level=red&page=2"})
    assert client.get("/alerts/").headers["Location"] == "/alerts/?level=red"
    assert page(client, "level=red").context["opens_here"] is True
    assert browser(staff["li"]).get("/alerts/").headers["Location"] == f"/alerts/?{presets.MINE.query}"
    client.post("/alerts/views/first/", {"query": "level=red", "usual": "1"})
    assert not FirstView.objects.exists()


def test_a_shared_view_is_seen_by_others_and_dropped_by_its_owner_alone(staff: dict[str, User]) -> None:
    owner, other = browser(staff["zhou"]), browser(staff["he"])
    owner.post("/alerts/views/", {"name": "Big", "query": "exposure=1..", "shared": "on"})
    owner.post("/alerts/views/", {"name": "Private", "query": "exposure=2.."})
    names = {tab.name: tab.own for tab in page(other).context["tabs"]}
    assert ("Big" in names, "Private" in names, names["Big"]) == (True, False, None)
    view = SavedView.objects.get(name="Big")
    assert other.post(f"/loans/views/{view.pk}/delete/").status_code == 404
    assert owner.post(f"/loans/views/{view.pk}/delete/").headers["Location"] == "/alerts/"


def test_the_next_is_the_worst_that_is_nobodys_in_reach(staff: dict[str, User]) -> None:
    soon = timezone.now() + dt.timedelta(hours=1)
    alert("yellow", "yellow", officer_id="W01", due_at=soon)
    red = alert("red", "red", officer_id="W01")
    alert("owned", "red", officer_id="W01", owner=staff["li"])
    alert("elsewhere", "red", officer_id="L01")
    client = browser(staff["wang"])
    assert client.post("/alerts/next/").headers["Location"] == f"/alerts/{red.pk}/"
    red.refresh_from_db()
    assert (red.owner, Move.objects.filter(act=Act.CLAIM).count()) == (staff["wang"], 1)
    client.post("/alerts/next/")
    assert client.post("/alerts/next/").headers["Location"] == "/alerts/"
    assert Move.objects.filter(act=Act.CLAIM).count() == 2


def claim(client: Client, one: Alert, **more: Any) -> Any:
    return client.post("/alerts/claim/", {"id": f"{one.pk}.{one.revision}", "query": "level=orange"}, **more)


def test_two_people_claim_one_alert_and_the_second_is_told_who_was_first(staff: dict[str, User]) -> None:
    one = alert("C1")
    assert claim(browser(staff["he"]), one, headers={"HX-Request": "true"}).status_code == 200
    response = claim(browser(staff["zhou"]), one, headers={"HX-Request": "true"})
    assert "He took it a moment ago." in response.content.decode()
    response = claim(browser(staff["zhou"]), one)
    assert response.headers["Location"] == "/alerts/?level=orange"
    assert "He took it a moment ago." in browser_page(staff["zhou"], one)
    one.refresh_from_db()
    assert (one.owner, one.revision) == (staff["he"], 2)


def browser_page(of: User, one: Alert) -> str:
    client = browser(of)
    claim(client, one)
    return str(page(client).content.decode())


def test_what_is_out_of_reach_cannot_be_claimed_and_nonsense_is_no_alert(staff: dict[str, User]) -> None:
    one = alert("C1", org_id="X2")
    assert claim(browser(staff["he"]), one).status_code == 404
    for nonsense in ("", "x", "1", "1.1.1", "-1.1", "²." + "1"):
        assert browser(staff["zhou"]).post("/alerts/claim/", {"id": nonsense}).status_code == 404
    assert taking.pairs(["3.1", "3.1", "x", "4.2"]) == [(3, 1), (4, 2)]


def test_a_comment_in_between_is_no_change(staff: dict[str, User]) -> None:
    one = alert("C1")
    claim(browser(staff["he"]), one)
    browser(staff["zhou"]).post(f"/alerts/{one.pk}/comment/", {"text": "Look at this."})
    assert taking.who_was_first(one) == "He took it a moment ago."


def rows_of(response: Any) -> list[list[str]]:
    return list(csv.reader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig"))))


def test_the_list_leaves_as_shown_masked_marked_and_logged(boss: Client, many: dict[str, Alert]) -> None:
    vaulted.put([("mine", "person", PersonRecord("张三", "110101199003071234", ()), dt.date(2026, 1, 1))])
    head, *rows, mark = rows_of(boss.get("/alerts/export.csv?level=orange&sort=-raised"))
    assert [row[2] for row in rows] == ["mine 张*", "up"]
    assert rows[0][head.index("Exposure in CNY")] == "10000.00"
    entry = Entry.objects.get(action="portfolio.export")
    assert mark[0].startswith(f"# Exported by Zhou (zhou) at {timezone.localtime():%Y-%m-%d}")
    assert str(entry.pk) in mark[0]
    assert (entry.detail["alerts"], entry.detail["filter"]) == (2, "level=orange&sort=-raised")
    assert b"".join(boss.get("/alerts/export.xlsx?closed=0"))[:2] == b"PK"
    assert boss.get("/alerts/export.pdf").status_code == 404


def test_chosen_rows_leave_alone_and_no_others_of_reach(staff: dict[str, User], many: dict[str, Alert]) -> None:
    outside = alert("outside", org_id="X2")
    ids = [f"{one.pk}.{one.revision}" for one in (many["red"], many["up"], outside)]
    response = browser(staff["he"]).post("/alerts/export.csv", {"query": "closed=0", "ids": ids})
    assert [row[2] for row in rows_of(response)[1:-1]] == ["red", "up"]


def test_an_export_reaches_no_further_than_the_permission_to_export(staff: dict[str, User]) -> None:
    alert("C1", officer_id="W01")
    alert("C2", officer_id="L01")
    assert [row[2] for row in rows_of(browser(staff["wang"]).get("/alerts/export.csv?closed=0"))[1:-1]] == ["C1"]


def test_an_empty_inbox_says_what_will_fill_it(boss: Client) -> None:
    assert "Alerts come from the signals of the next run" in page(boss).content.decode()
    alert("C1")
    assert "1 alert is open in your reach; none of them matches." in page(boss, "level=red").content.decode()


def test_what_may_not_be_done_is_not_offered(staff: dict[str, User], many: dict[str, Alert]) -> None:
    watching = page(browser(staff["wu"])).content.decode()
    assert 'value="assign"' not in watching
    assert "/alerts/next/" not in watching
    alert("C1", officer_id="W01", owner=staff["wang"])
    officer = page(browser(staff["wang"])).content.decode()
    assert 'value="assign"' in officer
    assert "Chase: for who may assign alerts" in officer


@pytest.mark.parametrize(
    ("query", "kept"),
    [("page=2&level=red&level=&colour=x", "level=red"), (f"q={SOMEBODY}", ""), ("q=AL-2026-000012", "q=AL-2026-000012"), ("sort=-due&size=25", "sort=-due&size=25")],
)  # fmt: skip
def test_of_an_address_is_kept_what_it_asks_for(query: str, kept: str) -> None:
    assert choice.kept(QueryDict(query)).urlencode() == kept


def test_the_guide_names_every_parameter() -> None:
    section = Path("docs/guides/alerts.md").read_text("utf-8").split("\n## The inbox\n")[1].split("\n## ")[0]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    assert set(re.findall(r"`(\w+)`", " ".join(rows))) == choice.PARAMETERS | {"page"}
