"""The parts of a report as data: where what they say comes from, and figures as they are printed, or why there are none.

A part is a mapping of plain values, so that it lies in the database as it was shown: `id`, `source`, `missing` (why it says nothing; else empty), `pairs` [[label,
value]], `tables` [{title, heads [[label, numeric]], rows [[text]]}], `notes` [text], `pictures` [{piece, digest, label, at, by}]. Nothing in it names a person.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(slots=True)
class Part:
    """A part while it is gathered."""

    id: str
    source: str
    pairs: list[list[str]] = field(default_factory=list)
    tables: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    pictures: list[dict[str, Any]] = field(default_factory=list)
    missing: str = ""

    def pair(self, label: object, value: object) -> None:
        """Add a value with its label."""
        self.pairs.append([str(label), str(value)])

    def table(
        self, heads: Sequence[tuple[object, bool]], rows: Iterable[Sequence[object]], title: object = ""
    ) -> None:  # fmt: skip
        """Add a table: headings, each with whether its column holds numbers, and rows; one without rows is left out."""
        told = [[str(cell) for cell in row] for row in rows]
        if told:
            self.tables.append(
                {"title": str(title), "heads": [[str(label), numeric] for label, numeric in heads], "rows": told}
            )

    def as_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "id": self.id, "source": self.source, "missing": self.missing, "pairs": self.pairs, "tables": self.tables, "notes": self.notes,
            "pictures": self.pictures,
        }  # fmt: skip


def without(id_: str, source: str, why: object) -> Part:
    """A part that says why it says nothing."""
    return Part(id_, source, missing=str(why))
