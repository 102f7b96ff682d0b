"""The text of a form's file as plain values: a code like `yes` stays the word it is, and no key stands twice."""

from __future__ import annotations

from typing import Any

from daihou.book import yaml_text
from daihou.book.errors import DaihouError


def load(text: str, place: str) -> dict[str, Any]:
    """The mapping that a file holds; DaihouError where it is none or cannot be read."""
    try:
        stated = yaml_text.load(text, place)
    except DaihouError as error:
        remedy = "Correct the YAML; docs/guides/review_forms.md shows how a form is written."
        zh = (f"检查表文件无法读取：{error.zh[0]}", "请更正 YAML；写法见 docs/guides/review_forms.md。")
        raise DaihouError(f"The form cannot be read: {error.message}", remedy, place, zh=zh) from error
    if not isinstance(stated, dict):
        raise DaihouError(
            "The file is not a mapping of keys to values.",
            "Begin it with `form: ID` or `findings:`.",
            place,
            zh=("文件不是键值映射。", "请以 `form: 编号` 或 `findings:` 开头。"),
        )
    return stated
