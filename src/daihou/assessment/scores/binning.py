"""Optimal bins: those that tell most of the outcome while risk moves as the design says, found exactly by optbinning."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from daihou.assessment.scores.bins import Bins
from daihou.assessment.scores.inputs import known
from daihou.assessment.scores.needed import models_extra

if TYPE_CHECKING:
    import numpy.typing as npt

    from daihou.assessment.scores.inputs import Input, Risk, Values
    from daihou.policies.scores import Scores

TRENDS: Final[dict[Risk, str | None]] = {
    "up": "ascending", "down": "descending", "peak": "peak", "valley": "valley", "any": None,
}  # fmt: skip
"""By how risk moves, what optbinning calls that of the share of bad."""
PREBINS: Final = 24
"""Quantiles that bins are put together from: the loss against the exact values is below what any sample can tell."""
CODES: Final = 40
"""Codes told apart at most; rarer ones are together."""
LEAST_OF_CODE: Final = 0.005
"""A code with a smaller share of training is one of the others."""


def bins(input_: Input, values: Values, bad: npt.NDArray[np.bool_], policy: Scores) -> Bins | None:
    """The bins of a characteristic from training; None where it has one value alone."""
    if isinstance(values, pl.Series):
        return _of_codes(input_, values, bad, policy)
    plain = known(values)
    for value in input_.special:
        plain &= values != value
    x, y = values[plain], bad[plain]
    if not len(x) or x.min() == x.max():
        return None
    starts = _starts(x)
    if not y.any() or y.all():
        return None
    splits = _chosen(starts, x, y, TRENDS[input_.risk], policy)
    return Bins(input_.name, splits, special=input_.special) if splits or input_.special else None


def _starts(x: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Where the finest bins begin: quantiles at values that occur, in three digits where that parts as well, so that a card is easy to read.

    Most subjects have one value of much that is counted, 0 days past due say: then also quantiles of the others.
    """
    values, counts = np.unique(x, return_counts=True)
    common = values[np.argmax(counts)]
    parts = [x] if counts.max() * PREBINS < len(x) else [x, x[x != common]]
    shares = np.linspace(0, 1, PREBINS + 1)[1:-1]
    found = np.unique(np.concatenate([np.quantile(part, shares, method="higher") for part in parts]))
    beyond = values[values > common]
    if len(parts) > 1 and len(beyond):
        found = np.union1d(found, beyond[:1])
    short = np.unique([float(f"{value:.3g}") for value in found])
    chosen = short if 4 * len(short) >= 3 * len(found) else found
    return np.asarray(chosen[(chosen > x.min()) & (chosen <= x.max())])


def _chosen(
    starts: npt.NDArray[np.float64], x: npt.NDArray[np.float64], y: npt.NDArray[np.bool_], trend: str | None, policy: Scores,
) -> tuple[float, ...]:  # fmt: skip
    """The splits among some starts that tell most."""
    if not len(starts):
        return ()
    optbinning = models_extra("optbinning")
    logging.getLogger("optbinning").setLevel(logging.ERROR)
    fit = optbinning.OptimalBinning(
        dtype="numerical", solver="cp", max_n_bins=policy.most_bins, min_bin_size=policy.smallest_bin,
        min_bin_n_event=policy.fewest_bad_in_bin, max_pvalue=policy.bin_chance, monotonic_trend=trend, user_splits=list(starts), time_limit=60,
    )  # fmt: skip
    # One row a finest bin and outcome, with its count as weight, tells the same as millions of rows.
    place = np.searchsorted(starts, x, side="right")
    every = np.concatenate([[x.min()], starts])
    whole, of_bad = np.bincount(place, minlength=len(every)), np.bincount(place[y], minlength=len(every))
    rows = np.concatenate([every, every])
    outcome = np.concatenate([np.zeros(len(every)), np.ones(len(every))])
    weight = np.concatenate([whole - of_bad, of_bad]).astype(float)
    some = weight > 0
    fit.fit(rows[some], outcome[some], sample_weight=weight[some])
    return tuple(float(split) for split in fit.splits)


def _of_codes(input_: Input, values: pl.Series, bad: npt.NDArray[np.bool_], policy: Scores) -> Bins | None:
    """Codes in groups of like risk; those too rare for a bin of their own are put to the nearest in risk."""
    told = pl.DataFrame({"code": values.cast(pl.String), "bad": bad}).drop_nulls("code")
    by_code = told.group_by("code").agg(pl.len().alias("n"), pl.col("bad").sum().alias("of_bad"))
    common = (
        by_code.filter(pl.col("n") >= LEAST_OF_CODE * len(values))
        .sort("n", "code", descending=[True, False])
        .head(CODES)
    )
    if common.height < 2:
        return None
    overall = int(common["of_bad"].sum()) / int(common["n"].sum())
    # Towards the whole by some tens of subjects: the order of small codes is not chance alone.
    common = common.with_columns(((pl.col("of_bad") + 20 * overall) / (pl.col("n") + 20)).alias("rate")).sort(
        "rate", "code"
    )
    ordered = common["code"].to_list()
    rank = {code: float(at) for at, code in enumerate(ordered)}
    some = told.filter(pl.col("code").is_in(ordered))
    x = some["code"].replace_strict(rank, return_dtype=pl.Float64).to_numpy()
    y = some["bad"].to_numpy()
    if not y.any() or y.all():
        return None
    splits = _chosen(np.arange(1.0, len(ordered)), x, y, "ascending", policy)
    if not splits:
        return None
    at = np.searchsorted(np.asarray(splits), np.arange(len(ordered), dtype=float), side="right")
    groups = tuple(
        tuple(sorted(code for code, place in zip(ordered, at, strict=True) if place == one))
        for one in range(len(splits) + 1)
    )
    return Bins(input_.name, groups=groups)
