"""Raw texts made into what may be kept: the other side of a transaction into a keyed token, its remark into flags.

It happens as soon as a chunk of the file is read, before a row is judged, staged or quarantined, so that the raw text is written
nowhere. The key and the keywords are not the book's: whoever calls `deliver` hands them in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import polars as pl

from daihou.book.contracts.accounts import MEMO_FLAGS
from daihou.book.intake.cells import LONGEST_TEXT, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from daihou.book.contracts import Table

HASHED: Final = r"^[0-9a-f]{32}$"
"""What a token looks like, so that no name or number passes for one."""
FLAGS: Final = tuple(choice.code for choice in MEMO_FLAGS)


@dataclass(frozen=True, slots=True)
class Blinder:
    """What raw texts are made into tokens and flags with."""

    token: Callable[[str], str | None]
    """The token of a counterparty; None of a text in which nothing is named."""
    keywords: Mapping[str, tuple[str, ...]]
    """By flag the words that raise it."""

    def blind(self, table: Table, cells: pl.DataFrame) -> tuple[pl.DataFrame, list[Problem]]:
        """The cells of a chunk with stored columns in place of raw ones, and the rows whose raw text is damaged or too long."""
        problems = []
        for column in table.columns:
            if not column.becomes or column.name not in cells.columns:
                continue
            raw = cells[column.name]
            damaged = raw.str.contains("\ufffd", literal=True).fill_null(value=False)
            long = (raw.str.len_bytes() > LONGEST_TEXT).fill_null(value=False)
            problems += [
                Problem(column.name, reason, rows.to_numpy())
                for reason, rows in (("bad_text", damaged), ("too_long", long))
                if rows.any()
            ]
            raw = raw.set(damaged | long, None)
            made = self._tokens(raw) if column.becomes == "counterparty_token" else self._flags(raw)
            cells = cells.drop(column.name).with_columns(made.alias(column.becomes))
        return cells, problems

    def _tokens(self, raw: pl.Series) -> pl.Series:
        distinct = raw.unique().drop_nulls().to_list()
        return raw.replace_strict(distinct, [self.token(text) for text in distinct], return_dtype=pl.String)

    def _flags(self, raw: pl.Series) -> pl.Series:
        """The flags of remarks, in the order of the contract, parted by a space; null where no keyword is met."""
        distinct = raw.unique().drop_nulls()
        if distinct.is_empty():
            return pl.Series([None], dtype=pl.String).new_from_index(0, len(raw))
        plain = distinct.str.normalize("NFKC").str.to_lowercase()
        met = [
            pl.when(plain.str.contains(pattern(self.keywords[flag]))).then(pl.lit(flag))
            for flag in FLAGS
            if self.keywords.get(flag)
        ]
        if not met:
            return pl.Series([None], dtype=pl.String).new_from_index(0, len(raw))
        flags = pl.select(pl.concat_str(met, separator=" ", ignore_nulls=True)).to_series().replace("", None)
        return raw.replace_strict(distinct, flags, return_dtype=pl.String)


def pattern(words: tuple[str, ...]) -> str:
    """An expression that finds any of some words in text in small letters: Latin ones as whole words, so that no tax is seen in a taxi."""
    return "|".join(
        rf"(?-u:\b){re.escape(word)}(?-u:\b)" if word.isascii() else re.escape(word)
        for word in (word.lower() for word in words)
    )
