"""Conditions as sentences."""

from __future__ import annotations

import pytest

from daihou.expressions import Field, columns, parse, spoken
from expressions.cast import COLUMNS

TOLD = columns(
    (
        *COLUMNS.values(),
        Field("collections_30d", "base_amount", "Collections in 30 days", "近30天回笼货款"),
        Field("collections_avg_90d", "base_amount", "Collections of a usual month", "前90天月均回笼货款"),
        Field("months_on_book", "months", "Months on book", "账龄（月）"),
        Field("bounced_3m", "count", "Returned items in 3 months", "近3个月退票笔数"),
        Field("net_flow", "base_amount", "Net inflow", "净流入", signed=True),
        Field("rate_change", "rate", "Change of the rate", "利率变动", signed=True),
        Field("dpd_interest", "days", "Days past due, interest", "利息逾期天数"),
        Field("kind", "code", "Kind", "类型", (("sme", "SME loan", "小微贷"),), extensible=True),
    )
)


@pytest.mark.parametrize(
    ("written", "en", "zh"),
    [
        (
            "collections_30d < 45% * collections_avg_90d and months_on_book >= 6",
            "Collections in 30 days below 45% of collections of a usual month and months on book at least 6 months",
            "近30天回笼货款低于前90天月均回笼货款的45%，且账龄（月）不少于6个月",
        ),
        ("dpd > 30", "Days past due above 30 days", "逾期天数超过30天"),
        ("dpd = 1", "Days past due equal to 1 day", "逾期天数为1天"),
        ("not dpd > 30", "Days past due at most 30 days", "逾期天数不超过30天"),
        ("dpd_interest != 3", "Days past due (interest) other than 3 days", "利息逾期天数不等于3天"),
        ("dpd between 31 and 90", "Days past due between 31 and 90 days", "逾期天数在31至90天之间"),
        ("dpd not between 31 and 90", "Days past due not between 31 and 90 days", "逾期天数不在31至90天之间"),
        ("dpd in (1, 2, 3)", "Days past due is 1 day, 2 days or 3 days", "逾期天数为1天、2天或3天"),
        ("dpd > 50% * 60", "Days past due above 30 days", "逾期天数超过30天"),
        ("dpd < max_dpd_12m", "Days past due below worst dpd in 12 months", "逾期天数少于近12个月最大逾期天数"),
        (
            "dpd > max_dpd_12m + 7",
            "Days past due above worst dpd in 12 months plus 7 days",
            "逾期天数超过近12个月最大逾期天数加7天",
        ),
        ("missed_12m >= 3", "Missed in 12 months at least 3", "近12个月未按期还款次数不少于3次"),
        ("bounced_3m < 2", "Returned items in 3 months below 2", "近3个月退票笔数少于2笔"),
        ("overdue_amount >= 100000", "Overdue amount at least 100,000", "逾期金额不低于10万元"),
        ("overdue_amount >= 250000000", "Overdue amount at least 250,000,000", "逾期金额不低于2.5亿元"),
        ("overdue_amount > 1234567.5", "Overdue amount above 1,234,567.5", "逾期金额超过1,234,567.5元"),
        ("overdue_amount > 0", "Overdue amount above 0", "逾期金额大于0元"),
        ("net_flow <= -50000", "Net inflow at most −50,000", "净流入不高于−5万元"),
        ("paid_share < 0.8", "Share paid below 80%", "已还比例低于80%"),
        ("annual_rate >= 4.35%", "Annual rate at least 4.35%", "年利率不低于4.35%"),
        ("rate_change > 0.005", "Change of the rate above 0.5 percentage points", "利率变动超过0.5个百分点"),
        ("product = 'sme'", "Product is SME loan", "产品为小微贷"),
        ("product in ('sme', 'sole')", "Product is SME loan or sole trader loan", "产品为小微贷或个体贷"),
        ("product not in ('sme', 'sole')", "Product is not SME loan or sole trader loan", "产品不属于小微贷、个体贷"),
        ("product != 'auto' or kind = 'odd'", "Product is not auto or kind is odd", "产品不是auto，或类型为odd"),
        ("next_due_on <= '2026-01-31'", "Next due date on or before 2026-01-31", "下期应还日不晚于2026年1月31日"),
        ("first_payment_missed", "First payment missed", "首期未还"),
        ("first_payment_missed = false", "Not first payment missed", "并非首期未还"),
        (
            "dpd is null or matures_on is not null",
            "Days past due without data or maturity with data",
            "逾期天数无数据，或到期日有数据",
        ),
        (
            "total_claim + overdue_amount > 2 * (total_claim - overdue_amount)",
            "The sum of total claim and overdue amount above 2 times (total claim minus overdue amount)",
            "债权总额与逾期金额之和超过（债权总额减逾期金额）的2倍",
        ),
        (
            "dpd > 5 and missed_12m > 2 and (product = 'sme' or region = 'Ningbo')",
            "Days past due above 5 days, missed in 12 months above 2 and (product is SME loan or region is Ningbo)",
            "逾期天数超过5天，近12个月未按期还款次数超过2次，且（产品为小微贷或地区为Ningbo）",
        ),
        (
            "not (dpd > 5 and missed_12m > 2)",
            "Not (days past due above 5 days and missed in 12 months above 2)",
            "不满足（逾期天数超过5天且近12个月未按期还款次数超过2次）",
        ),
    ],
)
def test_a_condition_is_told_as_people_say_it(written: str, en: str, zh: str) -> None:
    found = parse(written, TOLD)
    assert spoken(found, chinese=False) == en
    assert spoken(found, chinese=True) == zh
