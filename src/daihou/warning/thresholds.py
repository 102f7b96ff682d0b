"""Thresholds from default history: what candidates of a measure would have done, which to choose, and why, or that nothing can be said."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import reduce
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from daihou.warning.backtest import DAYS_OF_MONTH
from daihou.warning.bootstrap import SEED, redrawn
from daihou.warning.candidates import candidates
from daihou.warning.choice import Choice, Goal, Pair, choose, pair
from daihou.warning.figures import figures
from daihou.warning.fold import TRUE
from daihou.warning.outcomes import AT_RISK
from daihou.warning.rule import Text
from daihou.warning.silence import silence
from daihou.warning.tally import FIRST_HALF, OPEN, tally, together

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from daihou.policies.early_warning import EarlyWarning
    from daihou.warning.candidates import Threshold, Values, Worse
    from daihou.warning.figures import Figures, Half
    from daihou.warning.rule import Subject
    from daihou.warning.tally import Panel, Sums, Tally

Knowledge = Literal["recorded", "assumed", "mixed"]
"""Whether the lender said when it knew a fact, or the fact's own date stands in for it."""


@dataclass(frozen=True, slots=True)
class Span:
    """The dates asked, each as known on itself."""

    dates: tuple[dt.date, ...]
    step: str
    knowledge: Knowledge
    heard_on: dt.date | None = None
    """The last day of the span on which it was heard what anybody paid; None where nothing was."""

    @property
    def step_months(self) -> float:
        """Months from one date to the next, on average; there are two dates at least."""
        return (self.dates[-1] - self.dates[0]).days / DAYS_OF_MONTH / (len(self.dates) - 1)


@dataclass(frozen=True, slots=True)
class Present:
    """The threshold that a live rule has on the measure."""

    rule: str
    threshold: Threshold


