"""A loan's standing by a bucket scheme, as SQL: its bucket while it is live, else its state. The same as the portfolio's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daihou.runs.portfolio.panel import LIVE

if TYPE_CHECKING:
    from daihou.policies.buckets import Buckets


def standing(scheme: Buckets) -> str:
    """An SQL expression over the columns of a snapshot; labels come from policy files and are quoted."""
    whens = " ".join(
        f"WHEN {scheme.measure} <= {end} THEN {_quoted(label)}"
        for label, end in zip(scheme.labels, scheme.ends, strict=False)
    )
    live = ", ".join(_quoted(state) for state in LIVE)
    return (
        f"CASE WHEN state NOT IN ({live}) THEN state WHEN {scheme.measure} IS NULL THEN 'unmeasured' "
        f"{whens} ELSE {_quoted(scheme.labels[-1])} END"
    )


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
