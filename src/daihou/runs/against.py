"""What changed between two knowledge dates: the columns that differ, and the facts that became known, or fell away, between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import datetime as dt

    from daihou.runs.explain import Explanation

    Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Difference:
    """Two explanations of one loan and date, by earlier and later knowledge."""

    earlier: dt.date
    later: dt.date
    columns: list[tuple[str, Any, Any]]
    facts: list[Row]


def difference(first: Explanation, second: Explanation) -> Difference:
    """Compare two explanations of the same loan on the same date."""
    earlier, later = sorted((first, second), key=lambda explanation: explanation.known_on)
    columns = [
        (name, value, later.measures[name])
        for name, value in earlier.measures.items()
        if name != "known_on" and value != later.measures[name]
    ]
    facts: list[Row] = []
    for kind, rows in (
        ("payment", later.payments),
        ("change", later.changes),
        ("charge", later.charges),
        ("bill", later.bills),
        ("draw", later.draws),
        ("figures", later.standings),
    ):
        facts.extend({"fact": kind, **row} for row in rows if _came(row, earlier.known_on, later.known_on))
    for row in later.instalments:
        found = [{**row, "why": "in_force"}, *row["other_versions"]]
        facts.extend(
            {"fact": "instalment", "seq": row["seq"], **version}
            for version in found
            if _came(version, earlier.known_on, later.known_on)
        )
    facts.extend(
        {"fact": "instalment", **row} for row in later.left_out if _came(row, earlier.known_on, later.known_on)
    )
    facts.extend({"fact": "loan", **row} for row in later.versions if _came(row, earlier.known_on, later.known_on))
    return Difference(earlier.known_on, later.known_on, columns, facts)


def _came(row: Row, earlier: dt.date, later: dt.date) -> bool:
    """Whether a fact became known, was replaced or was reversed between two days."""
    until = row.get("until")
    return bool(
        earlier < row["known_on"] <= later or (until is not None and row["known_on"] <= earlier < until <= later)
    )
