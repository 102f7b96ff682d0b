"""The columns of the collection family: contacts, promises and decisions about a borrower up to the date.

They are empty as long as nothing of the kind was known of anybody; from then on a borrower without any has counts of 0. What became of a promise is
its last word up to the date: a promise kept and then broken by a reversal is broken.
"""

from __future__ import annotations

from typing import Final

from daihou.monitoring.catalogue import Family, Measure

MEASURES: Final = (
    Measure("contacts_30d", "Contacts in 30 days", "近30日联系次数", "count",
            "Calls, visits and messages about its debts in 30 days, whoever they went to", "近30日为其债务进行的电话、外访及消息联系次数，不论联系对象"),
    Measure("conversations_30d", "Conversations in 30 days", "近30日接通本人次数", "count",
            "Contacts in 30 days in which somebody spoke to the debtor", "近30日与债务人本人通话或面谈的次数"),
    Measure("days_since_conversation", "Days since the last conversation", "距最近接通本人天数", "days",
            "Days from the last contact in which somebody spoke to the debtor; empty if there was none", "距最近一次与本人接通的天数，从未接通则空", "high"),
    Measure("promises_6m", "Promises in 6 months", "近6个月承诺次数", "count",
            "Promises made in 6 months, without those withdrawn", "近6个月作出的还款承诺次数，不含已撤销"),
    Measure("promises_kept_6m", "Promises kept in 6 months", "近6个月守约次数", "count",
            "Promises of which the last word in 6 months is kept, late or not", "近6个月最终判定为守约（含迟付守约）的承诺次数", "low"),
    Measure("promises_broken_6m", "Promises broken in 6 months", "近6个月失约次数", "count",
            "Promises of which the last word in 6 months is broken", "近6个月最终判定为失约的承诺次数", "high"),
    Measure("days_since_broken_promise", "Days since a promise was broken", "距最近失约天数", "days",
            "Days from the last judgement that a promise is broken; empty if none is", "距最近一次判定失约的天数，无失约则空", "low"),
    Measure("dispute_open", "Dispute open", "存在异议", "flag", "The borrower disputes a debt and the dispute was not settled", "债务人对债务提出异议且尚未了结", "high"),
    Measure("hardship_open", "Hardship open", "存在困难登记", "flag", "The borrower was noted to be in hardship, and still is", "已登记还款困难且尚未解除", "high"),
)  # fmt: skip

CONTACTS_DAYS: Final = 30
PROMISES_MONTHS: Final = 6
CONVERSATION: Final = "conversation"
"""How a contact's kind ends in which somebody spoke: phone_conversation."""
MADE: Final = "made"
KEPT: Final = ("kept", "late")
BROKEN: Final = "broken"
WITHDRAWN: Final = "withdrawn"
OPEN: Final = {"dispute_open": "dispute", "hardship_open": "hardship"}
"""Of each flag the kind of decision that sets it; the same with `_lifted` takes it back."""
LIFTED: Final = "_lifted"

COLLECTION: Final = Family(
    "collection", "borrower", "Collection", "催收", ("contacts", "promises", "decisions", "loans"), MEASURES
)
