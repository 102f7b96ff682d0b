"""The page of a signal: its values are those that the run measured, its condition is told node by node, and what came of it is shown."""

from __future__ import annotations

import html
import json
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from django.conf import settings
from django.utils import translation

from daihou.book import money
from daihou.desk.signals.explained import Teller
from daihou.runs import store
from daihou.runs.watch.told import evidence
from desk.signals.conftest import frame

if TYPE_CHECKING:
    import datetime as dt

    from daihou.desk.people.models import User
    from desk.signals.conftest import Later

    Pairs = list[tuple[dt.date, dt.date]]


def text(response: Any) -> str:
    """What a page says, without its marks."""
    assert response.status_code == 200, response.content.decode()[-2000:]
    said = re.sub(r"<[^>]+>", " ", response.content.decode())
    return " ".join(html.unescape(said).split())


def said(book: Pairs) -> pl.DataFrame:
    """Everything that was ever said."""
    return pl.concat([frame(settings.HOME, "signals", pair) for pair in book])


def test_the_values_are_those_of_the_loan_in_the_run_that_opened_it(
    sign_in: Any, held: pl.DataFrame, day: dt.date
) -> None:
    loans = {row["loan_id"]: row for row in frame(settings.HOME, "snapshots", (day, day)).iter_rows(named=True)}
    opened = held.filter(subject="loan", opened_on=day)
    shown = 0
    for signal in opened.group_by("rule_id", maintain_order=True).first().iter_rows(named=True):
        context = sign_in("manager").get(f"/signals/{signal['signal_id']}/").context
        row = loans[signal["subject_id"]]
        assert context["lines"][0].holds is True, signal["rule_id"]
        for one in [one for one in context["inputs"] if one.field.name in row]:  # others are the borrower's
            value, unit = row[one.field.name], one.field.unit
            if unit == "amount":
                value = f"{money.major(value, row['currency']):,} {row['currency']}"
                assert one.said == (value.replace("-", "−"),), (signal["rule_id"], one.field.name)
                shown += 1
            elif unit in ("days", "count") and value is not None:
                assert one.said[0].split()[0] == f"{value:,}".replace("-", "−"), (signal["rule_id"], one.field.name)
                shown += 1
    assert shown > 20


def test_a_page_says_why_by_which_rule_and_from_which_day(sign_in: Any, held: pl.DataFrame, day: dt.date) -> None:
    signal = held.filter(rule_id="R-006", opened_on=day).row(0, named=True)
    values = json.loads(signal["evidence"])
    overdue, balance = (money.major(values[name], "CNY") for name in ("overdue_principal", "principal_outstanding"))
    response = sign_in("manager").get(f"/signals/{signal['signal_id']}/")
    page = text(response)
    assert f"{overdue:,} CNY > {Decimal('0.2') * balance:,.2f} CNY" in page
    assert f"{values['dpd']} days ≥ 1 day" in page
    assert f"data of {day}, as known on {day}" in page
    assert [(line.depth, line.holds, line.condition) for line in response.context["lines"]] == [
        (0, True, True), (1, True, True), (1, True, True), (2, None, False), (3, None, False),
    ]  # fmt: skip
    addresses = response.content.decode()
    assert 'href="/rules/R-006/?version=1"' in addresses
    assert f'href="/loans/{signal["subject_id"]}/?as_of={day}&amp;known_on={day}"' in addresses
    assert "opened on this date" in page


ROW: dict[str, Any] = {
    "subject": "loan", "currency": "CNY",
    "condition": "(dpd > 30 or dpd_change_1m >= 28) and not first_payment_missed and missed_24m between 2 and 6 "
    "and overdue_amount > 5% * principal_outstanding and collections_30d < 50% * collections_avg_90d and product in ('auto', 'shop')",
    "evidence": '{"dpd":12,"dpd_change_1m":null,"first_payment_missed":true,"missed_24m":3,"overdue_amount":12345,"principal_outstanding":100000,'
    '"collections_30d":null,"collections_avg_90d":5000,"product":"auto"}',
}  # fmt: skip


