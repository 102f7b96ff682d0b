"""The columns of the behaviour family, in the order of the snapshot. docs/guides/behaviour.md is their exact meaning."""

from __future__ import annotations

from typing import Final

from daihou.monitoring.catalogue import Family, Measure

MEASURES: Final = (
    Measure("late_days_1m", "Late days in 1 month", "近1个月逾期天数", "days", "Days with dpd in the window", "窗口内处于逾期状态的天数", "high"),
    Measure("late_days_3m", "Late days in 3 months", "近3个月逾期天数", "days", "The same over 3 months", "近3个月的天数", "high"),
    Measure("late_days_6m", "Late days in 6 months", "近6个月逾期天数", "days", "The same over 6 months", "近6个月的天数", "high"),
    Measure("late_days_12m", "Late days in 12 months", "近12个月逾期天数", "days", "The same over 12 months", "近12个月的天数", "high"),
    Measure("dpd_change_1m", "Change of dpd in 1 month", "逾期天数较1个月前变化", "days", "dpd less that of the same day a month before; below 0 is better",
            "当日逾期天数减去1个月前同日的逾期天数，负数为好转", "high", signed=True),
    Measure("dpd_change_3m", "Change of dpd in 3 months", "逾期天数较3个月前变化", "days", "The same against 3 months before", "与3个月前同日相比", "high", signed=True),
    Measure("dpd_change_6m", "Change of dpd in 6 months", "逾期天数较6个月前变化", "days", "The same against 6 months before", "与6个月前同日相比", "high", signed=True),
    Measure("came_down_12m", "Catching up in 12 months", "近12个月补还欠款次数", "count",
            "Days in 12 months on which dpd was less than the day before, though not of a loan sold",
            "近12个月逾期天数较前一日减少的次数，转让除外"),
    Measure("cleared_12m", "Cleared in 12 months", "近12个月还清欠款次数", "count", "Those of them on which dpd fell to 0", "其中逾期天数降为0的次数"),
    Measure("dues_12m", "Due dates in 12 months", "近12个月到期次数", "count",
            "Instalments or bills whose due date passed in 12 months", "近12个月应还日已过的期次或账单数"),
    Measure("early_share_12m", "Paid early", "到期前足额还款占比", "share",
            "Of those, what was covered before the due date; empty without any", "应还日之前已足额偿还的占比，无到期则空"),
    Measure("on_time_share_12m", "Paid on time", "按时还款占比", "share",
            "Of those, what was covered by the end of the due date", "应还日日终已足额偿还的占比", "low"),
    Measure("part_paid_12m", "Part-paid in 12 months", "近12个月部分还款次数", "count",
            "Of those, what was covered in part when the due date ended", "应还日日终仅部分偿还的次数", "high"),
    Measure("on_time_streak", "On-time streak", "连续按时还款次数", "count", "Due dates paid on time in a row, up to now", "截至当日连续按时还款的期次数", "low"),
    Measure("missed_streak", "Missed streak", "连续未按期还款期数", "count", "Due dates missed in a row, up to now", "截至当日连续未按期还款的期次数", "high"),
    Measure("longest_missed_streak_24m", "Longest missed streak", "近24个月最长连续未按期还款期数", "count",
            "Most due dates missed in a row in 24 months", "近24个月内连续未按期还款的最多期次数", "high"),
    Measure("missed_months_24m", "Missed months in 24", "24个月累计未按期还款月数", "months",
            "Calendar months of the last 24 in which a due date was missed, or that ended late or written off",
            "近24个自然月中有期次未按期还款，或月末处于逾期、核销状态的月数", "high"),
    Measure("missed_months_in_a_row_24m", "Missed months in a row", "24个月最长连续未按期还款月数", "months", "Most of them in a row", "其中最长的连续月数", "high"),
    Measure("repeated_arrears", "Three in a row or six in all", "连三累六", "flag",
            "Missed months reach the bar of policy, in a row or in all", "连续或累计未按期还款月数达到制度标准", "high"),
    Measure("months_since_missed", "Months since missed", "距上次未按期还款月数", "months",
            "Whole months since the last due date missed; empty if never", "距最近一次未按期还款的整月数，从未未按期还款为空", "low"),
    Measure("months_since_over_30", "Months since over 30 days", "距上次逾期超30天月数", "months",
            "Whole months since the last day with dpd over 30; empty if never",
            "距最近一个逾期超过30天之日的整月数，从未为空", "low"),
    Measure("months_since_over_90", "Months since over 90 days", "距上次逾期超90天月数", "months", "The same over 90 days", "逾期超过90天的同口径", "low"),
    Measure("months_since_paid", "Months since paid", "距上次还款月数", "months",
            "Whole months since money last came in; empty if never", "距最近一次还款的整月数，从未还款为空", "high"),
    Measure("due_amount_3m", "Due in 3 months", "近3个月应还金额", "amount",
            "What the due dates of 3 months asked for; the minimum of bills", "近3个月到期期次的应还金额，账单按最低还款额"),
    Measure("paid_amount_3m", "Paid in 3 months", "近3个月还款金额", "amount", "All money received in 3 months, less refunds", "近3个月收到的全部款项，扣除退款"),
    Measure("paid_to_due_3m", "Paid to due", "还款与应还之比", "share",
            "Paid in 3 months to due in 3 months; over 1 is catching up or ahead, empty where nothing was due",
            "近3个月还款与应还金额之比，大于1为补还欠款或提前还款，无应还则空", "low", most=10),
    Measure("prepaid_amount", "Prepaid principal", "累计提前还本金额", "amount",
            "Principal paid ahead of the plan so far; a payoff is not in it", "截至当日按提前还款收到的本金合计，不含一次性结清"),
    Measure("first_due_on", "First due date", "首期应还日", "date", "Due date of the first instalment or bill", "首期（首张账单）的应还日"),
    Measure("first_payment_max_dpd", "First payment's days past due", "首期最大逾期天数", "days",
            "Most days that the first instalment or bill stood uncovered past due: 7 or more is FPD7",
            "首期（首张账单）未足额偿还的最长天数，7天及以上即FPD7", "high"),
    Measure("utilisation", "Utilisation", "额度使用率", "share", "Balance of a revolving loan to its limit", "循环贷款余额与额度之比", "high", most=10),
    Measure("minimum_payer_share_12m", "Minimum payer", "最低还款占比", "share",
            "Of the bills of 12 months, those met but not paid in full by their due date; empty without bills",
            "近12个月账单中应还日前已达最低还款额但未全额还款的占比，无账单则空", "high"),
)  # fmt: skip

BEHAVIOUR: Final = Family(
    "behaviour", "loan", "Behaviour", "还款行为",
    ("loans", "instalments", "payments", "changes", "draws", "bills", "standings"), MEASURES,
)  # fmt: skip
