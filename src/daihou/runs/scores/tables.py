"""The tables that a run writes of scores: one row a subject and version in `scores`, one a figure that is watched in `model_watch`."""

from __future__ import annotations

from typing import Final

import pyarrow as pa

_PAIR: Final = (("as_of", pa.date32()), ("known_on", pa.date32()))
_VERSION: Final = (("model", pa.string()), ("model_id", pa.string()), ("version", pa.int32()), ("role", pa.string()))

SCORES: Final = pa.schema(
    [
        *_PAIR, *_VERSION, ("subject", pa.string()), ("subject_id", pa.string()), ("borrower_id", pa.string()), ("segment", pa.string()),
        ("score", pa.int32()), ("pd", pa.float64()), ("multiplier", pa.float64()), ("why", pa.string()),
    ]
)  # fmt: skip
"""Every subject that a version in force is for: `score` and `pd`, or `why` there is none (`missing:NAME`, `infinite:NAME`). `multiplier` is the overlay of
the date, by which the odds of `pd` are not yet multiplied."""

MODEL_WATCH: Final = pa.schema(
    [
        *_PAIR, *_VERSION, ("figure", pa.string()), ("of", pa.string()), ("observed_on", pa.date32()), ("n", pa.int64()), ("bad", pa.int64()),
        ("value", pa.float64()), ("low", pa.float64()), ("high", pa.float64()), ("expected", pa.float64()), ("light", pa.string()),
    ]
)  # fmt: skip
"""figure: `psi` of the score (`of` a segment, or empty for all), `csi` (`of` a characteristic), `auc` and `default_rate` (with `expected` the mean probability)
of those observed on a date whose window has ended, by segment. `light` is green, yellow or red by the limits of policy `scores`."""

SCHEMAS: Final = {"scores": SCORES, "model_watch": MODEL_WATCH}
