"""Rows of signals as pages and files show them: with names, the rule, the message, the org, and for how long each has been open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from daihou.desk.governance import published
from daihou.desk.people import officers, orgs
from daihou.desk.signals import said
from daihou.desk.vault import people

if TYPE_CHECKING:
    import datetime as dt


def told(rows: list[dict[str, Any]], day: dt.date) -> list[dict[str, Any]]:
    """Signals with what is said of each besides, on a day: people by their masked names; two queries, however many rows."""
    tree, rules = orgs.tree(), {rule.id: rule for rule in published.rulebook().rules}
    names = people.masked_names({row["borrower_id"] for row in rows if row["borrower_id"]})
    in_charge = officers.names(row["officer_id"] for row in rows)
    return [
        {
            **row, "name": names.get(row["borrower_id"]), "rule_name": said.rule_name(rules.get(row["rule_id"]), row["rule_id"]),
            "message": said.message(row), "org_name": tree.name(row["org_id"]), "officer_name": in_charge.get(row["officer_id"]),
            "days": (day - row["opened_on"]).days,
        }
        for row in rows
    ]  # fmt: skip
