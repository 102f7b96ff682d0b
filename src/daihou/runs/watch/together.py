"""A book put together date by date: the loans of each date of a spine, their borrowers rolled up with what is known of them, and both by place."""

from __future__ import annotations

from bisect import bisect
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from daihou.book import lake
from daihou.monitoring.snapshot import SCHEMA
from daihou.runs.borrowers import borrowers as beside
from daihou.runs.rollups import NEEDED
from daihou.runs.watch.coded import Coded
from daihou.runs.watch.rows import LIVE
from daihou.runs.watch.spine import BALANCE, PLACE, SUBJECT, walk
from daihou.warning.outcomes import AT_RISK, IN_DEFAULT, LOST, NOT_YET, SETTLED, Outcomes, outcomes
from daihou.warning.verdicts import Described

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from collections.abc import Set as AbstractSet

    from daihou.book.home import Home
    from daihou.book.ledger.ledger import Ledger
    from daihou.runs.policies import Policies
    from daihou.runs.watch.spine import Chunk, Spine

    Progress = Callable[[str, int, int], None]

LOAN: Final = "spine_loan"
"""The place of a loan in the book."""
RANK: Final = np.zeros(5, np.int8)
RANK[[NOT_YET, SETTLED, LOST, AT_RISK, IN_DEFAULT]] = range(5)
BY_RANK: Final = np.array([NOT_YET, SETTLED, LOST, AT_RISK, IN_DEFAULT], np.uint8)
"""A borrower stands as the loan that stands last in this order."""


@dataclass(frozen=True, slots=True)
class Day:
    """The book on one date of a spine."""

    place: int
    """Of the date in the spine."""
    loans: pl.DataFrame
    rolled: pl.DataFrame
    """A row a borrower: the columns of its families and the market's."""
    at: npt.NDArray[np.int64]
    """The place of each of these borrowers."""

    @property
    def live(self) -> npt.NDArray[np.bool_]:
        """Which borrowers are watched."""
        return (self.rolled["loans"] + self.rolled["loans_unmeasured"] > 0).to_numpy()

    def widened(self) -> pl.DataFrame:
        """The loans with the columns of their borrowers beside their own."""
        twice = [name for name in self.rolled.columns if name in self.loans.columns and name != "borrower_id"]
        return self.loans.join(self.rolled.drop(twice), on="borrower_id", how="left", maintain_order="left")


class Together:
    """A book over the dates of a spine. All rows asked for are held in memory at once."""

    def __init__(
        self, home: Home, ledger: Ledger, policies: Policies, spine: Spine, names: AbstractSet[str], by: str | None, progress: Progress
    ) -> None:  # fmt: skip
        """`names` are the columns that are asked; `by` is one that tells subjects apart."""
        self._spine, self._progress = spine, progress
        self.gathered = Gathered(by)
        held = {*names, "borrower_id", "officer_id", "state", "currency", *NEEDED, *([by] if by else [])} & set(
            SCHEMA.names
        )
        walk(home, ledger, policies, spine, frozenset(held), progress, self.gathered.take, everybody=True)
        versions = ledger.pointer.lake | lake.versions(home, beside.TABLES)
        self._sources = beside.read(home, policies, versions, progress)
        self.loans = sum(shard.count for shard in ledger.shards.values())
        self.currencies = {code for shard in ledger.shards.values() for code in shard.currencies}
        self.book = Book(self.gathered, spine)

    def days(self) -> Iterator[Day]:
        """The book on each date in turn; borrowers are seen on the way."""
        count = len(self._spine.dates)
        for place, date in enumerate(self._spine.dates):
            self._progress("borrowers", place, count)
            loans = self.gathered.on(place)
            rolled = self._sources.on(date, date, loans)
            self.book.see(place, loans, rolled)
            yield Day(place, loans, rolled, self.book.places(rolled["borrower_id"]))
        self._progress("borrowers", count, count)


