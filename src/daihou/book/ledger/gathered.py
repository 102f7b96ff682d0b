"""Some loans of many shards as one small shard, copied: what the stream measures after an event.

Products and currencies are numbered anew over all shards, so that one set of policies judges all of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

from daihou.book.ledger import layout
from daihou.book.ledger.layout import NO_NUMBER, TABLES, Facts
from daihou.book.ledger.shard import Shard
from daihou.book.records import joined, taken

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy.typing as npt

    Whole = npt.NDArray[np.int64]

TEXTS: Final = ("loans", "versions", "borrowers", "payments")
"""The tables whose strings are kept: columns are made of the first three, and payments are put in by their ids."""


@dataclass(frozen=True, slots=True)
class Naming:
    """One numbering of the products and currencies of some shards."""

    products: tuple[str, ...]
    currencies: tuple[str, ...]

    def of(self, shard: Shard) -> tuple[npt.NDArray[np.int16], npt.NDArray[np.int16]]:
        """By number in a shard, the number here: of its products and of its currencies."""
        return (
            np.array([self.products.index(name) for name in shard.products], np.int16),
            np.array([self.currencies.index(name) for name in shard.currencies], np.int16),
        )

    def with_(self, shard: Shard) -> Naming:
        """The numbering with whatever a shard has besides; what was numbered keeps its number."""
        products = dict.fromkeys((*self.products, *shard.products))
        currencies = dict.fromkeys((*self.currencies, *shard.currencies))
        if len(products) == len(self.products) and len(currencies) == len(self.currencies):
            return self
        return Naming(tuple(products), tuple(currencies))


def naming(shards: Iterable[Shard]) -> Naming:
    """The products and currencies of some shards, each once, in order of name."""
    products: set[str] = set()
    currencies: set[str] = set()
    for shard in shards:
        products.update(shard.products)
        currencies.update(shard.currencies)
    return Naming(tuple(sorted(products)), tuple(sorted(currencies)))


def gathered(parts: Sequence[tuple[Shard, Whole]], names: Naming) -> Shard:
    """The loans at some places of some shards, in the order in which they are named."""
    records: dict[str, list[np.ndarray[Any, Any]]] = {table: [] for table in layout.FIELDS}
    lengths: list[list[Whole]] = [[] for _ in TABLES]
    texts: dict[str, list[pa.Table]] = {table: [] for table in TEXTS}
    splits = 0
    for shard, places in parts:
        products, currencies = names.of(shard)
        loans = taken(shard.facts.loans, places)
        loans["currency"] = currencies[loans["currency"]]
        records["loans"].append(loans)
        texts["loans"].append(shard.strings["loans"].select(["loan_id"]).take(pa.array(places)))
        for number, table in enumerate(TABLES):
            at = shard.facts.at[number]
            if not at[-1]:  # most tables of most books
                lengths[number].append(np.zeros(len(places), np.int64))
                continue
            rows, length = _rows(at, places)
            lengths[number].append(length)
            some = taken(getattr(shard.facts, table), rows)
            if table == "versions":
                some["product"] = products[some["product"]]
            elif table == "payments":
                parted = np.flatnonzero(some["split"] != NO_NUMBER)
                records["splits"].append(taken(shard.facts.splits, some["split"][parted]))
                some["split"][parted] = np.arange(splits, splits + len(parted))
                splits += len(parted)
            records[table].append(some)
            if table in texts:
                texts[table].append(shard.strings[table].take(pa.array(rows)))
    offsets = np.zeros((len(TABLES), 1 + sum(len(places) for _, places in parts)), np.int64)
    for number, found in enumerate(lengths):
        np.cumsum(np.concatenate([np.zeros(0, np.int64), *found]), out=offsets[number, 1:])
    offsets.setflags(write=False)
    facts = Facts(offsets, *(_joined(table, records[table]) for table in layout.FIELDS))
    strings = {table: _whole(found or [parts[0][0].strings[table].slice(0, 0)]) for table, found in texts.items()}
    return Shard(facts, strings, names.products, names.currencies)


def _rows(at: Whole, places: Whole) -> tuple[Whole, Whole]:
    """The rows of some loans in a table, and how many each has."""
    starts = at[places]
    length = at[places + 1] - starts
    ends = np.cumsum(length)
    total = int(ends[-1]) if len(ends) else 0
    return np.arange(total, dtype=np.int64) + np.repeat(starts - (ends - length), length), length


def _joined(table: str, found: Sequence[np.ndarray[Any, Any]]) -> layout.Records:
    whole = found[0] if len(found) == 1 else joined(found, layout.record(table))
    records = whole.view(np.recarray)
    records.setflags(write=False)
    return records


def _whole(found: Sequence[pa.Table]) -> pa.Table:
    """Strings of several shards together; what repeats is coded by one dictionary."""
    return found[0] if len(found) == 1 else pa.concat_tables(found).unify_dictionaries().combine_chunks()
