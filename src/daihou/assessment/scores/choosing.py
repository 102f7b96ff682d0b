"""Which candidates stand on a card, and why the others do not."""

from __future__ import annotations

from dataclasses import dataclass
from math import comb
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from daihou.assessment.scores.binning import PREBINS, bins
from daihou.assessment.scores.evidence import counted
from daihou.assessment.scores.inputs import infinite, known, taken

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    from daihou.assessment.scores.bins import Bins
    from daihou.assessment.scores.evidence import Evidence
    from daihou.assessment.scores.inputs import Columns, Input, Values
    from daihou.policies.scores import Scores

    Progress = Callable[[str, int, int], None]

Why = Literal["empty", "constant", "flat", "weak", "chance", "shifted", "correlated", "wrong_way", "surplus"]
PLACES: Final = PREBINS - 1
"""Places where the bins of a characteristic may have been parted."""
WHY: Final[dict[Why, tuple[str, str]]] = {
    "empty": ("nobody has a value", "全部缺失"),
    "constant": ("one value alone", "取值唯一"),
    "flat": ("no bins differ in risk the way the design says", "按设定的风险方向无法分箱"),
    "weak": ("tells too little: information value {value:.4f}", "信息值偏低：{value:.4f}"),
    "chance": ("tells no more than chance may: p {value:.3f}", "区分能力不显著：p 值 {value:.3f}"),
    "shifted": ("has shifted since training: stability index {value:.3f}", "分布漂移：PSI {value:.3f}"),
    "correlated": ("says what {other} says: correlation {value:.2f}", "与“{other}”高度相关：{value:.2f}"),
    "wrong_way": ("counts against its own evidence beside the others", "与其他变量共同入模时系数方向相反"),
    "surplus": ("the card is full: information value {value:.4f}", "入模变量数已满：信息值 {value:.4f}"),
}
"""Why a candidate does not stand on the card, in English and Chinese."""


@dataclass(frozen=True)
class Candidate:
    """A candidate with its bins and what training saw in them."""

    input: Input
    bins: Bins
    evidence: Evidence
    place: npt.NDArray[np.int16]
    """The bin of each subject of training."""
    shift: float | None
    """The stability index between training and out of time; None without such a part."""

    @property
    def woe(self) -> npt.NDArray[np.float64]:
        """The weight of evidence of each subject of training."""
        return self.evidence.woe[self.place]

    @property
    def chance(self) -> float:
        """The probability of so much information from a characteristic that tells nothing.

        Of numbers it is the best of all ways to part them into so many bins (Bonferroni). Codes are put together by what they tell, which can tell no more
        than all of them apart.
        """
        from daihou.assessment.validation.tails import chi_squared_tail

        if self.bins.codes:
            ways, used = 1, sum(len(group) for group in self.bins.groups)
        else:
            ways, used = (
                comb(PLACES, self.bins.plain - 1),
                int(np.count_nonzero(self.evidence.good + self.evidence.bad)),
            )
        return 1.0 if used < 2 else min(1.0, ways * chi_squared_tail(self.evidence.chi_squared, used - 1))


@dataclass(frozen=True, slots=True)
class Dropped:
    """A candidate that does not stand on the card."""

    name: str
    why: Why
    value: float | None = None
    other: str | None = None

    def said(self, *, chinese: bool) -> str:
        """Why, in words."""
        return WHY[self.why][chinese].format(value=self.value, other=self.other)

    def as_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {"name": self.name, "why": self.why, "value": self.value, "other": self.other}


def candidates(
    inputs: Sequence[Input], columns: Columns, bad: npt.NDArray[np.bool_], later: Columns | None, policy: Scores, progress: Progress,
) -> tuple[list[Candidate], list[Dropped]]:  # fmt: skip
    """Bins for each candidate that has any, from training; `later` are the columns of the out-of-time part."""
    found, dropped = [], []
    for at, one in enumerate(inputs):
        progress("bins", at, len(inputs))
        values = finite(columns[one.name])
        there = known(values)
        if not there.any():
            dropped.append(Dropped(one.name, "empty"))
        elif _constant(taken(values, there)) and there.all():
            dropped.append(Dropped(one.name, "constant"))
        elif (chosen := bins(one, values, bad, policy)) is None:
            dropped.append(Dropped(one.name, "flat"))
        else:
            place = chosen.place(values)
            shift = (
                None
                if later is None
                else _shift(place, chosen.place(finite(later[one.name])), chosen.count, policy.floor)
            )
            found.append(
                Candidate(
                    one,
                    chosen,
                    counted(place, bad, chosen.count, range(chosen.plain, chosen.missing), policy.least_missing),
                    place,
                    shift,
                )
            )
    progress("bins", len(inputs), len(inputs))
    return found, dropped


def finite(values: Values) -> Values:
    """The values, an infinite one as not known."""
    endless = infinite(values)
    if isinstance(values, np.ndarray) and endless.any():
        return np.where(endless, np.nan, values)
    return values


def _constant(values: Values) -> bool:
    if isinstance(values, np.ndarray):
        return bool(values.min() == values.max())
    return values.n_unique() < 2


def _shift(place: npt.NDArray[np.int16], later: npt.NDArray[np.int16], count: int, floor: float) -> float | None:
    from daihou.assessment.validation.stability import psi

    if not len(later):
        return None
    return psi(np.bincount(place, minlength=count), np.bincount(later, minlength=count), floor)


def choose(found: Sequence[Candidate], policy: Scores) -> tuple[list[Candidate], list[Dropped]]:
    """The candidates that may stand on a card, the strongest first: by information value, stability and correlation."""
    dropped: list[Dropped] = []
    kept: list[Candidate] = []
    standing: list[npt.NDArray[np.float64]] = []
    for one in sorted(found, key=lambda candidate: (-candidate.evidence.iv, candidate.input.name)):
        iv = one.evidence.iv
        if iv < policy.min_iv:
            dropped.append(Dropped(one.input.name, "weak", iv))
        elif (chance := one.chance) > policy.chance:
            dropped.append(Dropped(one.input.name, "chance", chance))
        elif one.shift is not None and one.shift > policy.max_shift:
            dropped.append(Dropped(one.input.name, "shifted", one.shift))
        elif len(kept) == policy.most_characteristics:
            dropped.append(Dropped(one.input.name, "surplus", iv))
        else:
            centred = one.woe - one.woe.mean()
            length = float(np.sqrt(centred @ centred))
            unit = centred / length if length else centred
            other, near = max(
                ((name.input.name, abs(float(unit @ held))) for name, held in zip(kept, standing, strict=True)), key=lambda pair: pair[1],
                default=("", 0.0),
            )  # fmt: skip
            if near > policy.max_correlation:
                dropped.append(Dropped(one.input.name, "correlated", near, other))
            else:
                kept.append(one)
                standing.append(unit)
    return kept, dropped
