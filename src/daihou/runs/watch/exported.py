"""Signals as they are taken out: amounts in currency units, with their message in both languages."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from daihou.runs.watch.register import rulebook_of
from daihou.runs.watch.told import message, said
from daihou.warning.checked import Checked
from daihou.warning.columns import columns_of

if TYPE_CHECKING:
    from daihou.book.home import Home
    from daihou.warning.rulebook import Rulebook


def exported(home: Home, table: pa.Table) -> pa.Table:
    """Rows of `signals` or `signal_notes` with `message_en` and `message_zh`, and what their evidence holds in units as people write them.

    A message is that of the version that opened the signal. It is empty where the evidence has not all that it shows: of a subject that is no
    longer there, and where another version judged meanwhile. `balance` stays as it is.
    """
    book, base = rulebook_of(home), home.settings.base_currency
    rows = table.to_pylist()
    told = [_messages(row, book, base) for row in rows]
    place = table.schema.get_field_index("evidence")
    table = table.set_column(place, "evidence", pa.array([_evidence(row, base) for row in rows], pa.string()))
    for name, language in (("message_en", 0), ("message_zh", 1)):
        table = table.append_column(name, pa.array([one[language] for one in told], pa.string()))
    return table


def _messages(row: dict[str, Any], book: Rulebook, base_currency: str) -> tuple[str | None, str | None]:
    rule = book.judged.get((row["rule_id"], row["version"]))
    if not isinstance(rule, Checked) or not row["evidence"]:
        return None, None
    if not {field.name for field in rule.columns} <= json.loads(row["evidence"]).keys():
        return None, None
    return message(row, rule, base_currency, chinese=False), message(row, rule, base_currency, chinese=True)


def _evidence(row: dict[str, Any], base_currency: str) -> str | None:
    """The evidence with amounts as decimals in text, like rates."""
    if not row["evidence"]:
        return None
    columns = columns_of(row["subject"])
    values = {
        name: said(columns[name], value, row["currency"] or base_currency, base_currency) if name in columns else value
        for name, value in json.loads(row["evidence"]).items()
    }
    return json.dumps(values, ensure_ascii=False, default=str)
