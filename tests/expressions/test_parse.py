"""Reading and checking: what is understood, and what is refused, where, and with what advice."""

from __future__ import annotations

import datetime as dt
import sys
from decimal import Decimal

import polars as pl
import pytest

from daihou.book.errors import DaihouError
from daihou.expressions import always, column, explain, parse, sentence, spoken, sql, text
from daihou.expressions.reading import LEVELS, VALUES
from daihou.expressions.tree import (
    And,
    Between,
    Column,
    Compare,
    In,
    IsNull,
    Literal,
    Negative,
    Not,
    Or,
    Product,
    Sum,
)
from expressions.cast import COLUMNS

DPD, CLAIM, OVERDUE = (Column(COLUMNS[name]) for name in ("dpd", "total_claim", "overdue_amount"))


def number(digits: str) -> Literal:
    return Literal(Decimal(digits))


def refused(written: str) -> DaihouError:
    with pytest.raises(DaihouError) as caught:
        parse(written, COLUMNS)
    error = caught.value
    assert error.message
    assert error.remedy
    assert error.place
    assert all(error.zh)
    return error


def test_the_example_of_the_guide_is_read_as_it_is_meant() -> None:
    found = parse("dpd >= 31 and dpd <= 90 and product in ('sme', \"sole\") and total_claim >= 100000", COLUMNS)
    assert found == And(
        (
            Compare(">=", DPD, number("31")),
            Compare("<=", DPD, number("90")),
            In(Column(COLUMNS["product"]), (Literal("sme"), Literal("sole"))),
            Compare(">=", CLAIM, number("100000")),
        )
    )


def test_and_binds_tighter_than_or_and_not_tighter_than_both() -> None:
    one, two, three = (Compare("=", DPD, number(n)) for n in "123")
    assert parse("dpd = 1 or dpd = 2 and dpd = 3", COLUMNS) == Or((one, And((two, three))))
    assert parse("(dpd = 1 or dpd = 2) and dpd = 3", COLUMNS) == And((Or((one, two)), three))
    assert parse("not dpd = 1 and dpd = 2", COLUMNS) == And((Not(one), two))
    assert parse("NOT (dpd = 1 AND dpd = 2)", COLUMNS) == Not(And((one, two)))


def test_the_and_of_between_is_not_taken_for_another() -> None:
    between = Between(DPD, number("1"), number("30"))
    assert parse("dpd between 1 and 30 and dpd not between 1 and 30", COLUMNS) == And((between, Not(between)))


def test_terms_add_and_multiply_by_precedence() -> None:
    assert parse("total_claim - overdue_amount * 2 > 0", COLUMNS) == Compare(
        ">", Sum((CLAIM, Negative(Product((OVERDUE, number("2")))))), number("0")
    )
    assert parse("-(total_claim - -3) * 2 > 0", COLUMNS) == Compare(
        ">", Product((Negative(Sum((CLAIM, number("3")))), number("2"))), number("0")
    )


@pytest.mark.parametrize(
    ("written", "same"),
    [
        ("31 <= dpd", "dpd >= 31"),
        ("'sme' = product", "product = 'sme'"),
        ("dpd == 1", "dpd = 1"),
        ("dpd <> 1", "dpd != 1"),
        ("dpd = 1.50", "dpd = 1.5"),
        ("dpd = 030.0", "dpd = 30"),
        ("dpd = -0", "dpd = 0"),
        ("((dpd)) = ((1))", "dpd = 1"),
        ("- - dpd = 1", "dpd = 1"),
        ("  dpd\n=\t1 ", "dpd = 1"),
        ('region = "it\'s"', "region = 'it''s'"),
        ('region = "say ""so"""', "region = 'say \"so\"'"),
        ("逾期原因 = '失业'", "逾期原因 = '失业'"),
        ("not dpd is null", "dpd is not null"),
        ("dpd = 1 and (dpd = 2 and dpd = 3)", "dpd = 1 and dpd = 2 and dpd = 3"),
    ],
)
def test_what_means_the_same_by_spelling_becomes_the_same(written: str, same: str) -> None:
    assert parse(written, COLUMNS) == parse(same, COLUMNS)
    assert text(parse(written, COLUMNS)) == same


