"""A drawn sample whose truth is known, and its design: what tests of training train on."""

from __future__ import annotations

import datetime as dt
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from daihou.assessment.scores import design as designs
from daihou.assessment.scores.inputs import Input
from daihou.assessment.scores.sample import BAD, COUNTS, GOOD, Sample
from daihou.assessment.scores.training import train
from daihou.policies.scores import scores

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from daihou.assessment.scores.design import Design
    from daihou.assessment.scores.inputs import Values
    from daihou.assessment.scores.model import Kind, Model
    from daihou.policies.scores import Scores

LATER: Final = dt.date(2025, 1, 1)
CODES: Final = ("north", "south", "east", "west")
TRUTH: Final = {"north": -0.6, "south": 0.0, "east": 0.3, "west": 0.9}
"""What a code adds to the log-odds of bad."""
KINDS: Final[dict[str, tuple[str, str]]] = {"arrears": ("number", "up"), "income": ("number", "down"), "age": ("number", "any"), "area": ("code", "any")}  # fmt: skip

POLICY: Final[Scores] = scores(
    (resources.files("daihou.policies") / "common" / "scores.yaml").read_text("utf-8"), "scores.yaml"
).on(dt.date(2026, 1, 1)).values  # fmt: skip


def quiet(_step: str, _done: int, _all: int) -> None:
    """Show nothing."""


def inputs(**kinds: tuple[str, str]) -> tuple[Input, ...]:
    """Inputs by name, kind and direction of risk."""
    return tuple(Input(name, kind, risk, name, name) for name, (kind, risk) in kinds.items())  # type: ignore[arg-type]


def design(**changed: Any) -> Design:
    """A design over a table of the drawn columns, with what is changed."""
    stated: dict[str, Any] = {
        "id": "drawn", "name": {"en": "Drawn", "zh": "抽样"}, "subject": "loan", "table": {"id": "id", "observed_on": "observed_on", "bad": "bad"},
        "split": {"out_of_time_from": LATER, "out_of_sample": 0.3}, "segment": "area", "trees": {"trees": 40, "least_leaf": 50},
        "features": [{"name": name, "kind": kind, "risk": risk} for name, (kind, risk) in KINDS.items()],
    }  # fmt: skip
    return designs.from_dict(stated | changed)


def columns(n: int, draw: np.random.Generator) -> dict[str, Values]:
    """Days in arrears that grow with risk (most 0), an income that lowers it (a tenth not known), an age that says nothing, an area."""
    arrears = np.where(draw.random(n) < 0.6, 0.0, draw.integers(1, 90, n)).astype(float)
    income = np.round(draw.lognormal(9, 0.6, n), 2)
    income[draw.random(n) < 0.1] = np.nan
    return {
        "arrears": arrears, "income": income, "age": draw.integers(20, 65, n).astype(float), "area": pl.Series("area", draw.choice(CODES, n)),
    }  # fmt: skip


def outcome(of: Mapping[str, Values], draw: np.random.Generator) -> npt.NDArray[np.bool_]:
    """Who is bad, by the truth."""
    income = np.nan_to_num(np.asarray(of["income"], float), nan=np.exp(9))
    area = np.array([TRUTH[code] for code in of["area"]])
    odds = -2.2 + 0.03 * np.asarray(of["arrears"], float) - 0.8 * (np.log(income) - 9) + area
    return np.asarray(draw.random(len(odds)) < 1 / (1 + np.exp(-odds)))


def sample(n: int = 4000, *, seed: int = 5, more: Mapping[str, Values] | None = None, bad: npt.NDArray[np.bool_] | None = None, split: Any = None) -> Sample:  # fmt: skip
    """So many observations over 2024 and the first months of 2025, with further columns or another outcome where given."""
    draw = np.random.default_rng(seed)
    of = columns(n, draw)
    fate = outcome(of, draw) if bad is None else bad
    days = [dt.date(2024, 1, 1) + dt.timedelta(days=int(day)) for day in np.sort(draw.integers(0, 450, n))]
    frame = pl.DataFrame(
        {
            "id": [f"L{at:06}" for at in range(n)], "group": [f"B{at // 2:06}" for at in range(n)], "observed_on": days,
            "fate": np.where(fate, BAD, GOOD).tolist(), "segment": of["area"],
        }
    )  # fmt: skip
    counts = pl.DataFrame(frame.group_by("observed_on", "fate").agg(pl.len().alias("n")), COUNTS)
    return Sample(frame, {**of, **(more or {})}, counts, split or design().split, 1)


def trained(kind: Kind = "card", *, of: Sample | None = None, by: Design | None = None) -> Model:
    """A model of the drawn sample."""
    own = by or design()
    told = inputs(**{one.name: (one.kind or "number", one.risk or "any") for one in own.features})
    return train(own, told, of or sample(), POLICY, kind, quiet)
