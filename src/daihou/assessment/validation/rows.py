"""What a validation is made from: the rows that a model scored, what became of them, and what the champion said of the same rows."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

import numpy as np
import polars as pl

from daihou.assessment.validation.said import Said, same

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    Bools = npt.NDArray[np.bool_]

Part = Literal["train", "test", "later"]
"""Trained on; kept from training, of the same time (and calibrated on); out of time."""
PARTS: Final[tuple[Part, ...]] = get_args(Part)
NO_PD: Final = Said("its probability of default does not lie between 0 and 1", "违约概率不在 0 与 1 之间")
NO_REASON: Final = Said("no reason stated", "未注明原因")
UNSTATED: Final = Said("not stated", "未填写")


@dataclass(frozen=True, slots=True, eq=False)
class Rival:
    """What the champion said of the rows: its score and probability of default, meaningless where `scored` is false."""

    score: npt.NDArray[Any]
    scored: Bools
    pd: npt.NDArray[np.float64]

    @property
    def judged(self) -> Bools:
        """Where there is a score and a probability."""
        return valid(self.scored, self.pd)


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Arrays of one length, a row an observation whose outcome is known."""

    score: npt.NDArray[Any]
    """Whole points, more is better; meaningless where `scored` is false."""
    scored: Bools
    pd: npt.NDArray[np.float64]
    bad: Bools
    month: npt.NDArray[Any]
    """Of the observation: texts 'YYYY-MM' (or of a whole date; '' without one), ordinals of dates, or datetime64."""
    part: npt.NDArray[Any]
    segment: npt.NDArray[Any] | None = None
    """Codes, None where not stated; None of a model without segments."""
    unscored: npt.NDArray[Any] | None = None
    """The code of the reason where `scored` is false."""
    champion: Rival | None = None
    places: Mapping[str, npt.NDArray[Any]] = field(default_factory=dict)
    """By characteristic the bin of each row, from 0 on, also of rows that were not scored."""
    segment_names: Mapping[str, Said] = field(default_factory=dict)
    reason_names: Mapping[str, Said] = field(default_factory=dict)
    characteristic_names: Mapping[str, Said] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check that everything is of one length and every part is one there is; ValueError says what is not."""
        rival = () if self.champion is None else (self.champion.score, self.champion.scored, self.champion.pd)
        some = (one for one in (self.segment, self.unscored) if one is not None)
        every = (self.scored, self.pd, self.bad, self.month, self.part, *rival, *some, *self.places.values())
        if any(len(one) != len(self.score) for one in every):
            raise ValueError("the rows of a validation differ in length")
        strange = set(np.unique(np.asarray(self.part, str))) - set(PARTS)
        if strange:
            raise ValueError(f"no part of a sample: {', '.join(sorted(strange))}; there are {', '.join(PARTS)}")

    @property
    def judged(self) -> Bools:
        """The rows with a score and a probability that is one."""
        return valid(self.scored, self.pd)

    def of(self, part: Part) -> Bools:
        """The rows of a part."""
        return np.asarray(np.asarray(self.part, str) == part)

    def months(self) -> dict[str, Bools]:
        """The rows of each month, the first first; those without a date are in none."""
        texts = pl.Series("month", _months(np.asarray(self.month)), dtype=pl.String)
        return {key: (texts == key).to_numpy() for key in texts.unique().sort().to_list() if key}

    def segments(self) -> dict[str, tuple[Said, Bools]]:
        """The name and the rows of each segment in the order of their codes, those without one last under ''; empty of a model without segments."""
        if self.segment is None:
            return {}
        texts = pl.Series("segment", self.segment.tolist(), dtype=pl.String)
        found = {
            key: (self.segment_names.get(key, same(key)), (texts == key).fill_null(value=False).to_numpy())
            for key in texts.drop_nulls().unique().sort().to_list()
        }
        if texts.null_count():
            found[""] = (UNSTATED, texts.is_null().to_numpy())
        return found

    def reasons(self) -> dict[str, tuple[Said, Bools]]:
        """The words and the rows of each reason for which a row is not judged."""
        given = np.full(len(self.score), None, object) if self.unscored is None else self.unscored
        texts = pl.Series("reason", given.tolist(), dtype=pl.String).fill_null("")
        left = ~np.asarray(self.scored)
        found = {
            key: (self.reason_names.get(key, same(key)) if key else NO_REASON, (texts == key).to_numpy() & left)
            for key in texts.filter(pl.Series(left)).unique().sort().to_list()
        }
        without = self.scored & ~self.judged
        if without.any():
            found["no_pd"] = (NO_PD, without)
        return found


def valid(scored: Bools, pd: npt.NDArray[np.float64]) -> Bools:
    """Where there is a score with a probability of default between 0 and 1."""
    with np.errstate(invalid="ignore"):
        return np.asarray(scored & np.isfinite(pd) & (pd > 0) & (pd < 1))


def _months(month: npt.NDArray[Any]) -> list[str]:
    """Texts 'YYYY-MM' from any of the ways that a month may be stated."""
    if month.dtype.kind == "M":
        return [str(one) for one in month.astype("datetime64[M]").astype(str)]
    if month.dtype.kind in "iu":
        days, back = np.unique(month, return_inverse=True)
        told = [dt.date.fromordinal(int(day)).isoformat()[:7] for day in days]
        return [told[at] for at in back]
    return [str(one)[:7] for one in month.tolist()]
