"""Training: the same again of the same, leaks refused, and what no model can be made of said clearly."""

from __future__ import annotations

import datetime as dt
import json
import math
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

from assessment.scores.drawn import LATER, columns, design, outcome, sample, trained
from daihou.assessment.scores.card import Card
from daihou.assessment.scores.design import Split
from daihou.assessment.scores.sample import parted
from daihou.book.errors import DaihouError

if TYPE_CHECKING:
    from daihou.assessment.scores.inputs import Values

N = 4000


def refused(**asked: object) -> DaihouError:
    with pytest.raises(DaihouError) as found:
        trained(**asked)  # type: ignore[arg-type]
    assert found.value.remedy
    assert found.value.zh
    return found.value


def whole(stated: object) -> bool:
    """Whether every number in plain values is finite."""
    if isinstance(stated, dict):
        return all(whole(one) for one in stated.values())
    if isinstance(stated, list | tuple):
        return all(whole(one) for one in stated)
    return not isinstance(stated, float) or math.isfinite(stated)


@pytest.mark.parametrize("kind", ["card", "trees"])
def test_the_same_sample_trains_the_same_bytes_in_another_process_and_with_another_number_of_threads(kind: str) -> None:
    code = (
        "from assessment.scores.drawn import trained\n"
        "from daihou.assessment.scores import trees\n"
        "trees.THREADS = int(__import__('os').environ['THREADS'])\n"
        f"print(trained('{kind}').digest)"
    )
    digests = set()
    for threads in ("1", "2"):
        environment = os.environ | {
            "THREADS": threads, "OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads, "PYTHONHASHSEED": threads,
            "PYTHONPATH": str(Path(__file__).parents[2]),
        }  # fmt: skip
        ran = subprocess.run([sys.executable, "-W", "ignore", "-c", code], env=environment, capture_output=True, text=True, check=True)  # fmt: skip
        digests.add(ran.stdout.split()[-1])
    assert len(digests) == 1


def test_another_seed_parts_the_sample_otherwise() -> None:
    frame = sample().frame
    split = Split(out_of_time_from=LATER, out_of_sample=0.3)
    assert parted(frame, split, 1).to_list() == parted(frame, split, 1).to_list()
    assert parted(frame, split, 1).to_list() != parted(frame, split, 2).to_list()


def test_nobody_stands_on_both_sides_of_a_split_and_what_is_later_trains_nothing() -> None:
    found = sample()
    frame = found.frame.with_columns(part=found.part).filter(pl.col("part") != "later")
    assert frame.group_by("group").agg(pl.col("part").n_unique())["part"].max() == 1
    later = found.frame.filter(found.part == "later")["observed_on"].min()
    assert isinstance(later, dt.date)
    assert later >= LATER
    assert 0.27 < (frame["part"] == "test").mean() < 0.33  # type: ignore[operator]


def test_a_planted_leak_is_refused_until_somebody_has_looked_at_it() -> None:
    draw = np.random.default_rng(5)
    of = columns(N, draw)
    bad = outcome(of, draw)
    leak = np.where(bad, 1.0, 0.0) + draw.normal(0, 0.34, N)  # known only when the outcome was
    leaky = sample(N, more={"leak": leak}, bad=bad)
    feature: dict[str, object] = {"name": "leak", "kind": "number", "risk": "any"}
    told = design(features=[*(one.model_dump(exclude_none=True) for one in design().features), feature])
    for kind in ("card", "trees"):
        error = refused(kind=kind, of=leaky, by=told)
        assert "leak alone tells the outcome" in error.message
        assert error.place == "features, leak"
    looked = design(features=[{"name": "arrears", "kind": "number", "risk": "up"}, feature | {"checked": True}])
    model = trained(of=leaky, by=looked)
    assert "leak" in [one.name for one in model.inputs]
    assert any("leak" in english for english, _ in model.record["notes"])  # and whoever reviews it is told


def test_one_class_alone_is_said() -> None:
    for value, word in ((False, "good"), (True, "bad")):
        error = refused(of=sample(400, bad=np.full(400, value)))
        assert f"are {word}" in error.message
        assert "30 of each" in error.message


def test_three_defaults_are_too_few_and_it_says_how_many_there_are() -> None:
    bad = np.zeros(2000, bool)
    bad[[10, 20, 30]] = True
    found = sample(2000, bad=bad)
    there = int(found.of("train").bad.sum())
    assert f"Training has {there} bad" in refused(of=found).message


def test_a_sample_without_anybody_is_said() -> None:
    found = sample(300, split=Split(out_of_time_from=dt.date(2023, 1, 1)))  # all is later
    assert "no observation to train on" in refused(of=found).message


def test_candidates_that_tell_nothing_are_dropped_with_the_reason() -> None:
    draw = np.random.default_rng(9)
    more: dict[str, Values] = {
        "empty": np.full(N, np.nan), "constant": np.full(N, 3.0), "endless": np.full(N, np.inf), "noise": draw.normal(size=N),
        "one": pl.Series(["only"] * N), "copy": np.asarray(columns(N, np.random.default_rng(5))["arrears"]) * 2.0,
    }  # fmt: skip
    features = [*(one.model_dump(exclude_none=True) for one in design().features)]
    features += [{"name": name, "kind": "code" if name == "one" else "number", "risk": "any"} for name in more]
    model = trained(of=sample(N, more=more), by=design(features=features))
    why = {one["name"]: one["why"] for one in model.record["dropped"]}
    assert why["empty"] == "empty"
    assert why["constant"] == "constant"
    assert why["one"] == "constant"
    assert why["endless"] == "empty"  # an infinity is not known
    assert why["noise"] in ("weak", "flat", "chance")
    assert {why.get("copy"), why.get("arrears")} == {"correlated", None}
    assert {one.name for one in model.inputs} <= {"arrears", "copy", "income", "area", "age"}
    assert any("infinite" in english for english, _ in model.record["notes"])


