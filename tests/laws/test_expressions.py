"""Laws of expressions: printing and reading are inverse, and all forms answer alike: DuckDB, Polars, a function of a row, the explanation of a row, and
three-valued logic as it is written out once more here."""

from __future__ import annotations

import datetime as dt
import operator
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

import duckdb
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daihou.book.errors import DaihouError
from daihou.expressions import (
    Field,
    always,
    closure,
    column,
    columns,
    columns_named,
    condition,
    conjuncts,
    explain,
    join,
    parse,
    sentence,
    sql,
    text,
    value_of,
)
from daihou.expressions.tree import (
    And,
    Between,
    Column,
    Compare,
    Expression,
    In,
    IsNull,
    Literal,
    Negative,
    Not,
    Or,
    Product,
    Sum,
    Term,
    all_of,
    any_of,
    negative_of,
    product_of,
    sum_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

COLUMNS: Final = columns(
    (
        Field("dpd", "days", "Days past due", "逾期天数", signed=True),
        Field("worst", "days", "Worst", "最大逾期天数", signed=True),
        Field("owed", "amount", "Owed", "欠款", signed=True),
        Field("claim", "amount", "Claim", "债权", signed=True),
        Field("base", "base_amount", "Base", "本位币余额", signed=True),
        Field("other_base", "base_amount", "Other base", "本位币限额", signed=True),
        Field("rate", "rate", "Rate", "利率", signed=True),
        Field("floor", "rate", "Floor", "利率下限", signed=True),
        Field("share", "share", "Share", "占比", signed=True),
        Field("other_share", "share", "Other share", "另一占比", signed=True),
        Field("index", "number", "Index", "指数"),
        Field("missed", "count", "Missed", "未还次数"),
        Field("age", "months", "Age", "账龄"),
        Field("product", "code", "Product", "产品"),
        Field("class", "code", "Class", "分类", (("pass", "Pass", "正常"), ("loss", "Loss", "损失"))),
        Field("due_on", "date", "Due", "到期日"),
        Field("paid_on", "date", "Paid", "还款日"),
        Field("late", "flag", "Late", "逾期"),
        Field("note", "text", "Note", "备注"),
    )
)
CODES: Final = ("sme", "auto", "it's", 'a"b', "甲; --", "")
DAYS: Final = tuple(dt.date(2026, month, 28) for month in (1, 2, 3))
CLASSES: Final = ("pass", "loss")
EXACT: Final = ("dpd", "worst", "owed", "claim", "base", "other_base", "rate", "floor", "missed", "age")
FLOATS: Final = ("share", "other_share", "index")
UNITS: Final = ("days", "amount", "base_amount", "rate", "share", "number", "count", "months")
UNIT: Final = {"CNY": 100, "JPY": 1, "KWD": 1000}
MINOR: Final = "CASE \"currency\" WHEN 'JPY' THEN 1 WHEN 'KWD' THEN 1000 ELSE 100 END"
BY_ROW: Final = pl.col("currency").replace_strict(UNIT, return_dtype=pl.Int32)
BASE: Final = 100

SCHEMA: Final = pa.schema(
    {
        "currency": pa.string(), "dpd": pa.int32(), "worst": pa.int32(), "owed": pa.int64(), "claim": pa.int64(), "base": pa.int64(),
        "other_base": pa.int64(), "rate": pa.decimal128(18, 8), "floor": pa.decimal128(18, 8), "share": pa.float64(),
        "other_share": pa.float64(), "index": pa.float64(), "missed": pa.int32(), "age": pa.int32(), "product": pa.string(),
        "class": pa.dictionary(pa.int8(), pa.string()), "due_on": pa.date32(), "paid_on": pa.date32(), "late": pa.bool_(), "note": pa.string(),
    }
)  # fmt: skip
KINDS: Final = {"class": pl.Enum(("loss", "pass")), "product": pl.Categorical()}
"""How Polars may hold codes; DuckDB is given them as texts and a dictionary."""

numbers = st.one_of(
    st.integers(-5, 120).map(Decimal),
    st.sampled_from([Decimal("0.5"), Decimal("-1.25"), Decimal("52.01"), Decimal(100000), Decimal(9_999_999_999)]),
)
factors = st.sampled_from([Decimal(2), Decimal("0.5"), Decimal("-1.25"), Decimal(100), Decimal("0.1")])
percents = st.sampled_from([Decimal("0.45"), Decimal("0.01"), Decimal(1), Decimal("-0.125"), Decimal(0)])


def literals(unit: str) -> st.SearchStrategy[Term]:
    """Values as a unit takes them: percentages only beside shares and rates."""
    plain_ones = numbers.map(Literal)
    return st.one_of(plain_ones, percents.map(percentage)) if unit in ("share", "rate") else plain_ones


def percentage(fraction: Decimal) -> Literal:
    return Literal(fraction, percent=True)


def terms(unit: str) -> st.SearchStrategy[Term]:
    """Terms of a unit with a column in each, built as the reader builds them."""
    named = st.sampled_from([Column(COLUMNS[name]) for name in (*EXACT, *FLOATS) if COLUMNS[name].unit == unit])
    literal = literals(unit)
    factor = st.one_of(factors.map(Literal), percents.map(percentage))

    def grown(inner: st.SearchStrategy[Term]) -> st.SearchStrategy[Term]:
        return st.one_of(
            st.builds(sum_of, inner, st.one_of(inner, literal)),
            st.builds(sum_of, literal, inner),
            st.builds(lambda a, b: sum_of(a, negative_of(b)), inner, inner),
            st.builds(product_of, inner, factor),
            st.builds(product_of, factor, inner),
            st.builds(product_of, factor, st.builds(product_of, factor, inner)),
            st.builds(product_of, inner, st.just(Column(COLUMNS["index"]))),
            inner.map(negative_of),
        )

    return st.recursive(named, grown, max_leaves=3)


def comparisons(unit: str) -> st.SearchStrategy[Expression]:
    """Comparisons of numbers of a unit."""
    left, right = terms(unit), st.one_of(literals(unit), terms(unit))
    signs = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])
    return st.one_of(
        st.builds(Compare, signs, left, right),
        st.builds(Between, left, right, right),
        st.builds(In, left, st.lists(literals(unit), min_size=1, max_size=3).map(tuple)),
        st.builds(IsNull, left),
    )


