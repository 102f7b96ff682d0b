"""How facts are staged for building: the columns of each table on their way from the lake to the ledger."""

from __future__ import annotations

from typing import Final

import polars as pl

DAY: Final = pl.Int32()
MONEY: Final = pl.Int64()  # ten-thousandths
TEXT: Final = pl.String()
RATE: Final = pl.Int64()  # hundred-millionths
NUMBER: Final = pl.Int32()
FLAG: Final = pl.Boolean()

SYSTEM: Final[dict[str, pl.DataType]] = {"known_on": DAY, "batch": pl.Int64(), "row": pl.Int64()}

COLUMNS: Final[dict[str, dict[str, pl.DataType]]] = {
    "loans": {
        "borrower_id": TEXT, "product": TEXT, "currency": TEXT, "principal": MONEY, "disbursed_on": DAY, "matures_on": DAY, "closed_on": DAY,
        "org_id": TEXT, "officer_id": TEXT, "asset_class": TEXT, "repayment_method": TEXT, "grace_days": NUMBER, "effective_on": DAY,
        "facility_id": TEXT, "partner_id": TEXT, "annual_rate": RATE, "own_share": RATE,
    },
    "instalments": {
        "seq": NUMBER, "due_on": DAY, "principal": MONEY, "interest": MONEY, "fee": MONEY, "effective_on": DAY, "cancelled": FLAG,
    },
    "payments": {
        "payment_id": TEXT, "paid_on": DAY, "amount": MONEY, "purpose": TEXT, "seq": NUMBER, "principal": MONEY, "interest": MONEY,
        "fee": MONEY, "penalty": MONEY, "reverses": TEXT,
    },
    "changes": {
        "change_id": TEXT, "kind": TEXT, "effective_on": DAY, "principal": MONEY, "interest": MONEY, "fee": MONEY, "penalty": MONEY,
    },
    "charges": {"charge_id": TEXT, "kind": TEXT, "from_on": DAY, "amount": MONEY, "reverses": TEXT},
    "draws": {"drawn_on": DAY, "amount": MONEY},
    "bills": {"bill_on": DAY, "due_on": DAY, "balance": MONEY, "minimum_due": MONEY},
    "standings": {"as_of": DAY, "dpd": NUMBER, "principal_outstanding": MONEY},
    "borrowers": {"borrower_id": TEXT, "region": TEXT, "effective_on": DAY},
}  # fmt: skip


RATES: Final = ("annual_rate", "own_share")


def schema(table: str) -> dict[str, pl.DataType]:
    """The staged columns of a table: the loan's place in its shard, the facts, and when they arrived."""
    return {"ix": pl.Int32(), **COLUMNS[table], **SYSTEM}
