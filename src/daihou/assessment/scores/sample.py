"""A sample: observations with what was known at them and what became of them, parted into what trains, what calibrates and what judges."""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import polars as pl

from daihou.assessment.scores.inputs import taken

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from daihou.assessment.scores.design import Split
    from daihou.assessment.scores.inputs import Values

Part = Literal["train", "test", "later"]
PARTS: Final[tuple[Part, ...]] = ("train", "test", "later")
GOOD, BAD, INDETERMINATE = "good", "bad", "indeterminate"
IMMATURE: Final = "immature"
"""Its window had not ended by the last run."""
GONE: Final = "unknown"
"""No later row tells what became of it."""
OUTSIDE: Final = "outside"
"""Not of the population."""
FRAME: Final[dict[str, Any]] = {
    "id": pl.String, "group": pl.String, "observed_on": pl.Date, "fate": pl.String, "segment": pl.String,
}  # fmt: skip
COUNTS: Final[dict[str, Any]] = {"observed_on": pl.Date, "fate": pl.String, "n": pl.Int64}
"""How many met each fate at each observation point: good, bad, indeterminate, immature, unknown, outside, and the codes of exclusions."""


@dataclass(frozen=True)
class Sample:
    """Observations that are good, bad or indeterminate, in order of date and id."""

    frame: pl.DataFrame
    """FRAME: `group` must not stand on both sides of a split; `segment` may be empty."""
    columns: Mapping[str, Values]
    """What each observation measured, by input."""
    counts: pl.DataFrame
    """COUNTS, of everybody that was looked at."""
    split: Split
    seed: int
    knowledge: str = "recorded"
    """Whether the dates on which facts were known were recorded, assumed from the facts' own dates, or mixed."""
    assumed_share: float = 0.0

    @cached_property
    def part(self) -> pl.Series:
        """The part of each observation: `later` from the out-of-time date on, else `test` or `train` by a hash of its group."""
        return parted(self.frame, self.split, self.seed)

    @cached_property
    def fingerprint(self) -> str:
        """Names exactly these observations, their outcomes and what was known of them."""
        digest = hashlib.sha256()
        for name in FRAME:
            _feed(digest, self.frame[name].cast(pl.String))
        for name in sorted(self.columns):
            digest.update(name.encode())
            values = self.columns[name]
            _feed(digest, values) if isinstance(values, pl.Series) else digest.update(
                np.ascontiguousarray(values + 0.0).tobytes()
            )
        return digest.hexdigest()[:16]

    def of(self, *parts: Part) -> Judged:
        """The good and the bad of some parts."""
        some = (self.part.is_in(parts) & self.frame["fate"].is_in([GOOD, BAD])).to_numpy()
        frame = self.frame.filter(pl.Series(some))
        columns = {name: taken(values, some) for name, values in self.columns.items()}
        return Judged(
            columns,
            (frame["fate"] == BAD).to_numpy(),
            frame["segment"],
            frame["observed_on"],
            self.part.filter(pl.Series(some)),
            frame["group"],
        )

    @cached_property
    def sizes(self) -> dict[str, dict[str, int]]:
        """Good, bad and indeterminate by part."""
        told = (
            pl.DataFrame({"part": self.part, "fate": self.frame["fate"]})
            .group_by("part", "fate")
            .len()
            .sort("part", "fate")
        )
        found: dict[str, dict[str, int]] = {}
        for part, fate, n in told.iter_rows():
            found.setdefault(part, {})[fate] = n
        return found


@dataclass(frozen=True)
class Judged:
    """Observations that turned out good or bad."""

    columns: Mapping[str, Values]
    bad: npt.NDArray[np.bool_]
    segment: pl.Series
    observed_on: pl.Series
    part: pl.Series
    group: pl.Series

    def __len__(self) -> int:
        return len(self.bad)


def parted(frame: pl.DataFrame, split: Split, seed: int) -> pl.Series:
    """The part of each row of a frame with `group` and `observed_on`."""
    groups = frame["group"].unique()
    kept = [group for group in groups.to_list() if _share(group, seed) < split.out_of_sample]
    test = pl.col("group").is_in(pl.Series(kept, dtype=pl.String).implode())
    later = (
        pl.lit(value=False)
        if split.out_of_time_from is None
        else (pl.col("observed_on") >= split.out_of_time_from).fill_null(value=False)
    )
    part = pl.when(later).then(pl.lit("later")).when(test).then(pl.lit("test")).otherwise(pl.lit("train"))
    return frame.select(part.alias("part"))["part"]


def _share(group: str, seed: int) -> float:
    """A number from 0 to 1 for a group, the same on every machine."""
    return zlib.crc32(f"{seed}:{group}".encode()) / 2**32


def _feed(digest: Any, texts: pl.Series) -> None:
    digest.update("\x1f".join("\x00" if text is None else text for text in texts.to_list()).encode())