def plain(name: str, values: tuple[Any, ...], signs: tuple[str, ...]) -> st.SearchStrategy[Expression]:
    """Comparisons of a column that is no number."""
    subject, literal = st.just(Column(COLUMNS[name])), st.sampled_from([Literal(value) for value in values])
    return st.one_of(
        st.builds(Compare, st.sampled_from(signs), subject, literal),
        st.builds(In, subject, st.lists(literal, min_size=1, max_size=3).map(tuple)),
        st.builds(IsNull, subject),
    )


ORDER = ("=", "!=", "<", "<=", ">", ">=")
leaves = st.one_of(
    *(comparisons(unit) for unit in UNITS),
    plain("product", CODES, ("=", "!=")),
    plain("note", CODES, ORDER),
    plain("class", CLASSES, ("=", "!=")),
    plain("due_on", DAYS, ORDER),
    st.builds(Compare, st.sampled_from(ORDER), st.just(Column(COLUMNS["due_on"])), st.just(Column(COLUMNS["paid_on"]))),
    st.builds(
        Compare, st.sampled_from(["=", "!="]), st.just(Column(COLUMNS["product"])), st.just(Column(COLUMNS["class"]))
    ),
    st.just(Column(COLUMNS["late"])),
    st.builds(Compare, st.sampled_from(["=", "!="]), st.just(Column(COLUMNS["late"])), st.booleans().map(Literal)),
)
expressions: st.SearchStrategy[Expression] = st.recursive(
    leaves,
    lambda inner: st.one_of(
        inner.map(Not),
        st.lists(inner, min_size=2, max_size=3).map(all_of),
        st.lists(inner, min_size=2, max_size=3).map(any_of),
    ),
    max_leaves=6,
)


def maybe(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), values)


