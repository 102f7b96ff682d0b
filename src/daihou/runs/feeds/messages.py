"""Messages of Kafka sorted out: rows by topic and table in the order in which they came, and those that hold no row."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from daihou.book import contracts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from confluent_kafka import Message as Received

    from daihou.runs.feeds.address import Address

MOST_BYTES: Final = 8 << 20
"""Of messages that are taken in together, as far as a single one is not larger: it may be an array of thousands of rows."""
HEADER: Final = "table"
"""The header of a message, or else the field of its object, that names its table."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; ValueError where it names a field twice: which of the two was meant, nobody can say."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError
    return found


_JSON: Final = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str, object_pairs_hook=_object)
"""Numbers stay as they were written."""


@dataclass(frozen=True, slots=True)
class Message:
    """What the feed needs of a message."""

    topic: str
    partition: int
    offset: int
    value: bytes
    """Empty for a tombstone."""
    headers: Sequence[tuple[str, bytes | str | None]] = ()
    at: float = 0.0
    """When it was sent, by the clock of its sender or its broker, in seconds since 1970; 0 where that is not told."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a row stood: its message, and its place within it, from 1."""

    partition: int
    offset: int
    row: int = 1


@dataclass(frozen=True, slots=True)
class Lot:
    """Rows of one topic that are meant for one table."""

    topic: str
    table: str
    rows: list[dict[str, Any]] = field(default_factory=list)
    spots: list[Spot] = field(default_factory=list)
    """Of each row."""


@dataclass(frozen=True, slots=True)
class Poison:
    """What can be no row."""

    topic: str
    spot: Spot
    table: str
    """As far as it is known; empty where it is not."""
    reason: str
    text: str | None = None
    """The message, where it may be kept."""


@dataclass(frozen=True, slots=True)
class Sorted:
    """Messages sorted out."""

    lots: tuple[Lot, ...]
    poison: tuple[Poison, ...]
    ignored: int
    """Tombstones and messages without a row."""


def sort(messages: Iterable[Message], address: Address) -> Sorted:
    """Sort messages out. Numbers stay text, as they were written."""
    lots: dict[tuple[str, str], Lot] = {}
    poison: list[Poison] = []
    ignored = 0
    for message in messages:
        if not message.value or message.value.isspace():
            ignored += 1
            continue
        named = _header(message.headers) or address.tables.get(message.topic) or address.tables.get("")
        found = read(message.value)
        if found is None:
            table = named or address.table(message.topic) or ""
            spot = Spot(message.partition, message.offset)
            poison.append(Poison(message.topic, spot, _known(table), "message_no_rows", _kept(table, message.value)))
            continue
        ignored += not any(found)
        for number, row in enumerate(found, 1):
            if not row:
                continue
            spot = Spot(message.partition, message.offset, number)
            if not isinstance(row, dict):
                poison.append(Poison(message.topic, spot, _known(named or ""), "message_no_rows"))
                continue
            table = named or _field(row) or address.table(message.topic) or ""
            if (reason := refused(table)) is not None:
                poison.append(Poison(message.topic, spot, _known(table), reason))
                continue
            lot = lots.setdefault((message.topic, table), Lot(message.topic, table))
            lot.rows.append(row)
            lot.spots.append(spot)
    return Sorted(tuple(lots.values()), tuple(poison), ignored)


def read(value: bytes) -> list[Any] | None:
    """The rows of a JSON object, of an array or of nothing (`null`); None where it is none of these."""
    try:
        found = _JSON.decode(value.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None
    if isinstance(found, dict):
        return [found]
    if found is None:
        return []
    return found if isinstance(found, list) else None


def refused(table: str) -> str | None:
    """Why rows for a table cannot come by a feed; None where they can."""
    if table not in contracts.TABLES:
        return "table_unknown"
    return "table_of_vault" if contracts.TABLES[table].vault else None


def hidden(table: str) -> bool:
    """Whether what was meant for a table may hold what is kept nowhere: it names people, has raw text, or nobody knows."""
    declared = contracts.TABLES.get(table)
    return declared is None or declared.vault or any(column.vault or column.becomes for column in declared.columns)


def _header(headers: Sequence[tuple[str, bytes | str | None]]) -> str | None:
    for name, value in headers:
        if name == HEADER and value:
            return value if isinstance(value, str) else value.decode("utf-8", "replace")
    return None


def _field(row: dict[str, Any]) -> str | None:
    """The table that a row names; the name is no part of the row."""
    return row.pop(HEADER) if isinstance(row.get(HEADER), str) else None


def _known(table: str) -> str:
    """The name of a table; nothing in place of what is none, which may be anything."""
    return table if table in contracts.TABLES else ""


def _kept(table: str, value: bytes) -> str | None:
    return None if hidden(table) else value.decode("utf-8", "replace")


def latest(messages: Iterable[Message]) -> Mapping[tuple[str, int], int]:
    """By topic and partition the offset behind the last of some messages."""
    found: dict[tuple[str, int], int] = {}
    for message in messages:
        place = message.topic, message.partition
        found[place] = max(found.get(place, 0), message.offset + 1)
    return found


def message(received: Received) -> Message:
    """A message as librdkafka gives it."""
    kind, at = received.timestamp()
    value, headers = received.value(), received.headers() or ()
    return Message(
        received.topic() or "",
        received.partition() or 0,
        received.offset() or 0,
        value.encode() if isinstance(value, str) else value or b"",
        tuple(headers.items() if isinstance(headers, dict) else headers),
        at / 1000 if kind else 0.0,
    )


def slices(messages: Sequence[Message]) -> Iterator[Sequence[Message]]:
    """Messages in parts of so many bytes."""
    first, size = 0, 0
    for at, one in enumerate(messages):
        if size and size + len(one.value) > MOST_BYTES:
            yield messages[first:at]
            first, size = at, 0
        size += len(one.value)
    if messages:
        yield messages[first:]


__all__ = [
    "Lot",
    "Message",
    "Poison",
    "Sorted",
    "Spot",
    "hidden",
    "latest",
    "message",
    "read",
    "refused",
    "slices",
    "sort",
]