def test_a_text_beside_a_date_becomes_a_date_and_beside_a_time_a_time_in_utc() -> None:
    due = parse("next_due_on in ('2026-02-28')", COLUMNS)
    assert isinstance(due, In)
    assert due.values == (Literal(dt.date(2026, 2, 28)),)
    received = parse("received_at >= '2026-02-28'", COLUMNS)
    assert isinstance(received, Compare)
    assert received.right == Literal(dt.datetime(2026, 2, 28, tzinfo=dt.UTC))
    at_home = parse("received_at >= '2026-02-28T08:00:00+08:00'", COLUMNS)
    assert at_home == received


def test_a_flag_is_a_condition_and_null_has_its_own_question() -> None:
    flag = Column(COLUMNS["first_payment_missed"])
    assert parse("first_payment_missed", COLUMNS) == flag
    assert parse("not first_payment_missed and dpd is null", COLUMNS) == And((Not(flag), IsNull(DPD)))
    assert parse("on_balance = first_payment_missed and on_balance != true", COLUMNS)


def test_items_know_where_they_began() -> None:
    found = parse("dpd = 1 and  total_claim > 2", COLUMNS)
    assert isinstance(found, And)
    assert [part.place for part in found.parts] == [0, 13]


@pytest.mark.parametrize(
    ("written", "message", "place"),
    [
        ("dpd > overdue_amount", "a number of days and an amount", "…overdue_amount"),
        ("dpd = months_since_late", "a number of days and a number of months", "…months_since_late"),
        ("overdue_amount > balance_base", "an amount and an amount in the base currency", "…balance_base"),
        ("dpd + overdue_amount > 1", "Units differ", "…overdue_amount > 1"),
        ("dpd between 1 and total_claim", "Units differ", "…total_claim"),
        ("rank = dpd", "Units differ", "…dpd"),
        ("product = region or product = loan_id", "Units differ", "…loan_id"),
        ("next_due_on > 3", "next_due_on is a date and cannot be compared with a number", "…3"),
        ("next_due_on > 1 + 2", "cannot be compared with a number", "…1 + 2"),
        ("next_due_on > '2026-02-30'", "'2026-02-30' is not a date", "…'2026-02-30'"),
        ("next_due_on > '20260228'", "is not a date", "…'20260228'"),
        ("next_due_on > '2026-W05-6'", "is not a date", "…'2026-W05-6'"),
        ("received_at > 'noon'", "is not a date", "…'noon'"),
        ("next_due_on + 1 > '2026-02-28'", "Only numbers can be calculated with", "next_due_on + 1"),
        ("-product = 'a'", "Only numbers can be calculated with", "…product"),
        ("dpd + 'a' = 1", "Only numbers can be calculated with", "…'a' = 1"),
        ("dpd + true = 1", "Only numbers can be calculated with", "…true = 1"),
        ("dpd = 'many'", "dpd is a number of days and cannot be compared with a text", "…'many'"),
        ("dpd = true", "cannot be compared with true or false", "…true"),
        ("first_payment_missed = 1", "is true or false and cannot be compared with a number", "…1"),
        ("first_payment_missed in (true)", "lists and ranges do not fit it", "first_payment_missed in"),
        ("first_payment_missed between true and true", "lists and ranges do not fit it", "first_payment_missed"),
        ("first_payment_missed > on_balance", "has no order", "first_payment_missed"),
        ("product = 1", "product is a code and cannot be compared with a number", "…1"),
        ("product > 'sme'", "has no order", "product > 'sme'"),
        ("region between 'a' and 'b'", "has no order", "region between"),
        ("dpd * dpd > 1", "A number of days cannot be multiplied by a number of days", "dpd * dpd"),
        ("annual_rate * total_claim > 1", "A rate cannot be multiplied by an amount", "annual_rate * total"),
        ("dpd > 45%", "dpd is a number of days and cannot be compared with a percentage", "…45%"),
        ("missed_12m in (1, 5%)", "missed_12m is a count and cannot be compared with a percentage", "…5%)"),
        ("overdue_amount >= -5% * 5%", "an amount and cannot be compared with a percentage", "…-5% * 5%"),
        ("rank > 5%", "rank is a number and cannot be compared with a percentage", "…5%"),
        ("product = 5%", "product is a code and cannot be compared with a percentage", "…5%"),
        ("first_payment_missed = 5%", "cannot be compared with a percentage", "…5%"),
        ("dpd + 5% > 1", "Units differ: a number of days and a percentage", "…5% > 1"),
        ("5% + total_claim > 1", "Units differ: a percentage and an amount", "…total_claim > 1"),
        ("dpd > max_dpd_12m - 5%", "Units differ: a number of days and a percentage", "…5%"),
        ("dpd", "dpd is a number of days, not a condition", "dpd"),
        ("not product", "product is a code, not a condition", "…product"),
        ("1 = 1", "needs a column", "1 = 1"),
        ("dpd = 1 and 2 between 1 and 3", "needs a column", "…2 between"),
        ("1 is null", "needs a column", "1 is null"),
        ("true", "not a condition", "true"),
        ("dpd + 1", "not a condition", "dpd + 1"),
        ("(dpd = 1) + 1 = 2", "This is a condition", "…dpd = 1) + 1"),
        ("dpd = (dpd = 1)", "This is a condition", "…dpd = 1)"),
        ("dpd = null", "Nothing equals null", "…null"),
        ("first_payment_missed is true", "only null or not null", "…true"),
        ("dpd is not 1", "only null or not null", "…1"),
        ("dpd in (1, total_claim)", "A list holds values only", "…total_claim)"),
        ("dpd in (1 + 1)", "A list holds values only", "…1 + 1)"),
        ("dpd = 1 = 2", "'=' at character 9 cannot stand there", "…= 2"),
        ("dpd = 1 is null", "'is' at character 9 cannot stand there", "…is null"),
        ("dpd not = 1", "'=' at character 9 cannot stand there", "…= 1"),
        ("dpd 1", "'1' at character 5 cannot stand there", "…1"),
        ("(dpd = 1", "ends too early, at character 8", "(dpd = 1 ⟨?⟩"),
        ("dpd = 1)", "')' at character 8 cannot stand there", "…)"),
        ("dpd = 1 and", "ends too early", "dpd = 1 and ⟨?⟩"),
        ("dpd in ()", "')' at character 9 cannot stand there", "…)"),
        ("dpd in 1", "'1' at character 8 cannot stand there", "…1"),
        ("dpd between 1 or 2", "'or' at character 15 cannot stand there", "…or 2"),
        ("", "The condition is empty", "⟨?⟩"),
        ("  \n", "The condition is empty", "⟨?⟩"),
    ],
)
def test_what_does_not_fit_is_refused_where_it_stands(written: str, message: str, place: str) -> None:
    error = refused(written)
    assert message in error.message
    assert error.place.startswith(place)


