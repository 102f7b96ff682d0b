"""What a chip says."""

from __future__ import annotations

import pytest

from daihou.expressions import parse, sentence
from expressions.cast import COLUMNS


@pytest.mark.parametrize(
    ("written", "en", "zh"),
    [
        ("dpd >= 31", "Days past due ≥ 31", "逾期天数 ≥ 31"),
        ("dpd != 31", "Days past due ≠ 31", "逾期天数 ≠ 31"),
        ("dpd between 31 and 90", "Days past due 31–90", "逾期天数 31–90"),
        ("dpd in (1, 2)", "Days past due: 1, 2", "逾期天数：1、2"),
        ("overdue_amount >= 1234567.5", "Overdue amount ≥ 1,234,567.5", "逾期金额 ≥ 1,234,567.5"),
        ("overdue_amount < -1000", "Overdue amount < −1,000", "逾期金额 < −1,000"),
        ("paid_share >= 45%", "Share paid ≥ 45%", "已还比例 ≥ 45%"),
        (
            "paid_share in (5%, 0.1) or paid_share < -1234.5%",
            "Share paid: 5%, 0.1 or Share paid < −1,234.5%",
            "已还比例：5%、0.1 或 已还比例 < −1,234.5%",
        ),
        ("overdue_amount < 45% * total_claim", "Overdue amount < 45% × Total claim", "逾期金额 < 45% × 债权总额"),
        ("product in ('sme', 'sole')", "Product: SME loan, Sole trader loan", "产品：小微贷、个体贷"),
        ("product = 'auto'", "Product: auto", "产品：auto"),
        ("product != 'sme'", "Product: not SME loan", "产品：除 小微贷 外"),
        ("product not in ('sme', 'auto')", "Product: not SME loan, auto", "产品：除 小微贷、auto 外"),
        ("matures_on > '2026-01-31'", "Maturity > 2026-01-31", "到期日 > 2026-01-31"),
        (
            "matures_on between '2026-01-01' and '2026-03-31'",
            "Maturity between 2026-01-01 and 2026-03-31",
            "到期日 在 2026-01-01 至 2026-03-31 之间",
        ),
        ("first_payment_missed", "First payment missed: yes", "首期未还：是"),
        ("not first_payment_missed", "First payment missed: no", "首期未还：否"),
        ("first_payment_missed = false", "First payment missed: no", "首期未还：否"),
        ("dpd is null", "Days past due: no data", "逾期天数：无数据"),
        ("dpd is not null", "Days past due: has data", "逾期天数：有数据"),
        ("total_claim > overdue_amount * 2", "Total claim > Overdue amount × 2", "债权总额 > 逾期金额 × 2"),
        (
            "total_claim - (overdue_amount + 1) > 0",
            "Total claim − (Overdue amount + 1) > 0",
            "债权总额 − (逾期金额 + 1) > 0",
        ),
        ("dpd = 1 or region = 'Ningbo'", "Days past due = 1 or Region: Ningbo", "逾期天数 = 1 或 地区：Ningbo"),
        (
            "(dpd = 1 or dpd = 2) and dpd < 9",
            "(Days past due = 1 or Days past due = 2) and Days past due < 9",
            "（逾期天数 = 1 或 逾期天数 = 2） 且 逾期天数 < 9",
        ),
        ("not dpd = 1", "not (Days past due = 1)", "非（逾期天数 = 1）"),
        ("received_at > '2026-01-31'", "Received > 2026-01-31 00:00:00+00:00", "接收时间 > 2026-01-31 00:00:00+00:00"),
    ],
)
def test_a_condition_is_said_in_words(written: str, en: str, zh: str) -> None:
    found = parse(written, COLUMNS)
    assert sentence(found, chinese=False) == en
    assert sentence(found, chinese=True) == zh
