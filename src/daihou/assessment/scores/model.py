"""A model: a card or trees, with its calibration, what its score looked like in training, and the design, sample and policy it came of."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import polars as pl

from daihou.assessment.scores import calibration as calibrations
from daihou.assessment.scores import card as cards
from daihou.assessment.scores import design as designs
from daihou.assessment.scores import trees as forests
from daihou.assessment.scores.choosing import finite
from daihou.assessment.scores.inputs import infinite, known
from daihou.book.errors import DaihouError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from daihou.assessment.scores.calibration import Calibration
    from daihou.assessment.scores.card import Card
    from daihou.assessment.scores.design import Design
    from daihou.assessment.scores.inputs import Columns, Input
    from daihou.assessment.scores.trees import Trees

Kind = Literal["card", "trees"]
FORMAT: Final = 1
MISSING: Final = "missing"
INFINITE: Final = "infinite"


@dataclass(frozen=True, slots=True)
class Reference:
    """What training looked like, by which a later book is told apart."""

    edges: tuple[float, ...]
    """Where the score was parted into tenths."""
    scores: tuple[int, ...]
    """How many of training in each of them."""
    characteristics: Mapping[str, tuple[int, ...]]
    """By input how many in each of its bins."""
    segments: Mapping[str, tuple[int, ...]]
    """By segment how many in each tenth of the score."""

    def as_dict(self) -> dict[str, Any]:
        """Plain values; `Reference.of` gives the same."""
        return {
            "edges": list(self.edges), "scores": list(self.scores),
            "characteristics": {name: list(counts) for name, counts in self.characteristics.items()},
            "segments": {name: list(counts) for name, counts in self.segments.items()},
        }  # fmt: skip

    @classmethod
    def of(cls, stated: dict[str, Any]) -> Reference:
        """The reference that `as_dict` wrote."""
        characteristics, segments = (
            {name: tuple(counts) for name, counts in stated[key].items()} for key in ("characteristics", "segments")
        )
        return cls(tuple(stated["edges"]), tuple(stated["scores"]), characteristics, segments)


@dataclass(frozen=True, slots=True)
class Scored:
    """Scores of some subjects."""

    score: npt.NDArray[np.int32]
    pd: npt.NDArray[np.float64]
    """Both say nothing where `why` is told."""
    why: pl.Series
    """Why there is no score: `missing:NAME` or `infinite:NAME`; empty where there is one."""

    @property
    def there(self) -> npt.NDArray[np.bool_]:
        """Who has a score."""
        return self.why.is_null().to_numpy()


@dataclass(frozen=True)
class Model:
    """What training made. Its text is the same whenever it is made again of the same."""

    design: Design
    kind: Kind
    body: Card | Trees
    calibration: Calibration
    reference: Reference
    record: Mapping[str, Any]
    """How it came to be: sample, policy, libraries, what was dropped and noted; plain values."""

    @property
    def inputs(self) -> tuple[Input, ...]:
        """What it asks of a subject."""
        return self.body.inputs

    @property
    def asked(self) -> tuple[str, ...]:
        """The columns that scoring reads: its inputs and its segment."""
        segment = [self.design.segment] if self.design.segment else []
        return tuple(dict.fromkeys([*(one.name for one in self.inputs), *segment]))

    def scored(self, columns: Columns, segment: pl.Series | None) -> Scored:
        """The scores of subjects; who lacks what training always knew has none."""
        told = {one.name: finite(columns[one.name]) for one in self.inputs}
        score = self.body.scores(told)
        risk = -self.body.scale.log_odds(score)
        pd = self.calibration.pd(risk, segment)
        return Scored(score, pd, self._why(columns))

    def _why(self, columns: Columns) -> pl.Series:
        count = len(columns[self.inputs[0].name])
        code = np.zeros(count, np.int16)
        texts: list[str | None] = [None]
        for one, scored in zip(self.inputs, self.body.missing_scored, strict=True):
            if scored:
                continue
            values = columns[one.name]
            for word, wrong in ((MISSING, ~known(values)), (INFINITE, infinite(values))):
                if wrong.any():
                    code[wrong & (code == 0)] = len(texts)
                    texts.append(f"{word}:{one.name}")
        said = pl.Series("why", texts, pl.String)
        return (
            said.gather(code.astype(np.int64))
            if len(texts) > 1
            else pl.Series("why", [None], pl.String).new_from_index(0, count)
        )

    def as_dict(self) -> dict[str, Any]:
        """Plain values; `from_dict` of them gives the same."""
        return {
            "format": FORMAT, "kind": self.kind, "design": designs.as_dict(self.design), "body": self.body.as_dict(),
            "calibration": self.calibration.as_dict(), "reference": self.reference.as_dict(), "record": dict(self.record),
        }  # fmt: skip

    @cached_property
    def text(self) -> str:
        """The model as JSON."""
        return json.dumps(self.as_dict(), ensure_ascii=False, indent=1, allow_nan=False) + "\n"

    @cached_property
    def digest(self) -> str:
        """Names exactly this model."""
        return digest_of(self.text)


def digest_of(text: str) -> str:
    """What a model's text is named by."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def read(text: str, place: str) -> Model:
    """The model of a text; DaihouError where it is none, or of a later daihou."""
    try:
        return from_dict(json.loads(text))
    except (ValueError, KeyError, TypeError) as error:
        raise DaihouError(
            f"The model cannot be read: {error}.",
            "Use the file that `daihou models train` wrote, or the release of daihou that wrote it.",
            place,
            zh=(
                f"模型文件无法读取：{error}。",
                "请使用 `daihou models train` 生成的文件，或生成该文件的 daihou 版本。",
            ),
        ) from error


def from_dict(stated: dict[str, Any]) -> Model:
    """The model that `as_dict` wrote; ValueError of another format."""
    if stated["format"] != FORMAT:
        raise ValueError(f"format {stated['format']}")
    body: Card | Trees = (
        cards.from_dict(stated["body"]) if stated["kind"] == "card" else forests.from_dict(stated["body"])
    )
    return Model(
        designs.from_dict(stated["design"]), stated["kind"], body, calibrations.from_dict(stated["calibration"]),
        Reference.of(stated["reference"]), stated["record"],
    )  # fmt: skip
