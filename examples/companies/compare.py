# ruff: noqa: INP001 - a script, no package
"""Polish companies: our card and trees beside plain models, by stratified cross-validation in ten parts, as Markdown on the terminal.

    python examples/companies/compare.py companies.csv

Each company is scored once, by models that were trained without its tenth; rows that repeat one another stand in the same tenth. Ours keep a tenth of what they
may see for calibration, and are judged by whole points. Plain models see the same rows as ours: a logistic regression (standardised, median where not
known) and LightGBM's classifier by its defaults. The area is the mean over tenths, as in the literature, with its standard deviation.
"""

from __future__ import annotations

import argparse
import time
import warnings
from pathlib import Path
from runpy import run_path
from typing import Any

import lightgbm
import numpy as np
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from daihou.assessment.scores import design as designs
from daihou.assessment.scores.training import train_all
from daihou.assessment.validation.figures import auc, auc_difference
from daihou.runs.scores import table

TENTHS = 10
SEED = 1
DESIGN = Path(__file__).with_name("design.yaml")
POLICY = run_path(str(DESIGN.parents[1] / "short_loans" / "compare.py"))["policy"]()


def main(file: Path) -> None:
    """Train all on nine tenths and judge them on the other, ten times."""
    design = designs.read(DESIGN.read_text("utf-8"), str(DESIGN))
    inputs, rows = table.inputs(design), table.read(file)
    bad = (rows["bad"] == "1").to_numpy()
    parts = StratifiedGroupKFold(TENTHS, shuffle=True, random_state=SEED)
    risks: dict[str, Any] = {}
    areas: dict[str, list[float]] = {}
    took: dict[str, float] = {}
    unscored = 0
    for seen, held in parts.split(np.zeros(len(bad)), bad, rows["group"].to_numpy()):
        began = time.perf_counter()
        sample = table.sample(design, rows[seen], str(file))
        models = train_all(design, inputs, sample, POLICY, ("card", "trees"), lambda *_: None)
        told = {one.name: table.value(rows[held], one, str(file)) for one in inputs}
        said = dict(zip(("our card", "our trees"), (one.scored(told, None) for one in models), strict=True))
        unscored += int((~said["our card"].there).sum())
        found = {name: -one.score.astype(float) for name, one in said.items()}
        took["ours, both"] = took.get("ours, both", 0) + time.perf_counter() - began
        learning = sample.of("train")
        x, y = (np.column_stack([columns[one.name] for one in inputs]) for columns in (learning.columns, told))
        regression = make_pipeline(
            SimpleImputer(strategy="median"), StandardScaler(), LogisticRegression(max_iter=5000)
        )
        for name, model in (
            ("logistic regression, plain", regression),
            ("LightGBM, defaults", lightgbm.LGBMClassifier(verbose=-1)),
        ):
            began = time.perf_counter()
            found[name] = np.asarray(model.fit(x, learning.bad).predict_proba(y))[:, 1]
            took[name] = took.get(name, 0) + time.perf_counter() - began
        for name, risk in found.items():
            area = auc(risk, bad[held])
            areas.setdefault(name, []).append(area or 0.0)
            risks.setdefault(name, np.zeros(len(bad)))[held] = risk
        print(", ".join(f"{name} {values[-1]:.4f}" for name, values in areas.items()), flush=True)
    print(f"\n{unscored} of {len(bad)} without a score of the card for lack of values\n")
    print("| model | mean AUC | std | all held-out rows, less LightGBM's | p |\n|---|---:|---:|---:|---:|")
    for name, values in areas.items():
        beside = auc_difference(risks[name], risks["LightGBM, defaults"], bad, 0.95)
        said_beside = (
            "| "
            if beside is None or beside.p is None or name.startswith("LightGBM")
            else f"{beside.value:+.4f} | {beside.p:.3f}"
        )
        print(f"| {name} | {np.mean(values):.4f} | {np.std(values):.4f} | {said_beside} |")
    print(f"\nseconds: {', '.join(f'{name} {seconds:.0f}' for name, seconds in took.items())}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("file", type=Path)
    warnings.simplefilter("ignore")
    main(parser.parse_args().file)
