"""What a draft says: YAML in the shape of a rule's file, as flat values of a form and back, whether it is right or not yet."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from typing import TYPE_CHECKING, Any, Final

import yaml

from daihou.warning.rule import Level, Recipient

if TYPE_CHECKING:
    from collections.abc import Mapping

LEVEL: Final[Level] = "yellow"
"""Of a new rule, until its author chooses."""
NOTIFY: Final[list[Recipient]] = ["officer"]
HEAD: Final = ("id", "name_en", "name_zh", "topic", "subject")
NUMBERS: Final = ("confirm", "cooldown_days", "clear_times", "due_work_days")
DATES: Final = ("from", "shadow_from")
JUDGED: Final = ("subject", "segment", "when", "confirm", "cooldown_days", "clear", "clear_times", "retired")
"""What decides when the rule fires; name, level, message, recipients and dates do not."""
EMPTY: Final[Mapping[str, Any]] = {
    "id": "", "name_en": "", "name_zh": "", "topic": "arrears", "subject": "loan", "number": 1, "from": "", "shadow_from": "",
    "owner": "", "level": LEVEL, "when": "", "segment": "", "message_en": "", "message_zh": "", "reason_en": "", "reason_zh": "",
    "confirm": "1", "cooldown_days": "0", "clear": "", "clear_times": "1", "due_work_days": "3", "notify": NOTIFY, "retired": False,
}  # fmt: skip
"""The values of a form, as a new rule has them. What is typed is text, so that nothing typed is lost."""


class _Writer(yaml.SafeDumper):
    """Writes texts of several lines as blocks."""


def _block(writer: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return writer.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Writer.add_representer(str, _block)


def text_of(values: Mapping[str, Any]) -> str:
    """The values as YAML: a list of one rule with one version. What is no number or date stays the text that was typed."""
    given = {**EMPTY, **values}
    version: dict[str, Any] = {
        "number": int(given["number"]),
        "from": _date(given["from"]),
        "shadow_from": _date(given["shadow_from"]),
        "owner": given["owner"],
        "level": given["level"],
        "segment": _lines(given["segment"]) or None,
        "when": _lines(given["when"]),
        "message": {"en": _lines(given["message_en"]), "zh": _lines(given["message_zh"])},
        "reason": {"en": _lines(given["reason_en"]), "zh": _lines(given["reason_zh"])},
        **{name: _number(given[name]) for name in ("confirm", "cooldown_days")},
        "clear": _lines(given["clear"]) or None,
        **{name: _number(given[name]) for name in ("clear_times", "due_work_days")},
        "notify": list(given["notify"]),
        "retired": bool(given["retired"]),
    }
    kept = {key: value for key, value in version.items() if value is not None and value is not False}
    head = {
        "id": given["id"],
        "name": {"en": given["name_en"], "zh": given["name_zh"]},
        "topic": given["topic"],
        "subject": given["subject"],
        "versions": [kept],
    }
    return yaml.dump([head], Dumper=_Writer, allow_unicode=True, sort_keys=False, width=120)


def values_of(text: str) -> dict[str, Any]:
    """The values of a form that a text gives: of the first version of its first rule."""
    (rule, *_) = yaml.safe_load(text)
    (version, *_) = rule["versions"]
    flat = {
        **rule,
        **version,
        **{f"{name}_{language}": said for name in ("message", "reason") for language, said in version.get(name, {}).items()},
        **{f"name_{language}": said for language, said in rule.get("name", {}).items()},
    }  # fmt: skip
    values = {name: flat.get(name) if flat.get(name) is not None else usual for name, usual in EMPTY.items()}
    return {name: value if name in ("number", "notify", "retired") else str(value) for name, value in values.items()}


def judged(text: str) -> str:
    """The digest of what decides when a rule fires: evidence made with one text holds for all texts of the same digest."""
    values = values_of(text)
    return _sha256(json.dumps([values[name] for name in JUDGED], ensure_ascii=False))


def digest(text: str) -> str:
    """The digest of a whole text."""
    return _sha256(text)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _lines(typed: str) -> str:
    """A text without blanks at the ends of its lines, and with one kind of line end."""
    return "\n".join(line.rstrip() for line in typed.strip().splitlines())


def _number(typed: str) -> int | str:
    return int(typed) if typed.strip().isascii() and typed.strip().isdecimal() and len(typed) < 10 else typed


def _date(typed: str) -> dt.date | str | None:
    if not typed.strip():
        return None
    try:
        return dt.date.fromisoformat(typed.strip())
    except ValueError:
        return typed
