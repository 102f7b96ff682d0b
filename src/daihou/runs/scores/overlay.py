"""Overlays in force: by how much a view of the market raises or lowers the probabilities of a model, from one date to another, agreed by two people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from daihou.assessment.scores.overlay import Estimate, Month, estimate
from daihou.book.days import last_within
from daihou.book.errors import DaihouError
from daihou.monitoring.market.family import MARKET
from daihou.runs.scores import kept
from daihou.runs.scores.house import policy
from daihou.runs.scores.own_runs import OwnRuns
from daihou.runs.scores.register import Entry, locked, model, must_be_named, note, register, sample_path
from daihou.runs.scores.steps import same

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from daihou.book.home import Home
    from daihou.runs.scores.register import Origin, Version


def in_force(home: Home, model_id: str, day: dt.date) -> Entry | None:
    """The overlay of a model on a day: of those agreed whose span holds it, the one agreed last."""
    found = [
        entry for entry in register(home).entries
        if entry.model_id == model_id and entry.event == "agreed" and entry.from_on is not None
        and entry.from_on <= day <= type(day).fromisoformat(entry.payload["to"])
    ]  # fmt: skip
    return found[-1] if found else None


def multiplier(home: Home, model_id: str, day: dt.date) -> float:
    """What the odds of a model's probabilities are multiplied by on a day; 1 without an overlay."""
    entry = in_force(home, model_id, day)
    return 1.0 if entry is None else float(entry.payload["multiplier"])


def estimated(home: Home, version: Version, measure: str, scenario: float, on: dt.date) -> Estimate:
    """What a scenario of a measure of the market does to a version's probabilities, from the months of its sample."""
    one = model(home, version)
    if one.design.runs is None:
        raise DaihouError(
            f"{version.called} is told of a table, which has no market.",
            "State a multiplier of your own with the reason.",
            zh=(f"{version.called} 的样本来自数据表，没有市场数据。", "请直接给出专家判断的系数并说明理由。"),
        )
    names = [one.name for one in MARKET.measures]
    if measure not in names:
        raise DaihouError(
            f"{measure} is no measure of the market.", f"Choose one of: {', '.join(names)}.", zh=(f"没有市场指标 {measure}。", f"可选：{'、'.join(names)}。")
        )  # fmt: skip
    sample = kept.read(sample_path(home, version), one.inputs, one.design)
    said = one.scored(sample.columns, sample.segment if one.design.segment else None)
    runs = OwnRuns(home)
    months = []
    for date in sample.observed_on.drop_nulls().unique().sort().to_list():
        some = (sample.observed_on == date).to_numpy() & said.there
        value = _market(runs, last_within(date, one.design.runs.window_months), measure)
        if value is not None and some.any():
            months.append(Month(int(some.sum()), int(sample.bad[some].sum()), float(said.pd[some].sum()), value))
    house = policy(home).on(on).values
    return estimate(months, scenario, (house.least_multiplier, house.most_multiplier), house.confidence)


def _market(runs: OwnRuns, date: dt.date, measure: str) -> float | None:
    """A measure of the market as a date's run knew it."""
    paths = runs.files("borrower_snapshots", date)
    found = pl.scan_parquet(paths).select(measure).head(1).collect()[measure].to_list() if paths else []
    return None if not found or found[0] is None else float(found[0])


def propose(
    home: Home, model_id: str, multiplier: float, span: tuple[dt.date, dt.date], scenario: Mapping[str, object], person: str, words: str, on: dt.date,
    origin: Origin,
) -> Entry:  # fmt: skip
    """Propose an overlay; it holds once somebody else agrees. DaihouError beyond the policy's bounds, without a reason, or for a span that has passed."""
    house = policy(home).on(on).values
    if not house.least_multiplier <= multiplier <= house.most_multiplier:
        raise DaihouError(
            f"A multiplier of {multiplier:g} is beyond {house.least_multiplier:g} to {house.most_multiplier:g}.",
            "Stay within, or change policy `scores` first.",
            zh=(
                f"系数 {multiplier:g} 超出 {house.least_multiplier:g} 至 {house.most_multiplier:g} 的范围。",
                "请在范围内取值，或先修改制度 scores。",
            ),
        )
    if not words.strip():
        raise DaihouError(
            "Why is not said.", "Give the reason: `--note`.", zh=("未填写理由。", "请用 `--note` 说明理由。")
        )
    if span[0] > span[1] or span[1] < on:
        raise DaihouError(
            f"{span[0]} to {span[1]} is no span to come.",
            "Give a first and a last day, the last not yet over.",
            zh=(f"{span[0]} 至 {span[1]} 不是有效期间。", "请给出起止日，且截止日不早于当日。"),
        )
    if span[0] < on:
        raise DaihouError(
            f"{span[0]} has passed.",
            f"Choose {on} or later: what was scored stays as it was.",
            zh=(f"{span[0]} 已过。", f"请选择 {on} 或之后的日期，已产生的评分不予更改。"),
        )
    with locked(home):
        known = register(home)
        known.version(model_id)
        number = 1 + sum(entry.event == "proposed" and entry.model_id == model_id for entry in known.entries)
        entry = Entry(
            model_id, number, "proposed", None, span[0], person, words, on, origin, "", {"multiplier": multiplier, "to": span[1].isoformat(), "scenario": dict(scenario)}
        )  # fmt: skip
        note(home, [entry])
    return entry


def agree(home: Home, model_id: str, number: int, person: str, words: str, on: dt.date, origin: Origin) -> Entry:
    """Agree to an overlay; somebody else than who proposed it."""
    with locked(home):
        known = [entry for entry in register(home).entries if entry.model_id == model_id and entry.version == number]
        proposed = next((entry for entry in known if entry.event == "proposed"), None)
        if proposed is None:
            raise DaihouError(
                f"{model_id} has no overlay {number}.",
                "See `daihou models overlay list`.",
                zh=(f"{model_id} 没有编号为 {number} 的宏观调整。", "请查看 `daihou models overlay list`。"),
            )
        must_be_named(person)
        if same(person, proposed.person):
            raise DaihouError(
                f"{proposed.person} proposed it and cannot agree to it.",
                "Somebody else must: four eyes.",
                zh=(f"{proposed.person} 为提出人，不能审批。", "须由他人审批（双人复核）。"),
            )
        agreed = next((entry for entry in known if entry.event == "agreed"), None)
        if agreed is not None:
            return agreed
        start = max(on, proposed.from_on or on)
        if start > type(on).fromisoformat(proposed.payload["to"]):
            raise DaihouError(
                f"The span ended on {proposed.payload['to']}.",
                "Propose another.",
                zh=(f"该期间已于 {proposed.payload['to']} 结束。", "请重新提出。"),
            )
        entry = Entry(model_id, number, "agreed", None, start, person, words, on, origin, "", proposed.payload)
        note(home, [entry])
    return entry