def test_every_part_of_a_condition_is_told_with_its_values() -> None:
    with translation.override("en"):
        told = [
            (line.depth, line.said, line.holds) for line in Teller("CNY").lines(evidence(ROW, "CNY")) if line.condition
        ]
    assert told == [
        (0, "", False),
        (1, "", None),
        (2, "12 days > 30 days", False),
        (2, "no data ≥ 28 days", None),
        (1, "", False),
        (2, "yes", True),
        (1, "2 ≤ 3 ≤ 6", True),
        (1, "123.45 CNY > 50.00 CNY", True),
        (1, "no data < 25.00 CNY", None),
        (1, "auto ∈ {auto, shop}", True),
    ]


def test_the_same_in_chinese_names_the_units_and_the_columns() -> None:
    with translation.override("zh-hans"):
        lines = Teller("CNY").lines(evidence(ROW, "CNY"))
    assert [line.said for line in lines[2:4]] == ["12天 > 30天", "无数据 ≥ 28天"]
    assert [line.label for line in lines[2:4]] == ["逾期天数", "逾期天数较1个月前变化"]


def test_a_page_in_chinese_is_chinese(sign_in: Any, cast: dict[str, User], held: pl.DataFrame) -> None:
    cast["manager"].language = "zh-hans"
    cast["manager"].save()
    page = text(sign_in("manager").get(f"/signals/{held['signal_id'][0]}/"))
    assert "为什么预警" in page
    assert "成立" in page
    assert "预警信号" in text(sign_in("manager").get("/signals/"))


def test_a_signal_that_was_cleared_says_when_with_both_values(sign_in: Any, book: Pairs) -> None:
    every = said(book)
    closed = (
        every.filter(pl.col("transition") == "cleared", subject="loan", rule_id="R-002")
        .sort("as_of")
        .row(-1, named=True)
    )
    opened = every.filter(transition="opened", signal_id=closed["signal_id"]).row(0, named=True)
    response = sign_in("manager").get(f"/signals/{closed['signal_id']}/")
    story, page = response.context["story"], text(response)
    assert (story.opened["as_of"], story.closed["as_of"], story.memory) == (opened["as_of"], closed["as_of"], None)
    assert f"cleared {closed['as_of']}" in page
    assert "The condition at the end" in page
    (dpd,) = [one for one in response.context["inputs"] if one.field.name == "dpd"]
    assert dpd.said == tuple(f"{json.loads(row['evidence'])['dpd']} days" for row in (opened, closed))
    assert response.context["closed_lines"][0].holds is False


def test_a_signal_that_ended_with_its_subject_needs_no_evidence_of_its_end(sign_in: Any, book: Pairs) -> None:
    ended = said(book).filter(transition="ended").row(0, named=True)
    page = text(sign_in("manager").get(f"/signals/{ended['signal_id']}/"))
    assert f"ended {ended['as_of']}" in page
    assert "no longer watched" in page


def test_what_the_rule_said_before_and_after_of_the_same_subject_is_linked(sign_in: Any, book: Pairs) -> None:
    openings = said(book).filter(transition="opened")
    keys = ["rule_id", "subject_id"]
    twice = openings.filter(pl.len().over(keys) > 1).sort(*keys, "as_of").head(2)
    first, second = twice["signal_id"]
    assert f'href="/signals/{first}/"' in sign_in("manager").get(f"/signals/{second}/").content.decode()
    on_the_day = sign_in("manager").get(f"/signals/{second}/?as_of={twice['as_of'][0]}")
    assert "not open yet on this date" in text(on_the_day)


