"""What a delivery's report says beside counts: examples of bad rows, warnings, and which line each row stood on."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from daihou.book.intake.report import Example

if TYPE_CHECKING:
    import pyarrow as pa

    from daihou.book.intake.readers import Lines

_EXAMPLES: Final = 5
_CODES: Final = 5


@dataclass(slots=True)
class Notes:
    """Gathered over all chunks of a file."""

    odd_quotes: bool = False
    """Whether the file has an odd number of quotation marks, so that one may not be closed."""
    future: int = 0
    """Rows known on a date still to come."""
    per_cent: int = 0
    """Rates of 1 or more: 100 % a year."""
    codes: Counter[str] = field(default_factory=Counter)
    """Codes beyond the listed ones, as column=code."""
    fine: bool = False
    """Whether an amount has more than two decimals, so that its loan's currency must be looked at."""
    left_out: tuple[str, ...] = ()
    """Columns that the contract does not know, of a table whose rows keep no others."""
    examples: list[Example] = field(default_factory=list)
    _starts: list[int] = field(default_factory=list)
    _offsets: list[int] = field(default_factory=list)

    def remember(self, rejects: pa.Table) -> None:
        """Keep the first few quarantined rows as examples."""
        for row in rejects.slice(0, max(0, _EXAMPLES - len(self.examples))).to_pylist():
            self.examples.append(
                Example(
                    row["file"],
                    row["line"],
                    row["column"],
                    row["value"] or "",
                    row["reason"],
                    row["message_en"],
                    row["message_zh"],
                )
            )

    def place(self, first: int, lines: Lines) -> None:
        """Remember on which lines a chunk's rows stand: the row numbers where the distance between both changes."""
        offsets = lines - np.arange(first, first + len(lines))
        changes = np.flatnonzero(
            np.diff(offsets, prepend=self._offsets[-1] if self._offsets else np.iinfo(np.int64).min)
        )
        self._starts.extend((first + changes).tolist())
        self._offsets.extend(offsets[changes].tolist())

    def lines(self, rows: Lines) -> Lines:
        """Return the lines of rows by their numbers."""
        starts = np.asarray(self._starts, np.int64)
        offsets = np.asarray(self._offsets, np.int64)
        found: np.ndarray[Any, np.dtype[np.int64]] = rows + offsets[np.searchsorted(starts, rows, side="right") - 1]
        return found

    def warnings(self) -> tuple[str, ...]:
        """Return warnings as sentences."""
        found = []
        if self.future:
            found.append(f"{self.future} row(s) are known on a date still to come; no run sees them before it.")
        if self.per_cent:
            found.append(f"{self.per_cent} rate(s) are 1 or more, that is 100 % a year: are they per cents?")
        if self.codes:
            listed = ", ".join(code for code, _ in self.codes.most_common(_CODES))
            found.append(f"Codes beyond the contract's list were taken: {listed}.")
        if self.left_out:
            found.append(f"Left out, since the vault keeps the contract's columns only: {', '.join(self.left_out)}.")
        if self.odd_quotes:
            found.append("The file has an odd number of quotation marks: one may not be closed and swallow lines.")
        return tuple(found)
