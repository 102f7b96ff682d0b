"""Arrow columns made from NumPy arrays in bulk, without going through Python values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Sequence


Array = np.ndarray[Any, Any]

DIGITS: Final = 4
_FOUR: Final = np.array([f"{number:04d}".encode() for number in range(10**DIGITS)]).view(np.uint8).reshape(-1, DIGITS)


def decimal(units: Array, scale: int) -> pa.Array:
    """Return whole numbers of the smallest unit as decimal128(18, scale)."""
    words = np.empty((len(units), 2), np.int64)  # the low and the high word of each decimal
    words[:, 0] = units
    words[:, 1] = words[:, 0] >> 63  # the sign goes on
    return pa.Array.from_buffers(pa.decimal128(18, scale), len(units), [None, pa.py_buffer(words)])


def days(values: Array) -> pa.Array:
    """Return counts of days from 1970-01-01 as dates."""
    return pa.array(np.ascontiguousarray(values, np.int32)).view(pa.date32())


def codes(places: Array, values: Sequence[str]) -> pa.Array:
    """Return the value at each place, held as a dictionary and written to Parquet as plain strings.

    Each value stands in the dictionary once: of one that holds a value twice Parquet's writer makes now these, now those bytes.
    """
    distinct = {value: number for number, value in enumerate(dict.fromkeys(values))}
    moved = np.array([distinct[value] for value in values], np.int32)
    return pa.DictionaryArray.from_arrays(pa.array(moved[places]), pa.array(list(distinct), pa.string()))


def id_bytes(prefix: str, numbers: Array, digits: int) -> Array:
    """Return the bytes [row, place] of ids: a letter and a number of `digits` digits, a multiple of 4."""
    text = np.empty((len(numbers), 1 + digits), np.uint8)
    text[:, 0] = ord(prefix)
    left = numbers.astype(np.int64)
    for end in range(1 + digits, 1, -DIGITS):
        left, place = np.divmod(left, 10**DIGITS)
        text[:, end - DIGITS : end] = _FOUR[place]
    return text


def ids(text: Array, given: Array | None = None) -> pa.Array:
    """Return ids from their bytes as strings; where `given` (a mask) is false there is none, and `text` has no row."""
    size = text.shape[1]
    data = pa.py_buffer(text)
    if given is None:
        offsets = np.arange(0, size * len(text) + 1, size, dtype=np.int32)
        return pa.Array.from_buffers(pa.string(), len(text), [None, pa.py_buffer(offsets), data])
    offsets = np.zeros(len(given) + 1, np.int32)
    np.cumsum(given, out=offsets[1:])
    offsets *= size
    valid = pa.py_buffer(np.packbits(given, bitorder="little"))
    return pa.Array.from_buffers(pa.string(), len(given), [valid, pa.py_buffer(offsets), data])
