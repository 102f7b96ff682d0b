"""Leaks: a candidate that by itself parts good from bad nearly whole was written when the outcome was known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from daihou.assessment.scores.inputs import known, taken
from daihou.assessment.validation.figures import auc
from daihou.book.errors import DaihouError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import numpy.typing as npt

    from daihou.assessment.scores.inputs import Columns, Input, Values


def refuse_leaks(
    inputs: Sequence[Input], columns: Columns, bad: npt.NDArray[np.bool_], most: float, looked_at: Collection[str]
) -> None:
    """Raise DaihouError for the first candidate that alone has an area under the curve above `most`, unless somebody has looked at it."""
    for one in inputs:
        area = alone(columns[one.name], bad)
        if area > most and one.name not in looked_at:
            raise DaihouError(
                f"{one.name} alone tells the outcome (area under the curve {area:.3f}): it seems to know what came after.",
                "Find out when it was known and leave it out; if it is right, say `checked: true` beside it.",
                f"features, {one.name}",
                zh=(
                    f"{one.name} 单个变量即可判定结果（AUC {area:.3f}），疑似包含观察点之后的信息。",
                    "请核实其取得时点并剔除；确认无误的，在该变量下注明 `checked: true`。",
                ),
            )


def alone(values: Values, bad: npt.NDArray[np.bool_]) -> float:
    """The area under the curve of a candidate by itself, whichever way it goes: of its values, or of whether there is one at all."""
    there = known(values)
    areas = [_either(there.astype(float), bad)]
    if there.any():
        some = bad[there]
        held = taken(values, there)
        areas.append(
            _of_codes(held, some) if isinstance(held, pl.Series) else _either(np.clip(held, -1e300, 1e300), some)
        )
    return max(areas)


def _either(value: npt.NDArray[np.float64], bad: npt.NDArray[np.bool_]) -> float:
    area = auc(value, bad)
    return 0.5 if area is None else max(area, 1 - area)


def _of_codes(codes: pl.Series, bad: npt.NDArray[np.bool_]) -> float:
    """Of codes by their rates, never the other way round: of one code alone whoever is bad has the lower rate of others, which tells nothing."""
    return auc(_rates(codes, bad), bad) or 0.5


def _rates(codes: pl.Series, bad: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """For each code the share of bad among the others with it: its own outcome left out, or rare codes would tell it."""
    overall = float(bad.mean())
    told = pl.DataFrame({"code": codes, "bad": bad.astype(np.int64)})
    others = (pl.col("bad").sum().over("code") - pl.col("bad") + overall) / pl.len().over("code")
    return told.select(others.alias("rate"))["rate"].to_numpy()
