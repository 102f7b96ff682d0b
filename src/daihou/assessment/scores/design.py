"""The design of a score: who is looked at and when, what counts as bad, how the sample is parted, which measures may speak. One YAML file, hashed."""

from __future__ import annotations

import datetime as dt  # noqa: TC003 (pydantic reads the annotations)
import hashlib
import json
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from daihou.book import yaml_text
from daihou.book.errors import DaihouError

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

Risk = Literal["up", "down", "any", "peak", "valley"]
"""How risk moves as the value grows: up, down, either way, up and then down, down and then up."""
Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{2,39}$")]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=400)]
Subject = Literal["loan", "borrower"]
RESERVED: Final = ("train", "jobs")
FATES: Final = ("good", "bad", "indeterminate", "immature", "unknown", "outside", "not_live", "left_out", "already_bad")
"""What happens to observations, beside the exclusions of a design."""
"""Addresses beside those of models."""


class Part(BaseModel):
    """What every part of a design has: no other keys than its own, and no change after it was read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Both(Part):
    """A text in English and Chinese."""

    en: Text
    zh: Text


class Observe(Part):
    """Observation points: the month ends from one date to another."""

    first: Annotated[dt.date, Field(alias="from")]
    last: Annotated[dt.date, Field(alias="to")]

    @model_validator(mode="after")
    def _ordered(self) -> Observe:
        if self.first > self.last:
            raise _wrong("to", "is before from", "早于 from")
        return self


class Exclusion(Part):
    """Whom the model is not for, and why."""

    code: Id
    when: Text
    reason: Both


class FromRuns(Part):
    """A sample from what runs wrote: features of a date by the knowledge of that date, outcomes of later dates by theirs."""

    observe: Observe
    window_months: Annotated[int, Field(ge=1, le=60)]
    """The performance window."""
    population: Text
    exclude: tuple[Exclusion, ...] = ()
    bad: Text
    """What makes a subject bad, asked of its later rows."""
    indeterminate: Text | None = None
    """What is neither good nor bad: left out of training, and counted."""
    seen: Literal["any", "end"] = "any"
    """Whether one month end of the window with it makes bad, or the window's last alone."""
    most: Annotated[int, Field(ge=1000, le=20_000_000)] = 1_000_000
    """Observations that are taken at most, chosen by a hash: more teach little more and take memory."""


class FromTable(Part):
    """A sample from a file: one row an observation, with the outcome known."""

    id: Text
    observed_on: Text | None = None
    """Column of the observation's date; without one there is no out-of-time part."""
    bad: Text
    """Column of the outcome: 1 bad, 0 good, empty indeterminate."""
    group: Text | None = None
    """Column of whoever must not stand on both sides of a split; the id unless given."""


class Split(Part):
    """What is kept from training."""

    out_of_time_from: dt.date | None = None
    """Observations from here on are out of time: they judge, and train nothing."""
    out_of_sample: Annotated[float, Field(gt=0, lt=0.9)] = 0.3
    """The share of groups before it that calibrates and trains nothing, chosen by a hash."""


class Feature(Part):
    """A candidate."""

    name: Text
    risk: Risk | None = None
    """None: as the catalogue says which way is bad."""
    kind: Literal["number", "code"] | None = None
    """Of a table's column; the catalogue says it of a measure."""
    special: tuple[float, ...] = ()
    """Values that mean something else than a number, each a bin of its own."""
    label: Both | None = None
    checked: bool = False
    """Somebody has seen that it was known at the observation though it tells nearly all."""


class CardChoices(Part):
    """What this card does otherwise than the house; None keeps to the policy `scores`."""

    most_characteristics: Annotated[int, Field(ge=1, le=60)] | None = None
    most_bins: Annotated[int, Field(ge=2, le=20)] | None = None
    smallest_bin: Annotated[float, Field(gt=0, lt=0.5)] | None = None
    min_iv: Annotated[float, Field(ge=0, lt=1)] | None = None
    max_correlation: Annotated[float, Field(gt=0, lt=1)] | None = None


class TreeChoices(Part):
    """How the challenger grows."""

    trees: Annotated[int, Field(ge=5, le=2000)] = 200
    """At most: of a small sample, which more would learn by heart, fewer are grown."""
    leaves: Annotated[int, Field(ge=2, le=255)] = 15
    rate: Annotated[float, Field(gt=0, le=1)] = 0.05
    least_leaf: Annotated[int, Field(ge=1)] = 100
    """Observations in a leaf at least."""


