"""Form fields and addresses: simple values become conditions, and simple conditions become values."""

from __future__ import annotations

import pytest

from daihou.book.errors import DaihouError
from daihou.expressions import condition, conjuncts, join, parse, text, value_of
from expressions.cast import COLUMNS


@pytest.mark.parametrize(
    ("name", "value", "written"),
    [
        ("dpd", "31..90", "dpd between 31 and 90"),
        ("dpd", "-5..", "dpd >= -5"),
        ("dpd", "..5", "dpd <= 5"),
        ("dpd", "31", "dpd = 31"),
        ("dpd", "1,2,3", "dpd in (1, 2, 3)"),
        ("overdue_amount", "100000.50..", "overdue_amount >= 100000.5"),
        ("paid_share", "45%..60.5%", "paid_share between 45% and 60.5%"),
        ("annual_rate", "5%,0.1", "annual_rate in (5%, 0.1)"),
        ("product", "sme", "product = 'sme'"),
        ("product", "sme, sole", "product in ('sme', 'sole')"),
        ("note", "a..b", "note = 'a..b'"),
        ("matures_on", "2026-01-01..2026-03-31", "matures_on between '2026-01-01' and '2026-03-31'"),
        ("matures_on", "..2026-03-31", "matures_on <= '2026-03-31'"),
        ("matures_on", "2026-03-31", "matures_on = '2026-03-31'"),
        ("first_payment_missed", "true", "first_payment_missed"),
        ("first_payment_missed", "False", "not first_payment_missed"),
    ],
)
def test_a_value_of_a_form_is_a_condition(name: str, value: str, written: str) -> None:
    found = condition(COLUMNS[name], value)
    assert text(found) == written
    assert found == parse(written, COLUMNS)
    back = value_of(found)
    assert back is not None
    assert back[0] == name
    assert condition(COLUMNS[name], back[1]) == found


@pytest.mark.parametrize(
    "written",
    [
        "dpd > 31",
        "dpd != 31",
        "dpd is null",
        "dpd + 1 >= 31",
        "dpd >= max_dpd_12m",
        "not product = 'sme'",
        "product not in ('sme')",
        "note = 'a,b'",
        "note = ''",
        "note >= 'a'",
        "note between 'a' and 'b'",
        "dpd = 1 or dpd = 2",
    ],
)
def test_a_condition_that_no_form_value_says_has_none(written: str) -> None:
    assert value_of(parse(written, COLUMNS)) is None


@pytest.mark.parametrize(
    ("name", "value", "message", "place"),
    [
        ("dpd", "many", "'many' is not a number", "many"),
        ("dpd", "1e3..", "'1e3' is not a number", "1e3.."),
        ("dpd", "31..9x", "'9x' is not a number", "…9x"),
        ("dpd", "5%", "cannot be compared with a percentage", "5%"),
        ("dpd", "5%%", "'5%%' is not a number", "5%%"),
        ("dpd", "90..31", "the range ends before it begins", "90..31"),
        ("dpd", "..", "the range has no ends", ".."),
        ("dpd", "1...2", "'.2' is not a number", "….2"),
        ("dpd", "", "a value is empty", "⟨?⟩"),
        ("dpd", "1,,2", "a value is empty", "…,2"),
        ("dpd", "1" * 19, "is not a number", "1"),
        ("product", "sme,smee", "product is never 'smee'", "…smee"),
        ("product", "sme..", "product is never 'sme..'", "sme.."),
        ("matures_on", "2026-02-30..", "'2026-02-30' is not a date", "2026-02-30.."),
        ("matures_on", "2026-03-31..2026-01-01", "ends before it begins", "2026-03-31"),
        ("first_payment_missed", "maybe", "is true or false", "maybe"),
        ("region", ",".join("x" * 201), "more than 200 values", "x,x"),
    ],
)
def test_a_value_that_does_not_fit_its_column_is_refused(name: str, value: str, message: str, place: str) -> None:
    with pytest.raises(DaihouError) as caught:
        condition(COLUMNS[name], value)
    assert message in caught.value.message
    assert caught.value.place.startswith(place)
    assert caught.value.remedy
    assert all(caught.value.zh)


def test_an_expression_is_taken_apart_and_put_together() -> None:
    whole = parse("dpd = 1 and (dpd = 2 or dpd = 3) and not dpd = 4", COLUMNS)
    parts = conjuncts(whole)
    assert [text(part) for part in parts] == ["dpd = 1", "dpd = 2 or dpd = 3", "not dpd = 4"]
    assert join(parts) == whole
    assert join(parts[:1]) == parts[0]
    assert conjuncts(parts[0]) == parts[:1]
    assert join([]) is None
    assert conjuncts(None) == ()
    assert join([whole, parts[0]]) == parse(f"{text(whole)} and dpd = 1", COLUMNS)
