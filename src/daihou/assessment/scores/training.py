"""Training: from a sample to a model, all by the design, the policy and a seed."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, replace
from functools import cache
from importlib import metadata, resources
from typing import TYPE_CHECKING, Final

import numpy as np

from daihou.assessment.scores.calibration import calibrated
from daihou.assessment.scores.choosing import Dropped, candidates, choose, finite
from daihou.assessment.scores.fitting import fitted
from daihou.assessment.scores.inputs import infinite
from daihou.assessment.scores.leaks import refuse_leaks
from daihou.assessment.scores.model import Kind, Model, Reference
from daihou.assessment.scores.scale import Scale
from daihou.assessment.scores.trees import grown
from daihou.assessment.validation.said import Said
from daihou.assessment.validation.stability import banded, edges
from daihou.book.errors import DaihouError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    from daihou.assessment.scores.calibration import Calibration
    from daihou.assessment.scores.card import Card
    from daihou.assessment.scores.choosing import Candidate
    from daihou.assessment.scores.design import Design
    from daihou.assessment.scores.inputs import Input
    from daihou.assessment.scores.sample import Judged, Sample
    from daihou.assessment.scores.trees import Trees
    from daihou.policies.scores import Scores

    Progress = Callable[[str, int, int], None]

LIBRARIES: Final = ("lightgbm", "numpy", "optbinning", "scikit-learn")
TENTHS: Final = 10


def train(
    design: Design, inputs: Sequence[Input], sample: Sample, policy: Scores, kind: Kind, progress: Progress
) -> Model:
    """Train a card or its challenger; DaihouError where the sample does not allow one."""
    return train_all(design, inputs, sample, policy, (kind,), progress)[0]


def train_all(
    design: Design, inputs: Sequence[Input], sample: Sample, policy: Scores, kinds: Sequence[Kind], progress: Progress
) -> list[Model]:
    """Train models of one sample: bins are found once for all of them."""
    house = _of_house(policy, design)
    learning, held, later = sample.of("train"), sample.of("test"), sample.of("later")
    _must_teach(learning.bad, house.fewest_bad)
    looked_at = {feature.name for feature in design.features if feature.checked}
    refuse_leaks(inputs, learning.columns, learning.bad, house.leak_auc, looked_at)
    found, dropped = candidates(
        inputs, learning.columns, learning.bad, later.columns if len(later) else None, house, progress
    )
    fits = (held, "test") if _enough(held.bad, house.fewest_bad) else (learning, "train")
    models = []
    for at, kind in enumerate(kinds):
        progress("fit", at, len(kinds))
        models.append(_model(design, kind, inputs, sample, house, learning, fits, found, dropped))
    progress("fit", len(kinds), len(kinds))
    return models


def _model(
    design: Design, kind: Kind, inputs: Sequence[Input], sample: Sample, house: Scores, learning: Judged, fits: tuple[Judged, str],
    found: Sequence[Candidate], dropped: Sequence[Dropped],
) -> Model:  # fmt: skip
    scale = Scale(house.pdo, house.base_score, house.base_odds)
    body, more = _body(design, kind, found, learning, scale, house)
    held, part = fits
    score = body.scores({one.name: finite(held.columns[one.name]) for one in body.inputs})
    curve = calibrated(
        -scale.log_odds(score), held.bad, held.segment if design.segment else None, design.calibration, house.fewest_of_segment, part
    )  # fmt: skip
    record = {
        "sample": {
            "fingerprint": sample.fingerprint, "parts": sample.sizes, "knowledge": sample.knowledge, "assumed_share": round(sample.assumed_share, 6),
            "counts": [[str(day), fate, n] for day, fate, n in sample.counts.sort("observed_on", "fate").iter_rows()],
        },
        "policy": asdict(house),
        "code": {"daihou": metadata.version("daihou"), "sources": sources(), **{name: metadata.version(name) for name in LIBRARIES}},
        "dropped": [one.as_dict() for one in (*dropped, *more)],
        "candidates": [[one.input.name, round(one.evidence.iv, 6), None if one.shift is None else round(one.shift, 6)] for one in found],
        "notes": [[note.en, note.zh] for note in _notes(inputs, found, body, learning, curve, design, house)],
    }  # fmt: skip
    return Model(design, kind, body, curve, _reference(body, learning), record)


def _of_house(policy: Scores, design: Design) -> Scores:
    """The policy with what the design does otherwise."""
    own = {name: value for name, value in design.card.model_dump().items() if value is not None}
    try:
        return replace(policy, **own)
    except ValueError as error:
        raise DaihouError(
            f"The design's `card` does not fit the policy: {error}.",
            "Change it; the policy `scores` has the limits of the house.",
            "card",
            zh=(f"方案 card 的取值与制度冲突：{error}。", "请调整取值；内部限值见制度 scores。"),
        ) from error


def _enough(bad: npt.NDArray[np.bool_], fewest: int) -> bool:
    of_bad = int(bad.sum())
    return min(of_bad, len(bad) - of_bad) >= fewest


def _must_teach(bad: npt.NDArray[np.bool_], fewest: int) -> None:
    """Refuse a sample of which nothing can be learnt."""
    of_bad = int(bad.sum())
    good = len(bad) - of_bad
    if min(of_bad, good) >= fewest:
        return
    if not len(bad):
        what, zh = "The sample has no observation to train on", "样本中没有可用于训练的观察点"
    elif min(of_bad, good) == 0:
        which = ("good", "好") if of_bad == 0 else ("bad", "坏")
        what, zh = (
            f"All {len(bad)} observations of training are {which[0]}",
            f"训练样本 {len(bad)} 个观察点全部为“{which[1]}”",
        )
    else:
        what, zh = f"Training has {of_bad} bad and {good} good", f"训练样本坏客户 {of_bad} 个、好客户 {good} 个"
    raise DaihouError(
        f"{what}: a model needs {fewest} of each at least.",
        "Observe more month ends, lengthen the window, or widen the population; the policy `scores` sets the least (fewest_bad).",
        "runs.bad",
        zh=(
            f"{zh}，好、坏样本各不得少于 {fewest} 个。",
            "请增加观察点、延长表现期或放宽适用人群；下限见制度 scores 的 fewest_bad。",
        ),
    )


def _body(
    design: Design, kind: Kind, found: Sequence[Candidate], learning: Judged, scale: Scale, house: Scores
) -> tuple[Card | Trees, list[Dropped]]:  # fmt: skip
    if kind == "trees":
        stable = [one for one in found if one.shift is None or one.shift <= house.max_shift]
        if not stable:
            raise _nothing()
        ordered = sorted(stable, key=lambda one: one.input.name)
        columns = {one.input.name: finite(learning.columns[one.input.name]) for one in ordered}
        seen = [int(np.sum(one.place == one.bins.missing)) >= house.least_missing for one in ordered]
        body = grown(
            [one.input for one in ordered],
            [one.bins for one in ordered],
            columns,
            learning.bad,
            scale,
            design.trees,
            seen,
            learning.group,
            design.seed,
        )
        return body, [
            Dropped(one.input.name, "shifted", one.shift)
            for one in found
            if one.shift is not None and one.shift > house.max_shift
        ]
    chosen, dropped = choose(found, house)
    card, more = fitted(chosen, learning.bad, scale, house.least_missing)
    if card is None:
        raise _nothing()
    return card, [*dropped, *more]


def _nothing() -> DaihouError:
    return DaihouError(
        "No candidate tells good from bad.",
        "Give others, or lower min_iv in the design's `card`.",
        "features",
        zh=("没有候选变量能区分好坏样本。", "请增加候选变量，或在方案 card 中调低 min_iv。"),
    )


def _reference(body: Card | Trees, learning: Judged) -> Reference:
    told = {one.name: finite(learning.columns[one.name]) for one in body.inputs}
    score = body.scores(told)
    cuts = edges(score, TENTHS)
    bins = {
        of.name: tuple(int(n) for n in np.bincount(of.place(told[of.name]), minlength=of.count)) for of in body.bins
    }
    segments = {
        name: tuple(int(n) for n in banded(score[(learning.segment == name).fill_null(value=False).to_numpy()], cuts))
        for name in learning.segment.drop_nulls().unique().sort().to_list()
    }
    return Reference(cuts, tuple(int(n) for n in banded(score, cuts)), bins, segments)


def _notes(
    inputs: Sequence[Input], found: Sequence[Candidate], body: Card | Trees, learning: Judged, curve: Calibration, design: Design, house: Scores,
) -> list[Said]:  # fmt: skip
    notes = []
    used = {one.name for one in body.inputs}
    for one in inputs:
        endless = int(infinite(learning.columns[one.name]).sum())
        if endless:
            notes.append(
                Said(
                    f"{one.name}: {endless} infinite values count as not known.",
                    f"{one.name}：{endless} 个无穷值按缺失处理。",
                )
            )
    strong = sorted(
        (one.evidence.iv, one.input.name)
        for one in found
        if one.input.name in used and one.evidence.iv > house.suspicious_iv
    )
    if strong:
        each = [f"{name} {iv:.2f}" for iv, name in reversed(strong)]
        notes.append(
            Said(
                f"These tell much (information value): {', '.join(each)}. See that each was known at the observation.",
                f"以下变量信息值偏高：{'、'.join(each)}，请逐一确认其在观察点时已知。",
            )
        )
    if curve.part == "train":
        notes.append(
            Said(
                "Too few bad out of sample: calibrated on what trained it, so the probabilities may be too sharp.",
                "样本外坏客户过少，违约概率在训练样本上校准，可能偏于乐观。",
            )
        )
    if design.segment and len(curve.curves) == 1:
        notes.append(Said("No segment had enough bad for a curve of its own.", "各分群坏客户均不足，未单独校准。"))
    return notes


@cache
def sources() -> str:
    """Names the code that trains and scores: a hash of the sources of this package."""
    digest = hashlib.sha256()
    folder = resources.files("daihou.assessment.scores")
    for file in sorted((one for one in folder.iterdir() if one.name.endswith(".py")), key=lambda one: one.name):
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]
