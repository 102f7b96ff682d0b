"""Letters 通知书: when one is due, how many are printed together, and their words, by kind and by whom they are for."""

from __future__ import annotations

import hashlib
import json
import string
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from daihou.policies.dated import Dated, dated, made

if TYPE_CHECKING:
    from collections.abc import Sequence

LetterKind = Literal["maturity", "overdue"]
KINDS: Final[tuple[LetterKind, ...]] = get_args(LetterKind)
To = Literal["debtor", "guarantor"]
TOS: Final[tuple[To, ...]] = get_args(To)
NAMES: Final = (
    "lender",
    "loan",
    "debtor",
    "as_of",
    "matures_on",
    "disbursed_on",
    "principal",
    "amount",
    "total",
    "number",
)
"""What a paragraph may name in braces. `amount` is all that is asked for, in figures; `total` the same with Chinese capitals beside."""


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of one kind of letter in both languages, paragraph by paragraph, and of the slip that is signed for it."""

    kind: LetterKind
    to: To
    title_en: str
    title_zh: str
    body_en: Sequence[str]
    body_zh: Sequence[str]
    slip_en: str
    slip_zh: str

    def __post_init__(self) -> None:
        """Check that all is said, and nothing named that is not known."""
        spot = f"{self.kind} {self.to}"
        if self.kind not in KINDS or self.to not in TOS:
            raise ValueError(
                f"wordings: {spot} is no letter; kinds are {', '.join(KINDS)}, to is one of {', '.join(TOS)}"
            )
        for name in ("body_en", "body_zh"):
            stated = getattr(self, name)
            if not isinstance(stated, list | tuple) or not stated:
                raise ValueError(f"{spot}: {name} must be a list of paragraphs")
            object.__setattr__(self, name, tuple(stated))
        for text in (self.title_en, self.title_zh, self.slip_en, self.slip_zh, *self.body_en, *self.body_zh):
            if not isinstance(text, str) or not text.strip():
                raise ValueError(f"{spot}: a text is empty")
            named = {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
            if unknown := sorted(named - set(NAMES)):
                raise ValueError(f"{spot}: a text names {{{unknown[0]}}}; it may name {', '.join(NAMES)}")

    @property
    def digest(self) -> str:
        """Names exactly these words."""
        return hashlib.sha256(json.dumps(asdict(self), ensure_ascii=False, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Letters:
    """The house's choices."""

    maturing_days: int
    """A maturity notice is due so many calendar days before maturity."""
    again_days: int
    """An overdue notice is due again so many calendar days after the last one was made."""
    soon_days: int
    """Limitation that ends within so many calendar days is shown."""
    together_most: int
    """Letters made, or printed, at once."""
    wordings: Sequence[Wording]

    def __post_init__(self) -> None:
        """Read the wordings and check the bounds."""
        for name, most in (("maturing_days", 366), ("again_days", 366), ("soon_days", 1096), ("together_most", 60)):
            stated = getattr(self, name)
            if type(stated) is not int or not 1 <= stated <= most:
                raise ValueError(f"{name} must be a whole number from 1 to {most}")
        if not isinstance(self.wordings, list | tuple):
            raise ValueError("wordings must be a list")  # noqa: TRY004 - how a policy refuses a value
        rows: Sequence[Any] = self.wordings
        read = tuple(
            one if isinstance(one, Wording) else made(Wording, one, f"wordings {place}")
            for place, one in enumerate(rows, 1)
        )
        object.__setattr__(self, "wordings", read)
        if sorted((one.kind, one.to) for one in read) != sorted((kind, to) for kind in KINDS for to in TOS):
            raise ValueError(f"wordings: each of {', '.join(KINDS)} to each of {', '.join(TOS)}, once")

    def wording(self, kind: str, to: str) -> Wording:
        """The words of a kind of letter to somebody; StopIteration for a kind that is none."""
        return next(one for one in self.wordings if (one.kind, one.to) == (kind, to))


def letters(text: str, place: str) -> Dated[Letters]:
    """The policy from its file."""
    return dated("letters", Letters, text, place)
