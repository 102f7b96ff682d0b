"""The columns of the terms family, in the order of the snapshot: each from the version of the loan in force on the date."""

from __future__ import annotations

from typing import Final

from daihou.monitoring.catalogue import Family, Measure

MEASURES: Final = (
    Measure("facility_id", "Facility", "授信编号", "id", "The facility the loan is drawn under", "贷款所属授信"),
    Measure("partner_id", "Partner", "合作机构编号", "id", "The partner that brought the loan or pays for a part of it", "引流或联合出资的合作机构"),
    Measure("disbursed_on", "Disbursed on", "发放日", "date", "Day the money was paid out", "贷款发放日期"),
    Measure("matures_on", "Matures on", "到期日", "date", "Last day of the loan, as last agreed; empty if it has none", "现行约定到期日，循环额度无到期日则空"),
    Measure("loan_amount", "Loan amount", "贷款金额", "amount", "Amount of the loan; the limit of a revolving one", "贷款发放金额；循环贷款为额度"),
    Measure("months_on_book", "Months on book", "账龄（月）", "months",
            "Calendar months since the month of disbursement, which is 0; empty before", "自发放当月（记为0）起的自然月数，发放前为空"),
    Measure("term_months", "Term", "期限（月）", "months", "Calendar months from disbursement to maturity", "发放日至到期日的自然月数"),
    Measure("annual_rate", "Annual rate", "年利率", "rate", "Contract rate a year", "现行合同年利率"),
    Measure("own_share", "Own share", "本机构出资比例", "rate", "Our own share of a joint loan; 1 if it is all ours", "联合贷款中本机构出资比例，全额自营为1"),
)  # fmt: skip

TERMS: Final = Family("terms", "loan", "Terms", "贷款要素", ("loans",), MEASURES)
