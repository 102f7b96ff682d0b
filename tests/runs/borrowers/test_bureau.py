"""What credit reports say of borrowers, told by hand, and on random reports against the difference of two of them taken one by one."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from daihou.book import lake
from daihou.book.home import open_home
from daihou.monitoring.bureau.difference import Line, Report, difference
from daihou.monitoring.bureau.family import BUREAU
from daihou.runs.borrowers import bureau

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from daihou.book.home import Home

END = date(2026, 5, 31)
REPORTS = """\
report_id,borrower_id,queried_on,score,inquiries_3m,known_on
R1,A,2026-02-10,640,1,2026-02-10
R2,A,2026-05-20,585,5,2026-05-21
R9,A,2026-06-01,500,9,2026-06-01
R3,B,2026-05-01,,,2026-05-01
"""
LINES = """\
report_id,lender,product,limit,balance,dpd,opened_on,status,known_on
R1,甲银行,mortgage,500.00,400.00,0,2020-01-01,open,2026-02-10
R1,乙消费金融,card,50.00,20.00,10,2024-03-01,open,2026-02-10
R1,丁小贷,card,50.00,30.00,0,2024-05-01,open,2026-02-10
R2,甲银行,mortgage,500.00,390.00,3,2020-01-01,open,2026-05-21
R2,乙消费金融,card,50.00,45.00,40,2024-03-01,open,2026-05-21
R2,丙小贷,loan,99.00,90.00,1,2026-04-01,open,2026-05-21
R2,,loan,,,,,,2026-05-21
R2,戊银行,card,10.00,15.00,0,2026-04-02,open,2026-05-25
"""
"""A owed three lenders in February and four known ones in May; one line came late, one names nobody. B's report has no lines."""


@pytest.fixture(scope="module")
def home(told_of: Callable[..., Home]) -> Home:
    return told_of(bureau_reports=REPORTS, bureau_lines=LINES)


def found(home: Home) -> bureau.Bureau:
    told = bureau.read(home, lake.versions(home, list(bureau.TABLES)))
    assert told is not None
    return told


def row(home: Home, borrower_id: str, as_of: date = END, known_on: date = END) -> dict[str, Any]:
    told = found(home).on(as_of, known_on).to_dicts()
    return next((row for row in told if row["borrower_id"] == borrower_id), {})


def test_the_newest_report_is_told_with_what_changed_since_the_one_before(home: Home) -> None:
    assert row(home, "A") == {
        "borrower_id": "A", "bureau_score": 585, "bureau_score_change": -55, "days_since_report": 11, "bureau_inquiries_3m": 5, "bureau_inquiries_change": 4,
        "bureau_lenders": 4, "bureau_new_lenders": 2, "bureau_balance": 540_00, "bureau_balance_change": 540 / 450 - 1,
        "bureau_overdue_lines": 3, "bureau_new_overdue": 2, "bureau_max_dpd": 40,
    }  # fmt: skip


def test_with_one_report_only_the_changes_are_empty(home: Home) -> None:
    first = row(home, "A", date(2026, 5, 19), date(2026, 5, 19))
    assert {name for name, value in first.items() if value is None} == {
        "bureau_score_change", "bureau_inquiries_change", "bureau_new_lenders", "bureau_balance_change", "bureau_new_overdue",
    }  # fmt: skip
    assert (first["bureau_score"], first["bureau_lenders"], first["bureau_balance"], first["bureau_max_dpd"]) == (
        640,
        3,
        450_00,
        10,
    )


def test_a_report_and_a_line_count_from_the_day_they_are_known(home: Home) -> None:
    day = date(2026, 5, 20)
    assert row(home, "A", day, day)["bureau_score"] == 640
    assert row(home, "A", day, date(2026, 5, 21))["bureau_score"] == 585
    assert [row(home, "A", END, date(2026, 5, known))["bureau_lenders"] for known in (24, 25)] == [3, 4]


def test_a_report_without_lines_lists_nothing_and_what_it_does_not_say_is_empty(home: Home) -> None:
    told = row(home, "B")
    assert (told["bureau_score"], told["bureau_inquiries_3m"], told["bureau_score_change"]) == (None, None, None)
    assert (told["bureau_lenders"], told["bureau_balance"], told["bureau_overdue_lines"], told["bureau_max_dpd"]) == (
        0,
        0,
        0,
        0,
    )


def test_as_long_as_no_line_of_anybody_was_known_nothing_is_said_of_lines(told_of: Callable[..., Home]) -> None:
    told = row(told_of(bureau_reports=REPORTS), "A")
    assert (told["bureau_score"], told["bureau_score_change"]) == (585, -55)
    assert {told[name] for name in told if name not in (*bureau.OF_REPORTS, "borrower_id")} == {None}


def test_lines_that_say_nothing_leave_their_sums_empty(told_of: Callable[..., Home]) -> None:
    lines = "report_id,lender,balance,dpd,known_on\nR3,甲银行,,,2026-05-01\n"
    told = row(told_of(bureau_reports=REPORTS, bureau_lines=lines), "B")
    assert (told["bureau_lenders"], told["bureau_balance"], told["bureau_max_dpd"], told["bureau_overdue_lines"]) == (
        1,
        None,
        None,
        0,
    )


def test_a_corrected_report_counts_from_the_day_the_correction_is_known(told_of: Callable[..., Home]) -> None:
    home = told_of(bureau_reports=REPORTS + "R2,A,2026-05-20,600,5,2026-05-23\n", bureau_lines=LINES)
    assert [row(home, "A", END, date(2026, 5, known))["bureau_score"] for known in (22, 23)] == [585, 600]
    assert row(home, "A")["bureau_score_change"] == -40


