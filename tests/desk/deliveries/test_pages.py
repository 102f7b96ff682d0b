"""The pages of data quality: what each shows, to whom, and with how few queries."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from daihou.book.home import open_home
from daihou.desk.deliveries import registers
from desk.deliveries.conftest import text

PAGES = (
    "/deliveries/",
    "/deliveries/batches/",
    "/deliveries/quarantine/",
    "/deliveries/coverage/",
    "/deliveries/upload/",
)


def test_the_overview_tells_freshness_batches_quarantine_and_coverage(sign_in: Any, bad_batch: int) -> None:
    page = text(sign_in("analyst").get("/deliveries/"))
    assert f'href="/deliveries/batches/{bad_batch}/"' in page
    assert 'href="/deliveries/quarantine/?reason=bad_date"' in page
    assert "Freshness by table" in page
    assert "Money received, measured against the payments themselves" in page
    assert "No control totals were sent for this date" in page


def test_freshness_gives_the_newest_fact_and_the_rows_of_each_table(bad_batch: int, loans: Any) -> None:
    fresh = {row.table: row for row in registers.freshness()}
    assert (fresh["loans"].rows or 0) >= 400
    assert fresh["payments"].newest_on is not None
    assert fresh["payments"].batch == bad_batch or fresh["payments"].batch > 0


def test_a_batch_page_says_what_was_sent_and_why_rows_were_refused(sign_in: Any, bad_batch: int) -> None:
    page = text(sign_in("auditor").get(f"/deliveries/batches/{bad_batch}/"))
    assert "bad-payments.csv" in page
    assert f"?batch={bad_batch}&amp;reason=not_a_number" in page
    assert "<mark>2026-13-40</mark>" in page


def test_batches_are_narrowed_by_table_and_by_what_is_in_quarantine(sign_in: Any, bad_batch: int) -> None:
    browser = sign_in("analyst")
    assert f"#{bad_batch}</a>" in text(browser.get("/deliveries/batches/?bad=1&table=payments"))
    assert "No batch fits" in text(browser.get("/deliveries/batches/?bad=1&table=orgs"))


def test_quarantine_is_narrowed_by_its_address_and_marks_the_cell(sign_in: Any, bad_batch: int) -> None:
    browser = sign_in("analyst")
    page = text(browser.get(f"/deliveries/quarantine/?batch={bad_batch}&reason=too_many_decimals"))
    assert "1 row<" in page
    assert "<mark>1.000005</mark>" in page
    assert "nothing is rounded" in page
    assert "No row in quarantine fits" in text(browser.get("/deliveries/quarantine/?table=payments&column=zzz"))


def test_messages_come_in_the_language_of_the_user(sign_in: Any, cast: Any, bad_batch: int) -> None:
    cast["analyst"].language = "zh-hans"
    cast["analyst"].save()
    page = text(sign_in("analyst").get(f"/deliveries/quarantine/?batch={bad_batch}"))
    assert "系统不做四舍五入" in page
    assert "隔离区" in page


def test_coverage_shows_what_ties_and_links_each_loan(sign_in: Any, bad_batch: int) -> None:
    page = text(sign_in("analyst").get("/deliveries/coverage/"))
    assert "Money received, measured against the payments themselves" in page
    assert "Ties" in page
    assert 'href="/loans/L' in page
    assert 'href="/loans/L' not in text(sign_in("administrator").get("/deliveries/coverage/"))
    assert "No break" in text(sign_in("analyst").get("/deliveries/coverage/?list=breaks"))


def test_coverage_of_dates_never_run_says_so(sign_in: Any, bad_batch: int) -> None:
    response = sign_in("analyst").get("/deliveries/coverage/?as_of=1999-01-01")
    assert response.status_code == 200
    assert "No run wrote 1999-01-01" in text(response)


def test_who_reaches_a_branch_sees_counts_and_no_rows(sign_in: Any, bad_batch: int) -> None:
    browser = sign_in("branch_manager")
    page = text(browser.get(f"/deliveries/quarantine/?batch={bad_batch}"))
    assert "Only counts are shown to you" in page
    assert "2026-13-40" not in page
    assert "2026-13-40" not in text(browser.get(f"/deliveries/batches/{bad_batch}/"))
    assert browser.get("/deliveries/quarantine/rows.csv?table=payments").status_code == 403
    assert "Principal outstanding</th>" not in text(browser.get("/deliveries/coverage/"))


@pytest.mark.parametrize("page", PAGES)
def test_a_stranger_is_sent_to_sign_in(db: None, page: str) -> None:
    assert Client().get(page).status_code == 302


@pytest.mark.parametrize(
    ("who", "may_view", "may_upload"),
    [("viewer", False, False), ("officer", False, False), ("collector", False, False), ("reviewer", True, False),
     ("manager", True, False), ("auditor", True, False), ("analyst", True, True), ("administrator", True, True)],
)  # fmt: skip
def test_roles_open_what_they_are_for(sign_in: Any, who: str, may_view: bool, may_upload: bool) -> None:
    browser = sign_in(who)
    assert [browser.get(page).status_code for page in PAGES] == [200 if may_view else 403] * 4 + [
        200 if may_upload else 403
    ]


@pytest.mark.parametrize("page", PAGES[:4])
def test_a_page_asks_the_database_little(
    sign_in: Any, bad_batch: int, page: str, django_assert_max_num_queries: Any
) -> None:
    browser = sign_in("analyst")
    browser.get(page)
    with django_assert_max_num_queries(6):
        browser.get(page)


@pytest.mark.parametrize(
    "page",
    ["/deliveries/batches/999999/", "/deliveries/upload/00000000-0000-0000-0000-000000000000/"],
)
def test_what_does_not_exist_is_not_found(sign_in: Any, page: str) -> None:
    assert sign_in("analyst").get(page).status_code == 404


@pytest.mark.parametrize(
    "query",
    ["page=0", "page=99999999", "page=x", "batch=x", "batch=99999999999999999999", "table=%27%3B--", "reason=%00"],
)
def test_odd_addresses_do_no_harm(sign_in: Any, bad_batch: int, query: str) -> None:
    browser = sign_in("analyst")
    for page in PAGES[1:4]:
        assert browser.get(f"{page}?{query}").status_code == 200


@pytest.mark.parametrize("page", PAGES)
def test_an_empty_home_says_what_to_do(sign_in: Any, tmp_path: Any, monkeypatch: Any, page: str) -> None:
    monkeypatch.setattr(settings, "HOME", open_home(tmp_path / "empty", {}))
    assert not settings.HOME.lake.exists()
    response = sign_in("analyst").get(page)
    assert response.status_code == 200
    said = text(response)
    assert "/deliveries/upload/" in said
    hints = (
        "Nothing was delivered yet",
        "No batch yet",
        "Quarantine is empty",
        "No run has been written yet",
        "Drop files here",
    )
    assert hints[PAGES.index(page)] in said


@pytest.mark.parametrize("page", PAGES)
def test_no_page_holds_a_style_or_script_of_its_own(sign_in: Any, bad_batch: int, page: str) -> None:
    said = text(sign_in("analyst").get(page))
    assert " style=" not in said
    assert "<style" not in said
    assert " onclick=" not in said
