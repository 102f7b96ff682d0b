"""The transitions of few subjects, made one by one: what `moved.Stepped.signals` says of many, sooner than frames of few rows are joined."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from daihou.book.days import date_of
from daihou.book.ledger.layout import NO_DAY
from daihou.expressions import text
from daihou.runs.watch.moved import signal_id
from daihou.warning.fold import MOVES, OPENED, STILL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from daihou.runs.watch.few_rows import FewRows
    from daihou.runs.watch.moved import Stepped
    from daihou.warning.checked import Checked

NOBODY: Final[dict[str, None]] = dict.fromkeys(("borrower_id", "org_id", "officer_id", "currency", "balance"))


def signals(step: Stepped, rows: FewRows) -> list[dict[str, Any]]:
    """The columns of table signals, without its pair of dates, a mapping a transition; rules and subjects in order."""
    taken = step.steps.taken()
    known = len(step.known)
    subjects, numbers, versions = (step.known[name].to_list() for name in ("subject_id", "signal_id", "version"))
    ids = step.ids.to_list()
    found = []
    for place in np.flatnonzero(taken.moves != STILL).tolist():
        rule, shadow = step.chosen.versions[taken.rule[place]]
        at, move = int(taken.at[place]), int(taken.moves[place])
        subject = subjects[place] if place < known else ids[at]
        opened_on = int(taken.memory.opened_on[place])
        if opened_on == NO_DAY:
            opened_on = int(taken.opened_before[place])
        if move == OPENED:
            number, version = signal_id(rule.rule.id, rule.version.number, subject, step.as_of), rule.version.number
        else:
            number, version = numbers[place], versions[place]
        row = rows.row(step.subject, at) if at >= 0 else None
        found.append({
            "signal_id": number, "rule_id": rule.rule.id, "version": version, "shadow": shadow, "subject": step.subject, "subject_id": subject,
            **(NOBODY if row is None else _whose(rows, step.subject, row)), "level": rule.version.level, "transition": MOVES[move],
            "opened_on": date_of(opened_on), "condition": text(rule.condition), "evidence": None if row is None else _evidence(rule, row),
        })  # fmt: skip
    return sorted(
        found, key=lambda row: (step.chosen.by_name[row["rule_id"], row["shadow"]], row["subject_id"].encode())
    )


def _whose(rows: FewRows, subject: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """Whose a subject is, and what it owes; of a borrower the org and the officer of its largest loan."""
    if subject == "loan":
        return {
            **{name: row[name] for name in ("borrower_id", "org_id", "officer_id", "currency")},
            "balance": row["principal_outstanding_base"],
        }
    largest = min(rows.loans_of(row["borrower_id"]), key=_size, default={})
    return {
        "borrower_id": row["borrower_id"], "org_id": largest.get("org_id"), "officer_id": largest.get("officer_id"),
        "currency": rows.home.settings.base_currency, "balance": row["exposure"],
    }  # fmt: skip


def _size(row: Mapping[str, Any]) -> tuple[int, bytes]:
    balance = row["principal_outstanding_base"]
    return (1 if balance is None else -balance, row["loan_id"].encode())


def _evidence(rule: Checked, row: Mapping[str, Any]) -> str:
    """The values of all columns that a version names, as stored."""
    return json.dumps(
        {field.name: _plain(row[field.name]) for field in rule.columns}, ensure_ascii=False, separators=(",", ":")
    )


def _plain(value: Any) -> Any:
    """A value as JSON takes it: rates as decimals in text, dates as ISO texts."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, dt.date) else value
