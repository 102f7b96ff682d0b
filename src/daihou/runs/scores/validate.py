"""Validation of a version: its kept sample scored, judged beside the champion, and the report written beside it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from daihou.assessment.scores.choosing import finite
from daihou.assessment.scores.model import INFINITE, digest_of
from daihou.assessment.validation.as_json import as_dict
from daihou.assessment.validation.limits import limits_of
from daihou.assessment.validation.result import worst
from daihou.assessment.validation.rows import Rival, Rows
from daihou.assessment.validation.said import Said
from daihou.assessment.validation.validating import validate as judged
from daihou.runs.scores import kept, steps
from daihou.runs.scores.house import policy
from daihou.runs.scores.register import VALIDATION, folder, model, register, sample_path
from daihou.runs.scores.report.about import About, Count
from daihou.runs.scores.report.html import Language, html

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable
    from pathlib import Path

    from daihou.assessment.scores.model import Model
    from daihou.assessment.scores.sample import Judged
    from daihou.assessment.validation.result import Validation
    from daihou.book.home import Home
    from daihou.runs.scores.register import Origin, Version

    Progress = Callable[[str, int, int], None]

REPORTS: Final[dict[Language, str]] = {"en": "report.en.html", "zh": "report.zh.html"}
KINDS: Final = {"card": Said("Scorecard", "评分卡"), "trees": Said("Boosted trees", "梯度提升树")}
SUBJECTS: Final = {"loan": Said("Loan", "贷款"), "borrower": Said("Borrower", "借款人")}
METHODS: Final = {
    "platt": Said("Logistic (Platt)", "逻辑回归（Platt）校准"),
    "isotonic": Said("Isotonic", "保序回归校准"),
}


@dataclass(frozen=True, slots=True)
class Validated:
    """A version with what its validation found."""

    version: Version
    found: Validation


def validate(
    home: Home, model_id: str, number: int | None, person: str, on: dt.date, origin: Origin, progress: Progress
) -> Validated:  # fmt: skip
    """Validate a version, write its figures and reports, and note it in the register. The same again writes the same figures."""
    version = register(home).version(model_id, number)
    one = model(home, version)
    progress("validate", 0, 3)
    sample = kept.read(sample_path(home, version), one.inputs, one.design)
    champion = _champion(home, version, on)
    house = policy(home).on(on)
    found = judged(_rows(one, sample, _rival(home, champion, sample_path(home, version))), limits_of(house.values))
    progress("validate", 1, 3)
    place = folder(home, version.model_id, version.number)
    text = json.dumps(as_dict(found), ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    about = _about(version, one, on, champion, f"{house.owner or house.citation}, {house.from_on}")
    pages = {name: html(found, about, language) for language, name in REPORTS.items()}
    progress("validate", 2, 3)
    for name, content in {VALIDATION: text, **pages}.items():
        draft = place / f".{name}"
        draft.write_text(content, "utf-8")
        draft.replace(place / name)
    steps.validated(home, version, digest_of(text), _summary(found, champion), person, on, origin)
    progress("validate", 3, 3)
    return Validated(register(home).version(version.model_id, version.number), found)


def _champion(home: Home, version: Version, on: dt.date) -> Version | None:
    """The version that this one would take the place of: the champion of the model, or else the last one of the other kind."""
    standing = register(home)
    found = standing.champion(version.model_id, on)
    if found is None:
        others = [
            one for one in standing.of(version.model_id) if one.number != version.number and one.kind != version.kind
        ]
        found = others[-1] if others else None
    return None if found is None or found.number == version.number else found


def _rival(home: Home, champion: Version | None, sample: Path) -> Rival | None:
    """What the champion says of the same observations; None where it asks what the sample does not hold."""
    if champion is None:
        return None
    one = model(home, champion)
    try:
        whole = kept.read(sample, one.inputs, one.design)
    except pl.exceptions.ColumnNotFoundError:
        return None
    said = one.scored(whole.columns, whole.segment if one.design.segment else None)
    return Rival(said.score, said.there, said.pd)


def _rows(one: Model, sample: Judged, rival: Rival | None) -> Rows:
    said = one.scored(sample.columns, sample.segment if one.design.segment else None)
    names = {line.name: Said(line.en, line.zh) for line in one.inputs}
    return Rows(
        said.score, said.there, said.pd, sample.bad, sample.observed_on.cast(str).fill_null("").to_numpy(), sample.part.to_numpy(),
        np.array(sample.segment.to_list(), object) if one.design.segment else None, np.array(said.why.to_list(), object), rival,
        {line.name: bins.place(finite(sample.columns[line.name])) for line, bins in zip(one.inputs, one.body.bins, strict=True)},
        segment_names(one), {why: why_said(one, why) for why in said.why.drop_nulls().unique().to_list()}, names,
    )  # fmt: skip


def segment_names(one: Model) -> dict[str, Said]:
    """What the codes of a model's segment are called."""
    field = next((line for line in one.inputs if line.name == one.design.segment), None)
    return {} if field is None else {code: Said(en or code, zh or code) for code, en, zh in field.choices}


