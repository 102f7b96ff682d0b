"""The columns of the events family, in the order of their table: events of a borrower and of its loans up to the date.

They are empty as long as no event of anybody was known; from then on a borrower without any has counts of 0.
"""

from __future__ import annotations

from typing import Final

from daihou.monitoring.catalogue import Family, Measure

MEASURES: Final = (
    Measure("litigation_12m", "Lawsuits in 12 months", "近12个月涉诉次数", "count", "Events of kind litigation in 12 months", "近12个月涉诉事件数", "high"),
    Measure("enforcement_12m", "Enforcements in 12 months", "近12个月被执行次数", "count", "Events of kind enforcement in 12 months", "近12个月被执行事件数", "high"),
    Measure("tax_events_12m", "Tax events in 12 months", "近12个月税务异常次数", "count", "Events of kind tax in 12 months", "近12个月税务类事件数", "high"),
    Measure("licence_events_12m", "Licence events in 12 months", "近12个月证照异常次数", "count", "Events of kind licence in 12 months", "近12个月证照类事件数", "high"),
    Measure("news_3m", "News in 3 months", "近3个月舆情条数", "count", "Events of kind news in 3 months", "近3个月舆情事件数", "high"),
    Measure("address_changes_6m", "Address changes in 6 months", "近6个月地址变更次数", "count",
            "Events of kind address_change in 6 months", "近6个月地址变更次数", "high"),
    Measure("device_changes_3m", "Device changes in 3 months", "近3个月设备变更次数", "count",
            "Events of kind device_change in 3 months", "近3个月设备变更次数", "high"),
    Measure("applications_1m", "Applications elsewhere in 1 month", "近1个月新增申请次数", "count",
            "Events of kind application in 1 month", "近1个月在其他机构新增申请次数", "high"),
    Measure("applications_3m", "Applications elsewhere in 3 months", "近3个月新增申请次数", "count",
            "Events of kind application in 3 months", "近3个月在其他机构新增申请次数", "high"),
    Measure("claim_amount_12m", "Claimed in 12 months", "近12个月涉诉及被执行金额", "base_amount",
            "Amounts above 0 of lawsuits and enforcements in 12 months; empty where there are some but none says its amount",
            "近12个月涉诉及被执行事件中大于零的金额合计；有此类事件但均未填金额则空", "high"),
    Measure("days_since_event", "Days since the last event", "距最近一次事件天数", "days",
            "Days from the last event of any kind; empty if there was none", "距最近一次任意类型事件的天数，从无事件则空", "low"),
)  # fmt: skip

COUNTS: Final = {
    "litigation_12m": ("litigation", 12), "enforcement_12m": ("enforcement", 12), "tax_events_12m": ("tax", 12),
    "licence_events_12m": ("licence", 12), "news_3m": ("news", 3), "address_changes_6m": ("address_change", 6),
    "device_changes_3m": ("device_change", 3), "applications_1m": ("application", 1), "applications_3m": ("application", 3),
}  # fmt: skip
"""What each count counts: the kind of event, and the months up to the date."""
CLAIMS: Final = ("litigation", "enforcement")
"""Kinds whose amounts are claimed from the borrower."""
CLAIM_MONTHS: Final = 12
WITHDRAWN: Final = "withdrawn"
"""The kind under which an event is sent again that never was: it counts for nothing."""

EVENTS: Final = Family("events", "borrower", "Events outside the book", "外部事件", ("events", "loans"), MEASURES)
