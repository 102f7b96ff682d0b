"""The bench of scores: `python -m bench.scores` trains on 500,000 observations of 100 made-up features and scores a million subjects.

Features are drawn (normal, skewed, counts, codes, some of them not known); a dozen tell of the outcome. Every step is a process of its own. The floor of
scoring is reading the columns that the model asks; its peer LightGBM's predict alone over a matrix that is ready. `--peers VENV` names an environment with
scorecardpy and toad (examples/peers.py): they train on a part of the sample, for they take long, and what is told is what that part took.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import subprocess
import sys
import tempfile
import time
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl
from rich.console import Console

from bench import measure
from bench.lines import Line, line, table
from daihou.assessment.scores import design as designs
from daihou.assessment.scores import model as models
from daihou.assessment.scores.reasons import reasons
from daihou.assessment.scores.training import train_all
from daihou.assessment.scores.trees import Trees
from daihou.policies.scores import scores
from daihou.runs.scores import table as tables

if TYPE_CHECKING:
    from collections.abc import Callable

    from daihou.assessment.scores.design import Design
    from daihou.assessment.scores.model import Kind, Model

NUMBERS, CODES, TELLING, LETTERS = 95, 5, 12, "abcdefgh"
SCORE_S, TRAIN_S, TRAIN_GB = 10.0, 300.0, 8.0
REASONED: Final = 10_000
MILLION, HALF = 1_000_000, 500_000
PEERS: Final = 20_000
"""Observations that peers train on."""
GB: Final = 1e9
WIDTH: Final = 200


def made(rows: int, seed: int) -> pl.DataFrame:
    """Observations with an id, an outcome (about a tenth bad) and the features."""
    draw = np.random.default_rng(seed)
    columns: dict[str, Any] = {}
    odds = np.full(rows, -2.8)
    for at in range(NUMBERS):
        base = draw.normal(size=rows)
        values = (base, np.exp(base), np.floor(np.maximum(base, 0) * 10))[at % 3]
        if at < TELLING:
            odds += 0.35 * base
        if at % 4 == 0:
            values = np.where(draw.random(rows) < 0.1, np.nan, values)
        columns[f"x{at}"] = values
    for at in range(CODES):
        place = draw.integers(0, len(LETTERS), rows)
        odds += 0.05 * place * (at == 0)
        columns[f"c{at}"] = pl.Series(np.array(list(LETTERS))[place])
    bad = draw.random(rows) < 1 / (1 + np.exp(-odds))
    return pl.DataFrame({"id": np.arange(rows), "bad": bad.astype(np.int8), **columns}).fill_nan(None)


def design() -> Design:
    """All numbers may tell either way."""
    features = [{"name": f"x{at}", "kind": "number", "risk": "up" if at < TELLING else "any"} for at in range(NUMBERS)]
    features += [{"name": f"c{at}", "kind": "code"} for at in range(CODES)]
    return designs.from_dict(
        {
            "id": "bench", "name": {"en": "Bench", "zh": "基准"}, "subject": "loan", "table": {"id": "id", "bad": "bad"},
            "features": features,
        }
    )  # fmt: skip


def said(**figures: object) -> None:
    """Print what a step measured as its last line."""
    print(json.dumps(figures))


def train(folder: Path, *kinds: Kind) -> None:
    """Train models of the sample and keep them."""
    policy = scores((resources.files("daihou.policies") / "common" / "scores.yaml").read_text("utf-8"), "scores.yaml")
    own = design()
    began, cpu = time.perf_counter(), time.process_time()
    sample = tables.sample(own, tables.read(folder / "sample.parquet"), "sample.parquet")
    found = train_all(own, tables.inputs(own), sample, policy.on(dt.date(2026, 1, 1)).values, kinds, lambda *_: None)
    took = (time.perf_counter() - began, time.process_time() - cpu)
    for kind, one in zip(kinds, found, strict=True):
        (folder / f"{kind}.json").write_text(one.text, "utf-8")
    said(seconds=took[0], cpu_s=took[1], inputs=[len(one.inputs) for one in found])


def told(folder: Path, kind: Kind, rows: int | None = None) -> tuple[Model, dict[str, Any], float]:
    """A kept model, the columns it asks of subjects, and the seconds that reading them took."""
    one = models.read((folder / f"{kind}.json").read_text("utf-8"), kind)
    began = time.perf_counter()
    frame = pl.read_parquet(folder / "subjects.parquet", columns=[line.name for line in one.inputs], n_rows=rows)
    columns = {line.name: tables.value(frame, line, "subjects") for line in one.inputs}
    return one, columns, time.perf_counter() - began


def score(folder: Path, kind: Kind) -> None:
    """Read the columns and score all subjects."""
    cpu = time.process_time()
    one, columns, read = told(folder, kind)
    began = time.perf_counter()
    found = one.scored(columns, None)
    seconds = time.perf_counter() - began
    said(seconds=read + seconds, cpu_s=time.process_time() - cpu, read=read, mean=float(found.score.mean()))


def reason(folder: Path, kind: Kind) -> None:
    """The reasons of some subjects, in words."""
    one, columns, _ = told(folder, kind, REASONED)
    began, cpu = time.perf_counter(), time.process_time()
    found = reasons(one, columns, 4)
    said(seconds=time.perf_counter() - began, cpu_s=time.process_time() - cpu, reasons=sum(map(len, found)))


def predict(folder: Path) -> None:
    """LightGBM's predict alone, over a matrix that is ready."""
    one, columns, _ = told(folder, "trees")
    body = one.body
    if not isinstance(body, Trees):
        raise TypeError("the trees are no trees")
    import lightgbm

    from daihou.assessment.scores.trees import matrix

    ready = matrix(body.inputs, body.codes, columns)
    booster = lightgbm.Booster(model_str=body.text)
    began, cpu = time.perf_counter(), time.process_time()
    booster.predict(ready, raw_score=True, num_threads=2)
    said(seconds=time.perf_counter() - began, cpu_s=time.process_time() - cpu)


