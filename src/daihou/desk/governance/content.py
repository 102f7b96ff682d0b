"""What a draft says: YAML in the shape of a file of rules, as flat values of a form and back, whether it is right or not yet."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from typing import TYPE_CHECKING, Any, Final

from daihou.book.yaml_text import Block, dump, load
from daihou.warning import reading
from daihou.warning.rule import Rule, owner_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from daihou.warning.rule import Version

PLACE: Final = "draft"
NUMBERS: Final = ("confirm", "clear_times", "cooldown_days", "due_work_days")
BOTH: Final = ("message", "reason")
JUDGED: Final = ("subject", "segment", "when", "confirm", "cooldown_days", "clear", "clear_times")
"""What decides when a rule fires. Names, level, message, recipients and dates do not: evidence outlives a change of them."""
EMPTY: Final[Mapping[str, Any]] = {
    "id": "", "name_en": "", "name_zh": "", "topic": "arrears", "subject": "loan", "number": 1, "from": "", "shadow_from": "",
    "retired": False, "owner": "", "level": "yellow", "segment": "", "when": "", "clear": "", "confirm": "1", "clear_times": "1",
    "cooldown_days": "0", "due_work_days": "3", "notify": ["officer"], "message_en": "", "message_zh": "", "reason_en": "",
    "reason_zh": "",
}  # fmt: skip
"""The values of a form as a new rule has them. What is typed stays text, so that nothing typed is lost."""


def text_of(values: Mapping[str, Any]) -> str:
    """The values as YAML: a list of one rule with one version. What is no number or date stays as it was typed."""
    given = {**EMPTY, **values}
    version = {
        "number": given["number"],
        "from": _date(given["from"]),
        "shadow_from": _date(given["shadow_from"]),
        "retired": given["retired"] or None,
        "owner": owner_of(given["owner"].strip()),
        "level": given["level"],
        "segment": _block(given["segment"]) or None,
        "when": _block(given["when"]),
        "clear": _block(given["clear"]) or None,
        **{name: _number(given[name]) for name in NUMBERS},
        "notify": list(given["notify"]),
        **{name: {language: _lines(given[f"{name}_{language}"]) for language in ("en", "zh")} for name in BOTH},
    }
    rule = {
        "id": given["id"],
        "name": {"en": given["name_en"].strip(), "zh": given["name_zh"].strip()},
        "topic": given["topic"],
        "subject": given["subject"],
        "versions": [{key: value for key, value in version.items() if value is not None}],
    }
    return dump([rule])


def values_of(text: str) -> dict[str, Any]:
    """The values of a form that a text of `text_of` or `text_of_version` gives."""
    stated: Any = load(text, PLACE)
    (rule,) = stated
    (version,) = rule["versions"]
    flat = {**rule, **version}
    for name, texts in [("name", rule["name"]), *((name, version[name]) for name in BOTH)]:
        flat |= {f"{name}_{language}": said for language, said in texts.items()}
    values = {name: flat.get(name, usual) for name, usual in EMPTY.items()}
    return {name: value if name in ("number", "notify", "retired") else str(value) for name, value in values.items()}


def runnable(text: str) -> str:
    """The same with stand-ins for all that does not decide when it fires, so that it can be judged before the rest is written."""
    said = dict.fromkeys(("owner", "name_en", "name_zh", "message_en", "message_zh", "reason_en", "reason_zh"), "–")
    return text_of({**values_of(text), **said, "from": "1900-01-01", "shadow_from": "", "retired": False})


def text_of_version(rule: Rule, version: Version) -> str:
    """A rule with one of its versions alone, as the register keeps it."""
    return reading.text([Rule(rule.id, rule.name, rule.topic, rule.subject, (version,))])


def judged(text: str) -> str:
    """The digest of what decides when the rule fires: evidence made with one text holds for all texts of the same digest."""
    values = values_of(text)
    return digest(json.dumps([values[name] for name in JUDGED], ensure_ascii=False))


def digest(text: str) -> str:
    """SHA-256 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


def _lines(typed: str) -> str:
    """A text without blanks at the ends of its lines, and with one kind of line end."""
    return "\n".join(line.rstrip() for line in typed.strip().splitlines())


def _block(typed: str) -> Block:
    return Block(_lines(typed))


def _number(typed: str) -> int | str:
    plain = typed.strip()
    return int(plain) if plain.isascii() and plain.isdecimal() and len(plain) < 10 else plain


def _date(typed: str) -> dt.date | str | None:
    try:
        return dt.date.fromisoformat(typed.strip()) if typed.strip() else None
    except ValueError:
        return typed.strip()