@dataclass
class Gathered:
    """What the chunks of a walk hold, put together."""

    by: str | None
    frames: list[pl.DataFrame] = field(default_factory=list)
    """The rows of each chunk."""
    chunks: list[Chunk] = field(default_factory=list)
    _alone: Lock = field(default_factory=Lock)

    def take(self, chunk: Chunk) -> None:
        """Keep what is asked later of a chunk: its rows, and who owed each loan as known at the end."""
        frame = chunk.frame.with_columns((pl.col(SUBJECT) + chunk.first).alias(LOAN)).drop(SUBJECT)
        with self._alone:
            at = bisect(self.chunks, chunk.first, key=lambda other: other.first)  # threads come in any order
            self.frames.insert(at, frame)
            self.chunks.insert(at, chunk)

    def on(self, place: int) -> pl.DataFrame:
        """The loans of one date."""
        return pl.concat([frame.filter(pl.col(PLACE) == place) for frame in self.frames], how="vertical_relaxed")


class Book:
    """The borrowers of a book by place, in order of id, and where each stands on the dates of a spine."""

    def __init__(self, gathered: Gathered, spine: Spine) -> None:
        self.spine, self.by = spine, gathered.by
        ids = [frame["borrower_id"].unique() for frame in gathered.frames]
        ids += [chunk.borrowers["borrower_id"].unique() for chunk in gathered.chunks]
        self.borrowers = pl.concat(ids).drop_nulls().unique().sort() if ids else pl.Series("borrower_id", [], pl.String)
        self._place = pl.DataFrame(
            {"borrower_id": self.borrowers, "place": np.arange(len(self.borrowers), dtype=np.int64)}
        )
        shape = (len(spine.dates), len(self.borrowers))
        self.rank = np.zeros(shape, np.int8)
        self.since = np.broadcast_to(spine.days[:, None], shape).astype(np.int32)
        self.watched = np.zeros(shape, np.bool_)
        self.balance = np.zeros(shape, np.int64)
        self.officer = np.full(shape, -1, np.int32)
        self.group = np.full(shape, -1, np.int32)
        self.officers, self.groups = Coded(), Coded()
        for chunk in gathered.chunks:
            self._stand(chunk)

    def places(self, ids: pl.Series) -> npt.NDArray[np.int64]:
        """The places of some borrowers."""
        frame = pl.DataFrame({"borrower_id": ids})
        return frame.join(self._place, on="borrower_id", how="left", maintain_order="left")["place"].to_numpy()

    def _stand(self, chunk: Chunk) -> None:
        known = chunk.borrowers.filter(pl.col("borrower_id").is_not_null())
        place, subject = known[PLACE].to_numpy(), known[SUBJECT].to_numpy()
        at = self.places(known["borrower_id"])
        standing = chunk.outcomes.standing[place, subject]
        np.maximum.at(self.rank, (place, at), RANK[standing])
        bad = standing == IN_DEFAULT
        np.minimum.at(self.since, (place[bad], at[bad]), chunk.since[place[bad], subject[bad]])

    def see(self, place: int, loans: pl.DataFrame, rolled: pl.DataFrame) -> None:
        """Take from the rows of a date who is watched, with what balance, by whom and in which group: those of the largest loan that is live."""
        at = self.places(rolled["borrower_id"])
        self.watched[place, at] = (rolled["loans"] + rolled["loans_unmeasured"] > 0).to_numpy()
        self.balance[place, at] = rolled["exposure"].fill_null(0).to_numpy()
        told = {"officer_id"} | ({self.by} & set(loans.columns) if self.by and self.by not in rolled.columns else set())
        live = pl.col("state").cast(pl.String).is_in(LIVE)
        size = (~live, -pl.col(BALANCE).fill_null(-1), pl.col(LOAN))
        largest = (
            loans.group_by("borrower_id").agg(pl.col(sorted(told)).sort_by(*size).first()).drop_nulls("borrower_id")
        )
        mine = self.places(largest["borrower_id"])
        self.officer[place, mine] = self.officers.of(largest["officer_id"])
        if self.by and self.by in rolled.columns:
            self.group[place, at] = self.groups.of(rolled[self.by])
        elif self.by and self.by in largest.columns:
            self.group[place, mine] = self.groups.of(largest[self.by])

    def outcomes(self) -> Outcomes:
        """What became of the borrowers."""
        return outcomes(self.spine.days, self.spine.horizons, BY_RANK[self.rank], self.since)

    def described(self) -> Described:
        """What is told of them."""
        return Described(
            self.watched, self.balance, lambda date, at: self.officer[date, at], lambda date, at: self.group[date, at]
        )