def test_an_unknown_column_is_named_with_those_alike_and_those_there_are() -> None:
    error = refused("region = 'x' and DPDD > 1")
    assert error.message == "Column DPDD is unknown."
    assert error.remedy.startswith("Did you mean dpd? Columns are: loan_id, product,")
    assert error.place == "…DPDD > 1"
    assert error.zh[0] == "没有列 DPDD。"
    assert error.zh[1].startswith("是否为 dpd？可用的列：loan_id、product、")


def test_a_code_that_does_not_exist_is_named_with_those_that_do() -> None:
    error = refused("product in ('sme', 'soles')")
    assert error.message == "product is never 'soles'."
    assert error.remedy == "Did you mean sole? Its codes are: sme, sole, auto."
    assert error.zh == ("product 没有“soles”这一取值。", "是否为 sole？可用取值：sme、sole、auto。")
    assert parse("region = 'anything'", COLUMNS)


HOSTILE = [
    ("read_csv('/etc/passwd') = 1", "read_csv("),
    ("dpd = 1 or getenv('HOME') = 'x'", "…getenv("),
    ("dpd('x') = 1", "dpd("),
    ("length(loan_id) > 1", "length("),
    ("dpd in (select 1)", "…select 1)"),
    ("exists (select 1)", "exists"),
    ("(select count(*) from t) > 1", "…select"),
    ("loan_id in (select content from read_text('/etc/passwd'))", "…select"),
    ("cast(dpd as text) = '1'", "cast"),
    ("case when dpd > 1 then true end", "case"),
    ("dpd::text = '1'", "…::text"),
    ("dpd = any (1)", "…any ("),
    ("dpd > 1; drop table t", "…; drop table t"),
    ("dpd > 1;", "…;"),
    ("dpd > 1 -- and more", "…-- and more"),
    ("dpd > 1 /* and more */", "…/* and more */"),
    ("dpd--1 = 2", "…--1 = 2"),
    ("dpd > 1 union select 1", "…union"),
    ("dpd > 1 order by dpd", "…order"),
    ("loan_id like 'A%'", "…like"),
    ("loan_id glob 'A*'", "…glob"),
    ("dpd / 2 > 1", "…/ 2"),
    ("dpd / 0 > 1", "…/ 0 > 1"),
    ("dpd % 2 = 1", "…% 2"),
    ("paid_share > 5 %", "…%"),
    ("paid_share > 5%%", "…%"),
    ("paid_share > 5%2", "…2"),
    ("paid_share > 5％", "…％"),
    ("dpd // 2 = 1", "…// 2"),
    ("note || note = 'x'", "…|| note"),
    ("dpd is distinct from 1", "…distinct"),
    ("dpd = ?", "…?"),
    ("dpd = $1", "…$1"),
    ("dpd = :x", "…:x"),
    ("t.dpd = 1", "t.dpd"),
    ("main.t.dpd = 1", "main.t.dpd"),
    ("* is null", "* is null"),
    ("dpd = date '2026-01-01'", "…date"),
    ("dpd = interval 1 day", "…interval"),
    ("note = E'x'", "…E'x'"),
    ("note = $$x$$", "…$$x$$"),
    ("note = 'a' 'b'", "…'b'"),
    ("note = 'open", "…'open"),
    ('note = "open', '…"open'),
    ("note = 'it's'", "…'"),
    ("product = ‘sme’", "…‘sme’"),
    ("product = “sme”", "…“sme”"),
    ("product in （'sme'）", "…（"),
    ("dpd ≥ 31", "…≥ 31"),
    ("dpd = 1e5", "…1e5"),
    ("dpd = 0x1F", "…0x1F"),
    ("dpd = 1_000", "…1_000"),
    ("dpd = 1,000", "…,000"),
    ("dpd = .5", "….5"),
    ("dpd = 5.", "…5."),
    ("dpd = １２", "…１２"),
    ("dpd = 31天", "…31天"),
    ("dpd = [1]", "…[1]"),
    ("dpd = {1}", "…{1}"),
    ("dpd = 1 & 1", "…& 1"),
    ("!first_payment_missed", "!first"),
    ("dpd = @dpd", "…@dpd"),
    ("dpd = 1\x00", "…\x00"),
    ("(dpd, dpd) = (1, 1)", "…, dpd)"),
    ("x -> x", "x -> x"),
]


