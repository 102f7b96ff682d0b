"""The reference page of the contract, from its declarations: `python -m daihou.book.contracts.reference > FILE`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from daihou.book import contracts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daihou.book.contracts import Column, Table

_KINDS = {
    "versioned": (
        "versions of a key, each in force from its `effective_on`",
        "同一主键的多个版本，各自 `effective_on` 起有效",
    ),
    "event": ("one row a key; a correction has its own `known_on`", "每主键一行，更正须有新的 `known_on`"),
    "plain": ("rows without a key, all kept", "无主键，逐行保留"),
}

_OPENING = """# The contract: what a lender sends

Written by `python -m daihou.book.contracts.reference` from the declarations in `daihou.book.contracts`.
`daihou contract TABLE` gives an empty template. Bold columns are required. Every table also takes `known_on`, the
business date on which the lender knew. Further columns are kept as attributes.
本页由契约声明自动生成。加粗为必填字段；各表均可另填 `known_on`（获知日）；其他字段作为附加属性保留。
"""


def page() -> str:
    """Return the reference page as Markdown."""
    return "\n".join([_OPENING, *(line for table in contracts.TABLES.values() for line in _section(table))])


def _section(table: Table) -> Iterator[str]:
    kind_en, kind_zh = _KINDS[table.kind]
    key = ", ".join(f"`{name}`" for name in table.key) or "none"
    own = f" Own date: `{table.own_on}`." if table.own_on else ""
    yield f"## {table.name}\n"
    yield f"{table.en}. {table.zh}。\n"
    yield f"Key: {key}; {kind_en}.{own} {kind_zh}。\n"
    yield "| column | type | meaning | 含义 | codes |"
    yield "|---|---|---|---|---|"
    yield from (_row(column) for column in table.columns)
    yield ""


def _row(column: Column) -> str:
    name = f"**{column.name}**" if column.required else column.name
    kind = column.type + (f" = {column.default}" if column.default else "") + (" (vault)" if column.vault else "")
    codes = [f"`{choice.code}` {choice.en} {choice.zh}" for choice in column.choices]
    listed = "; ".join([*codes, *(["…"] if column.extensible else [])])
    return f"| {name} | {kind} | {column.en} | {column.zh} | {listed} |"


if __name__ == "__main__":
    sys.stdout.write(page())