def test_the_columns_are_those_of_the_family_and_of_some_only_these(home: Home) -> None:
    told = found(home)
    whole = told.on(END, END)
    assert whole.columns == ["borrower_id", *(measure.name for measure in BUREAU.measures)]
    for names in ({"bureau_score_change"}, {"bureau_new_overdue", "bureau_score"}):
        assert told.on(END, END, names).equals(
            whole.select("borrower_id", *(name for name in whole.columns if name in names))
        )


def test_where_nothing_was_sent_there_is_no_family(told_of: Callable[..., Home]) -> None:
    empty = told_of(bureau_lines=LINES)
    versions = lake.versions(empty, list(bureau.TABLES))
    assert bureau.read(empty, versions) is None
    assert bureau.begun(empty, versions).on(END, END).is_empty()


def test_a_difference_names_each_line_as_it_was_and_as_it_is() -> None:
    opened = date(2024, 1, 1)
    kept, more, gone, new = (
        Line("甲", "card", opened, 100, 50, 0, "open"), Line("甲", "card", opened, 100, 80, 5, "open"),
        Line("乙", "loan", opened, 9, 9, 70), Line("丙", "loan", opened, 9, 9, 1),
    )  # fmt: skip
    told = difference(Report(opened, 600, None, (gone, kept)), Report(END, 550, 3, (new, more)))
    assert [(pair.before, pair.now, pair.newly_overdue) for pair in told.lines] == [
        (None, new, True),
        (kept, more, True),
        (gone, None, False),
    ]
    assert (told.score, told.inquiries, told.balance) == (-50, None, 89 / 59 - 1)
    assert (sorted(told.new_lenders), sorted(told.gone_lenders), told.new_overdue) == (["丙"], ["乙"], 2)


def test_of_several_lines_that_look_the_same_none_is_newly_overdue_that_was_so_before() -> None:
    one, late = Line("甲", "card", None, dpd=0), Line("甲", "card", None, dpd=30)
    assert difference(Report(END, None, None, (one, late)), Report(END, None, None, (late, one))).new_overdue == 0
    assert difference(Report(END, None, None, (one, late)), Report(END, None, None, (late, late))).new_overdue == 1


def drawn(seed: int) -> tuple[dict[str, list[Report]], dict[str, list[dict[str, Any]]]]:
    """Reports of some borrowers, and the rows that tell of them."""
    draw = random.Random(seed)  # noqa: S311 - a book, not a secret
    reports: dict[str, list[Report]] = {}
    rows: dict[str, list[dict[str, Any]]] = {"bureau_reports": [], "bureau_lines": []}
    for number in range(60):
        who, on = f"B{draw.randrange(25)}", date(2026, 1, 1) + timedelta(number)
        lines = tuple(
            Line(
                draw.choice(["甲", "乙", "丙", None]), draw.choice(["card", None]), draw.choice([None, END]),
                balance=draw.choice([None, 0, 4_00, 70_50]), dpd=draw.choice([None, 0, 0, 7, 45]),
            )
            for _ in range(draw.randrange(5))
        )  # fmt: skip
        report = Report(on, draw.choice([None, 500, 612]), draw.choice([None, 0, 3]), lines)
        reports.setdefault(who, []).append(report)
        rows["bureau_reports"].append(
            {"report_id": f"R{number}", "borrower_id": who, "queried_on": on, "score": report.score, "inquiries_3m": report.inquiries_3m}
        )  # fmt: skip
        rows["bureau_lines"] += [
            {"report_id": f"R{number}", "lender": line.lender, "product": line.product, "opened_on": line.opened_on, "dpd": line.dpd,
             "balance": None if line.balance is None else Decimal(line.balance) / 100} for line in lines
        ]  # fmt: skip
    return reports, rows


def expected(told: list[Report]) -> dict[str, Any]:
    """What the columns say of a borrower whose last reports these are."""
    now, before = told[-1], told[-2] if len(told) > 1 else None
    dpd = [line.dpd for line in now.lines if line.dpd is not None]
    of = None if before is None else difference(before, now)
    return {
        "bureau_score": now.score, "bureau_score_change": of and of.score, "days_since_report": (END - now.queried_on).days,
        "bureau_inquiries_3m": now.inquiries_3m, "bureau_inquiries_change": of and of.inquiries,
        "bureau_lenders": len(now.lenders), "bureau_new_lenders": of and len(of.new_lenders),
        "bureau_balance": now.balance, "bureau_balance_change": of and of.balance,
        "bureau_overdue_lines": sum(line.overdue for line in now.lines), "bureau_new_overdue": of and of.new_overdue,
        "bureau_max_dpd": None if now.lines and not dpd else max(dpd, default=0),
    }  # fmt: skip


@pytest.mark.parametrize("seed", range(8))
def test_the_columns_say_what_the_difference_of_the_two_newest_reports_says(seed: int, tmp_path: Path) -> None:
    reports, rows = drawn(seed)
    home = open_home(tmp_path / "home", {})
    for table, some in rows.items():
        arrived = [{**row, "known_on": date(2026, 1, 1), "batch": 1, "row": place} for place, row in enumerate(some)]
        lake.append(home, table, pa.Table.from_pylist(arrived, lake.schema(table)))
    told = {row.pop("borrower_id"): row for row in found(home).on(END, END).to_dicts()}
    assert told == {who: expected(of) for who, of in reports.items()}
