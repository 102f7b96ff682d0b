"""The columns of the reviews family: when a borrower and its loans were reviewed up to the date, how it was rated, and what was found and is not settled.

They are empty as long as no finding of anybody was known; from then on a borrower without any has counts of 0. A finding is known by its code: what was said
last of a code stands, so that a later review which finds it again says its level anew, and one that is settled is over until it is found again.
"""

from __future__ import annotations

from typing import Final

from daihou.monitoring.catalogue import Family, Measure

MEASURES: Final = (
    Measure("days_since_review", "Days since the last review", "距最近一次检查天数", "days",
            "Days from the last review that was finished, of any type; empty if there was none", "距最近一次完成的检查（不论类型）的天数，从未检查则空", "high"),
    Measure("days_since_onsite", "Days since the last visit", "距最近一次现场检查天数", "days",
            "Days from the last review that was done on site; empty if there was none", "距最近一次现场检查的天数，从无现场检查则空", "high"),
    Measure("reviews_12m", "Reviews in 12 months", "近12个月检查次数", "count", "Reviews finished in 12 months", "近12个月完成的检查次数"),
    Measure("willingness", "Willingness to repay", "还款意愿评分", "count",
            "What the last review that rated it said: 1 refuses, 5 offers", "最近一次评价的还款意愿，1为拒绝还款，5为主动还款", "low"),
    Measure("willingness_change", "Change of willingness", "还款意愿变动", "count",
            "The last rating of willingness less the one before; empty with fewer than two", "还款意愿最近一次评分减上一次，不足两次则空", "low", signed=True),
    Measure("ability", "Ability to repay", "还款能力评分", "count",
            "What the last review that rated it said: 1 has nothing, 5 has plenty", "最近一次评价的还款能力，1为无力还款，5为充足", "low"),
    Measure("ability_change", "Change of ability", "还款能力变动", "count",
            "The last rating of ability less the one before; empty with fewer than two", "还款能力最近一次评分减上一次，不足两次则空", "low", signed=True),
    Measure("findings_open", "Findings open", "未销项问题数", "count",
            "Codes that reviews found and nobody settled since, at any level", "检查发现且尚未销项的问题项数，不论等级", "high"),
    Measure("findings_red", "Red findings open", "未销项红色问题数", "count", "Open findings of which the last level is red", "未销项且最近等级为红色的问题项数", "high"),
    Measure("findings_orange", "Orange findings open", "未销项橙色问题数", "count",
            "Open findings of which the last level is orange", "未销项且最近等级为橙色的问题项数", "high"),
    Measure("days_since_finding", "Days since the last finding", "距最近一次发现问题天数", "days",
            "Days from the last time a review found something, settled since or not; empty if none did",
            "距检查最近一次发现问题的天数，不论是否已销项，从未发现则空", "low"),
)  # fmt: skip

REVIEWS_MONTHS: Final = 12
DONE: Final = "review_done"
"""The kind that says a review was finished."""
RATINGS: Final = {"willingness": "rating_willingness", "ability": "rating_ability"}
"""Of each rating the kind that says it."""
LEAST, MOST = 1, 5
"""The worst and the best rating."""
FOUND: Final = "found_"
SETTLED: Final = "settled_"
"""How a kind begins that says a finding, and that it is over; its code follows."""
LEVELS: Final = ("red", "orange", "yellow", "blue")
COUNTED: Final = {"findings_red": "red", "findings_orange": "orange"}
"""The counts of open findings of one level."""

REVIEWS: Final = Family("reviews", "borrower", "Reviews", "贷后检查", ("findings", "loans"), MEASURES)
