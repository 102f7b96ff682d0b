"""Coverage as the desk shows it: ties in currency units, breaks with what to do, and to a branch what is its own."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pyarrow as pa
import pytest
from django.conf import settings
from django.http import QueryDict

from daihou.desk.deliveries import coverage as coverages
from daihou.desk.people.reach import Part, Reach
from daihou.desk.portfolio import moments
from daihou.runs import store

DAY = dt.date(2026, 3, 31)
WHOLE = Reach((Part(None),))
BRANCH = Reach((Part(frozenset({"B01"})),))
OFFICER = Reach((Part(frozenset({"B01"}), "O1"),))

ROWS = [
    ("state", "current", "principal_outstanding", "CNY", 3, 500_00, None),
    ("state", "unmeasured", "principal_outstanding", "CNY", 2, 0, None),
    ("unmeasured", "L-1", "no_plan_bill_or_fresh_figures", None, None, None, None),
    ("unmeasured", "L-2", "no_plan_bill_or_fresh_figures", None, None, None, None),
    ("tie", "payments", "paid_amount", "CNY", None, 7_00, 7_00),
    ("tie", "B01 / *", "loans", "CNY", None, 1234, 1235),
    ("tie", "B02 / auto", "balance", "JPY", None, 900, 900),
    ("tie", "* / *", "balance", "CNY", None, 1_234_567_89, 1_234_567_00),
    ("break", "* / *", "control_total_balance", "CNY", None, None, None),
    ("break", "payments, batch 3, row 4", "too_many_decimals", None, None, None, None),
    ("waiting", "payments", "loan_not_known_yet", None, 12, None, None),
    ("default", "new_product", "product_not_in_profile", None, 4, None, None),
]  # fmt: skip


@pytest.fixture
def moment(tmp_path: Any, monkeypatch: Any) -> moments.Moment:
    """A run of three measured and two unmeasured loans, of which only L-1 belongs to branch B01."""
    from daihou.book.home import open_home

    home = open_home(tmp_path / "home", {})
    monkeypatch.setattr(settings, "HOME", home)
    names = ["kind", "subject", "reason", "currency", "loans", "ours", "theirs"]
    rows = [{"as_of": DAY, "known_on": DAY, **dict(zip(names, row, strict=True))} for row in ROWS]
    loans = pa.table({"loan_id": ["L-1", "L-2"], "org_id": ["B01", "B02"], "officer_id": ["O1", "O2"]})
    snapshots = pa.Table.from_pylist(
        [{"as_of": DAY, "known_on": DAY, **row} for row in loans.to_pylist()], store.SCHEMAS["snapshots"]
    )
    written = {
        "coverage": [store.write(home, "coverage", DAY, DAY, [pa.Table.from_pylist(rows, store.COVERAGE)])],
        "snapshots": [store.write(home, "snapshots", DAY, DAY, [snapshots])],
    }
    record = {
        "as_of": DAY,
        "known_on": DAY,
        "batch": 1,
        "lake": "{}",
        "rules": "",
        "kernels": "",
        "loans": 5,
        "unmeasured": 2,
        "breaks": 2,
    }
    store.put(home, {(DAY, DAY): written}, {(DAY, DAY): record})
    return moments.moment(QueryDict(""))


def test_ties_are_told_in_currency_units_and_what_differs_comes_first(moment: moments.Moment) -> None:
    found = coverages.coverage(moment, WHOLE)
    told = [
        (tie.org_id, tie.product, tie.what, tie.ours_text, tie.theirs_text, tie.difference_text, tie.ties)
        for tie in found.ties
    ]
    assert told == [
        ("", "", "balance", "1,234,567.89", "1,234,567.00", "0.89", False),
        ("B01", "", "loans", "1,234", "1,235", "−1", False),
        ("", "", "paid_amount", "7.00", "7.00", "0.00", True),
        ("B02", "auto", "balance", "900", "900", "0", True),
    ]
    assert (found.loans, found.unmeasured_loans, found.broken) == (5, 2, 2)
    assert found.waiting == (("payments", 12),)
    assert found.defaults == (("new_product", 4),)


def test_a_branch_sees_its_own_ties_and_no_amounts_of_the_lender(moment: moments.Moment) -> None:
    found = coverages.coverage(moment, BRANCH)
    assert [(tie.org_id, tie.what) for tie in found.ties] == [("B01", "loans")]
    assert [state.outstanding for state in found.states] == [None, None]
    assert coverages.coverage(moment, OFFICER).ties == ()


def test_loans_listed_are_those_in_reach(moment: moments.Moment) -> None:
    def subjects(reach: Reach, kind: str) -> list[tuple[str, str]]:
        rows, count = coverages.listed(moment, reach, kind, "", 0, 50)
        assert count == len(rows)
        return [(row.subject, row.loan_id) for row in rows]

    assert subjects(WHOLE, "unmeasured") == [("L-1", "L-1"), ("L-2", "L-2")]
    assert subjects(BRANCH, "unmeasured") == [("L-1", "L-1")]
    assert subjects(WHOLE, "break") == [("* / *", ""), ("payments, batch 3, row 4", "")]
    assert subjects(BRANCH, "break") == []


def test_each_reason_says_what_to_do(moment: moments.Moment) -> None:
    found = coverages.coverage(moment, WHOLE)
    assert all(cause.label != cause.reason and cause.remedy for cause in (*found.unmeasured, *found.breaks))
