"""The columns of the arrears family, in the order of the snapshot. Their exact meaning is in docs/guides/standing.md."""

from __future__ import annotations

from typing import Final

from daihou.monitoring.catalogue import Bad, Choice, Family, Measure, Unit
from daihou.monitoring.codes import BASES, STATES, of_contract


def _measure(
    name: str,
    unit: Unit,
    en: str,
    zh: str,
    meaning_en: str,
    meaning_zh: str,
    bad: Bad = "none",
    *,
    signed: bool = False,
    choices: tuple[Choice, ...] = (),
    extensible: bool = False,
) -> Measure:
    return Measure(name, en, zh, unit, meaning_en, meaning_zh, bad, signed, choices, extensible)


MEASURES: Final = (
    _measure("loan_id", "id", "Loan", "贷款编号", "The lender's number of the loan", "贷款编号（借据号）"),
    _measure("borrower_id", "id", "Borrower", "客户号", "Who owes on the date", "当日借款人"),
    _measure("org_id", "id", "Org", "机构号", "The org that books the loan on the date", "当日经办机构"),
    _measure("officer_id", "id", "Officer", "管户客户经理", "Who is in charge of the loan on the date", "当日管户客户经理"),
    _measure("product", "code", "Product", "产品", "Product of the loan on the date", "当日所属产品"),
    _measure("region", "code", "Region", "地区", "Region of the borrower on the date", "当日借款人所属地区"),
    _measure("asset_class", "code", "Asset class", "资产类别", "Asset class on the date", "当日资产类别",
             choices=of_contract("loans", "asset_class"), extensible=True),
    _measure("as_of", "date", "As of", "数据日期", "The date that is answered for", "所回答的日期"),
    _measure("known_on", "date", "Known on", "知悉日期", "The date by whose knowledge it is answered", "按哪一日已知的事实作答"),
    _measure("basis", "code", "Basis", "计量依据", "By what the loan is measured: its plan, its bills, reported figures, or nothing",
             "按还款计划、账单、上报数据计量，或无依据", choices=BASES),
    _measure("state", "code", "State", "贷款状态", "Not started, current, overdue, closed, written off, transferred or unmeasured",
             "未发放、正常、逾期、结清、核销、转出或无法计量", choices=STATES),
    _measure("currency", "code", "Currency", "币种", "Currency of the loan", "贷款币种"),
    _measure("dpd", "days", "Days past due", "逾期天数", "Days from the due date of the oldest uncovered instalment", "自最早一期未足额偿还的应还日起算的天数", "high"),
    _measure("dpd_principal", "days", "Days past due, principal", "本金逾期天数", "The same for principal", "本金的逾期天数", "high"),
    _measure("dpd_interest", "days", "Days past due, interest", "利息逾期天数", "The same for interest", "利息的逾期天数", "high"),
    _measure("dpd_reported", "days", "Days past due, reported", "上报逾期天数", "The lender's own figure, at most 31 days old (policy)",
             "贷款人自报的逾期天数，时效由制度规定（31天）", "high"),
    _measure("oldest_unpaid_due_on", "date", "Oldest unpaid due date", "最早欠款应还日", "The due date that dpd counts from", "逾期天数的起算日"),
    _measure("overdue_amount", "amount", "Overdue amount", "逾期金额", "What is due, past grace and not paid: principal, interest and fees", "已过宽限期仍未偿还的本金、利息和费用", "high"),
    _measure("overdue_principal", "amount", "Overdue principal", "逾期本金", "Its principal", "其中本金", "high"),
    _measure("overdue_interest", "amount", "Overdue interest", "逾期利息", "Its interest", "其中利息（欠息）", "high"),
    _measure("overdue_fee", "amount", "Overdue fees", "逾期费用", "Its fees", "其中费用", "high"),
    _measure("charges_accrued", "amount", "Charges", "罚息复利及费用", "Penalty and compound interest and costs, net of what paid them", "罚息、复利及垫付费用，扣除已偿还部分", "high"),
    _measure("total_claim", "amount", "Total claim", "债权总额", "What the borrower owes now: dues, remaining principal if called or written off, charges, less recoveries",
             "当前应收债权：已到期应还款、提前到期或核销后的剩余本金、罚息费用，扣除已收回", "high"),
    _measure("overdue_principal_reg", "amount", "Overdue loan, regulator", "监管口径逾期贷款", "The part a regulator's return calls overdue", "监管报表口径的逾期贷款余额", "high"),
    _measure("principal_outstanding", "amount", "Principal outstanding", "贷款余额", "Principal on the book", "账面本金余额"),
    _measure("principal_outstanding_base", "base_amount", "Principal outstanding, base currency", "贷款余额（折本位币）",
             "The same at the rate on or before the date; empty without one", "按当日或之前最近汇率折算，无汇率则空"),
    _measure("paid_amount", "amount", "Paid", "累计还款", "All money received, less refunds", "累计收到的款项，扣除退款"),
    _measure("next_due_on", "date", "Next due date", "下期应还日", "Due date of the first instalment from the date on that is not fully covered", "当日及以后首个未足额偿还期次的应还日"),
    _measure("next_due_amount", "amount", "Next due amount", "下期应还金额", "What remains of it", "该期尚应偿还的金额"),
    _measure("last_paid_on", "date", "Last paid on", "最近还款日", "Last day money came in", "最近一次收到款项的日期"),
    _measure("bucket", "code", "Bucket", "逾期区间", "Atomic bucket of dpd", "逾期天数所在的最细区间"),
    _measure("instalments_due", "count", "Instalments due", "已到期期数", "Instalments due up to the date", "截至当日已到期的期数"),
    _measure("unpaid_due_dates", "count", "Unpaid due dates", "欠款期数", "Distinct past due dates not covered", "已到期未足额偿还的应还日个数", "high"),
    _measure("missed_12m", "count", "Missed in 12 months", "近12个月未按期还款次数", "Instalments not covered at the end of their due date", "应还日日终未足额偿还的次数", "high"),
    _measure("missed_24m", "count", "Missed in 24 months", "近24个月未按期还款次数", "The same over 24 months", "近24个月的次数", "high"),
    _measure("max_dpd_3m", "days", "Worst dpd in 3 months", "近3个月最大逾期天数", "Greatest daily dpd in the window", "窗口内每日逾期天数的最大值", "high"),
    _measure("max_dpd_6m", "days", "Worst dpd in 6 months", "近6个月最大逾期天数", "The same over 6 months", "近6个月的最大值", "high"),
    _measure("max_dpd_12m", "days", "Worst dpd in 12 months", "近12个月最大逾期天数", "The same over 12 months", "近12个月的最大值", "high"),
    _measure("max_dpd_ever", "days", "Worst dpd ever", "历史最大逾期天数", "The same from the start", "放款以来的最大值", "high"),
    _measure("months_since_late", "months", "Months since late", "距上次逾期月数", "Whole months since the last day with dpd; 0 while overdue; empty if never", "距最近一个逾期日的整月数，逾期中为0，从未逾期为空", "low"),
    _measure("first_payment_missed", "flag", "First payment missed", "首期未还", "The first instalment is past due and not covered", "首期已逾期且未足额偿还", "high"),
    _measure("status_24m", "codes", "Status, 24 months", "24个月还款状态", "One code a month, oldest first, the running month last", "每月一码，由远及近，末位为当月"),
    _measure("days_to_maturity", "days", "Days to maturity", "距到期天数", "Negative after maturity", "到期后为负数", signed=True),
    _measure("extension_count", "count", "Extensions", "展期次数", "Extensions up to the date", "截至当日的展期次数", "high"),
    _measure("accelerated_on", "date", "Called due on", "提前到期日", "From when all principal is due", "宣布全部到期之日"),
    _measure("written_off_amount", "amount", "Written off", "核销金额", "Written off, less written back", "累计核销，扣除核销收回转回", "high"),
    _measure("recovered_after_write_off", "amount", "Recovered after write-off", "核销后收回", "Money of purpose recovery", "账销案存贷款的收回金额"),
)  # fmt: skip

ARREARS: Final = Family(
    "arrears", "loan", "Arrears", "逾期与还款",
    ("loans", "borrowers", "instalments", "payments", "changes", "charges", "draws", "bills", "standings", "fx_rates"), MEASURES,
)  # fmt: skip
