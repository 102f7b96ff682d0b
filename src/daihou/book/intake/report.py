"""What came of a delivery: counts, examples of what was quarantined, warnings."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Example:
    """One quarantined row: where it is, what is wrong, what to do."""

    file: str
    line: int
    column: str
    value: str
    reason: str
    message_en: str
    message_zh: str


@dataclass(frozen=True, slots=True)
class FileReport:
    """What came of one file; rows = new + unchanged + quarantined; `waiting` are new rows whose loan is not known."""

    file: str
    table: str
    batch: int
    rows: int
    new: int
    unchanged: int
    waiting: int
    quarantined: dict[str, int]
    """Rows in quarantine by reason."""
    examples: tuple[Example, ...]
    warnings: tuple[str, ...]
    seconds: float
    seen_before: bool = False
    """Whether this very file had been taken in before."""
    cancelled: int = 0
    """Instalments of an old plan cancelled by --replace."""


@dataclass(frozen=True, slots=True)
class Report:
    """What came of all files of one call."""

    files: tuple[FileReport, ...]

    @property
    def rows(self) -> int:
        """Rows read."""
        return sum(file.rows for file in self.files)

    @property
    def new(self) -> int:
        """New facts."""
        return sum(file.new for file in self.files)

    @property
    def unchanged(self) -> int:
        """Rows already known."""
        return sum(file.unchanged for file in self.files)

    @property
    def waiting(self) -> int:
        """New facts whose loan is not known yet."""
        return sum(file.waiting for file in self.files)

    @property
    def quarantined(self) -> dict[str, int]:
        """Rows in quarantine by reason, most first."""
        total: Counter[str] = Counter()
        for file in self.files:
            total.update(file.quarantined)
        return dict(total.most_common())

    @property
    def examples(self) -> tuple[Example, ...]:
        """The first few rows in quarantine."""
        return tuple(example for file in self.files for example in file.examples)

    @property
    def warnings(self) -> tuple[str, ...]:
        """Warnings, each once."""
        return tuple(dict.fromkeys(warning for file in self.files for warning in file.warnings))

    @property
    def seconds(self) -> float:
        """Wall time taken."""
        return sum(file.seconds for file in self.files)

    @property
    def exit_code(self) -> int:
        """0 when every row was taken, 1 when some are in quarantine."""
        return 1 if any(file.quarantined for file in self.files) else 0
