# ruff: noqa: INP001 - a script, no package
"""scorecardpy and toad on a table parted by daihou: cards by their own defaults, how long they took, and what they score out of time.

    VENV/bin/python examples/peers.py PARTS.parquet -o scores.parquet

PARTS has `part` (train, later), `bad` (1, 0) and the candidates, as `examples/short_loans/compare.py --parts` and `bench/scores.py` write it. It runs in an
environment of its own, for both want older libraries: `pip install scorecardpy toad "numpy<2" "pandas<2.1" "scikit-learn<1.4" setuptools "pyarrow<18"`.
Each reads the training part alone: filter by information value 0.02 and (toad) correlation 0.7, bins by its default way, weights of evidence, logistic
regression by most likelihood, points 600 at 30:1 with 20 to double. It prints a line of JSON a peer.
"""

from __future__ import annotations

import argparse
import json
import math
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import pandas as pd

Scorer = Callable[[pd.DataFrame], pd.Series]
OUTCOME = "bad"
PDO, BASE, ODDS = 20, 600, 30
IV, CORRELATION = 0.02, 0.7


def with_scorecardpy(train: pd.DataFrame) -> Scorer:
    """Train by scorecardpy's documented way: var_filter, woebin, woebin_ply, a regression, scorecard, scorecard_ply."""
    import scorecardpy  # type: ignore[import-not-found]
    from sklearn.linear_model import LogisticRegression

    kept = scorecardpy.var_filter(train, y=OUTCOME, iv_limit=IV, missing_limit=0.95, identical_limit=0.95)
    bins = scorecardpy.woebin(kept, y=OUTCOME, no_cores=1, print_info=False)
    told = scorecardpy.woebin_ply(kept, bins, no_cores=1, print_info=False)
    names = [name for name in told.columns if name != OUTCOME]
    model = LogisticRegression(penalty=None, max_iter=1000).fit(told[names], told[OUTCOME])
    card = scorecardpy.scorecard(bins, model, names, points0=BASE, odds0=1 / ODDS, pdo=PDO)
    return lambda later: scorecardpy.scorecard_ply(later, card, print_step=0)["score"]


def with_toad(train: pd.DataFrame) -> Scorer:
    """Train by toad's documented way: select, Combiner by chi-squared, WOETransformer, ScoreCard."""
    import toad  # type: ignore[import-not-found]

    kept = toad.selection.select(train, target=OUTCOME, empty=0.95, iv=IV, corr=CORRELATION)
    combiner = toad.transform.Combiner()
    combiner.fit(kept, y=OUTCOME, method="chi", min_samples=0.05, empty_separate=True)
    transformer = toad.transform.WOETransformer()
    told = transformer.fit_transform(combiner.transform(kept), kept[OUTCOME], exclude=[OUTCOME])
    names = [name for name in told.columns if name != OUTCOME]
    card = toad.ScoreCard(
        combiner=combiner, transer=transformer, base_odds=ODDS, base_score=BASE, pdo=PDO, rate=2, C=math.inf
    )
    card.fit(told[names], told[OUTCOME])
    return lambda later: pd.Series(card.predict(later[names]), index=later.index)


PEERS = {"scorecardpy": with_scorecardpy, "toad": with_toad}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("parts", type=Path)
    parser.add_argument("-o", "--output", type=Path)
    parser.add_argument("--only", nargs="+", choices=PEERS, default=list(PEERS))
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    rows = pd.read_parquet(given.parts)
    # Of codes neither of them knows an empty one by itself; of numbers both do.
    codes = rows.select_dtypes("object").columns.drop("part")
    rows[codes] = rows[codes].fillna("missing")
    train, later = (
        rows[rows["part"] == part].drop(columns="part").reset_index(drop=True) for part in ("train", "later")
    )
    found = pd.DataFrame({OUTCOME: later[OUTCOME]})
    for name in given.only:
        said: dict[str, object] = {"peer": name, "trained": len(train), "scored": len(later)}
        try:
            wall, cpu = time.perf_counter(), time.process_time()
            score = PEERS[name](train)
            said |= {
                "train_s": round(time.perf_counter() - wall, 2),
                "train_cpu_s": round(time.process_time() - cpu, 2),
            }
            wall, cpu = time.perf_counter(), time.process_time()
            found[name] = score(later)
            said |= {
                "score_s": round(time.perf_counter() - wall, 2),
                "score_cpu_s": round(time.process_time() - cpu, 2),
            }
        except BaseException as error:  # noqa: BLE001 - what a peer cannot do is a figure too; toad's core panics beside Exception
            said["error"] = f"{type(error).__name__}: {error}"[:300]
        print(json.dumps(said), flush=True)
    if given.output:
        found.to_parquet(given.output)
