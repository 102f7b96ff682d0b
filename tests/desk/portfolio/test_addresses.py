"""Addresses that somebody wrote by hand: each gets an answer that helps, in both languages, and never a fault."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import pytest

from daihou.desk.people.roles import Role
from desk.portfolio.conftest import browser, context, page

if TYPE_CHECKING:
    from django.test import Client

    from daihou.book.home import Home

LONG = "x" * 10_000
REFUSED: list[dict[str, str]] = [
    {"dpdd": "1"}, {"dpd": "many"}, {"dpd": "1..2..3"}, {"dpd": "2026-01-01"}, {"dpd": "1e9"}, {"dpd": LONG}, {"matures_on": "3"},
    {"matures_on": "2026-02-30"}, {"first_payment_missed": "perhaps"}, {"state": "late"}, {"bucket": "1-31"}, {"dpd": "9" * 40},
    {"principal_outstanding": "1,000.001.."}, {LONG: "1"}, {"dpd\x00": "1"}, {"逾期": "1"}, {"' OR 1=1 --": "1"},
    {"where": "dpdd > 1"}, {"where": "dpd > overdue_amount"}, {"where": "dpd >"}, {"where": "("}, {"where": "dpd = 'x'"}, {"where": LONG},
    {"where": "1=1; DROP TABLE loans"}, {"where": "dpd > 1 -- x"}, {"where": "dpd > (select 1)"}, {"where": "product = 'a' or '"},
    {"where": "read_csv('/etc/passwd') = 1"}, {"where": "dpd > 0 and \x00"}, {"where": "((" * 300 + "dpd > 1" + "))" * 300},
    {"sort": "dpdd"}, {"sort": "dpd desc, loan_id"}, {"sort": '"; --'}, {"sort": "--dpd"}, {"sort": LONG}, {"sort": "place"},
    {"cols": "dpdd"}, {"cols": "dpd,*"}, {"cols": "loan_id;drop"}, {"cols": LONG}, {"cols": "borrower_number"},
    {"as_of": "yesterday"}, {"as_of": "2026-02-30"}, {"as_of": "1999-01-01"}, {"known_on": "2026-01-30"}, {"as_of": LONG}, {"as_of": "\x00"},
    {"as_of": "2026-03-31", "known_on": "2026-04-30"},
    {"was": "0", "since": "2026-02-27"}, {"was": "0", "since": "x"}, {"was": "late", "since": "2026-02-28"}, {"was": "0", "now": "'", "since": "2026-02-28"},
    {"was": LONG, "since": "2026-02-28"}, {"vintage": "2025"}, {"vintage": "2025Q5.1"}, {"vintage": "0000Q1.1"}, {"vintage": LONG}, {"vintage": "２０２５Q1.1"},
]  # fmt: skip
BORNE: list[dict[str, str]] = [
    {"page": "x"}, {"page": "-1"}, {"page": "0"}, {"page": "9" * 30}, {"page": "٣"}, {"size": "7"}, {"size": "1e9"}, {"size": LONG},
    {"product": "'; DROP TABLE loans; --"}, {"product": '"'}, {"product": "逾期"}, {"product": "🏦"}, {"officer_id": "%_%"},
    {"product": LONG}, {"where": "product = 'it''s'"}, {"was": "0"}, {"now": "1"}, {"since": "x"}, {"view": "x"}, {"q": "x"}, {"vintage": "2100Q4.999"},
    {"where": "loan_id in (" + ",".join(["'x'"] * 200) + ")"}, {"cols": ",,dpd,"}, {"vintage": "2026Q1.0"},
]  # fmt: skip


def said(asked: dict[str, str]) -> str:
    return ", ".join(f"{name[:20]}={value[:30]}" for name, value in asked.items())


@pytest.fixture
def both(db: None, at_wharf: Home) -> list[Client]:
    """Two browsers, one a language."""
    return [browser(f"reader_{language}", (Role.ANALYST, ""), language=language) for language in ("en", "zh-hans")]


def test_what_cannot_be_read_is_refused_with_a_remedy_in_both_languages(both: list[Client]) -> None:
    for place, asked in enumerate(REFUSED):
        for client, title in list(zip(both, ("This cannot be shown", "无法显示"), strict=True))[place % 3 > 0 :]:
            text = page(client, f"/loans/?{urlencode(asked)}", 400)
            assert title in text, said(asked)
            assert len(text) < 40_000, said(asked)
            for secret in ("Binder Error", "Parser Error", "Catalog Error", "Traceback", "read_parquet", "SELECT "):
                assert secret not in text, said(asked)


def test_exports_and_other_ledgers_refuse_the_same(both: list[Client]) -> None:
    for asked in REFUSED[::8]:
        for address in ("/loans/export/loans.csv", "/loans/export/maturing.xlsx", "/loans/unpaid-interest/"):
            page(both[0], f"{address}?{urlencode(asked)}", 400)


def test_what_says_nothing_or_nothing_that_is_there_is_borne(both: list[Client]) -> None:
    for asked in BORNE:
        page(both[0], f"/loans/?{urlencode(asked)}")


@pytest.mark.parametrize("address", ["/portfolio/", "/compare/", "/borrowers/", "/portfolio/figures/rolls.csv"])
def test_other_pages_bear_or_refuse_what_they_cannot_use(both: list[Client], address: str) -> None:
    for asked, status in (
        ({"org_id": "nowhere"}, 200), ({"product": "'"}, 200), ({"region": LONG}, 200), ({"by": "officer_id"}, 200), ({"as_of": "x"}, 400),
        ({"as_of": "2026-01-01"}, 400), ({"org_id": "\x00"}, 200), ({"page": "x", "late": "2"}, 200),
    ):  # fmt: skip
        page(both[0], f"{address}?{urlencode(asked)}", status)
    if address == "/compare/":
        page(both[0], "/compare/?since=2026-02-27", 400)
        page(both[0], "/compare/?since=2026-01-31")
    if address == "/borrowers/":
        page(both[0], "/borrowers/?sort=name", 400)
        page(both[1], "/borrowers/?sort=;", 400)


@pytest.mark.parametrize("number", ["none", "'", "a/b", "%00", "../A1", "x" * 3000, "逾期", "A1 ", "a1"])
def test_what_does_not_exist_is_not_found(boss: Client, number: str) -> None:
    for kind in ("loans", "borrowers"):
        page(boss, f"/{kind}/{number if number == '%00' else quote(number)}/", 404)
    page(boss, "/loans/export/nothing.csv", 404)
    page(boss, "/loans/export/loans.pdf", 404)
    page(boss, "/portfolio/figures/nothing.csv", 404)


def test_a_home_without_a_run_says_what_to_do(db: None, tmp_path: Any) -> None:
    from django.test import override_settings

    from daihou.book.home import open_home

    with override_settings(HOME=open_home(tmp_path / "new", {})):
        for name, words in (("en", "start a run under Jobs"), ("zh-hans", "发起跑批")):
            client = browser(f"first_{name}", (Role.ANALYST, ""), language=name)
            for address in (
                "/portfolio/",
                "/loans/",
                "/loans/A1/",
                "/borrowers/",
                "/borrowers/B1/",
                "/compare/",
                "/loans/export/loans.csv",
                "/portfolio/figures/rolls.csv",
            ):
                assert words in page(client, address, 400)


def test_a_cut_of_nothing_leaves_an_empty_overview(boss: Client) -> None:
    told = context(boss, "/portfolio/?org_id=nowhere")
    assert told["balances"].live.now == 0
    assert told["states"]["total"] == 0
    assert told["groups"] == []
