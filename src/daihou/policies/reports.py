"""Reports of inspections 贷后检查报告: which grade is suggested by what is known, and how the report is marked and bounded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from daihou.policies.dated import Dated, dated, made

if TYPE_CHECKING:
    from collections.abc import Collection

Grade = Literal["pass", "special_mention", "substandard", "doubtful", "loss"]
GRADES: Final[tuple[Grade, ...]] = get_args(Grade)
"""The five grades 五级分类, the best first."""
LEVELS: Final = ("red", "orange", "yellow", "blue")
STATES: Final = ("unmeasured", "transferred", "written_off")
"""States of a loan that may ask for a grade by themselves: no days past due are measured of one."""
_MOST_DPD: Final = 10_000
Because = Literal["dpd", "states", "findings", "watch"]
"""What of a line holds."""


@dataclass(frozen=True, slots=True)
class Line:
    """A grade with what asks for it: it holds where any of the four does."""

    grade: Grade
    dpd: int | None
    """A loan of the borrower is so many days past due at least."""
    states: tuple[str, ...]
    """A loan of the borrower is in one of these states."""
    findings: tuple[str, ...]
    """An open finding has one of these levels."""
    watch: tuple[str, ...]
    """An open alert has one of these levels."""
    citation: str
    """The article, or the post that answers for it."""

    def __post_init__(self) -> None:
        """Check the bounds."""
        _one_of("grade", self.grade, GRADES)
        if self.dpd is not None:
            _whole(f"{self.grade}: dpd", self.dpd, 1, _MOST_DPD)
        for name, allowed in (("states", STATES), ("findings", LEVELS), ("watch", LEVELS)):
            codes = getattr(self, name)
            if not isinstance(codes, list | tuple):
                raise ValueError(f"{self.grade}: {name} must be a list")  # noqa: TRY004 - how a policy refuses a value
            for code in codes:
                _one_of(f"{self.grade}: {name}", code, allowed)
            object.__setattr__(self, name, tuple(codes))
        if self.dpd is None and not self.states and not self.findings and not self.watch:
            raise ValueError(f"{self.grade}: asks for nothing; what no line asks for is pass")
        if not isinstance(self.citation, str) or not self.citation.strip():
            raise ValueError(f"{self.grade}: citation is missing")


@dataclass(frozen=True, slots=True)
class Suggested:
    """The grade of the first line that holds, and what made it hold. No line: pass where every loan was measured, else no grade."""

    grade: Grade | None
    line: Line | None
    because: tuple[Because, ...]


@dataclass(frozen=True, slots=True)
class Reports:
    """The house's choices."""

    en: str
    """How a report is marked: its classification."""
    zh: str
    pictures: int
    """Pictures that a report shows at most; more are named."""
    shown_days: int
    """Days back of which statements are shown."""
    grades: tuple[Line, ...]
    """From the worst grade on."""

    def __post_init__(self) -> None:
        """Read the lines and check the bounds."""
        for name in ("en", "zh"):
            if not isinstance(getattr(self, name), str) or not getattr(self, name).strip():
                raise ValueError(f"{name} must say how a report is marked")
        _whole("pictures", self.pictures, 0, 60)
        _whole("shown_days", self.shown_days, 31, 3_660)
        if not isinstance(self.grades, list | tuple):
            raise ValueError("grades must be a list")  # noqa: TRY004 - how a policy refuses a value
        lines = tuple(one if isinstance(one, Line) else made(Line, _whole_line(one), "grades") for one in self.grades)
        object.__setattr__(self, "grades", lines)
        places = [GRADES.index(one.grade) for one in lines]
        if places != sorted(places, reverse=True):
            raise ValueError("grades must be in order, the worst first: the first line that holds counts")

    def suggested(
        self, dpd: int | None, states: Collection[str], findings: Collection[str], watch: Collection[str], *, measured: bool
    ) -> Suggested:  # fmt: skip
        """The grade that is suggested by the worst days past due, the states of loans, the levels of open findings, and those of open alerts.

        `measured`: whether there is a loan, and days past due are known of every one that is open. Of who was not measured nothing is known to be good.
        """
        for line in self.grades:
            because: list[Because] = []
            if line.dpd is not None and dpd is not None and dpd >= line.dpd:
                because.append("dpd")
            if set(states) & set(line.states):
                because.append("states")
            if set(findings) & set(line.findings):
                because.append("findings")
            if set(watch) & set(line.watch):
                because.append("watch")
            if because:
                return Suggested(line.grade, line, tuple(because))
        return Suggested("pass" if measured else None, None, ())


def reports(text: str, place: str) -> Dated[Reports]:
    """The policy from its file."""
    return dated("reports", Reports, text, place)


def _whole_line(stated: Any) -> Any:
    """A line with what it leaves out."""
    return {"dpd": None, "states": (), "findings": (), "watch": (), **stated} if isinstance(stated, dict) else stated


def _one_of(spot: str, stated: Any, allowed: tuple[str, ...]) -> None:
    if stated not in allowed:
        raise ValueError(f"{spot} must be one of {', '.join(allowed)}, not {stated}")


def _whole(spot: str, stated: Any, least: int, most: int) -> None:
    if type(stated) is not int or not least <= stated <= most:
        raise ValueError(f"{spot} must be a whole number from {least} to {most}")
