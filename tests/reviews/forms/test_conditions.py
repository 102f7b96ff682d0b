"""Conditions come to the same in Python, in the phone's walker, and in the language of rules itself."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daihou import expressions
from daihou.reviews.forms.answers import shown
from daihou.reviews.forms.as_json import client
from daihou.reviews.forms.conditions import columns, compiled, holds
from reviews.forms.given import good
from reviews.forms.shop import shop
from reviews.forms.walker import walk, worth

LAWS = settings(max_examples=300, derandomize=True, database=None, deadline=None)
FORM: Final = shop()
COLUMNS: Final = expressions.columns(field for question in FORM.questions() for field in columns(question))
ATOMS: Final = (
    "open = 'half'", "open != 'closed'", "open in ('half', 'normal')", "open is null", "turnover > 100000", "turnover * 2 >= 0.5 * turnover + 1000.5",
    "turnover - 100 < 120000 * 2", "-turnover <= -50000", "turnover_change < -20%", "turnover_change between -0.5 and 1", "turnover_change is not null",
    "turnover is null", "why.orders", "not why.debtors", "why.nobody_knows = false", "why.orders is null", "why_orders = 'a'", "staff between 2 and 5",
    "staff not in (3, 4)", "staff != 3", "licence", "licence = true", "expires < '2026-06-30'", "expires >= '2026-01-01'", "willingness <= 2",
    "willingness > 3", "turnover = 120000",
)  # fmt: skip
TEXTS: Final = st.recursive(
    st.sampled_from(ATOMS),
    lambda inner: (
        st.builds("not ({})".format, inner)
        | st.builds("({}) and ({})".format, inner, inner)
        | st.builds("({}) or ({})".format, inner, inner)
    ),
    max_leaves=8,
)
VALUES: Final = st.fixed_dictionaries(
    {},
    optional={
        "open": st.sampled_from(["normal", "half", "closed"]),
        "turnover": st.sampled_from([0, 5_000_000, 10_000_000, 10_000_001, 12_000_000, 24_010_000]),
        "turnover_change": st.sampled_from([-0.5, -0.25, -0.125, 0.0, 1.0, 2.0]),
        "why.orders": st.booleans(),
        "why.debtors": st.booleans(),
        "why.nobody_knows": st.booleans(),
        "why_orders": st.sampled_from(["a", "b"]),
        "staff": st.integers(0, 6),
        "licence": st.booleans(),
        "expires": st.sampled_from(["2025-12-31", "2026-01-01", "2026-06-30"]),
        "willingness": st.integers(1, 5),
    },
)


def op(sign: str, *parts: dict[str, Any]) -> dict[str, Any]:
    return {"op": sign, "of": list(parts)}


def said(name: str) -> dict[str, Any]:
    return {"answer": name}


def value(one: object) -> dict[str, Any]:
    return {"value": one}


@LAWS
@given(TEXTS, VALUES)
def test_a_condition_comes_to_the_same_three_ways(text: str, values: dict[str, Any]) -> None:
    expression = expressions.parse(text, COLUMNS)
    tree = compiled(expression).tree
    row = {name: values.get(name) for name in COLUMNS}
    if row["expires"] is not None:
        row["expires"] = dt.date.fromisoformat(row["expires"])
    expected = expressions.explain(expression, row, amount_unit=100).value
    assert holds(tree, values) is expected
    assert worth(json.loads(json.dumps(tree)), values, 100) is expected


@LAWS
@given(good(FORM), good(FORM), st.sampled_from([1, 100, 1000]))
def test_the_phone_shows_what_the_server_shows(answers: dict[str, Any], previous: dict[str, Any], unit: int) -> None:
    on_phone = json.loads(json.dumps(client(FORM, "zh")))
    assert tuple(walk(on_phone, answers, previous, unit)) == shown(FORM, answers, previous, amount_unit=unit)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("turnover_change < -20% and open = 'half'", op("and", op("<", said("turnover_change"), value(-0.2)), op("=", said("open"), value("half")))),
        ("turnover > 100000", op(">", said("turnover"), {"amount": 100000})),
        ("turnover >= 0.5 * turnover + 1.5", op(">=", said("turnover"), op("+", op("*", value(0.5), said("turnover")), {"amount": 1.5}))),
        ("-turnover < 5", op("<", op("-", said("turnover")), {"amount": 5})),
        ("not why.orders", op("not", said("why.orders"))),
        ("why.orders or licence", op("or", said("why.orders"), said("licence"))),
        ("expires is null", op("unknown", said("expires"))),
        ("expires < '2026-06-30'", op("<", said("expires"), value("2026-06-30"))),
        ("staff between 1 and 2", op("and", op(">=", said("staff"), value(1)), op("<=", said("staff"), value(2)))),
        ("open in ('half', 'closed')", op("in", said("open"), value("half"), value("closed"))),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)  # fmt: skip
def test_a_condition_is_compiled_to(text: str, tree: dict[str, Any]) -> None:
    assert compiled(expressions.parse(text, COLUMNS)).tree == tree


@pytest.mark.parametrize(
    ("unit", "stored", "expected"),
    [(100, 150, True), (100, 149, False), (1000, 1500, True), (1, 2, True), (1, 1, False)],
)
def test_an_amount_is_written_in_units_of_the_currency(unit: int, stored: int, expected: bool) -> None:
    tree = compiled(expressions.parse("turnover >= 1.5", COLUMNS)).tree
    assert holds(tree, {"turnover": stored}, amount_unit=unit) is expected


def test_what_is_no_node_is_refused() -> None:
    with pytest.raises(ValueError, match="no node"):
        holds({"op": "maybe", "of": []}, {})
