"""How collectors fared: attempts, conversations, promises by what the ledger judged, cured cases, and money each cent of which counts once."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from daihou.book.home import open_home
from daihou.book.intake import deliver
from daihou.book.ledger.ledger import refresh
from daihou.desk.audit.models import Entry
from daihou.desk.casework import performance, recovered
from daihou.desk.people.reach import Access
from desk.alerts.hands import browser
from desk.casework.made import agency, case, crew
from desk.casework.managing import contact, day, main, moment, page, promise, queries
from desk.casework.owing import tables

if TYPE_CHECKING:
    from pathlib import Path

    from daihou.desk.casework.performance import Figures
    from daihou.desk.people.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> dict[str, User]:
    return crew()


@pytest.fixture
def ledger(settings: Any, tmp_path: Path) -> None:
    """The home of `owing`, with 500.00 paid on L1 three days ago, 40.00 of it given back a day later, 200.00 on L2 today, and 3.00 dollars on L3."""
    home = open_home(tmp_path / "home", {})
    paid = {"payments": "payment_id,loan_id,paid_on,amount,purpose,known_on\n"}
    paid["payments"] += (
        f"P1,L1,{day(-3)},500.00,,{day(-3)}\nP2,L1,{day(-2)},40.00,refund,{day(-2)}\nP3,L2,{day(0)},200.00,,{day(0)}\n"
        f"P4,L3,{day(-1)},3.00,,{day(-1)}\n"
    )
    for table, text in (tables() | paid).items():
        path = tmp_path / f"{table}.csv"
        path.write_text(text, "utf-8")
        report = deliver(home, [path], table, today=day(0))
        assert not report.quarantined, report.examples
    refresh(home, lambda *_: None)
    settings.HOME = home


def told(by: User, kind: str = "collector", days: int = 29) -> dict[str, performance.Line]:
    found = performance.told(by, Access(by), day(-days), day(0), kind, moment(0, 20))
    return {line.label or "-": line for line in found.lines} | {"all": found.total}


def figures(by: User, whom: str, kind: str = "collector") -> Figures:
    return told(by, kind)[whom].figures


def test_attempts_are_what_was_tried_and_a_rate_is_of_conversations_with_the_debtor(people: dict[str, User]) -> None:
    held = case("A", "M2")
    contact(held, people["sun"], seconds=120)
    for outcome in ("no_answer", "busy", "third_party", "pending"):
        contact(held, people["sun"], outcome=outcome)
    contact(held, people["sun"], outcome="not_made")
    contact(held, people["sun"], party="guarantor", seconds=60)
    contact(held, people["sun"], inbound=True)
    contact(held, people["sun"], channel="sms", outcome="delivered")
    contact(held, people["sun"], after=-40)
    line = told(people["zhou"])["Sun"]
    assert (line.figures.attempts, line.figures.right, line.figures.messages, line.figures.talk) == (6, 1, 1, 180)
    assert line.reached.of.share == pytest.approx(1 / 6)
    assert line.reached.few
    assert line.reached.of.low < 1 / 6 < line.reached.of.high  # type: ignore[operator]
    assert line.figures.worked == 6 * 6 * 60


def test_kept_is_by_parts_that_fell_due_in_the_window_and_were_judged(people: dict[str, User]) -> None:
    held, sun = case("A"), people["sun"]
    for state in ("kept", "late", "partly", "broken", "open"):
        promise(held, sun, -2, state)
    promise(held, sun, -2, "withdrawn")
    promise(held, sun, -60, "kept", made=-70)
    found = figures(people["zhou"], "Sun")
    assert (found.promises, found.judged, found.kept) == (6, 4, 2)


def test_cured_cases_are_of_who_had_them_in_the_end(people: dict[str, User]) -> None:
    case("A", owner=people["sun"], closed_on=day(-3), closing="cured")
    case("B", owner=people["sun"], closed_on=day(-3), closing="transferred")
    case("C", owner=people["li"], closed_on=day(-3), closing="settled")
    case("D", owner=people["li"], closed_on=day(-90), closing="cured")
    found = told(people["zhou"])
    assert (found["Sun"].figures.cured, found["Li"].figures.cured, found["all"].figures.cured) == (1, 1, 2)


@pytest.mark.usefixtures("ledger")
def test_money_is_of_who_spoke_last_within_the_days_of_policy_net_of_what_went_back(people: dict[str, User]) -> None:
    held = case("C1", loans=("L1", "L2"))
    contact(held, people["sun"], after=-9, loan_ids=["L1"])
    contact(held, people["li"], after=-5, loan_ids=["L1"], seconds=1_800)
    contact(held, people["sun"], after=-3, loan_ids=["L1"], outcome="no_answer")
    found = told(people["zhou"])
    assert found["Li"].figures.recovered == 46_000
    assert found["Li"].an_hour_talked == 92_000
    assert found["Sun"].figures.recovered == 0
    assert found["all"].figures.recovered == 46_000  # nobody spoke about L2
    contact(held, people["sun"], at=moment(-3, 18), loan_ids=["L1", "L2"])
    found = told(people["zhou"])
    assert (found["Li"].figures.recovered, found["Sun"].figures.recovered) == (0, 66_000)


@pytest.mark.usefixtures("ledger")
def test_what_a_guarantor_said_or_what_lies_too_far_back_brings_nothing(people: dict[str, User]) -> None:
    held = case("C1", loans=("L1",))
    contact(held, people["sun"], after=-11)
    contact(held, people["li"], after=-4, party="guarantor")
    assert told(people["zhou"])["all"].figures.recovered == 0


@pytest.mark.usefixtures("ledger")
def test_money_in_another_currency_counts_by_the_rate_of_the_last_day(people: dict[str, User]) -> None:
    held = case("C1", loans=("L3",), currency="USD")
    contact(held, people["sun"], after=-1)
    assert figures(people["zhou"], "Sun").recovered == 2_160


@pytest.mark.usefixtures("ledger")
def test_by_org_and_by_agency_the_sums_are_the_same(people: dict[str, User]) -> None:
    held = case("C1", loans=("L1", "L2"), agency=agency("North", code="N1"))
    contact(held, people["sun"], after=-4, loan_ids=["L1"], agency="N1")
    contact(held, people["li"], after=-1, loan_ids=["L2"])
    for kind in performance.BYS:
        found = told(people["zhou"], kind)
        assert found["all"].figures.recovered == 66_000
        assert found["all"].figures.attempts == 2
        assert sum(line.figures.recovered or 0 for label, line in found.items() if label != "all") == 66_000
    assert told(people["zhou"], "agency")["North"].figures.recovered == 46_000
    assert told(people["zhou"], "org")["X1"].figures.recovered == 66_000


def test_each_cent_is_of_one_alone_whatever_was_spoken() -> None:
    at = dt.datetime(2026, 3, 10, 9, tzinfo=dt.UTC)
    spoken = pl.DataFrame(
        [
            ("L", at.date() + dt.timedelta(days=n % 5), at + dt.timedelta(days=n % 5, minutes=n), str(n % 3))
            for n in range(30)
        ],
        recovered.SPOKEN,
        orient="row",
    )
    cash = pl.DataFrame(
        {
            "loan_id": ["L"] * 20,
            "paid_on": [dt.date(2026, 3, 8) + dt.timedelta(days=n) for n in range(20)],
            "amount": list(range(1, 21)),
        }
    )
    found = recovered.attributed(cash, spoken, 7)
    assert found["amount"].to_list() == list(range(3, 15))


def test_where_the_ledger_is_damaged_everything_but_money_is_told(
    people: dict[str, User], settings: Any, tmp_path: Path
) -> None:
    settings.HOME = open_home(tmp_path, {})
    settings.HOME.ledger.mkdir(parents=True)
    (settings.HOME.ledger / "pointer.json").write_text("{cut o", "utf-8")
    contact(case("A"), people["sun"])
    line = told(people["zhou"])["Sun"]
    assert line.figures.attempts == 1
    assert line.figures.recovered is None
    assert "Money cannot be told" in page(people["zhou"], f"performance/?to={day(0)}")


def test_a_manager_sees_their_part(people: dict[str, User]) -> None:
    contact(case("A"), people["sun"])
    contact(case("B", org_id="X2"), people["far"])
    case("C", org_id="X2", owner=people["far"], closed_on=day(-1), closing="cured")
    assert set(told(people["he"])) == {"Sun", "all"}
    assert set(told(people["zhou"])) == {"Sun", "Far", "all"}
    assert browser(people["sun"]).get("/collection/performance/").status_code == 403


def test_the_page_says_what_is_counted_and_a_file_holds_the_same(people: dict[str, User]) -> None:
    contact(case("A"), people["sun"])
    said = main(page(people["zhou"], "performance/"))
    assert "Each cent counts once" in said
    assert "within 7 days before it" in said
    text = b"".join(browser(people["zhou"]).get("/collection/performance/export.csv")).decode()
    assert "Sun," in text
    assert Entry.objects.get(action="portfolio.export").detail["filter"].startswith("by=collector&from=")
    assert b"".join(browser(people["zhou"]).get("/collection/performance/export.xlsx"))[:2] == b"PK"


def test_nothing_done_and_wrong_days_are_told(people: dict[str, User]) -> None:
    assert "Nothing was done on these days" in page(people["zhou"], "performance/")
    assert "These are no days" in page(people["zhou"], "performance/?from=x", 400)


def test_queries_do_not_grow(people: dict[str, User]) -> None:
    contact(case("A"), people["sun"])
    few = queries(people["zhou"], "performance/")
    for number in range(12):
        contact(case(f"B{number}"), people["li"])
    assert queries(people["zhou"], "performance/") == few
