"""A design before the catalogue: its conditions parsed, its features found, and what would look back over the observation point refused."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

from daihou import expressions
from daihou.assessment.scores.inputs import Input
from daihou.book.errors import DaihouError
from daihou.expressions.field import WORDS
from daihou.monitoring.families import FAMILIES
from daihou.monitoring.score.family import SCORE
from daihou.warning.columns import columns_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from daihou.assessment.scores.design import Design, Feature, FromRuns
    from daihou.assessment.scores.inputs import Risk
    from daihou.assessment.scores.model import Model
    from daihou.expressions import Expression, Field
    from daihou.monitoring.catalogue import Bad

BACK: Final = re.compile(r"_(\d+)(m|d)$")
"""Measures of a window say in their names how far they look back."""
EVER: Final = ("_ever",)
ALREADY: Final = "already_bad"
"""The code of who meets the outcome at the observation itself."""
RISKS: Final[dict[Bad, Risk]] = {"high": "up", "low": "down", "none": "any"}
UNUSABLE: Final = ("id", "codes", "text", "moment")
"""Units of columns that no model can be told."""
OWN: Final = frozenset(measure.name for measure in SCORE.measures)
"""A score must not be told of scores: it would learn what an older model said."""

Part = TypeVar("Part")


@dataclass(frozen=True)
class Asked:
    """A design whose sample comes from runs, ready to be asked of rows."""

    design: Design
    inputs: tuple[Input, ...]
    fields: tuple[Field, ...]
    """The column of each input."""
    population: Expression
    exclusions: tuple[tuple[str, Expression], ...]
    """By code, in the order they are asked; the first that holds counts."""
    bad: Expression
    indeterminate: Expression | None
    segment: Field | None

    @property
    def runs(self) -> FromRuns:
        """What the design says of runs."""
        if self.design.runs is None:
            raise ValueError("the design is of a table")
        return self.design.runs

    def fields_of(self, model: Model) -> list[Field]:
        """The columns of a model's inputs."""
        by_name = {field.name: field for field in self.fields}
        return [by_name[one.name] for one in model.inputs]

    @property
    def conditions(self) -> frozenset[str]:
        """The columns that say whether a subject is an observation."""
        asked = [self.population, *(one for _, one in self.exclusions)]
        return frozenset(field.name for one in asked for field in expressions.columns_named(one))

    @property
    def at_first(self) -> frozenset[str]:
        """The columns that are read at an observation."""
        segment = {self.segment.name} if self.segment else set()
        return self.conditions | {field.name for field in self.fields} | segment

    @property
    def later(self) -> frozenset[str]:
        """The columns that tell what became of it."""
        conditions = [self.bad] if self.indeterminate is None else [self.bad, self.indeterminate]
        return frozenset(field.name for one in conditions for field in expressions.columns_named(one))


def asked(design: Design, place: str) -> Asked:
    """Check a design over runs; DaihouError names the key that does not fit."""
    if design.runs is None:
        raise DaihouError(
            f"The design {design.id} takes its sample from a table.",
            "Give the file: `--data FILE`.",
            place,
            zh=(f"方案 {design.id} 的样本来自数据表。", "请指定文件：`--data 文件`。"),
        )
    columns = columns_of(design.subject)

    def condition(key: str, text: str) -> Expression:
        return _placed(f"{place}, runs.{key}", lambda: expressions.parse(text, columns))

    runs = design.runs
    population = condition("population", runs.population)
    bad = condition("bad", runs.bad)
    indeterminate = None if runs.indeterminate is None else condition("indeterminate", runs.indeterminate)
    exclusions = [(one.code, condition(f"exclude, {one.code}", one.when)) for one in runs.exclude]
    for key, one in (("bad", bad), ("indeterminate", indeterminate)):
        if one is not None:
            _must_look_ahead(design, one, f"{place}, runs.{key}")
    if runs.seen == "any":
        exclusions.append((ALREADY, bad))
    found = [_input(design, feature, columns, place) for feature in design.features]
    segment = None if design.segment is None else _segment(design.segment, columns, place)
    return Asked(
        design, tuple(found), tuple(columns[one.name] for one in found), population, tuple(exclusions), bad, indeterminate, segment
    )  # fmt: skip


def faults(design: Design, place: str) -> list[DaihouError]:
    """Everything of a design over runs that does not fit the catalogue, each with its key; empty of one that `asked` takes, and of one over a table."""
    if design.runs is None:
        return []
    columns, runs = columns_of(design.subject), design.runs

    def parsed(key: str, text: str) -> Expression:
        return _placed(f"{place}, runs.{key}", lambda: expressions.parse(text, columns))

    def outcome(key: str, text: str) -> None:
        _must_look_ahead(design, parsed(key, text), f"{place}, runs.{key}")

    checks: list[Callable[[], object]] = [
        partial(parsed, "population", runs.population),
        partial(outcome, "bad", runs.bad),
    ]
    if runs.indeterminate is not None:
        checks.append(partial(outcome, "indeterminate", runs.indeterminate))
    checks += [partial(parsed, f"exclude, {one.code}", one.when) for one in runs.exclude]
    if design.segment is not None:
        checks.append(partial(_segment, design.segment, columns, place))
    checks += [partial(_input, design, feature, columns, place) for feature in design.features]
    found = []
    for check in checks:
        try:
            check()
        except DaihouError as error:
            found.append(error)
    return found


