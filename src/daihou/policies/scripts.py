"""Scripts of a conversation 话术: what a collector says at a stage and in a situation, step by step. Nothing of a debt is said before the person is known."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from daihou.policies.collection import LADDER
from daihou.policies.contact_codes import PARTIES
from daihou.policies.dated import Dated, dated

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

SITUATIONS: Final = (
    "dispute",
    "hardship",
    "promise_broken",
    "promise_due",
    "call_agreed",
    "first_payment",
    "any",
)
"""What a script may be for; `any` is what holds where nothing else does."""
OPEN_WORDS: Final = frozenset({"person", "lender", "agent"})
"""Placeholders that tell nothing of a debt."""
WORDS: Final = OPEN_WORDS | {
    "claim",
    "penalty",
    "dpd",
    "dues",
    "product",
    "promised_on",
    "promised",
    "received",
    "call_at",
    "due_on",
    "due",
}
"""Placeholders that a step may hold. Amounts come with their currency's decimals, days as month and day.

`claim` what may be asked for today; `penalty` the part of it that was charged beside the instalments; `dpd` days past due; `dues` unpaid due dates;
`promised_on`, `promised`, `received` the promise last looked at and what came of it; `call_at` when a call was agreed; `due_on`, `due` the next due
date and what falls due on it.
"""
_PLACEHOLDER: Final = re.compile(r"\{(\w*)\}")
IDENTITY: Final = "identity"


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what is said, in both languages; and a remark to the collector that is not said."""

    code: str
    title_en: str
    title_zh: str
    en: str
    zh: str
    remark_en: str = ""
    remark_zh: str = ""

    def words(self) -> frozenset[str]:
        """The placeholders of either text."""
        return frozenset(_PLACEHOLDER.findall(self.en + self.zh + self.remark_en + self.remark_zh))


@dataclass(frozen=True, slots=True)
class Script:
    """What is said to whom, at which stages and in which situation; empty `stages`: at all."""

    code: str
    title_en: str
    title_zh: str
    parties: Sequence[str]
    situation: str
    steps: Sequence[Step]
    stages: Sequence[str] = ()
    limited: bool = False
    """For somebody who must hear nothing of a debt."""

    def __post_init__(self) -> None:
        """Read the steps; refuse a script that would name a debt to somebody who is not known yet, or must not hear of it."""
        stated: Sequence[Any] = self.steps
        object.__setattr__(self, "steps", tuple(each if isinstance(each, Step) else Step(**each) for each in stated))
        if wrong := sorted(set(self.parties) - set(PARTIES)):
            raise ValueError(f"{self.code}: parties: {', '.join(wrong)}; they are {', '.join(PARTIES)}")
        if wrong := sorted(set(self.stages) - set(LADDER)):
            raise ValueError(f"{self.code}: stages: {', '.join(wrong)}; they are {', '.join(LADDER)}")
        if self.situation not in SITUATIONS:
            raise ValueError(f"{self.code}: situation {self.situation}; they are {', '.join(SITUATIONS)}")
        if not self.parties or not self.steps or self.steps[0].code != IDENTITY:
            raise ValueError(
                f"{self.code}: name parties, and begin with the step `{IDENTITY}`: nobody is told of a debt before it is known who speaks"
            )
        for step in self.steps:
            if wrong := sorted(step.words() - WORDS):
                raise ValueError(
                    f"{self.code}, {step.code}: {', '.join(wrong)} is no placeholder; they are {', '.join(sorted(WORDS))}"
                )
            if (step.code == IDENTITY or self.limited) and step.words() - OPEN_WORDS:
                raise ValueError(
                    f"{self.code}, {step.code}: only {', '.join(sorted(OPEN_WORDS))} may be said here: the rest tells of a debt"
                )


@dataclass(frozen=True, slots=True)
class Scripts:
    """All scripts of a house, the particular before the general: the first that fits is shown."""

    scripts: Sequence[Script]

    def __post_init__(self) -> None:
        """Read the scripts; every debtor and every third person must find one."""
        stated: Sequence[Any] = self.scripts
        object.__setattr__(
            self, "scripts", tuple(each if isinstance(each, Script) else Script(**each) for each in stated)
        )
        codes = [script.code for script in self.scripts]
        if len(set(codes)) < len(codes):
            raise ValueError("scripts: every code once")
        for party in PARTIES:
            for stage in LADDER:
                self.fitting(stage, party, ())

    def fitting(self, stage: str, party: str, situations: Collection[str]) -> Script:
        """The first script for a stage and a party of the debt in the situations that hold; ValueError where there is none."""
        for script in self.scripts:
            if party not in script.parties or (script.stages and stage not in script.stages):
                continue
            if script.situation == "any" or script.situation in situations:
                return script
        raise ValueError(f"no script for {party} at {stage} in any situation")


def scripts(text: str, place: str) -> Dated[Scripts]:
    """The policy from its file."""
    return dated("scripts", Scripts, text, place)
