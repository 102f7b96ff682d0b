"""Codes of facts as the contract calls them, in the reader's language."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from daihou.book import contracts
from daihou.desk.portfolio.columns import chinese

if TYPE_CHECKING:
    from collections.abc import Mapping


def named(table: str, column: str, code: str) -> str:
    """What a code of a column of the contract is called; the code itself where a lender sends one of its own."""
    found = _choices(table, column).get(code)
    return code if found is None else found[chinese()]


@lru_cache(maxsize=16)
def _choices(table: str, column: str) -> Mapping[str, tuple[str, str]]:
    found = next(one for one in contracts.table(table).columns if one.name == column)
    return {choice.code: (choice.en, choice.zh) for choice in found.choices}
