"""Rules as lenders state them: what is watched, when it warns, how urgent it is, who gets it and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, get_args

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

Level = Literal["red", "orange", "yellow", "blue"]
"""From the most urgent to the least."""
Subject = Literal["loan", "borrower", "model"]
"""`model` is a version of a scoring model: how well it still does its work."""
Topic = Literal["arrears", "behaviour", "terms", "cash_flow", "events", "borrower", "market", "model"]
Recipient = Literal["officer", "branch_manager", "head_office", "collector", "analyst"]

LEVELS: Final[tuple[Level, ...]] = get_args(Level)
SUBJECTS: Final[tuple[Subject, ...]] = get_args(Subject)
OF_BOOK: Final[tuple[Subject, ...]] = ("loan", "borrower")
"""Subjects that facts tell of: the stream judges them within a day, and rules on them are tried on past dates."""
TOPICS: Final[tuple[Topic, ...]] = get_args(Topic)
RECIPIENTS: Final[tuple[Recipient, ...]] = get_args(Recipient)


@dataclass(frozen=True, slots=True)
class Text:
    """What is said, in English and Chinese."""

    en: str
    zh: str

    def said(self, *, chinese: bool) -> str:
        """The text in one of the languages."""
        return self.zh if chinese else self.en


@dataclass(frozen=True, slots=True)
class Noun:
    """What a subject is called: one, and many; and in Chinese by what word many are counted."""

    one: Text
    many: Text
    counted: str


NOUNS: Final[Mapping[str, Noun]] = {
    "loan": Noun(Text("loan", "贷款"), Text("loans", "贷款"), "笔"),
    "borrower": Noun(Text("borrower", "借款人"), Text("borrowers", "借款人"), "户"),
    "model": Noun(Text("model", "模型"), Text("models", "模型"), "个"),
}


POSTS: Final = {"head_of_risk": Text("Head of risk", "风险管理部负责人")}
"""The posts that own the rules that ship, by code; a lender's own rules may name any post or person."""


def owner_of(stated: str) -> str:
    """An owner as it is kept: a post, however it was written, by its code; anybody else as stated."""
    return next((code for code, said in POSTS.items() if stated in (code, said.en, said.zh)), stated)


def owner_said(owner: str, *, chinese: bool) -> str:
    """An owner as people read it."""
    post = POSTS.get(owner_of(owner))
    return owner if post is None else post.said(chinese=chinese)


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a rule. It never changes; what is to change is the next version.

    Live from `from_on` on, until a later version is; in shadow (signals are written, nobody is called) from `shadow_from` until then.
    `from_on` is None while it is only in shadow. A `retired` version ends the rule from `from_on` on: its condition is that of the version before.
    """

    number: int
    from_on: dt.date | None
    owner: str
    level: Level
    when: str
    message: Text
    reason: Text
    segment: str | None = None
    confirm: int = 1
    cooldown_days: int = 0
    clear: str | None = None
    clear_times: int = 1
    due_work_days: int = 3
    notify: tuple[Recipient, ...] = ("officer",)
    shadow_from: dt.date | None = None
    retired: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule and all versions it ever had, in order of their numbers."""

    id: str
    name: Text
    topic: Topic
    subject: Subject
    versions: tuple[Version, ...]

    def live(self, day: dt.date) -> Version | None:
        """The version that warns on a day, or that ended the rule by then (`retired`); None before the first.

        It is the latest by number of those that hold: what was decided last stands, also where an earlier version was to begin after it.
        """
        held = (one for one in reversed(self.versions) if one.from_on is not None and one.from_on <= day)
        return next(held, None)

    def shadow(self, day: dt.date) -> Version | None:
        """The newest version that runs in shadow on a day beside the live one; None if there is none."""
        live = self.live(day)
        found = None
        for version in self.versions:
            begun = version.shadow_from is not None and version.shadow_from <= day
            if (
                begun
                and (version.from_on is None or day < version.from_on)
                and (live is None or version.number > live.number)
            ):
                found = version
        return None if live is not None and live.retired else found