def _must_look_ahead(design: Design, condition: Expression, place: str) -> None:
    """Refuse an outcome that knows of days before the observation: it would be known there already."""
    runs = design.runs
    if runs is None:
        return
    for field in expressions.columns_named(condition):
        if field.name.endswith(EVER):
            raise _backwards(field.name, "the whole past", "全部历史", place)
        found = BACK.search(field.name)
        if found is None:
            continue
        months = int(found[1]) if found[2] == "m" else int(found[1]) / 30
        if runs.seen == "any" and months > 1:
            raise _backwards(
                field.name,
                f"{found[1]}{found[2]}, and every month end of the window is asked",
                f"{found[1]}{found[2]}，而表现期内逐月末判定",
                place,
            )
        if months > runs.window_months:
            more = (
                f"{found[1]}{found[2]}, more than the window of {runs.window_months}",
                f"{found[1]}{found[2]}，超过表现期 {runs.window_months} 个月",
            )
            raise _backwards(field.name, *more, place)


def _backwards(name: str, en: str, zh: str, place: str) -> DaihouError:
    return DaihouError(
        f"{name} looks back over {en}: the outcome would tell of days before the observation.",
        "Ask what holds on a date (dpd >= 90), or ask at the window's end alone (`seen: end`) a measure that looks back no further than the window.",
        place,
        zh=(
            f"{name} 回看 {zh}，结果定义会包含观察点之前的信息。",
            "请改用时点指标（如 dpd >= 90），或设 `seen: end` 并选用回看不超过表现期的指标。",
        ),
    )


def _input(design: Design, feature: Feature, columns: Mapping[str, Field], place: str) -> Input:
    at = f"{place}, features, {feature.name}"
    if feature.name in OWN:
        raise DaihouError(
            f"{feature.name} is what a model said.",
            "A score must not be told of scores: take what it was made of.",
            at,
            zh=(f"{feature.name} 是模型评分结果。", "评分不能作为另一评分的入模变量，请使用原始指标。"),
        )
    field = _found(feature.name, columns, at)
    if field.unit in UNUSABLE:
        raise DaihouError(
            f"{feature.name} is {WORDS[field.unit][0]}: a model cannot be told it.",
            "Take a number, a date, a flag or a code.",
            at,
            zh=(
                f"{feature.name} 为{WORDS[field.unit][1]}，不能作为入模变量。",
                "请选择数值、日期、真假值或代码类指标。",
            ),
        )
    label = feature.label
    return Input(
        feature.name, "code" if field.unit == "code" else "number", feature.risk or RISKS[_bad(design, feature.name)],
        label.en if label else field.en, label.zh if label else field.zh, field.unit, tuple(field.choices), feature.special,
    )  # fmt: skip


def _bad(design: Design, name: str) -> Bad:
    subjects = (design.subject, "borrower", "market")
    for subject in subjects:
        for family in FAMILIES:
            if family.subject == subject:
                for measure in family.measures:
                    if measure.name == name:
                        return "none" if measure.unit == "code" else measure.bad
    raise KeyError(name)


def _segment(name: str, columns: Mapping[str, Field], place: str) -> Field:
    field = _found(name, columns, f"{place}, segment")
    if field.unit != "code":
        raise DaihouError(
            f"{name} is no column of codes.",
            "A model is parted by codes: product, region, borrower_kind.",
            f"{place}, segment",
            zh=(f"{name} 不是代码类指标。", "分群须使用代码类指标，如 product、region、borrower_kind。"),
        )
    return field


def _found(name: str, columns: Mapping[str, Field], place: str) -> Field:
    if name in columns:
        return columns[name]
    alike = difflib.get_close_matches(name.lower(), list(columns), 3, 0.6)
    raise DaihouError(
        f"There is no measure called {name[:60]}.",
        (f"Did you mean {' or '.join(alike)}? " if alike else "") + "They are listed in docs/reference/measures.md.",
        place,
        zh=(
            f"没有名为 {name[:60]} 的指标。",
            (f"是否为 {'、'.join(alike)}？" if alike else "") + "可用指标见 docs/reference/measures.md。",
        ),
    )


def _placed(place: str, part: Callable[[], Part]) -> Part:
    try:
        return part()
    except DaihouError as error:
        where = f"{place}: {error.place}" if error.place else place
        raise DaihouError(error.message, error.remedy, where, zh=error.zh) from error
