"""Dates run by hand on which models score: what a run writes and says of them, in a home without a book."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from daihou.runs import store
from daihou.runs.scores import snapshots
from daihou.runs.watch.watch import Watch

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from daihou.book.home import Home
    from daihou.runs.watch.watch import Said

WELL: Final[dict[str, Any]] = {
    "model_role": "champion", "model_kind": "card", "scored": 400, "unscored_share": 0.01, "score_psi": 0.02, "worst_csi": 0.05, "matured": 300,
    "matured_bad": 40, "auc": 0.75, "validated_auc": 0.76, "auc_drop": 0.01, "default_rate": 0.04, "expected_rate": 0.041,
    "calibration_light": "green", "worst_segment_light": "green", "worst_segment_psi": 0.04, "months_since_validated": 3,
}  # fmt: skip
"""A model that does its work."""


def row(model_id: str = "BEHAVIOUR", version: int = 1, **said: Any) -> dict[str, Any]:
    """A version that scored, well but for what is said."""
    return {
        "model": snapshots.called(model_id, version),
        "model_id": model_id,
        "model_version": version,
        **WELL,
        **said,
    }


def scored(
    home: Home, on: dt.date, *rows: dict[str, Any], known_on: dt.date | None = None, batch: int = 1, table: bool = True
) -> Said:
    """Run a date on which some versions scored, as `runs.nightly` does; without `table` as versions before models did."""
    pair = (on, known_on or on)
    written: dict[str, list[Path]] = {}
    for name in ("snapshots", "borrower_snapshots"):
        written[name] = [store.write(home, name, *pair, [store.SCHEMAS[name].empty_table()])]
    if table:
        told = pa.Table.from_pylist(list(rows), snapshots.SCHEMA)
        written[snapshots.TABLE] = [store.write(home, snapshots.TABLE, *pair, [told])]
    said = Watch(home, batch, None).take(
        pair, written["snapshots"], written["borrower_snapshots"], written.get(snapshots.TABLE, [])
    )
    counts = {"as_of": pair[0], "known_on": pair[1], "batch": batch, "loans": 0, "unmeasured": 0, "breaks": 0}
    store.put(home, {pair: written | said.files}, {pair: counts | said.record})
    return said