amounts = st.sampled_from([0, 50, 5201, -125, 10_000_000, 999_999_999_900, 2**63 - 1, -(2**63), 2**53 + 1])
rates = st.integers(-10, 20_000_000).map(lambda units: Decimal(units).scaleb(-8))
shares = st.one_of(st.sampled_from([0.0, 0.5, -1.25, 2.0, 0.1, 0.3, 0.45]), st.floats(-2, 2))
rows = st.fixed_dictionaries(
    {
        "currency": st.sampled_from(list(UNIT)),
        "dpd": maybe(st.integers(-5, 120)),
        "worst": maybe(st.sampled_from([0, 31, 2**31 - 1, -(2**31)])),
        "owed": maybe(amounts),
        "claim": maybe(st.integers(-500, 12_000)),
        "base": maybe(amounts),
        "other_base": maybe(st.sampled_from([0, 50, 5201, 10_000_000])),
        "rate": maybe(st.one_of(rates, st.sampled_from([Decimal("0.45"), Decimal("9999999999.99999999")]))),
        "floor": maybe(rates),
        "share": maybe(shares),
        "other_share": maybe(shares),
        "index": maybe(st.one_of(st.sampled_from([0.0, 50.0, 0.1]), st.floats(0, 200))),
        "missed": maybe(st.integers(0, 12)),
        "age": maybe(st.integers(0, 360)),
        "product": maybe(st.sampled_from(CODES)),
        "class": maybe(st.sampled_from(CLASSES)),
        "due_on": maybe(st.sampled_from(DAYS)),
        "paid_on": maybe(st.sampled_from(DAYS)),
        "late": maybe(st.booleans()),
        "note": maybe(st.sampled_from(CODES)),
    }
)
SIGNS: Final = {
    "=": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


def valued(term: Term, row: dict[str, Any]) -> Any:
    """The value of a term in currency units; None where a column of it is empty."""
    match term:
        case Literal():
            return Fraction(term.value) if isinstance(term.value, Decimal) else term.value
        case Column():
            value, unit = row[term.field.name], term.field.unit
            if value is None or isinstance(value, bool | str | dt.date):
                return value
            exact = Fraction(value)
            return exact / (UNIT[row["currency"]] if unit == "amount" else BASE if unit == "base_amount" else 1)
        case Negative():
            value = valued(term.term, row)
            return None if value is None else -value
        case Sum() | Product():
            values = [valued(part, row) for part in term.parts]
            if None in values:
                return None
            total = Fraction(0 if isinstance(term, Sum) else 1)
            for value in values:
                total = total + value if isinstance(term, Sum) else total * value
            return total


def compared(sign: str, left: Any, right: Any) -> bool | None:
    if left is None or right is None:
        return None
    if isinstance(left, str):
        left, right = left.encode(), right.encode()
    return bool(SIGNS[sign](left, right))


def opposite(holds: bool | None) -> bool | None:
    return None if holds is None else not holds


def every(found: list[bool | None]) -> bool | None:
    return False if False in found else None if None in found else True


def holds(expression: Expression, row: dict[str, Any]) -> bool | None:
    """Whether a condition holds for a row: true, false or unknown."""
    match expression:
        case Column():
            found: bool | None = row[expression.field.name]
            return found
        case And():
            return every([holds(part, row) for part in expression.parts])
        case Or():
            return opposite(every([opposite(holds(part, row)) for part in expression.parts]))
        case Not():
            return opposite(holds(expression.condition, row))
        case Compare():
            return compared(expression.operator, valued(expression.left, row), valued(expression.right, row))
        case In():
            value = valued(expression.term, row)
            return opposite(every([opposite(compared("=", value, valued(one, row))) for one in expression.values]))
        case Between():
            value = valued(expression.term, row)
            low, high = valued(expression.low, row), valued(expression.high, row)
            return every([compared(">=", value, low), compared("<=", value, high)])
        case IsNull():
            return valued(expression.term, row) is None


@given(expressions)
def test_what_is_printed_is_read_back_as_the_same(expression: Expression) -> None:
    written = text(expression)
    assert parse(written, COLUMNS) == expression
    assert text(parse(written, COLUMNS)) == written


@given(expressions)
def test_parts_join_to_the_whole_and_form_values_to_their_parts(expression: Expression) -> None:
    parts = conjuncts(expression)
    assert join(parts) == expression
    for part in parts:
        assert sentence(part, chinese=True)
        assert sentence(part, chinese=False)
        said = value_of(part)
        if said is not None and not out_of_order(part):
            again = condition(COLUMNS[said[0]], said[1])
            assert value_of(again) == said


def out_of_order(part: Expression) -> bool:
    """Whether a range ends before it begins: allowed in a text, refused in a form."""
    match part:
        case Between(low=Literal(value=Decimal() as low), high=Literal(value=Decimal() as high)):
            return low > high
    return False


@pytest.fixture(scope="module")
def db() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


@settings(deadline=None)
@given(expressions, st.lists(rows, min_size=1, max_size=5), st.booleans())
def test_all_forms_answer_as_three_valued_logic_says(
    db: duckdb.DuckDBPyConnection, expression: Expression, table: list[dict[str, Any]], one_currency: bool
) -> None:
    if one_currency:
        table = [row | {"currency": "CNY"} for row in table]
    answered = [explain(expression, row, amount_unit=UNIT[row["currency"]], base_unit=BASE).value for row in table]
    of_row = {size: closure(expression, amount_unit=size, base_unit=BASE) for size in UNIT.values()}
    assert [of_row[UNIT[row["currency"]]](row) for row in table] == answered
    loans = pa.Table.from_pylist(table, SCHEMA)
    frame = pl.DataFrame(loans).with_columns(pl.col(name).cast(kind) for name, kind in KINDS.items())
    whole = column(expression, amount_unit=100 if one_currency else BY_ROW, base_unit=BASE)
    assert frame.select(whole.alias("holds"))["holds"].to_list() == answered
    db.register("loans", loans)
    form, parameters = sql(expression, amount_unit=100 if one_currency else MINOR, base_unit=BASE)
    found = db.execute(f"SELECT {form} FROM loans", parameters).fetchall()
    assert [value for (value,) in found] == answered
    if not {field.name for field in columns_named(expression)} & set(FLOATS):
        assert [holds(expression, row) for row in table] == answered


@pytest.mark.parametrize("written", ["share > 40%", "share = share", "not share <= 40%", "share between 0% and 40%"])
def test_what_is_no_number_is_more_than_any_in_a_column_and_in_a_row(written: str) -> None:
    condition_ = parse(written, COLUMNS)
    rows_ = pl.DataFrame({"share": [float("nan"), 0.5, None]})
    assert [closure(condition_)(row) for row in rows_.iter_rows(named=True)] == rows_.select(
        column(condition_)
    ).to_series().to_list()


@settings(deadline=None)
@given(expressions, st.lists(rows, min_size=1, max_size=5))
def test_what_is_called_constant_is_so_for_every_row(expression: Expression, table: list[dict[str, Any]]) -> None:
    holds = always(expression)
    for row in table if holds is not None else ():
        if None not in [row[field.name] for field in columns_named(expression)]:
            told = explain(expression, row, amount_unit=UNIT[row["currency"]], base_unit=BASE)
            assert told.value is holds


ITEMS = ("dpd", "owed", "product", "late", "due_on", "31", "1.5", "45%", "%", "'sme'", '"x"', "'2026-01-28'", "true", "null", "and", "or", "not", "in",
         "between", "is", "=", "!=", "<", ">=", "+", "-", "*", "(", ")", ",", ";", "/", "--", "select", "'", "‘", "read_csv(")  # fmt: skip


@settings(max_examples=300)
@given(st.one_of(st.text(max_size=40), st.lists(st.sampled_from(ITEMS), max_size=12).map(" ".join)))
def test_any_text_is_read_or_refused_with_a_place(written: str) -> None:
    found, error = attempted(written)
    if found is None:
        assert error is not None
        assert error.place
        assert error.remedy
        assert all(error.zh)
    else:
        assert parse(text(found), COLUMNS) == found
        assert sql(found, amount_unit=MINOR)


def attempted(written: str) -> tuple[Expression | None, DaihouError | None]:
    try:
        return parse(written, COLUMNS), None
    except DaihouError as error:
        return None, error