@pytest.mark.parametrize(("written", "place"), HOSTILE, ids=[written for written, _ in HOSTILE])
def test_what_is_not_of_the_language_is_refused_where_it_begins(written: str, place: str) -> None:
    assert refused(written).place.startswith(place)


def test_a_sign_that_only_looks_right_is_told_its_plain_form() -> None:
    assert refused("product in （'sme'）").remedy == "Write ( instead."
    assert refused("dpd ≥ 31").zh == ("第 5 个字符“≥”不是可用的符号。", "请改用半角 >=。")


def test_a_percentage_is_a_share_or_multiplies_anything() -> None:
    share = Column(COLUMNS["paid_share"])
    assert parse("paid_share >= 45%", COLUMNS) == Compare(">=", share, Literal(Decimal("0.45"), percent=True))
    assert parse("paid_share >= 45%", COLUMNS) != parse("paid_share >= 0.45", COLUMNS)
    for written in (
        "annual_rate between 0.5% and 12.25%",
        "dpd > 50% * 60",
        "paid_share > 50% * 2 - 5%",
        "overdue_amount\n  < 45%\n  * (total_claim - 1)",
        "50% * rank * dpd > 3",
    ):
        assert parse(written, COLUMNS)
    half = parse("dpd = 50% * dpd", COLUMNS)
    assert isinstance(half, Compare)
    assert half.right == Product((Literal(Decimal("0.5"), percent=True), DPD))


