"""Amounts in Chinese capitals: the examples of the rule itself, what it leaves open, and that they read back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daihou.book.capitals import DIGITS, MOST, in_capitals

CASES = [
    # the examples of 《正确填写票据和结算凭证的基本规定》
    (140950, "壹仟肆佰零玖元伍角"),
    (600714, "陆仟零柒元壹角肆分"),
    (168032, "壹仟陆佰捌拾元零叁角贰分"),
    (10700053, "壹拾万柒仟元零伍角叁分"),
    (1640902, "壹万陆仟肆佰零玖元零贰分"),
    (32504, "叁佰贰拾伍元零肆分"),
    # ends
    (0, "零元整"),
    (1, "壹分"),
    (5, "伍分"),
    (10, "壹角"),
    (15, "壹角伍分"),
    (100, "壹元整"),
    (105, "壹元零伍分"),
    (150, "壹元伍角"),
    (1000, "壹拾元整"),
    (1005, "壹拾元零伍分"),
    (10050, "壹佰元零伍角"),
    (10100, "壹佰零壹元整"),
    # zeros within
    (10_005_000, "壹拾万零伍拾元整"),
    (101_000_000, "壹佰零壹万元整"),
    (100_700_000, "壹佰万柒仟元整"),
    (100_070_000, "壹佰万零柒佰元整"),
    (10_000_000_000, "壹亿元整"),
    (10_000_100_000, "壹亿零壹仟元整"),
    (10_000_000_001, "壹亿元零壹分"),
    (105_000_000_000, "壹拾亿零伍仟万元整"),
    (123_456_789_012_345, "壹万贰仟叁佰肆拾伍亿陆仟柒佰捌拾玖万零壹佰贰拾叁元肆角伍分"),
    (100_000_000_000_000, "壹万亿元整"),
    (10**18, "壹亿亿元整"),
    (-140950, "负壹仟肆佰零玖元伍角"),
]


@pytest.mark.parametrize(("minor", "told"), CASES)
def test_an_amount_is_told_by_the_rule(minor: int, told: str) -> None:
    assert in_capitals(minor, 2) == f"人民币{told}"


def test_amounts_without_decimals_and_with_one() -> None:
    assert in_capitals(1409, 0) == "人民币壹仟肆佰零玖元整"
    assert in_capitals(14095, 1) == "人民币壹仟肆佰零玖元伍角"


@pytest.mark.parametrize(("minor", "exponent"), [(1, 3), (1, -1), (MOST, 2), (-MOST, 2)])
def test_what_cannot_be_told_is_refused(minor: int, exponent: int) -> None:
    with pytest.raises(ValueError, match="capitals"):
        in_capitals(minor, exponent)


def read(told: str) -> int:
    """An amount in capitals in fen: written by how such a text is read, not by how it is made."""
    text = told.removeprefix("人民币")
    sign, text = (-1, text[1:]) if text.startswith("负") else (1, text)
    text = text.removesuffix("整")
    yuan, _, rest = text.rpartition("元")
    jiao, _, fen = rest.rpartition("角")
    return sign * (100 * _number(yuan) + 10 * _number(jiao) + _number(fen.removesuffix("分")))


def _number(text: str) -> int:
    for unit, size in (("亿", 10**8), ("万", 10**4), ("仟", 1000), ("佰", 100), ("拾", 10)):
        if unit in text:
            high, _, low = text.rpartition(unit)
            return _number(high) * size + _number(low)
    text = text.replace("零", "")
    return DIGITS.index(text) if text else 0


AMOUNTS = st.one_of(
    st.integers(-(10**18), 10**18),
    st.lists(st.sampled_from("0000000123456789"), min_size=1, max_size=18).map(lambda digits: int("".join(digits))),
)


@given(AMOUNTS)
def test_reading_it_back_gives_the_amount(minor: int) -> None:
    assert read(in_capitals(minor, 2)) == minor


@given(AMOUNTS)
def test_no_zero_stands_twice_or_last(minor: int) -> None:
    told = in_capitals(minor, 2).removeprefix("人民币").removeprefix("负")
    assert "零零" not in told
    assert not any(f"零{unit}" in told for unit in "拾佰仟万亿")
    assert "零元" not in told or told == "零元整"


@given(AMOUNTS, AMOUNTS)
def test_two_amounts_are_never_told_alike(one: int, other: int) -> None:
    assert (in_capitals(one, 2) == in_capitals(other, 2)) == (one == other)