def test_a_later_run_notes_what_it_would_not_have_said(sign_in: Any, at_later: Later) -> None:
    notes = frame(at_later.home, "signal_notes", (at_later.last, at_later.last))
    note = notes.filter(subject_id=at_later.paid, rule_id="R-002", note="withdrawn").row(0, named=True)
    page = text(sign_in("manager").get(f"/signals/{note['signal_id']}/?as_of={at_later.last}"))
    assert "would not have opened the signal" in page
    assert f"as known on {at_later.last}, deliveries up to number {note['batch']}" in page
    after = text(sign_in("manager").get(f"/signals/{note['signal_id']}/"))
    record = store.record(at_later.home, at_later.after, at_later.after)
    assert record is not None
    assert record["follows"] == at_later.last
    assert f"cleared {at_later.after}" in after


def test_what_no_later_run_knows_of_is_not_called_open(sign_in: Any, at_later: Later) -> None:
    opened = frame(at_later.home, "signals", (at_later.between, at_later.between)).filter(transition="opened")
    signal_id, client = opened["signal_id"][0], sign_in("manager")
    assert "opened on this date" in text(client.get(f"/signals/{signal_id}/?as_of={at_later.between}"))
    after = text(client.get(f"/signals/{signal_id}/"))
    assert "not carried on by later runs" in after
    assert "open for" not in after


def test_what_lies_outside_ones_part_is_not_there(sign_in: Any, cast: dict[str, User], held: pl.DataFrame) -> None:
    mine = held.filter(org_id="B01", officer_id=cast["officer"].officer_id)["signal_id"][0]
    branch = held.filter(pl.col("officer_id") != cast["officer"].officer_id, org_id="B01")["signal_id"][0]
    elsewhere = held.filter(org_id="B02")["signal_id"][0]
    opens = {
        who: [sign_in(who).get(f"/signals/{one}/").status_code for one in (mine, branch, elsewhere)]
        for who in ("officer", "branch_manager", "analyst")
    }
    assert opens == {"officer": [200, 404, 404], "branch_manager": [200, 200, 404], "analyst": [200, 200, 200]}


@pytest.mark.parametrize("signal_id", ["0" * 24, "1", "x" * 80])
def test_what_nobody_said_is_not_there(sign_in: Any, book: Pairs, signal_id: str) -> None:
    assert sign_in("manager").get(f"/signals/{signal_id}/").status_code == 404


def test_the_page_of_a_loan_and_of_its_borrower_show_what_is_open(
    sign_in: Any, held: pl.DataFrame, day: dt.date
) -> None:
    client = sign_in("manager")
    loan = held.filter(subject="loan").group_by("subject_id").len().sort("len", "subject_id")["subject_id"][-1]
    own = held.filter(subject="loan", subject_id=loan)
    page = client.get(f"/loans/{loan}/").content.decode()
    for signal_id in own["signal_id"]:
        assert f'href="/signals/{signal_id}/?as_of={day}&amp;known_on={day}"' in page
    borrower = (
        held.filter(subject="borrower").group_by("borrower_id").len().sort("len", "borrower_id")["borrower_id"][-1]
    )
    every, shown = set(held.filter(borrower_id=borrower)["signal_id"]), client.get(f"/borrowers/{borrower}/")
    assert set(re.findall(r'href="/signals/([0-9a-f]{24})/', shown.content.decode())) == every


def test_a_loan_without_signals_has_one_calm_line_and_an_earlier_date_what_was_open_then(
    sign_in: Any, held: pl.DataFrame, loans: pl.DataFrame, book: Pairs
) -> None:
    calm = loans.filter(~pl.col("loan_id").is_in(held["subject_id"].implode()))["loan_id"][0]
    assert "No signal is open." in text(sign_in("manager").get(f"/loans/{calm}/"))
    then = frame(settings.HOME, "rule_memory", book[3]).filter(pl.col("opened_on").is_not_null(), subject="loan")
    row = then.row(0, named=True)
    page = sign_in("manager").get(f"/loans/{row['subject_id']}/?as_of={book[3][0]}&known_on={book[3][0]}")
    assert f"/signals/{row['signal_id']}/" in page.content.decode()
    assert "No run has watched up to this date." in text(
        sign_in("manager").get(f"/loans/{row['subject_id']}/?as_of=2025-10-31&known_on=2026-06-30")
    )
