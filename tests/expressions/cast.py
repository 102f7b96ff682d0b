"""The columns that the tests of expressions ask about."""

from __future__ import annotations

from typing import Final

from daihou.expressions import Field, columns

COLUMNS: Final = columns(
    (
        Field("loan_id", "id", "Loan", "贷款编号"),
        Field(
            "product",
            "code",
            "Product",
            "产品",
            (("sme", "SME loan", "小微贷"), ("sole", "Sole trader loan", "个体贷"), ("auto", "", "")),
        ),
        Field("region", "code", "Region", "地区"),
        Field("dpd", "days", "Days past due", "逾期天数"),
        Field("max_dpd_12m", "days", "Worst dpd in 12 months", "近12个月最大逾期天数"),
        Field("months_since_late", "months", "Months since late", "距上次逾期月数"),
        Field("missed_12m", "count", "Missed in 12 months", "近12个月未按期还款次数"),
        Field("overdue_amount", "amount", "Overdue amount", "逾期金额"),
        Field("total_claim", "amount", "Total claim", "债权总额"),
        Field("balance_base", "base_amount", "Balance, base currency", "贷款余额（折本位币）"),
        Field("annual_rate", "rate", "Annual rate", "年利率"),
        Field("paid_share", "share", "Share paid", "已还比例"),
        Field("next_due_on", "date", "Next due date", "下期应还日"),
        Field("matures_on", "date", "Maturity", "到期日"),
        Field("first_payment_missed", "flag", "First payment missed", "首期未还"),
        Field("on_balance", "flag", "On balance", "表内"),
        Field("status_24m", "codes", "Status, 24 months", "24个月还款状态"),
        Field("rank", "number", "rank", "rank"),
        Field("note", "text", "note", "note"),
        Field("received_at", "moment", "Received", "接收时间"),
        Field("逾期原因", "code", "Reason", "逾期原因"),
    )
)