class Design(Part):
    """All that a model is built by."""

    id: Id
    name: Both
    purpose: Both | None = None
    """What the score is for, and what it is not for: the head of the model card."""
    subject: Subject
    runs: FromRuns | None = None
    table: FromTable | None = None
    split: Split = Split()
    segment: Text | None = None
    """A measure or column of codes by which the model is calibrated, validated and watched."""
    features: Annotated[tuple[Feature, ...], Field(min_length=1, max_length=400)]
    card: CardChoices = CardChoices()
    trees: TreeChoices = TreeChoices()
    calibration: Literal["platt", "isotonic"] = "platt"
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 1

    @model_validator(mode="after")
    def _whole(self) -> Design:
        if self.id in RESERVED:
            raise _wrong("id", f"{self.id} is the name of a page", f"{self.id} 为系统页面名称")
        if (self.runs is None) == (self.table is None):
            raise _wrong(
                "runs",
                "is not alone: a sample comes from `runs` or from a `table`",
                "须且仅须填写 runs 或 table 之一作为样本来源",
            )
        taken = next((one.code for one in self.runs.exclude if one.code in FATES), None) if self.runs else None
        if taken is not None:
            raise _wrong("runs.exclude", f"{taken} is what a fate is called already", f"{taken} 与系统的样本状态重名")
        names = [feature.name for feature in self.features]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise _wrong("features", f"{twice} stands twice", f"{twice} 重复")
        if self.table is not None:
            open_ = next((feature.name for feature in self.features if feature.kind is None), None)
            if open_ is not None:
                raise _wrong(
                    "features", f"{open_} has no kind: number or code", f"{open_} 未注明 kind（number 或 code）"
                )
        return self

    @property
    def digest(self) -> str:
        """Names exactly this design, however its file was laid out."""
        stated = json.dumps(as_dict(self), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(stated.encode()).hexdigest()[:16]


def as_dict(design: Design) -> dict[str, Any]:
    """The design as plain values; `from_dict` of it gives the same."""
    return design.model_dump(mode="json", by_alias=True, exclude_none=True)


def from_dict(stated: dict[str, Any]) -> Design:
    """The design that `as_dict` wrote."""
    return Design.model_validate(stated)


def read(text: str, place: str) -> Design:
    """The design of a YAML text; DaihouError names the key that is wrong and the remedy."""
    try:
        return Design.model_validate(_mapping(text, place))
    except ValidationError as error:
        raise _told(error.errors(include_url=False)[0], place) from error


def faults(text: str, place: str) -> list[DaihouError]:
    """Everything that is wrong with a text as a design, each with its key; empty of one that can be read."""
    try:
        Design.model_validate(_mapping(text, place))
    except ValidationError as error:
        return [_told(one, place) for one in error.errors(include_url=False)]
    except DaihouError as error:
        return [error]
    return []


def _mapping(text: str, place: str) -> dict[Any, Any]:
    stated = yaml_text.load(text, place)
    if not isinstance(stated, dict):
        raise DaihouError(
            "The design is not a mapping of keys to values.",
            "Begin it with `id: NAME`; docs/guides/scores.md shows one.",
            place,
            zh=("模型方案不是键值映射。", "请以 `id: 名称` 开头，写法见 docs/guides/scores.md。"),
        )
    return stated


SAID: Final[dict[str, tuple[str, str, str, str]]] = {
    "missing": ("is missing", "Give it.", "缺少该项", "请补充。"),
    "extra_forbidden": ("is no key of a design", "Take it out, or correct its spelling.", "不是模型方案的键", "请删除或更正拼写。"),
    "date_from_datetime_parsing": ("is not a date", "Write it like 2025-01-31.", "不是日期", "写法如 2025-01-31。"),
    "date_parsing": ("is not a date", "Write it like 2025-01-31.", "不是日期", "写法如 2025-01-31。"),
    "int_parsing": ("is not a whole number", "Write a whole number.", "不是整数", "请填写整数。"),
    "float_parsing": ("is not a number", "Write a number like 0.3.", "不是数字", "请填写数字，如 0.3。"),
    "model_type": ("is not a mapping of keys to values", "Write its keys below it.", "不是键值映射", "请在其下逐项填写。"),
    "string_pattern_mismatch": (
        "is no id", "Write three to forty small letters, digits or underscores, a letter first.", "不是有效编号", "请用 3 至 40 个小写字母、数字或下划线，首位为字母。",
    ),
    "literal_error": ("is none of those there are", "docs/guides/scores.md lists them.", "不在可选范围内", "可选值见 docs/guides/scores.md。"),
    "too_short": ("is empty", "Give one at least.", "为空", "至少填写一项。"),
    "string_too_short": ("is empty", "Write something.", "为空", "请填写内容。"),
    "tuple_type": ("is not a list", "Begin each item with a hyphen.", "不是列表", "每项以连字符开头。"),
}  # fmt: skip
"""By pydantic's kind of error: what is wrong and the remedy, in English and Chinese."""


BEYOND: Final = ("greater_than", "greater_than_equal", "less_than", "less_than_equal")
"""pydantic's kinds of numbers beyond a limit."""


def _wrong(key: str, en: str, zh: str) -> PydanticCustomError:
    """What a design says that does not fit together, at its key."""
    return PydanticCustomError("design", "{en}", {"key": key, "en": en, "zh": zh})


def _told(first: ErrorDetails, place: str) -> DaihouError:
    keys, context = [str(one) for one in first["loc"]], first.get("ctx") or {}
    what, remedy, what_zh, remedy_zh = SAID.get(
        first["type"],
        (
            "does not fit",
            "docs/guides/scores.md says what may stand here.",
            "不符合要求",
            "可填内容见 docs/guides/scores.md。",
        ),
    )
    if first["type"] == "design":
        keys.append(context["key"])
        what, what_zh = context["en"], context["zh"]
    elif first["type"] in BEYOND:
        limit = next(iter(context.values()))
        what, what_zh = f"is beyond the limit of {limit}", f"超出限值 {limit}"
    key, given = ".".join(keys), first.get("input")
    told = isinstance(given, str | int | float) and first["type"] not in ("missing", "extra_forbidden", "design")
    shown = (f" '{given}'", f"“{given}”") if told else ("", "")
    zh = (f"{key}：{shown[1]}{what_zh}。", remedy_zh)
    return DaihouError(f"{key}:{shown[0]} {what}.", remedy, f"{place}, {key}", zh=zh)
