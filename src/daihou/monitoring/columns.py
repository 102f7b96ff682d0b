"""Arrays of the kernels made into Arrow columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pyarrow as pa

Values = np.ndarray[Any, Any]


class Fields(Protocol):
    """Answers of some loans, field by field."""

    def __getitem__(self, name: str, /) -> Values:
        """The values of a field."""
        ...


@dataclass(frozen=True, slots=True)
class Picked:
    """The fields of some answers, each taken when it is asked for: whole records are ten times as wide as what most ask."""

    answers: Fields
    """Each field [date, loan]."""
    at: Values
    """Places in them, laid out flat."""

    def __getitem__(self, name: str, /) -> Values:
        """The values of a field."""
        field = self.answers[name]
        flat = field.reshape(-1, *field.shape[2:])
        return flat if len(self.at) == len(flat) else flat.take(self.at, axis=0)


def nullable(values: Values, empty: int, kind: pa.DataType) -> pa.Array:
    """The values, null where they are `empty`."""
    plain = np.ascontiguousarray(values)
    missing = plain == empty
    return pa.array(plain, kind, mask=missing) if missing.any() else pa.array(plain, kind)


def ratio(part: Values, whole: Values, empty: int) -> pa.Array:
    """Part to whole as float64; null where either is `empty` or the whole is not above 0."""
    none = (whole <= 0) | (part == empty)
    return pa.array(part / np.where(none, 1, whole), pa.float64(), mask=none)


def conformed(column: Any, kind: pa.DataType) -> pa.Array:
    """A column in one piece, and of its kind in the schema."""
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
    if column.type == kind:
        return column
    if pa.types.is_dictionary(kind) and not pa.types.is_dictionary(column.type):
        return column.cast(pa.string()).dictionary_encode()
    return column.cast(kind)
