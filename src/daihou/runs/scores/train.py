"""Training in a home: a design's sample, the model of it, and its entry in the register."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from daihou.assessment.scores import design as designs
from daihou.assessment.scores.training import train_all
from daihou.book.errors import DaihouError
from daihou.runs.scores import kept, table
from daihou.runs.scores.asked import asked
from daihou.runs.scores.house import policy
from daihou.runs.scores.observing import sample as observed
from daihou.runs.scores.register import enter

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from daihou.assessment.scores.design import Design
    from daihou.assessment.scores.inputs import Input
    from daihou.assessment.scores.model import Kind, Model
    from daihou.assessment.scores.sample import Sample
    from daihou.book.home import Home
    from daihou.runs.scores.register import Origin, Version

    Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Trained:
    """A model with the sample it came of."""

    model: Model
    sample: Sample


def sample_of(
    home: Home, design: Design, place: str, data: Path | None, progress: Progress
) -> tuple[tuple[Input, ...], Sample]:
    """The inputs of a design and its sample: from the home's runs, or from a file."""
    if design.table is not None:
        if data is None:
            raise DaihouError(
                f"The design {design.id} takes its sample from a table.",
                "Give the file: `--data FILE`.",
                place,
                zh=(f"方案 {design.id} 的样本来自数据表。", "请指定文件：`--data 文件`。"),
            )
        return table.inputs(design), table.sample(design, table.read(data), str(data))
    if data is not None:
        raise DaihouError(
            f"The design {design.id} takes its sample from runs, not from a file.",
            "Leave `--data` out.",
            place,
            zh=(f"方案 {design.id} 的样本来自跑批结果，而非文件。", "请去掉 `--data`。"),
        )
    question = asked(design, place)
    return question.inputs, observed(home, question, progress)


def train(
    home: Home, text: str, place: str, kinds: Sequence[Kind], on: dt.date, progress: Progress, data: Path | None = None
) -> list[Trained]:  # fmt: skip
    """Train the models of a design's text, card and challenger of the same sample, by the policy in force on a day."""
    design = designs.read(text, place)
    inputs, sample = sample_of(home, design, place, data, progress)
    house = policy(home).on(on).values
    return [Trained(model, sample) for model in train_all(design, inputs, sample, house, kinds, progress)]


def registered(home: Home, found: Trained, person: str, on: dt.date, words: str, origin: Origin) -> Version:
    """Register a model; the same model again is the version that it is already."""
    return enter(home, found.model, lambda: kept.content(found.sample), person, on, words, origin)
