"""The small parts that pages are made of, each by itself: chips, pages, shades, vintages."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from daihou.book.errors import DaihouError
from daihou.desk.portfolio import filters
from daihou.desk.portfolio.drawings import _ranges
from daihou.desk.portfolio.heat import heat
from daihou.desk.portfolio.listing import pages
from daihou.desk.portfolio.moves import Cell
from daihou.desk.portfolio.templatetags.loans import code_class, strip24
from daihou.desk.portfolio.vintage import Vintage, vintage
from daihou.policies.buckets import Buckets

if TYPE_CHECKING:
    from daihou.book.home import Home

LABELS = ["0", "1", "2", "3+"]


@given(st.integers(1, 10**6), st.sampled_from([25, 50, 100]), st.integers(0, 10**7))
def test_pages_offer_the_first_the_last_and_those_near_and_gaps_hide_some(page: int, size: int, loans: int) -> None:
    last = max(-(-loans // size), 1)
    page = min(page, last)
    found = pages(page, size, loans)
    numbers = [number for number in found if number is not None]
    assert numbers == sorted(set(numbers))
    assert {1, last, page} <= set(numbers)
    assert all(1 <= number <= last for number in numbers)
    assert len(found) <= 9
    for before, number, after in zip(found, found[1:], found[2:], strict=False):
        if number is None:
            assert before is not None
            assert after is not None
            assert after - before > 1


def without(query: str) -> list[tuple[str, str]]:
    asked = QueryDict(query)
    return [(chip.said, chip.without) for chip in filters.read(asked).chips(asked)]


@pytest.mark.usefixtures("at_wharf")
def test_each_chip_drops_its_own_condition_and_the_page(at_wharf: Home) -> None:
    found = without("state=overdue&where=dpd+>+30+and+product+%3D+'auto'+and+not+first_payment_missed&page=4&sort=-dpd")
    assert len(found) == 4
    addresses = [QueryDict(address.removeprefix("?")) for _, address in found]
    assert [address.get("state") for address in addresses] == [None, "overdue", "overdue", "overdue"]
    assert addresses[0]["where"] == "dpd > 30 and product = 'auto' and not first_payment_missed"
    assert addresses[1]["where"] == "product = 'auto' and not first_payment_missed"
    assert addresses[3]["where"] == "dpd > 30 and product = 'auto'"
    assert all("page" not in address and address["sort"] == "-dpd" for address in addresses)


@pytest.mark.usefixtures("at_wharf")
def test_the_last_chip_of_a_condition_leaves_no_condition() -> None:
    ((_, address),) = without("where=dpd+>+30")
    assert address == "?"
    ((_, address),) = without("where=dpd+>+30+or+dpd+is+null&as_of=2026-04-30")
    assert address == "?as_of=2026-04-30"


@pytest.mark.usefixtures("at_wharf")
def test_the_same_condition_twice_loses_one_at_a_time() -> None:
    found = without("where=dpd+>+30+and+dpd+>+30")
    assert [QueryDict(address.removeprefix("?")).get("where") for _, address in found] == ["dpd > 30"] * 2


@pytest.mark.usefixtures("at_wharf")
def test_all_parts_of_a_filter_must_hold() -> None:
    assert (
        filters.read(QueryDict("dpd=1..5&where=state+%3D+'overdue'+or+dpd+is+null")).text
        == "dpd between 1 and 5 and (state = 'overdue' or dpd is null)"
    )
    assert filters.read(QueryDict("dpd=1&dpd=2&dpd=+")).text == "dpd in (1, 2)"
    assert filters.read(QueryDict("sort=dpd&page=2&vintage=x")).text == ""


def matrix(*cells: tuple[str, str, int, int, int]) -> list[Cell]:
    return [Cell(*cell) for cell in cells]


def test_shades_are_shares_of_a_row_by_balance_and_by_count_where_it_has_none() -> None:
    found = heat(
        matrix(("0", "0", 8, 900, 880), ("0", "1", 2, 100, 99), ("absent", "0", 3, 0, 50), ("absent", "1", 1, 0, 5)),
        LABELS,
        lambda was, now: f"{was}-{now}",
    )
    shares = {(shade.was, shade.now): shade.share for _, _, shades in found.rows for shade in shades}
    assert shares == {("0", "0"): 0.9, ("0", "1"): 0.1, ("absent", "0"): 0.75, ("absent", "1"): 0.25}
    assert [(name, count) for name, count, _ in found.rows] == [(found.rows[0][0], 10), (found.rows[1][0], 4)]
    assert {shade.url for _, _, shades in found.rows for shade in shades} == {"0-0", "0-1", "absent-0", "absent-1"}


def test_what_got_worse_is_red_what_got_better_green_and_from_elsewhere_plain() -> None:
    found = heat(
        matrix(("1", "0", 1, 10, 10), ("1", "1", 1, 10, 10), ("1", "2", 1, 10, 10), ("1", "closed", 1, 10, 0), ("1", "written_off", 1, 10, 0),
            ("written_off", "written_off", 1, 0, 0)),
        LABELS, lambda _was, _now: None,
    )  # fmt: skip
    colours = {
        (shade.was, shade.now): shade.colour[:-1]
        for _, _, shades in found.rows
        for shade in shades
        if shade.share is not None
    }
    assert colours == {
        ("1", "0"): "g",
        ("1", "1"): "hs",
        ("1", "2"): "w",
        ("1", "closed"): "g",
        ("1", "written_off"): "w",
        ("written_off", "written_off"): "hs",
    }


def test_rows_of_what_ended_are_left_out_and_columns_that_nobody_reached() -> None:
    found = heat(
        matrix(("closed", "closed", 5, 0, 0), ("0", "3+", 1, 10, 10), ("0", "absent", 1, 10, 0)),
        LABELS,
        lambda _was, _now: None,
    )
    assert len(found.rows) == 1
    assert len(found.heads) == len(found.rows[0][2])
    assert [shade.now for shade in found.rows[0][2]] == ["3+", "closed", "absent"]


def test_an_empty_matrix_is_empty() -> None:
    assert heat([], LABELS, lambda _was, _now: None).rows == []


@given(st.lists(st.integers(0, 400), min_size=1, max_size=9, unique=True).map(sorted), st.integers(0, 1000))
def test_the_range_of_a_bucket_holds_just_the_values_of_it(ends: list[int], value: int) -> None:
    scheme = Buckets("dpd", [f"b{place}" for place in range(len(ends) + 1)], ends)
    holding = [label for label, said in _ranges(scheme).items() if _holds(said, value)]
    assert holding == [scheme.of(value)]


def _holds(said: str, value: int) -> bool:
    low, _, high = said.partition("..")
    return int(low) <= value and (not high or value <= int(high))


@given(st.integers(1980, 2100), st.integers(1, 4), st.integers(0, 999))
def test_a_point_of_a_vintage_is_said_as_it_is_read(year: int, quarter: int, age: int) -> None:
    point = Vintage(dt.date(year, 3 * quarter - 2, 1), age)
    assert vintage(QueryDict(f"vintage={point}")) == point
    assert str(point) == f"{year}Q{quarter}.{age}"


def test_what_is_no_point_of_a_vintage_is_refused() -> None:
    assert vintage(QueryDict("")) is None
    for stated in ("2025Q0.1", "2025Q1", "2025Q1.-1", "1979Q4.1", "2101Q1.1", "2025q1.1", " 2025Q1.1", "2025Q1.1000"):
        with pytest.raises(DaihouError):
            vintage(QueryDict(f"vintage={stated}"))


def test_months_of_the_strip_are_coloured_by_what_they_say() -> None:
    assert [code_class(code) for code in "*/NC17ZDBG#"] == [
        "ks",
        "ks",
        "k0",
        "k0",
        "k1",
        "k6",
        "k6",
        "k6",
        "k6",
        "k6",
        "ks",
    ]
    assert strip24("N1").count("<rect") == 2
    assert strip24(None) == "–"