def test_where_no_candidate_tells_anything_no_model_is_made() -> None:
    bad = np.random.default_rng(3).random(N) < 0.2
    own = design(features=[{"name": "age", "kind": "number", "risk": "any"}])
    assert "No candidate tells good from bad" in refused(of=sample(N, bad=bad), by=own).message


def test_a_design_that_asks_what_the_policy_rules_out_is_told_so() -> None:
    error = refused(by=design(card={"min_iv": 0.9}))
    assert "does not fit the policy" in error.message
    assert error.place == "card"


def test_a_characteristic_that_counts_against_its_own_evidence_is_left_out() -> None:
    # x alone speaks against a subject because it comes with arrears; beside them it speaks for it.
    draw = np.random.default_rng(8)
    arrears = draw.normal(size=N)
    x = 0.8 * arrears + draw.normal(0, 0.6, N)
    bad = draw.random(N) < 1 / (1 + np.exp(2 - 2.5 * arrears + 1.2 * x))
    own = design(
        features=[{"name": "arrears2", "kind": "number", "risk": "up"}, {"name": "x", "kind": "number", "risk": "up"}],
        card={"max_correlation": 0.99},
    )
    model = trained(of=sample(N, more={"arrears2": arrears, "x": x}, bad=bad), by=own)
    assert [one.name for one in model.inputs] == ["arrears2"]
    assert [(one["name"], one["why"]) for one in model.record["dropped"]] == [("x", "wrong_way")]


def test_what_shifted_since_training_does_not_stand_on_the_card() -> None:
    found = sample(N)
    moved = np.where((found.part == "later").to_numpy(), 50.0, 0.0)
    bad = (found.frame["fate"] == "bad").to_numpy()
    drift = np.asarray(columns(N, np.random.default_rng(5))["arrears"]) + moved
    own = design(features=[{"name": "drift", "kind": "number", "risk": "up"}, {"name": "income", "kind": "number", "risk": "down"}])  # fmt: skip
    model = trained(of=sample(N, more={"drift": drift}, bad=bad), by=own)
    assert [one.name for one in model.inputs] == ["income"]
    assert model.record["dropped"][0]["why"] == "shifted"


@pytest.mark.parametrize("kind", ["card", "trees"])
def test_no_nan_and_no_infinity_leaves_a_model_trained_on_them(kind: str) -> None:
    draw = np.random.default_rng(11)
    of = columns(N, draw)
    bad = outcome(of, draw)
    wild = np.where(draw.random(N) < 0.3, np.inf, np.where(draw.random(N) < 0.3, -np.inf, draw.normal(size=N) + bad))
    own = design(features=[*(one.model_dump(exclude_none=True) for one in design().features), {"name": "wild", "kind": "number", "risk": "any"}])  # fmt: skip
    found = sample(N, more={"wild": wild}, bad=bad)
    model = trained("trees" if kind == "trees" else "card", of=found, by=own)
    assert whole(json.loads(model.text))
    every = found.of("train", "test", "later")
    said = model.scored(every.columns, every.segment)
    assert np.isfinite(said.pd).all()
    assert ((said.pd > 0) & (said.pd < 1)).all()


def test_the_card_ranks_as_the_truth_does_out_of_time() -> None:
    model = trained()
    assert isinstance(model.body, Card)
    assert {one.name for one in model.inputs} == {"arrears", "income", "area"}  # the age says nothing
    later = sample().of("later")
    said = model.scored(later.columns, later.segment)
    worst = said.score <= np.quantile(said.score, 0.2)
    assert later.bad[worst].mean() > 2 * later.bad[~worst].mean()
    assert said.pd.mean() == pytest.approx(later.bad.mean(), abs=0.04)


def test_a_model_names_its_sample_its_policy_and_the_code_that_made_it() -> None:
    record = trained().record
    assert record["sample"]["fingerprint"] == sample().fingerprint != sample(seed=6).fingerprint
    assert record["policy"]["pdo"] == 20
    assert {"daihou", "sources", "optbinning", "scikit-learn"} <= set(record["code"])
    assert sum(n for _, _, n in record["sample"]["counts"]) == N


def test_what_chance_may_explain_does_not_stand_on_the_card_however_many_are_tried() -> None:
    draw = np.random.default_rng(21)
    noise: dict[str, Values] = {f"noise{at}": draw.normal(size=N) for at in range(30)}
    features: list[dict[str, object]] = [{"name": name, "kind": "number", "risk": "any"} for name in noise]
    features.append({"name": "arrears", "kind": "number", "risk": "up"})
    model = trained(of=sample(N, more=noise), by=design(features=features, card={"min_iv": 0.0}))
    assert [one.name for one in model.inputs] == ["arrears"]
    assert {one["why"] for one in model.record["dropped"]} <= {"chance", "flat"}


def test_a_code_that_tells_nothing_is_no_leak() -> None:
    more: dict[str, Values] = {
        "alike": pl.Series(["one"] * N),
        "coin": pl.Series(np.random.default_rng(2).choice(["a", "b"], N)),
    }
    features: list[dict[str, object]] = [{"name": name, "kind": "code"} for name in more]
    features.append({"name": "arrears", "kind": "number", "risk": "up"})
    assert [one.name for one in trained(of=sample(N, more=more), by=design(features=features)).inputs] == ["arrears"]
