"""The words of a report: what a page sends, cleaned, and whether something changed. Figures are no words: whatever a page sends of them is not read."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any, Final

from daihou.desk.reports.choices import WORDS, Grade

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST: Final = 6_000
"""Characters of one text."""
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
"""What neither XML nor a page can hold."""


def read(sent: Mapping[str, Any], stood: Mapping[str, str]) -> dict[str, str]:
    """The words that a page sends, by names of WORDS and `grade`; what it does not send stays as it stood."""
    words = {name: clean(str(sent[name])) if name in sent else stood.get(name, "") for name in WORDS}
    grade = str(sent.get("grade", stood.get("grade", "")))
    return {**words, "grade": grade if grade in Grade.values else stood.get("grade", "")}


def clean(text: str) -> str:
    """A text with plain line ends, and without signs that nothing can show."""
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()[:MOST]


def cleaned(value: Any) -> Any:
    """The same of all texts in plain values."""
    if isinstance(value, str):
        return _CONTROL.sub("", value)
    if isinstance(value, dict):
        return {key: cleaned(one) for key, one in value.items()}
    return [cleaned(one) for one in value] if isinstance(value, list | tuple) else value


def digest(content: Mapping[str, Any]) -> str:
    """SHA-256 of a document as canonical JSON."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
