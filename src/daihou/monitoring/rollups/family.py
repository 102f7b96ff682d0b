"""The columns of the roll-ups in the order of their tables: the same for a borrower and a facility, the same for an org and a product."""

from __future__ import annotations

from typing import Final

from daihou.monitoring.catalogue import Family, Measure

COMMON: Final = (
    Measure("as_of", "As of", "数据日期", "date", "The date that is answered for", "所回答的日期"),
    Measure("known_on", "Known on", "知悉日期", "date", "The date by whose knowledge it is answered", "按哪一日已知的事实作答"),
    Measure("loans", "Live loans", "存续贷款笔数", "count", "Loans that are current or overdue", "正常或逾期的贷款笔数"),
    Measure("loans_overdue", "Loans overdue", "逾期贷款笔数", "count", "Those of them that are overdue", "其中逾期的笔数", "high"),
    Measure("loans_written_off", "Loans written off", "核销贷款笔数", "count", "Loans written off", "已核销的贷款笔数", "high"),
    Measure("loans_unmeasured", "Loans unmeasured", "无法计量笔数", "count", "Loans of which nothing can be said", "无法计量的贷款笔数", "high"),
    Measure("worst_dpd", "Worst days past due", "最长逾期天数", "days", "Greatest dpd of the live loans; empty without any",
            "存续贷款中最大的逾期天数，无存续贷款则空", "high"),
    Measure("worst_dpd_12m", "Worst dpd in 12 months", "近12个月最长逾期天数", "days", "Greatest dpd of any of the loans in 12 months",
            "名下全部贷款近12个月最大逾期天数", "high"),
    Measure("worst_dpd_ever", "Worst dpd ever", "历史最长逾期天数", "days", "The same from the start", "名下全部贷款历史最大逾期天数", "high"),
    Measure("exposure", "Exposure", "贷款余额合计（折本位币）", "base_amount", "Balance of the live loans, joint loans in full; empty where one has no rate",
            "存续贷款余额合计，联合贷款按全额；缺汇率或无法计量则空"),
    Measure("own_exposure", "Own exposure", "本机构余额合计（折本位币）", "base_amount", "The same by our own share of joint loans", "存续贷款余额按本机构出资比例合计"),
    Measure("exposure_overdue", "Exposure overdue", "逾期贷款余额合计（折本位币）", "base_amount", "Balance of the overdue loans", "其中逾期贷款的余额", "high"),
    Measure("overdue_share", "Share overdue", "逾期余额占比", "share", "Of the exposure, what lies with overdue loans; empty without exposure",
            "逾期贷款余额占余额合计的比例，无余额则空", "high"),
    Measure("without_balance", "Loans without a balance", "缺余额笔数", "count", "Live loans whose balance is unknown or has no rate",
            "存续贷款中余额未知或缺汇率的笔数", "high"),
    Measure("first_disbursed_on", "First loan on", "首笔发放日", "date", "Disbursement of the first loan paid out up to the date", "截至当日首笔贷款的发放日"),
    Measure("newest_disbursed_on", "Newest loan on", "最近发放日", "date", "Disbursement of the newest loan up to the date", "截至当日最近一笔贷款的发放日"),
    Measure("orgs", "Orgs", "涉及机构数", "count", "Orgs that book the live loans", "存续贷款涉及的机构个数"),
)  # fmt: skip

BORROWER: Final = Family(
    "borrower", "borrower", "Borrower in all", "借款人汇总", ("arrears", "terms"),
    (Measure("borrower_id", "Borrower", "客户号", "id", "Who owes on the date", "当日借款人"), *COMMON),
)  # fmt: skip

FACILITY: Final = Family(
    "facility", "facility", "Facility in all", "授信汇总", ("arrears", "terms"),
    (Measure("facility_id", "Facility", "授信编号", "id", "The facility the loans are drawn under", "贷款所属授信"), *COMMON),
)  # fmt: skip


def _also(*names: str) -> tuple[Measure, ...]:
    """Measures of COMMON that mean the same of an org or a product."""
    held = {measure.name: measure for measure in COMMON}
    return tuple(held[name] for name in names)


TOGETHER: Final = (
    *_also("as_of", "known_on", "loans", "loans_overdue", "loans_written_off", "loans_unmeasured"),
    Measure("loans_new_1m", "New loans in 1 month", "近1个月新发放笔数", "count", "Loans disbursed in the calendar month of the date", "当月发放的贷款笔数"),
    Measure("exposure", "Exposure", "贷款余额合计（折本位币）", "base_amount",
            "Balance of the live loans of which it is known", "存续贷款余额合计，不含余额未知或缺汇率的贷款"),
    *_also("own_exposure", "exposure_overdue"),
    Measure("exposure_over_30", "Exposure over 30 days", "逾期超30天贷款余额（折本位币）", "base_amount", "Balance of loans more than 30 days past due",
            "其中逾期超过30天贷款的余额", "high"),
    Measure("exposure_over_90", "Exposure over 90 days", "逾期超90天贷款余额（折本位币）", "base_amount",
            "The same over 90 days", "其中逾期超过90天贷款的余额", "high"),
    Measure("overdue_share", "Share overdue", "逾期率", "share",
            "Of the exposure, what lies with overdue loans; empty without exposure", "逾期贷款余额占比，无余额则空", "high"),
    Measure("over_30_share", "Share over 30 days", "逾期超30天占比", "share", "Of the exposure, what is over 30 days past due", "逾期超过30天贷款余额占比", "high"),
    Measure("over_90_share", "Share over 90 days", "逾期超90天占比", "share", "Of the exposure, what is over 90 days past due", "逾期超过90天贷款余额占比", "high"),
    Measure("without_balance", "Loans without a balance", "缺余额笔数", "count",
            "Loans left out of the exposure: balance unknown, or no rate", "未计入余额的笔数：余额未知或缺汇率", "high"),
)  # fmt: skip

ORG: Final = Family(
    "org", "org", "Org in all", "机构汇总", ("arrears", "terms"),
    (Measure("org_id", "Org", "机构编号", "id", "The org that books the loans; empty for those without", "记账机构，未填机构的贷款合为一行"), *TOGETHER),
)  # fmt: skip

PRODUCT: Final = Family(
    "product", "product", "Product in all", "产品汇总", ("arrears", "terms"),
    (Measure("product", "Product", "产品", "id", "The product of the loans", "贷款产品"), *TOGETHER),
)  # fmt: skip