def test_a_division_is_named_and_by_zero_too() -> None:
    assert refused("dpd / 2 > 1").message.startswith("'/' at character 5 is a division")
    assert refused("dpd / 0.00 > 1").message.startswith("At character 5 something is divided by zero")
    assert refused("dpd /0 > 1").zh[0] == "第 5 个字符处除数为零；条件中不支持除法。"
    assert refused("dpd / 0.5 > 1").remedy == "Multiply the other side: a >= 0.5 * b, not a / b >= 0.5."


def test_a_comparison_that_no_engine_could_calculate_exactly_is_refused() -> None:
    assert parse("overdue_amount * 999999999999999999 > total_claim * 0.1", COLUMNS)
    error = refused("overdue_amount * 999999999999999999 > total_claim * 0.01")
    assert "more than 18 digits together" in error.message
    assert "more than 18 digits together" in refused("dpd * 0.000000000000000001 in (1, 999999999999999999)").message
    assert parse("paid_share * 999999999999999999 > 0.000000000000000001", COLUMNS)


def test_what_is_too_much_is_refused_and_what_just_fits_is_not() -> None:
    deep = LEVELS - 2
    assert parse("(" * deep + "dpd = 1" + ")" * deep, COLUMNS)
    for many in (300, 1_900):
        for nested in ("(" * many + "dpd = 1" + ")" * many, "dpd = " + "- " * many + "1", "(" * many):
            assert "levels deep" in refused(nested).message
    assert "levels deep" in refused("not " * 300 + "first_payment_missed").message
    assert "levels deep" in refused("dpd = 1 or not (" * 120 + "dpd = 1" + ")" * 120).message
    assert (
        refused("dpd = 1 or " * 1_000 + "dpd = 1").message == "The condition has 11,007 characters; 4,000 are the most."
    )
    assert "characters" in refused("x" * 10_000).message
    assert parse(" or ".join(["dpd = 1"] * 350), COLUMNS)
    values = ", ".join(["1"] * VALUES)
    assert parse(f"dpd in ({values})", COLUMNS)
    assert f"more than {VALUES} values" in refused(f"dpd in ({values}, 1)").message
    assert parse("dpd = 999999999999999999", COLUMNS)
    assert "more than 18 digits" in refused("dpd = 1999999999999999999").message
    assert "more than 18 digits" in refused("dpd = 0.0000000000000000001").message
    assert parse("paid_share > 0.0000000000000001%", COLUMNS)
    assert "more than 18 digits" in refused("paid_share > 0.00000000000000001%").message
    assert "more than 18 digits together" in refused("(dpd * 1000000000 + 1) * 1000000000 > 1").message
    assert "more than 18 digits together" in refused("dpd > 1000000000 * 1000000000").message


@pytest.mark.parametrize(
    "written",
    [
        "not (" * 98 + "dpd = 1 or dpd = 2" + ")" * 98,
        "dpd = 1 and (dpd = 2 or (" * 49 + "dpd = 1" + "))" * 49,
        "-(1 + " * 66 + "dpd" + ")" * 66 + " > 1",
    ],
    ids=["not", "and, or", "terms"],
)
def test_the_deepest_condition_leaves_room_on_the_stack(written: str) -> None:
    def below(frames: int) -> None:
        if frames:
            return below(frames - 1)
        found = parse(written, COLUMNS)
        assert parse(text(found), COLUMNS) == found
        assert sql(found, amount_unit="1")
        assert sentence(found, chinese=True)
        assert spoken(found, chinese=True)
        assert explain(found, {"dpd": 1}).value is not None
        assert pl.DataFrame({"dpd": [1]}).select(column(found)).item() is not None
        assert always(found) in (True, False, None)
        assert hash(found)
        return None

    below(sys.getrecursionlimit() // 4)
