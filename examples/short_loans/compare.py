# ruff: noqa: INP001 - a script, no package
"""Short loans: our card and trees beside plain models and other libraries, on the same features and the same split, as Markdown on the terminal.

    python examples/short_loans/compare.py features.csv [--parts PARTS.parquet] [--peers SCORES.parquet]

All are trained on the same rows (out-of-sample and out-of-time rows train none of them) and judged on the out-of-time third. `--parts` writes the split for
`examples/peers.py`, which runs in an environment of its own; `--peers` takes what that scored. Plain models: a logistic regression of scikit-learn (numbers
standardised, the median where not known; codes one-hot) and LightGBM's classifier, both by their defaults.
"""

from __future__ import annotations

import argparse
import datetime as dt
import time
import warnings
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import lightgbm
import numpy as np
import pandas as pd
import polars as pl
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from daihou.assessment.scores import design as designs
from daihou.assessment.scores.training import train
from daihou.assessment.validation.figures import auc_difference, auc_interval
from daihou.policies.scores import scores
from daihou.runs.scores import table

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from daihou.assessment.scores.inputs import Input
    from daihou.assessment.scores.model import Kind
    from daihou.assessment.scores.sample import Judged
    from daihou.policies.scores import Scores

CONFIDENCE = 0.95
KINDS: tuple[Kind, ...] = ("card", "trees")
DESIGN = Path(__file__).with_name("design.yaml")


def policy() -> Scores:
    """Return the house's policy of scores, as shipped."""
    text = (resources.files("daihou.policies") / "common" / "scores.yaml").read_text("utf-8")
    return scores(text, "scores.yaml").on(dt.date(2026, 1, 1)).values


def frame(of: Judged, inputs: Sequence[Input], codes: dict[str, list[str]]) -> pd.DataFrame:
    """Return what is known of observations; codes as categories of those that training saw."""
    columns: dict[str, Any] = {}
    for one in inputs:
        values = of.columns[one.name]
        columns[one.name] = (
            pd.Categorical(values.to_list(), categories=codes[one.name]) if isinstance(values, pl.Series) else values
        )
    return pd.DataFrame(columns)


def plain(learning: Judged, later: Judged, inputs: Sequence[Input]) -> dict[str, tuple[npt.NDArray[np.float64], float]]:
    """Return risk out of time and seconds of training of the plain models."""
    series = {one.name: values for one in inputs if isinstance(values := learning.columns[one.name], pl.Series)}
    codes = {name: sorted(set(values.drop_nulls())) for name, values in series.items()}
    known, unseen = (frame(part, inputs, codes) for part in (learning, later))
    numbers = [one.name for one in inputs if one.name not in codes]
    parts = ColumnTransformer(
        [
            ("numbers", make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), numbers),
            (
                "codes",
                make_pipeline(
                    SimpleImputer(strategy="constant", fill_value="?"), OneHotEncoder(handle_unknown="ignore")
                ),
                list(codes),
            ),
        ]
    )
    found = {}
    regression = make_pipeline(parts, LogisticRegression(max_iter=5000))
    texts = {
        name: (told.astype(dict.fromkeys(codes, object)), told) for name, told in (("known", known), ("unseen", unseen))
    }
    for name, model, which in (
        ("logistic regression, plain", regression, 0),
        ("LightGBM, defaults", lightgbm.LGBMClassifier(verbose=-1), 1),
    ):
        began = time.perf_counter()
        model.fit(texts["known"][which], learning.bad)
        found[name] = (np.asarray(model.predict_proba(texts["unseen"][which]))[:, 1], time.perf_counter() - began)
    return found


def main(given: argparse.Namespace) -> None:
    """Train all, print what they are worth out of time."""
    design = designs.read(DESIGN.read_text("utf-8"), str(DESIGN))
    inputs = table.inputs(design)
    sample = table.sample(design, table.read(given.features), str(given.features))
    learning, later = sample.of("train"), sample.of("later")
    if given.parts:
        of = [
            pl.DataFrame(
                {
                    "part": name,
                    "bad": part.bad.astype(np.int8),
                    **{one.name: _column(part.columns[one.name]) for one in inputs},
                }
            )
            for name, part in (("train", learning), ("later", later))
        ]
        pl.concat(of).write_parquet(given.parts)
    found: dict[str, tuple[npt.NDArray[np.float64], float | None]] = {}
    for kind, title in zip(KINDS, ("our card", "our trees"), strict=True):
        began = time.perf_counter()
        model = train(design, inputs, sample, policy(), kind, lambda *_: None)
        took = time.perf_counter() - began
        said = model.scored(later.columns, later.segment)
        found[title] = (-said.score.astype(np.float64), took)
        print(
            f"{title}: {len(model.inputs)} inputs, {int((~said.there).sum())} of {len(later)} without a score for lack of values"
        )
    found |= plain(learning, later, inputs)
    if given.peers:
        theirs = pl.read_parquet(given.peers)
        found |= {name: (-theirs[name].to_numpy(), None) for name in theirs.columns if name != "bad"}
    print(
        f"\n{sample.sizes}\n\n| model | AUC out of time | {CONFIDENCE:.0%} | our card less this | p | our trees less this | p | s |"
    )
    print("|---|---:|---|---:|---:|---:|---:|---:|")
    for name, (risk, seconds) in found.items():
        area = auc_interval(risk, later.bad, CONFIDENCE)
        ours = [auc_difference(found[one][0], risk, later.bad, CONFIDENCE) for one in ("our card", "our trees")]
        if area is None or area.low is None or area.high is None or None in ours:
            raise AssertionError(name)
        beside = " | ".join(
            "| " if one is None or one.p is None or one.value == 0 else f"{one.value:+.4f} | {one.p:.3f}"
            for one in ours
        )
        print(
            f"| {name} | {area.value:.4f} | {area.low:.3f} to {area.high:.3f} | {beside} | {'' if seconds is None else f'{seconds:.1f}'} |"
        )


def _column(values: pl.Series | npt.NDArray[np.float64]) -> pl.Series:
    return values if isinstance(values, pl.Series) else pl.Series(values).fill_nan(None)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("features", type=Path)
    parser.add_argument("--parts", type=Path)
    parser.add_argument("--peers", type=Path)
    warnings.simplefilter("ignore")
    main(parser.parse_args())
