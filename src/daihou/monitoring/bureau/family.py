"""The columns of the bureau family: the newest credit report of a borrower up to the date, and its difference from the one before.

All of it is empty for a borrower without a report: nobody asked the bureau, which says nothing of what it would have told. Changes are empty with fewer than two.
"""

from __future__ import annotations

from typing import Final

from daihou.monitoring.catalogue import Family, Measure

MEASURES: Final = (
    Measure("bureau_score", "Bureau score", "征信评分", "count", "Score of the newest report", "最近一份征信报告的评分", "low"),
    Measure("bureau_score_change", "Change of the bureau score", "征信评分变动", "count",
            "Score of the newest report less that of the one before", "最近一份征信报告评分减上一份", "low", signed=True),
    Measure("days_since_report", "Days since the last report", "距最近征信查询天数", "days",
            "Days from the day the newest report was fetched", "距最近一份征信报告查询日的天数"),
    Measure("bureau_inquiries_3m", "Inquiries in 3 months", "近3个月征信被查询次数", "count",
            "Inquiries of three months, as the newest report says", "最近一份征信报告所载近三个月查询次数", "high"),
    Measure("bureau_inquiries_change", "Change of inquiries", "征信查询次数变动", "count",
            "Inquiries of the newest report less those of the one before", "最近一份征信报告的查询次数减上一份", "high", signed=True),
    Measure("bureau_lenders", "Lenders in the report", "征信授信机构数", "count", "Lenders with a line in the newest report", "最近一份征信报告中有账户的机构数", "high"),
    Measure("bureau_new_lenders", "New lenders in the report", "征信新增机构数", "count",
            "Lenders with a line in the newest report and none in the one before", "最近一份征信报告中有、上一份中没有的机构数", "high"),
    Measure("bureau_balance", "Balance in the report", "征信负债余额", "base_amount",
            "Balances of the lines of the newest report; empty where there are lines but none says its balance",
            "最近一份征信报告各账户余额合计；有账户但均未填余额则空", "high"),
    Measure("bureau_balance_change", "Change of the balance in the report", "征信负债余额变动", "share",
            "Balance of the newest report over that of the one before, less 1; empty where that is 0", "最近一份征信报告负债余额÷上一份−1，上一份为零则空",
            "high", signed=True, most=10),
    Measure("bureau_overdue_lines", "Lines overdue in the report", "征信逾期账户数", "count",
            "Lines of the newest report that are past due", "最近一份征信报告中逾期的账户数", "high"),
    Measure("bureau_new_overdue", "Lines newly overdue in the report", "征信新增逾期账户数", "count",
            "Lines past due in the newest report that were not in the one before, or not there; a line is known by lender, product and day it was opened",
            "最近一份征信报告中逾期、而上一份中未逾期或不存在的账户数，账户按机构、业务种类和开户日识别", "high"),
    Measure("bureau_max_dpd", "Days past due in the report", "征信最大逾期天数", "days",
            "Most days past due of a line of the newest report; empty where there are lines but none says so",
            "最近一份征信报告各账户逾期天数的最大值；有账户但均未填则空", "high"),
)  # fmt: skip

BUREAU: Final = Family("bureau", "borrower", "Credit reports", "征信", ("bureau_reports", "bureau_lines"), MEASURES)
