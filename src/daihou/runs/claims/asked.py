"""What may be asked for, of many loans at once: from the columns of a snapshot."""

from __future__ import annotations

from typing import Final

import polars as pl

ASKED: Final = ("state", "accelerated_on", "overdue_amount", "charges_accrued", "total_claim")
"""The columns of a snapshot that `asked_of` reads."""


def asked_of() -> pl.Expr:
    """The claim of the snapshot's date, minor units of the loan's currency: what `claim` says is owed on that day. Empty where it cannot be measured.

    What is overdue and what was charged; of a loan that was written off or called due at once, all that is claimed.
    """
    whole = (pl.col("state").cast(pl.String) == "written_off") | pl.col("accelerated_on").is_not_null()
    return pl.when(whole).then("total_claim").otherwise(pl.col("overdue_amount") + pl.col("charges_accrued"))
