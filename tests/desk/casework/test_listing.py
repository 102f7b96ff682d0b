"""The list of cases: who sees which, what each filter leaves, order, counts, what is said wrongly, files, and saved views."""

from __future__ import annotations

import datetime as dt
import io
import re
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone
from python_calamine import CalamineWorkbook

from daihou.desk.audit.models import Entry
from daihou.desk.portfolio.models import SavedView
from desk.alerts.hands import browser
from desk.casework.made import agency, case, crew
from desk.casework.managing import day, main, page, promise, queries
from desk.contacts.people import person

if TYPE_CHECKING:
    from daihou.desk.people.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> dict[str, User]:
    return crew()


def shown(by: User, query: str = "") -> list[str]:
    """The debtors of a list, in order."""
    return re.findall(r'class="whom"[^>]*>([^<]+)<', page(by, f"cases/?{query}"))


def test_everybody_sees_the_cases_in_reach_and_their_own(people: dict[str, User]) -> None:
    case("A", owner=people["sun"])
    case("B", org_id="X2")
    assert set(shown(people["zhou"])) == {"A", "B"}
    assert shown(people["he"]) == ["A"]
    assert shown(people["far"]) == ["B"]
    case("C", org_id="X9", owner=people["sun"])
    assert set(shown(people["sun"])) == {"A", "C"}


def test_each_filter_leaves_what_it_says(people: dict[str, User]) -> None:
    now = timezone.now()
    sun = people["sun"]
    case("NEW", "S", owner=sun, spoke_at=now)
    late = case(
        "LATE", "M3", owner=people["li"], promises_broken=2, first_payment=True, spoke_at=now - dt.timedelta(days=40)
    )
    case("AWAY", "M2", agency=agency("North"), opened_at=now - dt.timedelta(days=60))
    case("NOBODY", "M1", call_at=now)
    case("UP", "M1", handed_up_at=now, paused_until=day(3))
    case("OVER", "M1", owner=sun, closed_on=day(-1), closing="cured")
    promise(case("WORD", "M1", owner=sun, spoke_at=now), sun, 0)
    promise(late, people["li"], 9)
    who = people["zhou"]
    assert set(shown(who, "stage=M2,M3")) == {"LATE", "AWAY"}
    assert shown(who, "track=agency") == ["AWAY"]
    assert set(shown(who, "owner=me")) == set()
    assert set(shown(sun, "owner=me")) == {"NEW", "WORD"}
    assert set(shown(who, "owner=none")) == {"AWAY", "NOBODY", "UP"}
    assert shown(who, f"owner={people['li'].pk}") == ["LATE"]
    assert shown(who, "queue=waiting") == ["NOBODY"]
    assert shown(who, "queue=manager") == ["UP"]
    assert shown(who, "queue=paused") == ["UP"]
    assert shown(who, "queue=call") == ["NOBODY"]
    assert set(shown(who, "promise=open")) == {"WORD", "LATE"}
    assert shown(who, "promise=due") == ["WORD"]
    assert shown(who, "promise=broken") == ["LATE"]
    assert set(shown(who, "promise=none")) == {"NEW", "AWAY", "NOBODY", "UP"}
    assert set(shown(who, "touch=out")) == {"LATE", "AWAY"}
    assert set(shown(who, "touch=in")) == {"NEW", "NOBODY", "UP", "WORD"}
    assert shown(who, "first=1") == ["LATE"]
    assert shown(who, "closed=1") == ["OVER"]
    assert set(shown(who, "closed=all")) >= {"OVER", "NEW"}
    assert shown(who, f"q={late.number}") == ["LATE"]
    assert shown(who, "q=LATE") == ["LATE"]


def test_it_sorts_by_claim_stage_and_silence(people: dict[str, User]) -> None:
    now = timezone.now()
    case("A", "M1", claim=300, spoke_at=now)
    case("B", "M3", claim=100, spoke_at=now - dt.timedelta(days=9))
    case("C", "M2", claim=200)
    who = people["zhou"]
    assert shown(who) == ["A", "C", "B"]
    assert shown(who, "sort=stage") == ["B", "C", "A"]
    assert shown(who, "sort=silent") == ["C", "B", "A"]
    assert shown(who, "sort=opened") == ["C", "B", "A"]


