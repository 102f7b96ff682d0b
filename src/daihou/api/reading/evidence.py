"""What a signal stands on: its message in both languages, the values that it was judged by, and the condition with what every part of it came to."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.utils import translation

from daihou.api.reading import values
from daihou.book.errors import DaihouError
from daihou.desk.alerts import watches
from daihou.desk.alerts.models import AlertSignal
from daihou.desk.signals import said
from daihou.expressions import as_json, parse, spoken
from daihou.runs.watch import told
from daihou.warning.columns import columns_of

if TYPE_CHECKING:
    from collections.abc import Mapping

LANGUAGES: Final = {"en": "en", "zh": "zh-hans"}
ASKED: Final = ("rule_id", "evidence", "currency", "condition")
"""What the message of a watch is made of, beside its version."""


def message(signal: Mapping[str, Any]) -> dict[str, str]:
    """What a signal says; the bare condition where its version is no longer understood."""
    if watches.is_watch(signal["rule_id"]):
        return {language: _of_watch(signal, code) for language, code in LANGUAGES.items()}
    version = said.checked(signal["rule_id"], signal["version"])
    if version is None:
        return {"en": signal["condition"] or "", "zh": signal["condition"] or ""}
    base = settings.HOME.settings.base_currency
    return {language: told.message(signal, version, base, chinese=language == "zh") for language in LANGUAGES}


def stated(signal: Mapping[str, Any]) -> dict[str, Any] | None:
    """The values that the condition was judged by, as they are written: amounts in units of their currency. None where the subject was gone."""
    if not signal["evidence"]:
        return None
    held, base = json.loads(signal["evidence"]), settings.HOME.settings.base_currency
    columns, currency = columns_of(signal["subject"]), signal["currency"] or base
    if watches.is_watch(signal["rule_id"]):
        return {name: _watched(name, value, held.get("currency") or currency) for name, value in held.items()}
    return {
        name: _plain(told.said(columns[name], value, currency, base)) if name in columns else value
        for name, value in held.items()
    }


def explained(signal: Mapping[str, Any]) -> dict[str, Any]:
    """The condition in words and node by node; both empty where it is no longer understood, and of watches, which have none."""
    if watches.is_watch(signal["rule_id"]):
        return {"sentence": None, "tree": None}
    try:
        condition = parse(signal["condition"] or "", columns_of(signal["subject"]))
        found = told.evidence(signal, settings.HOME.settings.base_currency)
    except DaihouError:
        return {"sentence": None, "tree": None}
    sentence = {"en": spoken(condition, chinese=False), "zh": spoken(condition, chinese=True)}
    return {"sentence": sentence, "tree": None if found.tree is None else as_json(found.tree)}


def _of_watch(signal: Mapping[str, Any], code: str) -> str:
    """What a signal of a watch within the day says, in a language."""
    with translation.override(code):
        return watches.message(AlertSignal(**{name: signal[name] or "" for name in ASKED}, version=signal["version"]))


def _watched(name: str, value: Any, currency: str) -> Any:
    """A value that a watch stands on: amounts and sums by class as texts."""
    if name == "classes" and isinstance(value, dict):
        return {code: values.amount(int(part), currency) for code, part in value.items()}
    return values.amount(int(value), currency) if name in watches.AMOUNTS and value is not None else value


def _plain(value: Any) -> Any:
    """Amounts as texts; all else was stored as JSON has it."""
    return value if value is None or isinstance(value, bool | int | float | str) else format(value, "f")