def why_said(one: Model, why: str) -> Said:
    """Why somebody has no score, in words."""
    word, _, name = why.partition(":")
    line = next(line for line in one.inputs if line.name == name)
    if word == INFINITE:
        return Said(f"{line.en} is infinite", f"{line.zh}为无穷值")
    return Said(f"{line.en} is not known", f"{line.zh}缺失")


def _summary(found: Validation, champion: Version | None) -> dict[str, Any]:
    """What lists show of a validation."""
    judging = found.judging
    told: dict[str, Any] = {
        "on": found.judged_on,
        "worst": worst(found.findings),
        "champion": champion.called if champion else None,
    }
    if judging is not None:
        told |= {
            "n": judging.n,
            "bad": judging.bad,
            "mean_pd": judging.mean_pd,
            "light": judging.light,
            "brier": judging.brier,
        }
        told |= {
            "ks": judging.ks.value if judging.ks else None,
            "gini": judging.gini,
            "rate": judging.rate.value if judging.rate else None,
        }
        told |= {"auc": None, "auc_low": None, "auc_high": None}
        if judging.auc is not None:
            told |= {"auc": judging.auc.value, "auc_low": judging.auc.low, "auc_high": judging.auc.high}
    return told


def _about(version: Version, one: Model, on: dt.date, champion: Version | None, house: str) -> About:
    design, record = one.design, one.record
    runs = design.runs
    return About(
        version.model_id, str(version.number), Said(design.name.en, design.name.zh), KINDS[one.kind], on.isoformat(),
        purpose=None if design.purpose is None else Said(design.purpose.en, design.purpose.zh), design=f"{design.id} {design.digest}",
        subject=SUBJECTS[design.subject], population=runs.population if runs else "", outcome=runs.bad if runs else (design.table.bad if design.table else ""),
        window=Said(f"{runs.window_months} months", f"{runs.window_months} 个月") if runs else None,
        observed=f"{runs.observe.first} – {runs.observe.last}" if runs else "", later_from=str(design.split.out_of_time_from or ""),
        segment=design.segment or "", calibration=METHODS[design.calibration], seed=str(design.seed), fingerprint=record["sample"]["fingerprint"],
        code_version=f"daihou {record['code']['daihou']}, {record['code']['sources']}", trained_by=version.trained.person,
        champion=champion.called if champion else "", policy=f"scores: {house}", exclusions=exclusions(one),
    )  # fmt: skip


FATES: Final[dict[str, Said]] = {
    "indeterminate": Said("Indeterminate", "表现不确定"), "immature": Said("Window not ended", "表现期未满"), "unknown": Said("Outcome not known", "结果未知"),
    "outside": Said("Not of the population", "不属适用人群"), "not_live": Said("Closed, written off or gone", "已结清、核销或转出"),
    "left_out": Said("Left out at random", "随机抽样未选中"), "already_bad": Said("Bad at the observation", "观察点已违约"),
}  # fmt: skip
"""Why an observation is in no part of a sample."""


def fate_said(one: Model, fate: str) -> Said:
    """Why somebody is no observation, in words: the design's own where it says so."""
    own = {ex.code: Said(ex.reason.en, ex.reason.zh) for ex in one.design.runs.exclude} if one.design.runs else {}
    return own.get(fate) or FATES.get(fate, Said(fate, fate))


def exclusions(one: Model) -> tuple[Count, ...]:
    """How many observations are in no part of a model's sample, by reason, the most first."""
    counts: dict[str, int] = {}
    for _, fate, n in one.record["sample"]["counts"]:
        if fate not in ("good", "bad"):
            counts[fate] = counts.get(fate, 0) + n
    return tuple(Count(fate_said(one, fate), n) for fate, n in sorted(counts.items(), key=lambda pair: -pair[1]) if n)
