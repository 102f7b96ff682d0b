"""The page of a loan: its figures are those of the run, on any date, by any knowledge, and its plan says who paid what and how late."""

from __future__ import annotations

import datetime as dt
import json
import random
from decimal import Decimal
from html import unescape
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from django.conf import settings

from daihou.book import money
from daihou.desk.people.roles import Role
from daihou.desk.portfolio import accounts, trace
from daihou.desk.portfolio.columns import columns
from daihou.desk.templatetags.figures import units
from daihou.monitoring.snapshot import AMOUNTS
from daihou.runs.explain import explain_in
from daihou.runs.history import walk_history
from desk.portfolio import wharf
from desk.portfolio.conftest import browser, context, page

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from django.test import Client

    from daihou.book.home import Home

    Held = Callable[..., pl.DataFrame]


def told(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of the snapshot in currency units."""
    found = dict(row)
    for name in AMOUNTS:
        found[name] = None if row[name] is None else money.major(row[name], row["currency"])
    if row["principal_outstanding_base"] is not None:
        found["principal_outstanding_base"] = money.major(row["principal_outstanding_base"], "CNY")
    return found


def page_is_of(client: Client, row: Mapping[str, Any], query: str = "") -> Any:
    """Check a page against a row of the snapshot; answers what it was made from."""
    response = client.get(f"/loans/{row['loan_id']}/{query}")
    assert response.status_code == 200
    shown, right, text = response.context["row"], told(row), unescape(response.content.decode())
    assert {name: shown[name] for name in columns()} == {name: right[name] for name in columns()}
    for name in (
        "principal_outstanding",
        "overdue_amount",
        "charges_accrued",
        "total_claim",
        "overdue_principal_reg",
        "next_due_amount",
    ):
        assert f"<dd>{units(right[name])}</dd>" in text or f'<dd class="bad">{units(right[name])}</dd>' in text, name
    return response.context


def test_pages_of_loans_of_all_products_and_states_show_the_run(sign_in: Any, loans: pl.DataFrame) -> None:
    chosen = pl.concat([group.head(4) for _, group in loans.group_by("product", "state", maintain_order=True)]).head(60)
    assert chosen.select("product", "state").n_unique() >= 9
    client = sign_in("manager")
    for row in chosen.iter_rows(named=True):
        page_is_of(client, row)


@pytest.mark.parametrize("pair", [(wharf.END, wharf.LATER), (wharf.MARCH, wharf.MARCH)], ids=str)
def test_every_page_of_the_wharf_shows_its_run(boss: Client, held: Held, pair: tuple[dt.date, dt.date]) -> None:
    for row in held(*pair).iter_rows(named=True):
        page_is_of(boss, row, f"?as_of={pair[0]}&known_on={pair[1]}")


def test_dates_that_no_run_wrote_are_answered_too(boss: Client, at_wharf: Home) -> None:
    for pair in [(dt.date(2026, 12, 31), wharf.LATER)]:
        for row in (row for _, batch in walk_history(at_wharf, [pair], wharf.quiet) for row in batch.to_pylist()):
            page_is_of(boss, row, f"?as_of={pair[0]}&known_on={pair[1]}")


def test_the_course_drawn_ends_at_the_snapshot_and_is_right_on_days_between(
    boss: Client, at_wharf: Home, held: Held
) -> None:
    chance = random.Random(7)  # noqa: S311 - days to look at
    days = [dt.date(2026, 1, 11) + dt.timedelta(days=chance.randrange(105)) for _ in range(5)]
    rows = {
        day: {
            row["loan_id"]: row
            for _, batch in walk_history(at_wharf, [(day, wharf.END)], wharf.quiet)
            for row in batch.to_pylist()
        }
        for day in days
    }
    for row in held().iter_rows(named=True):
        option = context(boss, f"/loans/{row['loan_id']}/")["chart"]["option"]
        balance, late = (series["data"] for series in option["series"])
        if row["state"] == "not_started":
            continue
        unit = 10 ** money.exponent(row["currency"])
        assert late[-1] == [wharf.END.isoformat(), row["dpd"]]
        assert balance[-1] == [
            wharf.END.isoformat(),
            None if row["principal_outstanding"] is None else row["principal_outstanding"] / unit,
        ]
        for day in days:
            right = rows[day].get(row["loan_id"])
            if right is None or right["state"] == "not_started":
                continue
            assert dict(late)[day.isoformat()] == right["dpd"], (row["loan_id"], day)
            standing = [value for on, value in balance if on <= day.isoformat()][-1]
            assert standing == (
                None if right["principal_outstanding"] is None else right["principal_outstanding"] / unit
            )


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ("?as_of=2025-12-31&known_on=2026-04-30", 200, "2025-12-31"), ("?as_of=2025-12-31&known_on=2025-12-31", 400, "was not known on 2025-12-31"),
        ("?as_of=1980-01-01&known_on=2026-04-30", 200, ""), ("?as_of=2100-12-31&known_on=2026-04-30", 200, ""), ("?as_of=2101-01-01", 400, "no date within"),
        ("?as_of=2026-02-30", 400, "no date within"), ("?known_on=x", 400, "known_on: 'x'"), ("?against=2026-13-01", 400, "against"), ("?as_of=%00", 400, ""),
        ("?as_of=2026-04-30&known_on=2026-05-04&plan=all", 200, ""), ("?against=2026-04-30", 200, ""), ("?against=2020-01-01", 200, "was not known on 2020-01-01"),
    ],
)  # fmt: skip
def test_any_dates_are_answered_or_refused_clearly(boss: Client, query: str, status: int, words: str) -> None:
    assert words in unescape(page(boss, f"/loans/A1/{query}", status))


def test_only_one_date_said_means_the_other_is_the_same_or_no_earlier(boss: Client) -> None:
    for query, pair in (
        ("?as_of=2026-03-31", (wharf.MARCH, wharf.MARCH)),
        ("?as_of=2026-04-30", (wharf.END, wharf.END)),
        ("", (wharf.END, wharf.END)),
        ("?known_on=2026-05-04", (wharf.END, wharf.LATER)),
    ):
        asked = context(boss, f"/loans/A1/{query}")["asked"]
        assert (asked.as_of, asked.known_on) == pair


def test_two_knowledges_are_told_apart_whichever_is_named_first(boss: Client) -> None:
    for query in (
        "?as_of=2026-04-30&known_on=2026-04-30&against=2026-05-04",
        "?as_of=2026-04-30&known_on=2026-05-04&against=2026-04-30",
    ):
        diff = context(boss, f"/loans/A1/{query}")["diff"]
        assert (diff["earlier"], diff["later"]) == (wharf.END, wharf.LATER)
        rows = {row["label"]: (row["was"], row["now"], row["changed"]) for row in diff["rows"]}
        assert rows["Days past due"] == ("61", "0", True)
        assert rows["Overdue amount"] == ("52.00", "0.00", True)
        assert len(diff["facts"]) == 1
        assert "A1-4" in diff["facts"][0]
    assert context(boss, "/loans/A1/?as_of=2026-04-30&known_on=2026-04-30&against=2026-04-30")["diff"] is None


def test_json_is_the_explanation(boss: Client) -> None:
    answer = json.loads(page(boss, "/loans/A1/?format=json"))
    assert (answer["loan_id"], answer["as_of"], answer["measures"]["overdue_amount"], answer["measures"]["dpd"]) == (
        "A1",
        "2026-04-30",
        "52.00",
        61,
    )


def lines(client: Client, loan: str, query: str = "plan=all") -> list[tuple[Any, ...]]:
    return [
        (line.seq, line.owed_on.isoformat(), line.total, line.short, line.status, line.days)
        for line in context(client, f"/loans/{loan}/?{query}")["lines"]
    ]


def test_a_plan_tells_what_was_paid_late_what_is_late_and_what_is_to_come(boss: Client) -> None:
    assert lines(boss, "A1") == [
        (1, "2026-01-31", Decimal("103.00"), Decimal("0.00"), "paid_late", 2), (2, "2026-02-28", Decimal("102.00"), Decimal("52.00"), "overdue", 61),
        (3, "2026-06-30", Decimal("104.00"), Decimal("104.00"), "coming", 61),
    ]  # fmt: skip
    assert [line[4:] for line in lines(boss, "J1")] == [("paid", 0), ("coming", 153)]


def test_a_due_date_that_was_moved_is_the_one_that_days_are_told_from(boss: Client, held: Held) -> None:
    assert lines(boss, "T2")[0] == (1, "2026-04-07", Decimal("51.00"), Decimal("51.00"), "overdue", 23)
    told_of = context(boss, "/loans/T2/")
    assert told_of["lines"][0].moved
    assert told_of["row"]["dpd"] == 23
    assert 'class="hit"' in page(boss, "/loans/T2/")


def test_a_cent_that_is_tolerated_is_paid_on_the_day_the_money_came(boss: Client) -> None:
    assert lines(boss, "T1") == [(1, "2026-04-01", Decimal("101.00"), Decimal("0.01"), "paid", 0)]
    assert context(boss, "/loans/T1/")["lines"][0].settled_on == dt.date(2026, 4, 1)


def test_what_is_past_due_within_grace_is_not_overdue(boss: Client) -> None:
    assert lines(boss, "G1") == [(1, "2026-04-25", Decimal("101.00"), Decimal("101.00"), "grace", 5)]
    assert "due, within grace" in page(boss, "/loans/G1/")
    assert lines(boss, "G1", "as_of=2026-05-06&known_on=2026-05-06")[0][4:] == ("overdue", 11)
    assert lines(boss, "G1", "as_of=2026-04-25&known_on=2026-04-30")[0][4:] == ("coming", 0)


def test_what_was_called_asks_principal_alone_on_the_day_of_the_call(boss: Client, held: Held) -> None:
    found = lines(boss, "Q1")
    assert [line[1:] for line in found] == [
        ("2026-03-31", Decimal("103.00"), Decimal("103.00"), "overdue", 30), ("2026-04-10", Decimal("100.00"), Decimal("100.00"), "overdue", 20),
        ("2026-04-10", Decimal("100.00"), Decimal("100.00"), "overdue", 20),
    ]  # fmt: skip
    assert sum(line[3] for line in found) == money.major(held().filter(loan_id="Q1")["overdue_amount"][0], "CNY")


@pytest.mark.parametrize("loan", ["P1", "S1"])
def test_a_loan_that_ended_owes_nothing_of_its_plan(boss: Client, loan: str) -> None:
    found = lines(boss, loan)
    assert {line[4] for line in found if line[3]} == {"over"}
    text = page(boss, f"/loans/{loan}/")
    assert "days overdue" not in text
    assert "asked no more" in text


def test_money_names_its_payment_even_where_a_change_has_the_same_number(boss: Client) -> None:
    (first, _) = context(boss, "/loans/V1/?plan=all")["lines"]
    assert [(one.source, one.on, one.purpose, one.amount) for one in first.money if one.source == "1"] == [
        ("1", dt.date(2026, 3, 2), "waiver", Decimal("0.50")), ("1", dt.date(2026, 3, 4), "scheduled", Decimal("50.50")),
    ]  # fmt: skip


def test_money_that_bounced_is_told_and_counts_for_nothing(boss: Client) -> None:
    void = context(boss, "/loans/A1/")["void"]
    assert [(row["payment_id"], row["standing"], row["until"], row["reversed_by"]) for row in void] == [
        ("A1-2", "reversed", dt.date(2026, 3, 5), "A1-2R"), ("A1-4", "not_yet_known", None, None),
    ]  # fmt: skip
    assert 'class="void"' in page(boss, "/loans/A1/")
    before = context(boss, "/loans/A1/?as_of=2026-03-01&known_on=2026-03-01")
    assert [row["payment_id"] for row in before["void"] if row["standing"] == "reversed"] == []


def test_what_lines_are_short_is_what_the_loan_is_overdue(at_wharf: Home, held: Held) -> None:
    for row in held().filter(pl.col("basis") == "schedule").iter_rows(named=True):
        found = trace.lines(explain_in(at_wharf, accounts.ledger(), row["loan_id"], wharf.END, wharf.END))
        short = sum((line.short for line in found if line.status in ("overdue", "paid", "paid_late")), Decimal(0))
        assert short == money.major(row["overdue_amount"], row["currency"]), row["loan_id"]


def test_a_card_shows_its_bills(boss: Client) -> None:
    found = context(boss, "/loans/C1/")
    assert [bill["bill_on"].isoformat() for bill in found["bills"]] == ["2026-03-10", "2026-02-10", "2026-01-10"]
    assert found["lines"] == []
    assert page(boss, "/loans/C1/").count('class="hit"') == 1


def test_all_of_a_long_plan_is_shown_when_asked(sign_in: Any, loans: pl.DataFrame) -> None:
    loan = loans.filter(
        (pl.col("state") == "current") & (pl.col("term_months") >= 24) & (pl.col("basis") == "schedule")
    )["loan_id"][0]
    client = sign_in("manager")
    part, whole = (context(client, f"/loans/{loan}/{query}") for query in ("", "?plan=all"))
    assert len(part["lines"]) < len(whole["lines"]) == whole["line_count"] == len(whole["told"].instalments)
    assert f"All {whole['line_count']} instalments" in page(client, f"/loans/{loan}/")
    assert "All " not in page(client, f"/loans/{loan}/?plan=all").split("<h2>Plan</h2>")[-1].split("</section>")[0]


def test_the_strip_colours_what_was_written_off_darkest(boss: Client) -> None:
    months = context(boss, "/loans/W1/")["months"]
    assert {month["colour"] for month in months if month["code"] == "B"} == {"bk6"}
    assert len(months) == 24
    assert months[-1] == {**months[-1], "month": "2026-04", "now": True}
    assert {month["colour"] for month in context(boss, "/loans/N1/")["months"]} == {"none"}


def test_a_reader_in_chinese_reads_chinese(db: None, at_wharf: Home) -> None:
    client = browser("reader", (Role.MANAGER, ""), language="zh-hans")
    text = page(client, "/loans/A1/?against=2026-05-04")
    assert "贷款" in text
    for english in ("Overdue amount", "days overdue", "within grace"):
        assert english not in text
    assert settings.LANGUAGE_CODE