def test_stages_are_counted_over_all_that_is_open_and_the_list_says_what_it_claims(people: dict[str, User]) -> None:
    case("A", "M1", claim=100_000)
    case("B", "M1", claim=50_000)
    case("C", "M2", claim=7_00, currency="USD")
    case("D", "M2", closed_on=day(-1), closing="cured")
    said = main(page(people["zhou"], "cases/?stage=M1"))
    assert "M1 2" in said
    assert "M2 1" in said
    assert "1–2 of 2 · claims 1,500.00 CNY" in said
    assert "claims 1,500.00 CNY 7.00 USD" in main(page(people["zhou"], "cases/"))


def test_what_is_said_wrongly_is_told_and_the_rest_holds(people: dict[str, User]) -> None:
    case("A", "M1")
    case("B", "M2")
    html = page(people["zhou"], "cases/?stage=M1,M99&owner=x&sort=weight", 400)
    said = main(html)
    assert "'M99' is nothing that cases are chosen by" in said or "&#x27;M99&#x27;" in said
    assert re.findall(r'class="whom"[^>]*>([^<]+)<', html) == ["A"]


def test_an_empty_list_says_why(people: dict[str, User]) -> None:
    assert "No open case" in page(people["he"], "cases/")
    case("A", "M1")
    assert "1 case is open in your reach; none of them matches." in page(people["he"], "cases/?stage=M5")


def test_names_are_masked_and_nowhere_in_clear(people: dict[str, User]) -> None:
    case(person("C1", name="陈小明"))
    html = page(people["zhou"], "cases/")
    assert "陈**" in html or "陈*" in html
    assert "陈小明" not in html


def test_queries_do_not_grow_with_the_rows(people: dict[str, User]) -> None:
    for number in range(3):
        promise(case(f"A{number}", owner=people["sun"]), people["sun"], 2)
    few = queries(people["zhou"], "cases/")
    for number in range(20):
        promise(case(f"B{number}", owner=people["li"]), people["li"], 2)
    assert queries(people["zhou"], "cases/") == few


def test_a_file_holds_the_list_masked_and_marked_and_is_logged(people: dict[str, User]) -> None:
    case(person("C1", name="陈小明"), "M2", claim=123_456)
    case("C2", "M1")
    client = browser(people["zhou"])
    answer = client.get("/collection/cases/export.xlsx?stage=M2")
    book = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer)))
    head, *rows = book.get_sheet_by_index(0).to_python()
    assert [row[head.index("Claim")] for row in rows] == [1234.56]
    assert "陈小明" not in str(rows)
    entry = Entry.objects.get(action="portfolio.export")
    assert entry.detail == {"as": "xlsx", "cases": 1, "filter": "stage=M2"}
    assert f"audit entry {entry.pk}" in str(book.get_sheet_by_name("About").to_python())
    text = b"".join(client.get("/collection/cases/export.csv")).decode()
    assert text.count("\n") == 4


def test_chosen_rows_go_alone_and_a_collector_takes_nothing_out(people: dict[str, User]) -> None:
    first, _second = case("A"), case("B")
    text = b"".join(
        browser(people["he"]).post("/collection/cases/export.csv", {"ids": [f"{first.pk}.1"], "query": ""})
    ).decode()
    assert "A" in text
    assert text.count("\n") == 3
    assert browser(people["sun"]).get("/collection/cases/export.csv").status_code == 403


def test_a_view_is_kept_under_its_name(people: dict[str, User]) -> None:
    client = browser(people["he"])
    assert client.post("/collection/cases/view/", {"name": "Late", "query": "stage=M3&page=4"}).status_code == 302
    assert SavedView.objects.get().query == "stage=M3"
    assert "Late" in page(people["he"], "cases/")
    assert "Late" not in main(page(people["zhou"], "cases/"))