def step(folder: Path, name: str, *more: str) -> measure.Ended:
    """Run a step in a process of its own."""
    return measure.python("-m", "bench.scores", "--folder", str(folder), "--step", name, *more)


def peers(folder: Path, environment: Path, console: Console) -> None:
    """What scorecardpy and toad take to train on a part of the sample, by the features that tell alone, and to score all subjects."""
    names = [f"x{at}" for at in range(TELLING)]
    sample, subjects = (
        pl.read_parquet(folder / f"{name}.parquet", columns=["bad", *names]).with_columns(part=pl.lit(part))
        for name, part in (("sample", "train"), ("subjects", "later"))
    )
    pl.concat([sample.head(PEERS), subjects]).write_parquet(folder / "parts.parquet")
    command = [str(environment / "bin" / "python"), "examples/peers.py", str(folder / "parts.parquet")]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    for one in ran.stdout.splitlines():
        if one.startswith("{"):
            console.print(f"{TELLING} features: {one}", highlight=False)


def main(given: argparse.Namespace) -> list[Line]:
    """Make what is needed and measure."""
    console = Console(width=WIDTH)
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        made(given.rows, 1).write_parquet(folder / "sample.parquet")
        made(given.subjects, 2).write_parquet(folder / "subjects.parquet")
        lines: list[Line] = []
        whole = given.rows >= HALF
        for kinds in (("card",), ("trees",)):
            ended = step(folder, "train", *kinds)
            peak = ended.cost.peak_anonymous / GB
            met = ended.said["seconds"] <= TRAIN_S and peak <= TRAIN_GB if whole else None
            note = f"of {NUMBERS + CODES} candidates {' and '.join(map(str, ended.said['inputs']))} stand"
            title, target = (
                f"train {' and '.join(kinds)}, {given.rows:,} observations",
                f"< {TRAIN_S:g} s, {TRAIN_GB:g} GB",
            )
            lines.append(line(title, ended, target=target, met=met, note=note))
            console.print(lines[-1].name, lines[-1].measured, highlight=False)
        for kind in ("card", "trees"):
            ended = step(folder, "score", kind)
            read, seconds = ended.said["read"], ended.said["seconds"]
            met = seconds <= SCORE_S if given.subjects >= MILLION else None
            note = f"{read:.2f} s of it reading the columns; {seconds / read:.1f} times that floor"
            lines.append(
                line(f"score {given.subjects:,} by {kind}", ended, target=f"< {SCORE_S:g} s", met=met, note=note)
            )
            console.print(lines[-1].name, lines[-1].measured, highlight=False)
        lines.append(
            line(f"LightGBM's predict alone, {given.subjects:,}", step(folder, "predict"), note="the matrix is ready")
        )
        lines += [
            line(f"reasons of {REASONED:,} by {kind}", step(folder, "reason", kind)) for kind in ("card", "trees")
        ]
        console.print(
            table(
                lines,
                f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {dt.datetime.now(dt.UTC):%Y-%m-%d %H:%M} UTC",
            )
        )
        if given.peers:
            peers(folder, given.peers, console)
    return lines


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.scores", description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=HALF)
    parser.add_argument("--subjects", type=int, default=MILLION)
    parser.add_argument("--folder", type=Path, help="where the made-up files and models lie")
    parser.add_argument("--peers", type=Path, help="an environment with scorecardpy and toad")
    parser.add_argument("--step", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step:
        steps: dict[str, Callable[..., None]] = {"train": train, "score": score, "reason": reason, "predict": predict}
        steps[options.step[0]](options.folder, *options.step[1:])
    else:
        sys.exit(0 if all(one.met is not False for one in main(options)) else 1)