@dataclass(frozen=True, slots=True)
class Question:
    """What thresholds are asked for."""

    measure: str
    unit: str
    worse: Worse
    subject: Subject
    default: str
    """What counts as default, as text; within so many months."""
    months: int
    goal: Goal
    segment: str | None = None
    by: str | None = None
    present: tuple[Present, ...] = ()
    currencies: tuple[str, ...] = ()
    """Of a measure in each loan's own currency: those there are."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment told by itself."""

    name: str | None
    subjects: int
    defaults: int
    choice: Choice | None
    """Its own best threshold; None where there are not enough defaults."""
    figures: tuple[Figures, ...]
    """Of each candidate; without ratios where there are not enough defaults."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The candidates from the loosest to the strictest, what each would have done, and what is advised."""

    question: Question
    span: Span
    policy: EarlyWarning
    subjects: int
    """At risk on any date."""
    at_risk: int
    """Subject-dates at risk of which the measure is known; `unknown` others."""
    unknown: int
    defaults: int
    default_balance: int
    """In minor units of the base currency."""
    base_rate: float | None
    """Of at-risk subject-dates whose horizon is over, the share with default within it."""
    figures: tuple[Figures, ...]
    choice: Choice | None
    """None where there are not enough defaults, or nothing to choose from."""
    pair: Pair | None
    segments: tuple[Segment, ...]

    @property
    def enough(self) -> bool:
        """Whether there are as many defaults as the policy asks."""
        return self.defaults >= self.policy.fewest_defaults

    @property
    def names(self) -> tuple[str, ...]:
        """The candidates as rules."""
        return _names(self.question, [one.threshold for one in self.figures])

    @property
    def advice(self) -> Text:
        """What is advised, in a sentence."""
        if not self.enough:
            return too_few(self.defaults, self.policy.fewest_defaults)
        if self.choice is None:
            return nothing_to_tell(self.question.measure, unknown=self.at_risk == 0)
        return self.choice.why

    def as_dict(self) -> dict[str, Any]:
        """All of it as JSON has it: numbers, texts, lists and mappings."""
        asked, names = self.question, self.names
        return {
            "measure": asked.measure,
            "unit": asked.unit,
            "worse": asked.worse,
            "subject": asked.subject,
            "default": asked.default,
            "horizon_months": asked.months,
            "segment": asked.segment,
            "by": asked.by,
            "goal": {"kind": type(asked.goal).__name__.lower(), **asdict(asked.goal)},
            "spine": {
                "first": self.span.dates[0].isoformat(),
                "last": self.span.dates[-1].isoformat(),
                "step": self.span.step,
                "dates": len(self.span.dates),
                "knowledge": self.span.knowledge,
            },
            "subjects": self.subjects,
            "at_risk": self.at_risk,
            "unknown": self.unknown,
            "defaults": self.defaults,
            "default_balance": self.default_balance,
            "enough": self.enough,
            "fewest_defaults": self.policy.fewest_defaults,
            "base_rate": self.base_rate,
            "candidates": [_figures_dict(one, name, asked.unit) for one, name in zip(self.figures, names, strict=True)],
            "present": [
                {
                    "rule": one.rule,
                    "condition": one.threshold.rule(asked.measure, asked.worse, asked.unit),
                    "place": self.place_of(one),
                }
                for one in asked.present
            ],
            "chosen": _choice_dict(self.choice),
            "amber": _choice_dict(self.pair.amber if self.pair else None),
            "red": _choice_dict(self.pair.red if self.pair else None),
            "advice": {"en": self.advice.en, "zh": self.advice.zh},
            "segments": [self._segment_dict(one) for one in self.segments],
            "notes": [{"en": note.en, "zh": note.zh} for note in self.notes],
            "intervals": {"confidence": self.policy.confidence, "repetitions": self.policy.repetitions, "seed": SEED},
        }

    def place_of(self, present: Present) -> int:
        """The place of a live rule's threshold among the candidates."""
        bounds = [one.threshold.bound(self.question.worse) for one in self.figures]
        return bounds.index(present.threshold.bound(self.question.worse))

    @property
    def notes(self) -> tuple[Text, ...]:
        """What a reader must know beside the figures."""
        found = [_assumed(self.span.knowledge)] if self.span.knowledge != "recorded" else []
        found += silence(self.span.heard_on, self.span.dates[-1])
        censored = sum(one.censored for one in self.figures[:1])
        if censored:
            found.append(
                Text(
                    f"Of {self.names[0]}, {censored:,} episodes have a horizon that is not over: they count in no precision.",
                    f"{self.names[0]} 有 {censored:,} 次预警观察期未满，不计入精确率。",
                )
            )
        if len(self.question.currencies) > 1:
            listed = ", ".join(self.question.currencies)
            found.append(
                Text(
                    f"Amounts are in each loan's own currency ({listed}): one threshold is asked of all. Name a segment to keep them apart.",
                    f"金额按各笔贷款的币种计（{listed}），同一阈值适用于全部币种；可用 segment 条件分开测算。",
                )
            )
        if self.unknown:
            share = 100 * self.unknown / (self.unknown + self.at_risk)
            found.append(
                Text(
                    f"The measure is not known on {share:.1f}% of the dates at risk: no data, and no signal.",
                    f"该指标在 {share:.1f}% 的观察点上无数据，不产生信号。",
                )
            )
        return tuple(found)

    def _segment_dict(self, segment: Segment) -> dict[str, Any]:
        enough = segment.defaults >= self.policy.fewest_defaults
        own = None if segment.choice is None or segment.choice.place is None else segment.choice.place
        names = self.names

        def told(place: int | None) -> dict[str, Any] | None:
            return None if place is None else _figures_dict(segment.figures[place], names[place], self.question.unit)

        few = None if enough else too_few(segment.defaults, self.policy.fewest_defaults)
        return {
            "name": segment.name,
            "subjects": segment.subjects,
            "defaults": segment.defaults,
            "enough": enough,
            "chosen": _choice_dict(segment.choice),
            "at_own": told(own),
            "at_chosen": told(self.choice.place if self.choice else None),
            "note": None if few is None else {"en": few.en, "zh": few.zh},
        }


def suggest(
    panels: Sequence[Panel], question: Question, span: Span, policy: EarlyWarning, only: Sequence[Threshold] = ()
) -> Suggestion:
    """Thresholds for a book in memory: candidates from all of it unless `only` some are to be tried, each judged over all of it.

    `only` go from the loosest to the strictest, and the question names no present ones beside them.
    """
    tried = only or tried_for(question, np.concatenate([at_risk_values(panel) for panel in panels]), policy)
    counted = [tally(panel, tried, question.worse, policy.episode_days) for panel in together(panels)]
    whole = reduce(lambda one, other: one.plus(other, policy.most_segments), counted)
    return suggestion(question, span, tried, whole, policy)


def at_risk_values(panel: Panel) -> Values:
    """The values that candidates are chosen from: of subjects at risk, watched and in the segment."""
    found: Values = panel.values[(panel.within == TRUE) & (panel.outcomes.standing == AT_RISK)]
    return found


def tried_for(question: Question, values: Values, policy: EarlyWarning) -> tuple[Threshold, ...]:
    """The thresholds to try for a question."""
    present = [one.threshold for one in question.present]
    return candidates(values, question.worse, question.unit, policy.most_candidates, present)


