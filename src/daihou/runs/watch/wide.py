"""Rules that ask of borrowers or of the market: the loans of each date put together first, their borrowers rolled up, then both asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from daihou.book import lake, money
from daihou.monitoring.snapshot import SCHEMA
from daihou.runs.borrowers import borrowers as beside
from daihou.runs.rollups import NEEDED
from daihou.runs.watch.answers import answered, judged_by, units
from daihou.runs.watch.coded import Coded
from daihou.runs.watch.folded import folded
from daihou.runs.watch.spine import PLACE, SUBJECT, walk
from daihou.warning.backtest import Results, results
from daihou.warning.fold import UNWATCHED, Codes
from daihou.warning.outcomes import AT_RISK, IN_DEFAULT, LOST, NOT_YET, SETTLED, Outcomes, outcomes
from daihou.warning.verdicts import Described, Verdicts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from daihou.book.home import Home
    from daihou.book.ledger.ledger import Ledger
    from daihou.expressions import Expression
    from daihou.policies.early_warning import EarlyWarning
    from daihou.runs.policies import Policies
    from daihou.runs.watch.spine import Chunk, Spine
    from daihou.warning.checked import Checked

    Progress = Callable[[str, int, int], None]

LOAN: Final = "spine_loan"
"""The place of a loan in the book."""
LIVE: Final = ("current", "overdue", "unmeasured")
RANK: Final = np.zeros(5, np.int8)
RANK[[NOT_YET, SETTLED, LOST, AT_RISK, IN_DEFAULT]] = range(5)
BY_RANK: Final = np.array([NOT_YET, SETTLED, LOST, AT_RISK, IN_DEFAULT], np.uint8)
"""A borrower stands as the loan that stands last in this order."""


@dataclass(frozen=True, slots=True)
class Wide:
    """Answers of the rules that ask of more than a loan."""

    of_loans: list[tuple[Codes, Codes | None]]
    """For each rule on loans whether it holds and whether it clears, [date, loan]."""
    of_borrowers: list[tuple[Codes, Codes | None]]
    outcomes: Outcomes
    """Of the borrowers."""
    described: Described
    officers: list[str]
    groups: list[str]

    def results(self, rules: Sequence[Checked], sets: Mapping[str, Sequence[int]], warning: EarlyWarning) -> Results:
        """The rules on borrowers judged."""
        verdicts = Verdicts(len(rules), len(self.outcomes.days), sets)
        days = self.outcomes.days
        holds = [held for held, _ in self.of_borrowers]
        moves = [folded(days, rule, *of) for rule, of in zip(rules, self.of_borrowers, strict=True)]
        verdicts.take(0, holds, moves, self.outcomes, self.described, warning.episode_days)
        names = [(rule.rule.id, rule.version.number) for rule in rules]
        return results("borrower", verdicts, days, names, self.officers, self.groups, warning.fewest_defaults)


def wide(
    home: Home, ledger: Ledger, policies: Policies, spine: Spine, loan_rules: Sequence[Checked], borrower_rules: Sequence[Checked],
    by: str | None, progress: Progress,
) -> Wide:  # fmt: skip
    """Answer some rules on loans and some on borrowers for every date of a spine, as known on each."""
    held = set(SCHEMA.names)
    asked = {name for rule in loan_rules for name in judged_by(rule)} & held
    gathered = _Gathered(by)
    names = frozenset(
        asked | set(NEEDED) | {"borrower_id", "officer_id", "state", "currency", *([by] if by else [])} & held
    )
    walk(home, ledger, policies, spine, names, progress, gathered.take, everybody=True)
    versions = ledger.pointer.lake | lake.versions(home, beside.TABLES)
    sources = beside.read(home, policies, versions, progress)
    base = 10 ** money.exponent(home.settings.base_currency)
    book = _Book(gathered, spine, sum(shard.count for shard in ledger.shards.values()))
    currencies = {code for shard in ledger.shards.values() for code in shard.currencies}
    of_loans = [_empty(rule, len(spine.dates), book.loans) for rule in loan_rules]
    of_borrowers = [_empty(rule, len(spine.dates), len(book.borrowers)) for rule in borrower_rules]
    for place, date in enumerate(spine.dates):
        progress("borrowers", place, len(spine.dates))
        loans = gathered.on(place)
        rolled = sources.on(date, date, loans)
        if loan_rules:
            joined = loans.join(
                rolled.drop([name for name in rolled.columns if name in loans.columns and name != "borrower_id"]),
                on="borrower_id",
                how="left",
                maintain_order="left",
            )
            live = joined["state"].cast(pl.String).is_in(LIVE).to_numpy()
            _answer(of_loans, loan_rules, joined, joined[LOAN].to_numpy(), live, place, units(currencies), base)
        if borrower_rules:
            book.see(place, loans, rolled)
            at = book.places(rolled["borrower_id"])
            live = (rolled["loans"] + rolled["loans_unmeasured"] > 0).to_numpy()
            _answer(of_borrowers, borrower_rules, rolled, at, live, place, base, base)
    progress("borrowers", len(spine.dates), len(spine.dates))
    return Wide(of_loans, of_borrowers, book.outcomes(), book.described(), book.officers.texts, book.groups.texts)


def _empty(rule: Checked, dates: int, count: int) -> tuple[Codes, Codes | None]:
    def unwatched() -> Codes:
        return np.full((dates, count), UNWATCHED, np.uint8)

    return unwatched(), unwatched() if rule.clear is not None else None


def _answer(
    into: Sequence[tuple[Codes, Codes | None]], rules: Sequence[Checked], rows: pl.DataFrame, at: npt.NDArray[Any],
    live: npt.NDArray[Any], place: int, amount_unit: int | pl.Expr, base: int,
) -> None:  # fmt: skip
    asked: list[Expression] = []
    for rule in rules:
        asked += [rule.condition, *([rule.clear] if rule.clear is not None else [])]
    found = iter(answered(rows, asked, amount_unit, base))
    for held, cleared in into:
        held[place, at] = np.where(live, next(found), UNWATCHED)
        if cleared is not None:
            cleared[place, at] = next(found)


@dataclass
class _Gathered:
    """What the chunks of a walk hold, put together."""

    by: str | None
    frames: list[pl.DataFrame] = field(default_factory=list)
    ends: list[tuple[pl.DataFrame, Chunk]] = field(default_factory=list)
    _alone: Lock = field(default_factory=Lock)

    def take(self, chunk: Chunk) -> None:
        """Keep what is asked later of a chunk: its rows, and who owed each loan as known at the end."""
        frame = chunk.frame.with_columns((pl.col(SUBJECT) + chunk.first).alias(LOAN)).drop(SUBJECT)
        with self._alone:
            self.frames.append(frame)
            if not chunk.borrowers.is_empty():
                self.ends.append((chunk.borrowers, chunk))

    def on(self, place: int) -> pl.DataFrame:
        """The loans of one date."""
        return pl.concat([frame.filter(pl.col(PLACE) == place) for frame in self.frames], how="vertical_relaxed")


class _Book:
    """The borrowers of a book by place, in order of id, and where each stands on the dates of a spine."""

    def __init__(self, gathered: _Gathered, spine: Spine, loans: int) -> None:
        self.loans, self.spine, self.by = loans, spine, gathered.by
        ids = [frame["borrower_id"].unique() for frame in gathered.frames] + [
            end["borrower_id"].unique() for end, _ in gathered.ends
        ]
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
        for end, chunk in gathered.ends:
            self._stand(end, chunk)

    def places(self, ids: pl.Series) -> npt.NDArray[np.int64]:
        """The places of some borrowers."""
        frame = pl.DataFrame({"borrower_id": ids})
        return frame.join(self._place, on="borrower_id", how="left", maintain_order="left")["place"].to_numpy()

    def _stand(self, end: pl.DataFrame, chunk: Chunk) -> None:
        known = end.filter(pl.col("borrower_id").is_not_null())
        place, subject = known[PLACE].to_numpy(), known[SUBJECT].to_numpy()
        at = self.places(known["borrower_id"])
        standing = chunk.outcomes.standing[place, subject]
        np.maximum.at(self.rank, (place, at), RANK[standing])
        bad = standing == IN_DEFAULT
        np.minimum.at(self.since, (place[bad], at[bad]), chunk.since[place[bad], subject[bad]])

    def see(self, place: int, loans: pl.DataFrame, rolled: pl.DataFrame) -> None:
        """Take from the rows of a date who is watched, with what balance, by whom and in which group: those of its first loan."""
        at = self.places(rolled["borrower_id"])
        self.watched[place, at] = (rolled["loans"] + rolled["loans_unmeasured"] > 0).to_numpy()
        self.balance[place, at] = rolled["exposure"].fill_null(0).to_numpy()
        told = dict.fromkeys(("officer_id", *([self.by] if self.by and self.by in loans.columns else [])))
        first = loans.group_by("borrower_id").agg(pl.col(list(told)).sort_by(LOAN).first()).drop_nulls("borrower_id")
        mine = self.places(first["borrower_id"])
        self.officer[place, mine] = self.officers.of(first["officer_id"])
        if self.by and self.by in rolled.columns:
            self.group[place, at] = self.groups.of(rolled[self.by])
        elif self.by and self.by in first.columns:
            self.group[place, mine] = self.groups.of(first[self.by])

    def outcomes(self) -> Outcomes:
        """What became of the borrowers."""
        return outcomes(self.spine.days, self.spine.horizons, BY_RANK[self.rank], self.since)

    def described(self) -> Described:
        """What is told of them."""
        return Described(
            self.watched, self.balance, lambda date, at: self.officer[date, at], lambda date, at: self.group[date, at]
        )
