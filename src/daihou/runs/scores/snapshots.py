"""The table that a run writes of the models that scored on its date: one row a version, with what is watched of it."""

from __future__ import annotations

from typing import Final

import polars as pl
import pyarrow as pa

from daihou.monitoring.models.family import MODEL
from daihou.runs.rollups import KINDS

TABLE: Final = "model_snapshots"
SCHEMA: Final = pa.schema(
    [
        ("model", pa.string()), ("as_of", pa.date32()), ("known_on", pa.date32()),
        *((measure.name, KINDS[measure.unit]) for measure in MODEL.measures),
    ]
)  # fmt: skip
"""`model` names the version, as rules and alerts do: see `called`."""
FRAME: Final = pl.Schema(SCHEMA)
"""The same columns in a frame."""


def called(model_id: str, version: int) -> str:
    """What a version of a model is called wherever it is watched: BEHAVIOUR v3."""
    return f"{model_id} v{version}"


def model_id(called: str) -> str:
    """The model of a version by what that is called."""
    return called.rpartition(" v")[0] or called
