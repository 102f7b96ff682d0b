"""What a run writes of scores beside its snapshots: the scores of its date, the score of each borrower, and what is watched of the models."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from daihou.book.errors import DaihouError
from daihou.runs import store
from daihou.runs.scores import snapshots
from daihou.runs.scores.house import policy
from daihou.runs.scores.own_runs import OwnRuns
from daihou.runs.scores.register import register
from daihou.runs.scores.score import beside, said_of, widened
from daihou.runs.scores.tables import MODEL_WATCH, SCORES
from daihou.runs.scores.watched import snapshot, unable, watched

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    import pyarrow as pa

    from daihou.book.home import Home
    from daihou.runs.scores.score import Said

    Progress = Callable[[str, int, int], None]
    Pair = tuple[dt.date, dt.date]


@dataclass(frozen=True, slots=True)
class Scored:
    """What scoring adds to a run."""

    files: dict[str, list[Path]]
    """The files to put in place of those of the run or beside them, by table."""
    problems: tuple[tuple[str, str, str], ...]
    """Versions that could not score, and why in English and Chinese."""


def scored(
    home: Home,
    pair: Pair,
    written: Mapping[str, list[Path]],
    here: Mapping[dt.date, Mapping[str, list[Path]]],
    progress: Progress,
) -> Scored:
    """Score one pair of dates from the files that its run wrote.

    A model that cannot score, its file gone or the library of its trees not installed, is told of and does not stop the night.

    `here` are the files of earlier dates, as known on themselves, of the same run.
    """
    day = pair[0]
    runs = OwnRuns(home, {**here, day: written})
    chosen = register(home).scoring(day)
    said: list[Said] = []
    silent: list[dict[str, Any]] = []
    problems: list[tuple[str, str, str]] = []
    for at, (version, role) in enumerate(chosen):
        progress("score", at, len(chosen))
        try:
            one = said_of(runs, version, role, day)
        except DaihouError as error:
            problems.append((version.called, f"{error.message} {error.remedy}", "".join(error.zh)))
            silent.append(unable(version, role))
            continue
        if one is not None:
            said.append(one)
    if chosen:
        progress("score", len(chosen), len(chosen))
    found = {"scores": [_table(one.table(), pair, SCORES) for one in said] or [SCORES.empty_table()]}
    found |= _watch(runs, said, silent, pair)
    files = {name: [store.write(home, name, *pair, tables)] for name, tables in found.items()}
    if any(one.role == "champion" for one in said):
        (before,) = written["borrower_snapshots"]
        files["borrower_snapshots"] = [
            store.write(home, "borrower_snapshots", *pair, widened(before, beside(runs, day, said)))
        ]
        before.unlink()
    return Scored(files, tuple(problems))


def _watch(runs: OwnRuns, said: Sequence[Said], silent: list[dict[str, Any]], pair: Pair) -> dict[str, list[pa.Table]]:
    house = policy(runs.home).on(pair[0]).values
    rows, summed = [], [*silent]
    for one in said:
        own = watched(runs, one, pair[0], house)
        head = {
            "model": one.version.called,
            "model_id": one.version.model_id,
            "version": one.version.number,
            "role": one.role,
        }
        rows += [{**head, **{name: getattr(figure, name) for name in figure.__slots__}} for figure in own]
        summed.append(snapshot(one, own, pair[0]))
    return {
        "model_watch": [_table(pl.DataFrame(rows, _kinds(MODEL_WATCH)), pair, MODEL_WATCH)],
        snapshots.TABLE: [_table(pl.DataFrame(summed, _kinds(snapshots.SCHEMA)), pair, snapshots.SCHEMA)],
    }


def _kinds(schema: pa.Schema) -> dict[str, pl.DataType]:
    return {name: kind for name, kind in pl.DataFrame(schema.empty_table()).schema.items() if name not in store.PAIR}


def _table(frame: pl.DataFrame, pair: Pair, schema: pa.Schema) -> pa.Table:
    dated = frame.with_columns(pl.lit(pair[0]).alias("as_of"), pl.lit(pair[1]).alias("known_on"))
    table: pa.Table = dated.select(schema.names).to_arrow()
    return table.cast(schema)
