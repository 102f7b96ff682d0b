"""A signal in words: what its rule is called and what it says, with the values it stands on filled in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings

from daihou.desk.governance import labels, published
from daihou.runs.watch import told
from daihou.warning.checked import Checked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from daihou.warning.rule import Rule


def checked(rule_id: str, version: int) -> Checked | None:
    """The version of a rule that opened a signal; None where it stands nowhere any more, or is no longer understood."""
    found = published.rulebook().judged.get((rule_id, version))
    return found if isinstance(found, Checked) else None


def rule_name(rule: Rule | None, rule_id: str) -> str:
    """What a rule is called; its id where it stands nowhere any more."""
    return labels.said(rule.name) if rule else rule_id


def message(signal: Mapping[str, Any]) -> str:
    """What a signal says; the bare condition where its version is no longer understood."""
    version = checked(signal["rule_id"], signal["version"])
    if version is None:
        return signal["condition"] or ""
    return told.message(signal, version, settings.HOME.settings.base_currency, chinese=labels.chinese())
