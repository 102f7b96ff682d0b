"""The one way from text to an expression: read, then checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from daihou.expressions.checking import checked
from daihou.expressions.reading import Reader
from daihou.expressions.source import Source

if TYPE_CHECKING:
    from daihou.expressions.field import Columns
    from daihou.expressions.tree import Expression

CHARACTERS: Final = 4_000
"""Most characters of an expression."""


def parse(text: str, columns: Columns) -> Expression:
    """The condition a text writes over the columns; DaihouError says what is wrong, at which place, and what to write instead."""
    source = Source(text)
    if len(text) > CHARACTERS:
        raise source.refusal(
            CHARACTERS,
            f"The condition has {len(text):,} characters; {CHARACTERS:,} are the most.",
            "Shorten it, or use a list of values.",
            (f"条件长 {len(text):,} 个字符，上限为 {CHARACTERS:,}。", "请缩短，或改用取值列表。"),
        )
    return checked(source, Reader(source, columns).expression())
