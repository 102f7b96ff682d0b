"""Money that comes while a collector talks: told without a run, taken off what is owed, and heeded by a promise. And the daily statement, which must tie."""

from __future__ import annotations

import datetime as dt
import html
import json
import re
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.utils import timezone

from daihou.book.home import open_home
from daihou.book.intake import deliver
from daihou.book.ledger.ledger import refresh
from daihou.desk.casework import news, reckoning, statement
from daihou.desk.casework.models import Case, Promise
from daihou.desk.people.models import User
from desk.casework import owing
from desk.casework.made import case, crew
from desk.casework.test_workbench import debtor, dial, note, page

if TYPE_CHECKING:
    from pathlib import Path

    from daihou.book.home import Home

pytestmark = pytest.mark.django_db


@pytest.fixture
def home(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, settings: Any) -> Home:
    """The home of `owing`, one's own copy: payments come into it."""
    shutil.copytree(owing.built(tmp_path_factory).path, tmp_path / "home")
    settings.HOME = open_home(tmp_path / "home", {})
    found: Home = settings.HOME
    return found


@pytest.fixture
def sun() -> Client:
    client = Client()
    client.force_login(crew()["sun"])
    return client


@pytest.fixture
def held(home: Home, sun: Client) -> Case:
    """A case on L1, of which 2,250.00 is past due, as of yesterday's run."""
    debtor()
    return case(
        "C1",
        "M2",
        loans=("L1",),
        owner=User.objects.get(username="sun"),
        as_of=owing.on(-1),
        product="auto",
        claim=owing.OWED,
    )


def comes(home: Home, payment_id: str, amount: str, days: int = 0, **more: str) -> None:
    """A payment on L1 is made and delivered, today unless said otherwise; no run books it."""
    row = {"payment_id": payment_id, "loan_id": "L1", "paid_on": owing.on(days).isoformat(), "amount": amount} | more
    path = home.path / f"{payment_id}.csv"
    path.write_text(f"{','.join(row)}\n{','.join(row.values())}\n", "utf-8")
    report = deliver(home, [path], "payments", today=owing.on(days))
    assert not report.quarantined, report.examples


def seen(shown: str) -> dict[str, str]:
    held = re.search(r'id="news"[^>]*hx-vals="([^"]*)"', shown)
    assert held
    found: dict[str, str] = json.loads(html.unescape(held[1]))
    return found


def test_what_is_owed_stands_line_by_line(held: Case, sun: Client) -> None:
    shown = page(sun, held)
    for figure in ("2,250.00", "1,100.00", "50.00", owing.on(-40).isoformat(), owing.on(-10).isoformat()):
        assert figure in shown
    assert "40 days" in shown
    assert "data of" in shown
    assert "days old" not in shown


def test_a_payment_while_the_collector_talks_is_told_with_what_is_owed_now(home: Home, held: Case, sun: Client) -> None:
    asked = seen(page(sun, held))
    assert sun.get(f"/collection/cases/{held.pk}/pulse/", asked).status_code == 204
    comes(home, "P1", "1000.00")
    answer = sun.get(f"/collection/cases/{held.pk}/pulse/", asked)
    shown = answer.content.decode()
    assert answer.status_code == 200
    assert "1,000.00 came on L1" in shown
    assert "1,250.00 is owed now" in shown
    assert 'id="claim-seen"' in shown  # so that a promise on what was just told is taken
    assert 'name="amount_1"' not in shown  # nor is anything swapped that somebody types into
    assert sun.get(f"/collection/cases/{held.pk}/pulse/", seen(shown)).status_code == 204


def test_a_promise_on_the_claim_before_the_payment_is_refused_and_says_what_came(
    home: Home, held: Case, sun: Client
) -> None:
    dial(sun, held)
    before = re.search(r'name="claim" id="claim-seen" form="noted" value="(\w+)"', page(sun, held))
    assert before
    comes(home, "P1", "1000.00")
    on = timezone.localdate() + dt.timedelta(days=3)
    promise = {"answer": "conversation.promise", "on_1": on.isoformat(), "amount_1": "1100.00"}
    refused = note(sun, held, **promise, claim=before[1])
    assert refused.status_code == 422
    assert "1,000.00 came on L1" in refused.content.decode()
    assert not Promise.objects.exists()
    assert note(sun, held, **promise).status_code == 200


def test_a_payment_that_a_run_has_booked_is_news_no_more(home: Home, held: Case, sun: Client) -> None:
    comes(home, "P1", "1000.00")
    loans = tuple(held.of_loans.all())
    assert [one.amount for one in news.unbooked(loans)] == [100_000]
    refresh(home, lambda *_: None)
    assert news.unbooked(loans) == ()
    assert reckoning.reckoned(held, loans, owing.today()).total == owing.OWED - 100_000
    assert "came on L1" not in page(sun, held)


def test_a_reversal_is_told_without_a_figure(home: Home, held: Case, sun: Client) -> None:
    comes(home, "P1", "1000.00")
    refresh(home, lambda *_: None)
    comes(home, "P2", "1000.00", reverses="P1")
    assert "was reversed, given back or corrected: 1,000.00" in page(sun, held)


def test_a_booked_payment_delivered_with_another_amount_is_no_new_money(home: Home, held: Case, sun: Client) -> None:
    comes(home, "P1", "1000.00", days=-1)
    refresh(home, lambda *_: None)
    comes(home, "P1", "900.00")
    shown = page(sun, held)
    assert "was reversed, given back or corrected: 900.00" in shown
    assert "came on L1" not in shown


def test_every_day_of_the_statement_ties_and_ends_at_the_claim(home: Home, held: Case, sun: Client) -> None:
    comes(home, "P1", "300.00")
    refresh(home, lambda *_: None)
    today = owing.today()
    _begin, (sheet,) = statement.sheets(list(held.of_loans.all()), owing.on(-60), today, today)
    for row in sheet.rows:
        assert row.owed == row.opening + row.due + row.charged - row.paid - row.waived, row
    assert sheet.rows[-1].owed == owing.OWED - 30_000
    assert [row.on for row in sheet.rows if row.due] == [owing.on(-39), owing.on(-9)]
    shown = sun.get(f"/collection/cases/{held.pk}/statement/?from={owing.on(-60)}").content.decode()
    assert "P1" in shown
    assert "1,950.00" in shown


def test_a_statement_of_loans_that_the_ledger_does_not_know_says_so(home: Home, held: Case, sun: Client) -> None:
    held.of_loans.update(loan_id="unknown")
    assert (
        "The ledger knows none of these loans." in sun.get(f"/collection/cases/{held.pk}/statement/").content.decode()
    )


def test_the_calculator_answers_while_somebody_types(home: Home, held: Case, sun: Client) -> None:
    on = timezone.localdate() + dt.timedelta(days=2)
    told = sun.get(
        f"/collection/cases/{held.pk}/calculator/", {"on_1": on.isoformat(), "amount_1": "1100"}
    ).content.decode()
    assert "from No. 2 on" in told
    assert "42 → 12 days" in told
    assert (
        "no amount"
        in sun.get(
            f"/collection/cases/{held.pk}/calculator/", {"on_1": on.isoformat(), "amount_1": "11x"}
        ).content.decode()
    )
