"""The card of a version in the sense of model risk: what it is for, whom it is of, what it came of and by what, so that a reviewer need not ask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from daihou.assessment.scores.choosing import Dropped
from daihou.desk.scoring import labels
from daihou.runs.scores.validate import exclusions

if TYPE_CHECKING:
    from daihou.assessment.scores.model import Model
    from daihou.runs.scores.register import Version


@dataclass(frozen=True, slots=True)
class Fact:
    """A line: its label, its text, and whether the text is code."""

    label: str
    text: str
    code: bool = False


@dataclass(frozen=True, slots=True)
class Size:
    """A part of the sample."""

    label: str
    good: int
    bad: int
    indeterminate: int

    @property
    def rate(self) -> float | None:
        """The share of bad among good and bad."""
        return self.bad / (self.good + self.bad) if self.good + self.bad else None


def purpose(model: Model) -> str:
    """What the score is for and what it is not for; empty where its design does not say."""
    said = model.design.purpose
    return "" if said is None else said.zh if labels.chinese() else said.en


def design(model: Model) -> list[Fact]:
    """Whom it is of and what counts as bad."""
    stated = model.design
    found = [Fact(_("Scores"), str(labels.SUBJECTS[stated.subject]))]
    if stated.runs is not None:
        months = ngettext("%(n)d month", "%(n)d months", stated.runs.window_months) % {"n": stated.runs.window_months}
        found += [
            Fact(_("Population"), stated.runs.population, code=True), Fact(_("Bad is"), stated.runs.bad, code=True),
            Fact(_("Neither good nor bad"), stated.runs.indeterminate or "–", code=stated.runs.indeterminate is not None),
            Fact(_("Performance window"), _("%(window)s, %(seen)s") % {"window": months, "seen": labels.SEEN[stated.runs.seen]}),
            Fact(_("Observed"), f"{stated.runs.observe.first} – {stated.runs.observe.last}"),
        ]  # fmt: skip
    elif stated.table is not None:
        found += [
            Fact(_("Bad is"), stated.table.bad, code=True),
            Fact(_("Observed"), stated.table.observed_on or "–", code=True),
        ]
    return [
        *found, Fact(_("Out of time from"), str(stated.split.out_of_time_from or "–")),
        Fact(_("Kept out of training"), f"{stated.split.out_of_sample:.0%}"), Fact(_("Segments by"), stated.segment or "–", code=stated.segment is not None),
        Fact(_("Calibrated by"), str(labels.METHODS[stated.calibration])),
    ]  # fmt: skip


def origin(version: Version, model: Model) -> list[Fact]:
    """What would have to be the same for the same model to come out."""
    sample, code = model.record["sample"], model.record["code"]
    known = str(labels.KNOWLEDGE.get(sample["knowledge"], sample["knowledge"]))
    if sample.get("assumed_share"):
        known += f" ({sample['assumed_share']:.1%})"
    libraries = ", ".join(
        f"{name} {number}" for name, number in sorted(code.items()) if name not in ("daihou", "sources")
    )
    return [
        Fact(_("Digest of the model"), version.trained.digest, code=True), Fact(_("Design"), f"{model.design.id} {model.design.digest}", code=True),
        Fact(_("Fingerprint of the data"), sample["fingerprint"], code=True), Fact(pgettext("of facts", "Knowledge"), known),
        Fact(_("Code version"), f"daihou {code['daihou']}, {code['sources']}", code=True), Fact(_("Libraries"), libraries or "–"),
        Fact(_("Seed"), str(model.design.seed)),
    ]  # fmt: skip


def sizes(model: Model) -> list[Size]:
    """The parts of the sample, training first."""
    parts = model.record["sample"]["parts"]
    return [
        Size(str(label), *(parts[part].get(fate, 0) for fate in ("good", "bad", "indeterminate")))
        for part, label in labels.PARTS.items()
        if part in parts
    ]


def left_out(model: Model) -> list[tuple[str, int]]:
    """Why observations are in no part of the sample, and how many."""
    return [(labels.said(one.what), one.n) for one in exclusions(model)]


def dropped(model: Model) -> list[tuple[str, str]]:
    """Candidates that the model does not use, and why."""
    chinese = labels.chinese()
    return [(stated["name"], Dropped(**stated).said(chinese=chinese)) for stated in model.record["dropped"]]


def notes(model: Model) -> list[str]:
    """What its reviewers must know."""
    return [zh if labels.chinese() else en for en, zh in model.record["notes"]]


def policy(model: Model) -> list[tuple[str, Any]]:
    """The limits by which it was made, by their names in the policy `scores`."""
    return sorted(model.record["policy"].items())