def suggestion(
    question: Question, span: Span, tried: Sequence[Threshold], counted: Tally, policy: EarlyWarning
) -> Suggestion:
    """What follows from the tally of a whole book; DaihouError where it has more segments than the policy allows."""
    whole = counted.limited(policy.most_segments).blocks.all()
    leads = sum(leads for _, leads in counted.groups.values())
    drawn = redrawn(counted.blocks, policy.repetitions)
    found = figures(tried, whole, np.asarray(leads), span.step_months, policy, drawn)
    names = _names(question, tried)
    told = bool(found) and int(whole.defaults[0]) >= policy.fewest_defaults and _known(whole) > 0
    over = whole.at_risk[0, FIRST_HALF:OPEN].sum(axis=(0, 1))
    return Suggestion(
        question,
        span,
        policy,
        int(whole.subjects[0]),
        _known(whole),
        int(whole.unknown[0]),
        int(whole.defaults[0]),
        int(whole.default_balance[0]),
        float(over[1] / over.sum()) if told and over.sum() else None,
        found,
        choose(found, names, question.goal, question.subject) if told else None,
        pair(found, names, policy, question.subject) if told else None,
        _segments(question, span, tried, counted, policy) if question.by else (),
    )


def too_few(defaults: int, fewest: int) -> Text:
    """That nothing is advised because too little happened."""
    return Text(
        f"Not enough defaults: {defaults:,}, where {fewest:,} are needed. No threshold is advised.",
        f"违约样本不足：仅 {defaults:,} 例，至少需要 {fewest:,} 例，不给出阈值建议。",
    )


def nothing_to_tell(measure: str, *, unknown: bool) -> Text:
    """That there is nothing to choose from."""
    if unknown:
        return Text(
            f"{measure} has no data on any date: no threshold can be tried.",
            f"{measure} 在全部日期均无数据，无法测算阈值。",
        )
    return Text(
        f"{measure} has one value throughout: no threshold tells anything apart.",
        f"{measure} 始终为同一取值，无法以阈值区分。",
    )


def _segments(
    question: Question, span: Span, tried: Sequence[Threshold], counted: Tally, policy: EarlyWarning
) -> tuple[Segment, ...]:
    names = _names(question, tried)
    rows = []
    for name, (sums, leads) in counted.groups.items():
        found = figures(tried, sums, leads, span.step_months, policy)
        if not (sums.subjects[0] or sums.defaults[0]):
            continue  # of whom nothing was asked: outside the segment, or never at risk
        defaults = int(sums.defaults[0])
        told = bool(found) and defaults >= policy.fewest_defaults and _known(sums) > 0
        best = choose(found, names, question.goal, question.subject) if told else None
        rows.append(Segment(name, int(sums.subjects[0]), defaults, best, found))
    return tuple(sorted(rows, key=lambda row: (-row.defaults, -row.subjects, row.name is None, row.name or "")))


def _known(sums: Sums) -> int:
    return int(sums.at_risk.sum())


def _names(question: Question, tried: Sequence[Threshold]) -> tuple[str, ...]:
    return tuple(threshold.rule(question.measure, question.worse, question.unit) for threshold in tried)


def _assumed(knowledge: Knowledge) -> Text:
    if knowledge == "mixed":
        return Text(
            "For a part of the facts the knowledge date is assumed to be their own date: late news would look as if it had been known at once.",
            "部分数据的知悉日期按业务日期推定，迟到的信息会被视为当时已知。",
        )
    return Text(
        "Knowledge dates are assumed to be the facts' own dates: late news would look as if it had been known at once.",
        "知悉日期均按业务日期推定，迟到的信息会被视为当时已知。",
    )


def _choice_dict(choice: Choice | None) -> dict[str, Any] | None:
    return None if choice is None else {"place": choice.place, "why": {"en": choice.why.en, "zh": choice.why.zh}}


def _figures_dict(one: Figures, condition: str, unit: str) -> dict[str, Any]:
    found = asdict(one)
    found["threshold"] = {
        "value": one.threshold.value,
        "strict": one.threshold.strict,
        "said": one.threshold.said(unit),
    }
    found["intervals"] = {name: list(ends) if ends else None for name, ends in found["intervals"].items()}
    return {"condition": condition, **found, "halves": [_half_dict(half) for half in one.halves]}


def _half_dict(half: Half) -> dict[str, float | None]:
    return {"lift": half.lift, "precision": half.precision}
