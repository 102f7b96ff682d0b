"""The list of open signals: what a run remembers, neither more nor less, as the address asks and as far as the reader may see."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from django.conf import settings
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext

from daihou.desk.audit.models import Entry
from daihou.desk.people.reach import Part, Reach
from daihou.desk.people.roles import Role
from daihou.desk.portfolio import moments
from daihou.desk.signals import views
from daihou.desk.signals.chosen import Chosen
from daihou.desk.signals.listing import Listing
from daihou.desk.signals.sight import Sight
from daihou.desk.signals.watch import watch
from daihou.warning.rule import LEVELS
from desk.conftest import user
from desk.portfolio.workbook import sheets
from desk.signals.conftest import frame, listed

if TYPE_CHECKING:
    from daihou.desk.people.models import User
    from desk.signals.conftest import Later

WHOLE = Sight(Reach((Part(None),)), models=True)


def ids(held: pl.DataFrame) -> set[str]:
    return set(held["signal_id"])


def test_the_list_holds_every_open_signal_of_the_newest_run_once(sign_in: Any, held: pl.DataFrame) -> None:
    response = sign_in("manager").get("/signals/")
    assert response.context["count"] == len(held) == len(ids(held)) > 100
    assert listed(sign_in("manager")) == ids(held)
    by_level = dict(held["level"].value_counts().rows())
    assert dict(response.context["counts"]) == {level: by_level.get(level, 0) for level in LEVELS}


def test_counts_are_those_that_the_run_wrote_of_each_rule(sign_in: Any, held: pl.DataFrame, day: dt.date) -> None:
    counted = frame(settings.HOME, "watched", (day, day)).filter(pl.col("open").is_not_null())
    found = watch(moments.moment(QueryDict()))
    assert found is not None
    for rule, shadow, expected in counted.select("rule_id", "shadow", "open").iter_rows():
        assert Listing(found, Chosen(rule=rule, shadow="1" if shadow else ""), WHOLE).count == expected, rule


@pytest.mark.parametrize(
    ("query", "right"),
    [
        ("level=red", pl.col("level") == "red"),
        ("rule=R-002", pl.col("rule_id") == "R-002"),
        ("subject=borrower&level=orange", (pl.col("subject") == "borrower") & (pl.col("level") == "orange")),
        ("org_id=B02", pl.col("org_id") == "B02"),
        ("within=1", pl.col("opened_on") == dt.date(2026, 6, 30)),
        ("within=30&org_id=HQ", pl.col("opened_on") > dt.date(2026, 5, 31)),
        ("within=90", pl.col("opened_on") > dt.date(2026, 4, 1)),
        ("topic=cash_flow", pl.col("rule_id").str.starts_with("R-1")),
        ("shadow=1", pl.lit(value=False)),
    ],
)
def test_the_address_chooses(sign_in: Any, held: pl.DataFrame, day: dt.date, query: str, right: pl.Expr) -> None:
    assert day == dt.date(2026, 6, 30)
    assert listed(sign_in("manager"), query) == ids(held.filter(right))


def test_an_officer_number_and_a_borrower_choose(sign_in: Any, held: pl.DataFrame) -> None:
    officer, borrower = held["officer_id"].drop_nulls()[0], held["borrower_id"].drop_nulls()[0]
    assert listed(sign_in("manager"), f"officer_id={officer}") == ids(held.filter(officer_id=officer))
    assert listed(sign_in("manager"), f"borrower={borrower}") == ids(held.filter(borrower_id=borrower))


def test_an_earlier_date_shows_what_was_open_then(
    sign_in: Any, held: pl.DataFrame, book: list[tuple[dt.date, dt.date]]
) -> None:
    then = frame(settings.HOME, "rule_memory", book[2]).filter(pl.col("opened_on").is_not_null())
    assert listed(sign_in("manager"), f"as_of={book[2][0]}") == ids(then) != ids(held)


def test_the_most_urgent_come_first_then_the_newest_and_any_column_sorts(sign_in: Any) -> None:
    client = sign_in("manager")
    first = client.get("/signals/?size=100").context["rows"]
    order = [(LEVELS.index(row["level"]), -row["opened_on"].toordinal()) for row in first]
    assert order == sorted(order)
    balances = [row["balance"] for row in client.get("/signals/?sort=-balance&size=100").context["rows"]]
    assert balances == sorted(balances, reverse=True)
    assert balances[0] > balances[-1]
    opened = [row["opened_on"] for row in client.get("/signals/?sort=opened&size=100").context["rows"]]
    assert opened == sorted(opened)


def test_a_page_beyond_the_last_is_the_last(sign_in: Any, held: pl.DataFrame) -> None:
    response = sign_in("manager").get("/signals/?size=25&page=9999")
    assert response.context["page"] == -(-len(held) // 25)
    assert len(response.context["rows"]) == len(held) % 25 or 25


@pytest.mark.parametrize("query", ["level=purple", "sort=name", "topic=weather", "within=4", "shadow=2", "subject=org"])
def test_a_value_that_does_not_exist_is_refused_with_those_that_do(sign_in: Any, query: str) -> None:
    response = sign_in("manager").get(f"/signals/?{query}")
    assert response.status_code == 400
    assert "Use one of" in response.content.decode()


def test_everybody_sees_the_signals_of_their_own_part(sign_in: Any, cast: dict[str, User], held: pl.DataFrame) -> None:
    own = held.filter(org_id="B01", officer_id=cast["officer"].officer_id)
    assert 0 < len(own) < len(held.filter(org_id="B01"))
    assert listed(sign_in("officer")) == ids(own)
    assert listed(sign_in("branch_manager")) == ids(held.filter(org_id="B01"))
    assert listed(sign_in("branch_manager"), "org_id=B02") == set()
    assert listed(sign_in("analyst")) == listed(sign_in("manager"))


def test_a_row_says_what_it_is_about_and_leads_there(sign_in: Any, people: dict[str, Any], held: pl.DataFrame) -> None:
    response = sign_in("manager").get("/signals/?rule=R-002&level=orange&size=100")
    row, text = response.context["rows"][0], response.content.decode()
    stood = held.filter(signal_id=row["signal_id"]).row(0, named=True)
    dpd = int(re.search(r'"dpd":(\d+)', stood["evidence"])[1])  # type: ignore[index]
    assert row["message"].startswith(f"{dpd} days past due")
    assert row["balance"] == stood["now"]
    for address in (
        f"/loans/{row['subject_id']}/",
        f"/borrowers/{row['borrower_id']}/",
        f"/signals/{row['signal_id']}/",
        "/rules/R-002/",
    ):
        assert f'href="{address}' in text
    assert people[row["borrower_id"]].name not in text


def test_signals_of_rules_in_shadow_are_shown_where_asked_for(sign_in: Any, at_later: Later) -> None:
    client = sign_in("manager")
    shadow = frame(at_later.home, "watched", (at_later.after, at_later.after)).filter(rule_id="R-901")
    assert shadow["shadow"].to_list() == [True]
    assert len(listed(client, "shadow=1")) == shadow["open"][0] > 0
    assert listed(client, "shadow=1&rule=R-901") == listed(client, "shadow=1")
    assert listed(client, "shadow=all") == listed(client) | listed(client, "shadow=1")
    assert not listed(client) & listed(client, "shadow=1")


def test_known_later_the_signals_of_a_date_stand(sign_in: Any, at_later: Later, held: pl.DataFrame) -> None:
    query = f"as_of={at_later.last}&known_on={at_later.after}"
    assert listed(sign_in("manager"), query) == ids(held)
    text = sign_in("manager").get(f"/signals/?{query}").content.decode()
    assert f"Signals stand as they were said on {at_later.last}" in text


def test_a_date_that_nobody_watched_says_so(sign_in: Any, at_later: Later) -> None:
    client = sign_in("manager")
    response = client.get(f"/signals/?as_of={at_later.unwatched}")
    assert response.status_code == 200
    assert f"No run has watched {at_later.unwatched}" in response.content.decode()
    assert "rows" not in response.context
    assert client.get(f"/signals/export.csv?as_of={at_later.unwatched}").status_code == 404


def test_a_file_has_the_rows_of_the_list_masked_marked_and_logged(
    sign_in: Any, people: dict[str, Any], held: pl.DataFrame
) -> None:
    client = sign_in("manager")
    text = client.get("/signals/export.csv?level=orange&sort=-balance").getvalue().decode()
    head, *rows, last = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    right = held.filter(level="orange")
    assert {row[-1] for row in rows} == ids(right)
    assert len(rows) == len(right)
    assert [float(row[9]) for row in rows if row[9]] == sorted((float(row[9]) for row in rows if row[9]), reverse=True)
    assert not any(person.name in text for person in people.values() if person.name)
    entry = Entry.objects.get(action="portfolio.export")
    assert (entry.subject_id, entry.detail["signals"], entry.detail["filter"]) == (
        "signals",
        len(right),
        "level=orange",
    )
    assert f"audit entry {entry.pk}" in last[0]
    assert "level=orange" in last[0]
    sheet, about = sheets(client.get("/signals/export.xlsx?level=orange").getvalue())
    assert len(sheet.rows) - 1 == len(right)
    assert sheet.rows[1][7].form == "yyyy-mm-dd"
    assert about.rows[2][1].value == f"{len(right):,}"
    assert [cell.value for cell in sheet.rows[0].values()] == head


def test_a_workbook_too_large_is_refused_and_csv_is_not(sign_in: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "SHEET_ROWS", 3)
    assert sign_in("manager").get("/signals/export.xlsx").status_code == 400
    assert sign_in("manager").get("/signals/export.csv").status_code == 200


def test_who_exports_a_part_exports_that_and_who_exports_nothing_is_refused(
    db: None, book: list[Any], sign_in: Any, held: pl.DataFrame
) -> None:
    client = Client()
    client.force_login(user("double", (Role.VIEWER, ""), (Role.MANAGER, "B02"), language="en"))
    text = client.get("/signals/export.csv").getvalue().decode()
    rows = list(csv.reader(io.StringIO(text)))[1:-1]
    assert {row[-1] for row in rows} == ids(held.filter(org_id="B02"))
    assert listed(client) == ids(held)
    assert sign_in("viewer").get("/signals/export.csv").status_code == 403
    assert "/signals/export" not in sign_in("viewer").get("/signals/").content.decode()


def test_a_page_of_many_signals_asks_no_more_than_one_of_few(sign_in: Any, people: dict[str, Any]) -> None:
    client = sign_in("manager")
    asked = []
    for address in ("/signals/?rule=R-003", "/signals/?size=100"):
        client.get(address)
        with CaptureQueriesContext(connection) as found:
            client.get(address)
        asked.append(len(found))
    assert asked[0] == asked[1] <= 12


def test_a_rules_counts_lead_to_their_rows(sign_in: Any, day: dt.date) -> None:
    client = sign_in("manager")
    text = client.get("/rules/R-002/").content.decode()
    counted = frame(settings.HOME, "watched", (day, day)).filter(rule_id="R-002").row(0, named=True)
    cells = [
        re.search(rf'<dt>{label}</dt><dd><a href="([^"]*)">', text) for label in ("Watched", "Hits", "Open signals")
    ]
    loans, hits, signals = (cell[1].replace("&amp;", "&") for cell in cells if cell)
    assert client.get(loans).context["sums"]["loans"] == counted["subjects"]
    assert client.get(hits).context["sums"]["loans"] == counted["holds"] > 0
    assert client.get(signals).context["count"] == counted["open"] > 0
    assert (
        f'<a href="/signals/?rule=R-002&amp;as_of={day}&amp;known_on={day}">' in client.get("/rules/").content.decode()
    )
