"""Ids are found where they stand, each as often as it is there and no other."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daihou.runs.borrowers.places import FEW, Places

IDS = st.lists(st.one_of(st.sampled_from(["A", "B", "é", "中", ""]), st.text(max_size=3)), max_size=12)


@settings(max_examples=60, deadline=None, database=None)
@given(IDS, IDS, st.booleans())
def test_an_id_is_found_at_each_of_its_rows_in_order(ids: list[str], wanted: list[str], many: bool) -> None:
    ids = ids + [f"other {number}" for number in range(FEW)] * many
    which, rows = Places(pl.Series(ids, dtype=pl.String)).rows_of(pl.Series(wanted, dtype=pl.String))
    expected = [(at, row) for at, one in enumerate(wanted) for row, other in enumerate(ids) if one == other]
    assert list(zip(which.tolist(), rows.tolist(), strict=True)) == expected


@pytest.mark.parametrize("count", [3, 1_000])
def test_so_are_many_at_once_and_nothing_where_an_id_is_empty(count: int) -> None:
    ids = pl.Series([f"L{number // 2}" for number in range(count)] + [None], dtype=pl.String)
    which, rows = Places(ids).rows_of(ids)
    told = sorted(zip(which.tolist(), rows.tolist(), strict=True))
    assert told == [(at, row) for at in range(count) for row in range(at - at % 2, min(at - at % 2 + 2, count))]
