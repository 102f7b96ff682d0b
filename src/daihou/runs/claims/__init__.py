"""What is owed on a loan day by day, what if somebody pays, and what cash came: all of it by the kernels or from their ledger (docs/guides/claims.md)."""

from daihou.runs.claims.asked import ASKED, asked_of
from daihou.runs.claims.cash import by_loan, cash
from daihou.runs.claims.daily import claim
from daihou.runs.claims.figures import Claim, Day, Event, Line, Owed
from daihou.runs.claims.penalty import Estimate, penalty_interest
from daihou.runs.claims.what_if import What, with_payment

__all__ = [
    "ASKED",
    "Claim",
    "Day",
    "Estimate",
    "Event",
    "Line",
    "Owed",
    "What",
    "asked_of",
    "by_loan",
    "cash",
    "claim",
    "penalty_interest",
    "with_payment",
]
