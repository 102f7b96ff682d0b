"""No cell of a download acts as a formula, and every one comes back as it was."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daihou.desk.deliveries.cells import plain, plain_cells, safe, safe_in_sheet


@pytest.mark.parametrize(
    "text", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "-", "+86 138", "--5", "-1,000"]
)
def test_what_could_act_gets_an_apostrophe(text: str) -> None:
    assert safe(text) == f"'{text}"


@pytest.mark.parametrize("text", ["-5", "+5", "-12.50", "0.05", "2026-03-14", "a=b", "", "L-1", "'quoted"])
def test_plain_numbers_and_texts_stay(text: str) -> None:
    assert safe(text) == text


@given(st.text(alphabet="'=+-@\t\r1a.", max_size=8))
def test_every_text_comes_back(text: str) -> None:
    assert plain(safe(text)) == text
    assert plain(safe_in_sheet(text)) == text
    assert pl.DataFrame({"a": [safe(text)]}).select(plain_cells("a")).item() == text


@given(st.text(max_size=8))
def test_no_safe_text_starts_like_a_formula_unless_it_is_a_number(text: str) -> None:
    made = safe(text)
    assert not made.startswith(("=", "@", "\t", "\r"))
    assert not made.startswith(("+", "-")) or float(made) is not None
