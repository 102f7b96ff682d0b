"""What a form is made of: sections of questions, each of one kind, with choices, conditions, bounds, evidence, points and findings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, get_args

from daihou.book.errors import DaihouError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator
    from decimal import Decimal

    from daihou.policies.dated import Version
    from daihou.reviews.forms.conditions import Condition
    from daihou.reviews.forms.findings import Finding

Kind = Literal[
    "choice", "choices", "yes_no", "number", "money", "date", "text", "rating", "photos", "files", "place", "note",
]  # fmt: skip
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
EVIDENCE: Final[frozenset[Kind]] = frozenset({"photos", "files"})
"""Kinds that are answered by attachments, not by a value."""
UNASKED: Final[frozenset[Kind]] = frozenset({"place", "note"})
"""Kinds that nobody must answer: a location may always be left out, and a note asks nothing."""
COUNTED: Final[frozenset[Kind]] = frozenset({"number", "money"})
"""Kinds that may be compared with the last review's answer."""

PieceKind = Literal["photo", "audio", "pdf"]
PIECES: Final[tuple[PieceKind, ...]] = get_args(PieceKind)
Rates = Literal["willingness", "ability"]
RATES: Final[tuple[Rates, ...]] = get_args(Rates)
STEPS: Final = 5
"""Steps of a rating: 1 is the worst."""
CHARACTERS: Final = 2_000
"""Most characters of a text where its question does not say."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text in both languages."""

    en: str
    zh: str

    def of(self, *, chinese: bool) -> str:
        """The text in one of them."""
        return self.zh if chinese else self.en


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer of several. `points`: what it is worth, None where the question is not scored by choices."""

    code: str
    label: Text
    alone: bool = False
    """Whether it goes with no other: none of these."""
    points: int | None = None
    finding: Finding | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What one of the attachments should show."""

    code: str
    label: Text


@dataclass(frozen=True, slots=True)
class Evidence:
    """Attachments asked for: at least so many, of these kinds, and what is to be seen on them."""

    least: int
    kinds: tuple[PieceKind, ...]
    asked: tuple[Asked, ...] = ()


@dataclass(frozen=True, slots=True)
class Reason:
    """A fall below, or a rise above, a share of the last answer that needs a reason; `told_in` is the later question that asks for it."""

    direction: Literal["fall", "rise"]
    share: float
    told_in: str


@dataclass(frozen=True, slots=True)
class Score:
    """What an answer is worth where a condition holds; of several the first that holds."""

    when: Condition
    points: int


@dataclass(frozen=True, slots=True)
class Found:
    """A finding where a condition over this and earlier answers holds."""

    when: Condition
    finding: Finding


@dataclass(frozen=True, slots=True)
class Question:
    """One question. Bounds of money are in units of the currency, answers in minor units.

    `when`: it is asked only where this holds of earlier answers. `measures`: what is known of the borrower and shown beside it. `compared`: its
    answer in the last review of the same subject is shown beside it, and the change against that may be asked about.
    """

    id: str
    kind: Kind
    text: Text
    help: Text | None = None
    required: bool = False
    when: Condition | None = None
    measures: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    least: Decimal | None = None
    most: Decimal | None = None
    whole: bool = False
    unit: Text | None = None
    compared: bool = False
    reasons: tuple[Reason, ...] = ()
    labels: tuple[Text, ...] = ()
    rates: Rates | None = None
    evidence: Evidence | None = None
    scores: tuple[Score, ...] = ()
    findings: tuple[Found, ...] = ()

    @property
    def worth(self) -> int:
        """The most points that an answer can have."""
        return max([*(one.points or 0 for one in self.choices), *(one.points for one in self.scores)], default=0)

    def choice(self, code: object) -> Choice | None:
        """The choice of a code."""
        return next((one for one in self.choices if one.code == code), None)


@dataclass(frozen=True, slots=True)
class Section:
    """Questions of one subject, one page of the phone."""

    id: str
    title: Text
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Band:
    """What a share of the points that could be had says, from `least` up to the band above, and what is suggested then."""

    code: str
    least: Decimal
    label: Text
    suggestion: Text


@dataclass(frozen=True, slots=True)
class Form:
    """One version of a form.

    `digest` is the SHA-256, in hexadecimal, of the canonical JSON of what the file states of this version: it changes with every word, and with nothing else.
    """

    id: str
    number: int
    title: Text
    sections: tuple[Section, ...]
    two_people: bool
    """Whether two must have been there."""
    onsite: bool
    """Whether it is filled in where the borrower lives or trades."""
    bands: tuple[Band, ...]
    digest: str

    def questions(self) -> Iterator[Question]:
        """All questions, in the order in which they are asked."""
        for section in self.sections:
            yield from section.questions

    def question(self, code: str) -> Question | None:
        """The question of an id."""
        return next((one for one in self.questions() if one.id == code), None)


@dataclass(frozen=True, slots=True)
class Forms:
    """All versions of one form, in order of the day they are in force from, which is that of their numbers."""

    id: str
    place: str
    versions: tuple[Version[Form], ...]

    def on(self, day: dt.date) -> Form:
        """The version in force on a day; DaihouError before the first."""
        found = next((one.values for one in reversed(self.versions) if one.from_on <= day), None)
        if found is None:
            raise DaihouError(
                f"Form {self.id} has no version in force on {day}.",
                "Add a version that begins earlier.",
                self.place,
                zh=(f"检查表 {self.id} 在 {day} 没有生效版本。", "请补充起始更早的版本。"),
            )
        return found

    def numbered(self, number: int) -> Form:
        """The version of a number; DaihouError where there is none."""
        found = next((one.values for one in self.versions if one.values.number == number), None)
        if found is None:
            there = [str(one.values.number) for one in self.versions]
            raise DaihouError(
                f"Form {self.id} has no version {number}.",
                f"There are: {', '.join(there)}. A version that reviews were done by must stay in the file.",
                self.place,
                zh=(
                    f"检查表 {self.id} 没有版本 {number}。",
                    f"现有版本：{'、'.join(there)}。已使用过的版本须保留在文件中。",
                ),
            )
        return found
