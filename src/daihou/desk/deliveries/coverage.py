"""How far a run covers the book, as the desk shows it: states, what could not be measured, ties against control totals, breaks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import polars as pl
from django.conf import settings

from daihou.desk.deliveries import wording
from daihou.desk.people import orgs
from daihou.desk.templatetags.figures import amount, count
from daihou.runs import store

if TYPE_CHECKING:
    from daihou.book.home import Home
    from daihou.desk.people.reach import Reach
    from daihou.desk.portfolio.moments import Moment, Pair

COUNTS: Final = ("loans",)
"""What a tie compares that is no amount of money."""


@dataclass(frozen=True, slots=True)
class State:
    """The loans of one state and currency."""

    state: str
    label: str
    currency: str
    loans: int
    outstanding: int | None
    """Minor units; None for loans that could not be measured, or to whom amounts of the whole lender are not shown."""


@dataclass(frozen=True, slots=True)
class Tie:
    """One figure compared: ours by the run, theirs by the lender's totals or by the facts themselves."""

    org_id: str
    org: str
    product: str
    currency: str
    what: str
    label: str
    ours: int
    theirs: int

    @property
    def ties(self) -> bool:
        """Whether both are the same."""
        return self.ours == self.theirs

    def text(self, value: int) -> str:
        """A figure in the currency's units; a count of loans as it is."""
        return count(value) if self.what in COUNTS else amount(value, self.currency)

    @property
    def ours_text(self) -> str:
        """Ours as people read it."""
        return self.text(self.ours)

    @property
    def theirs_text(self) -> str:
        """Theirs as people read it."""
        return self.text(self.theirs)

    @property
    def difference_text(self) -> str:
        """Ours less theirs as people read it."""
        return self.text(self.ours - self.theirs)


@dataclass(frozen=True, slots=True)
class Cause:
    """A reason with how often it is given, and what to do."""

    reason: str
    label: str
    remedy: str
    count: int


@dataclass(frozen=True, slots=True)
class Listed:
    """A loan, fact or total that could not be measured or does not fit."""

    subject: str
    loan_id: str
    """Empty where it is no loan."""
    reason: str
    label: str
    currency: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a run says of its own coverage, to somebody of a reach."""

    states: tuple[State, ...]
    unmeasured: tuple[Cause, ...]
    breaks: tuple[Cause, ...]
    ties: tuple[Tie, ...]
    waiting: tuple[tuple[str, int], ...]
    defaults: tuple[tuple[str, int], ...]

    @property
    def loans(self) -> int:
        """All loans known."""
        return sum(state.loans for state in self.states)

    @property
    def unmeasured_loans(self) -> int:
        """Those that could not be measured."""
        return sum(state.loans for state in self.states if state.state == "unmeasured")

    @property
    def broken(self) -> int:
        """How many things do not fit."""
        return sum(cause.count for cause in self.breaks)

    @property
    def untied(self) -> tuple[Tie, ...]:
        """The figures that differ."""
        return tuple(tie for tie in self.ties if not tie.ties)

    @property
    def control_ties(self) -> tuple[Tie, ...]:
        """Those against the lender's control totals."""
        return tuple(tie for tie in self.ties if tie.what != "paid_amount")


def coverage(moment: Moment, reach: Reach) -> Coverage:
    """The coverage of a pair of dates. To who does not reach the whole lender: counts, and the ties of their own orgs."""
    frame = _frame(settings.HOME, moment.pair, moment.stamp)
    whole = reach.everything

    def rows(kind: str) -> list[dict[str, Any]]:
        return frame.filter(pl.col("kind") == kind).to_dicts()

    states = tuple(
        State(
            row["subject"], str(wording.STATES.get(row["subject"], row["subject"])), row["currency"] or "", row["loans"],
            row["ours"] if whole and row["subject"] != "unmeasured" else None,
        )
        for row in rows("state")
    )  # fmt: skip
    ties = tuple(tie for tie in map(_tie, rows("tie")) if whole or _own(tie, reach))
    return Coverage(
        states=states,
        unmeasured=_causes(frame, "unmeasured"),
        breaks=_causes(frame, "break"),
        ties=tuple(sorted(ties, key=lambda tie: (tie.ties, tie.org_id, tie.product, tie.currency))),
        waiting=tuple((row["subject"], row["loans"]) for row in rows("waiting")),
        defaults=tuple((row["subject"], row["loans"]) for row in rows("default")),
    )


def _own(tie: Tie, reach: Reach) -> bool:
    return reach.whole_orgs and tie.org_id in (reach.org_ids or ())


@lru_cache(maxsize=8)
def _frame(home: Home, pair: Pair, stamp: str) -> pl.DataFrame:  # noqa: ARG001 - the stamp is the cache's key
    return pl.DataFrame(pl.from_arrow(store.read(home, "coverage", *pair)))


def _tie(row: dict[str, Any]) -> Tie:
    org, _slash, product = row["subject"].partition(" / ")
    org_id = "" if org in ("*", "payments") else org
    return Tie(
        org_id, orgs.tree().name(org_id), "" if product == "*" else product, row["currency"] or "", row["reason"],
        str(wording.TOTALS.get(row["reason"], row["reason"])), row["ours"] or 0, row["theirs"] or 0,
    )  # fmt: skip


def _causes(frame: pl.DataFrame, kind: str) -> tuple[Cause, ...]:
    found = frame.filter(pl.col("kind") == kind).group_by("reason").agg(pl.len().alias("rows"))
    return tuple(_cause(row["reason"], row["rows"]) for row in found.sort("rows", "reason", descending=True).to_dicts())


def _cause(reason: str, rows: int) -> Cause:
    label, remedy = wording.COVERAGE.get(reason, (wording.reason(reason), ""))
    return Cause(reason, str(label), str(remedy), rows)


def listed(moment: Moment, reach: Reach, kind: str, reason: str, first: int, rows: int) -> tuple[list[Listed], int]:
    """Some of what is `unmeasured` or a `break`, for one reason or all, and how many there are in the user's reach."""
    frame = _frame(settings.HOME, moment.pair, moment.stamp).filter(pl.col("kind") == kind)
    if reason:
        frame = frame.filter(pl.col("reason") == reason)
    if not reach.everything:
        held = _loans(moment.pair, frame["subject"].unique().to_list()).iter_rows(named=True)
        frame = frame.filter(
            pl.col("subject").is_in([row["loan_id"] for row in held if reach.holds(row["org_id"], row["officer_id"])])
        )
    page = frame.slice(first, rows)
    known = set(_loans(moment.pair, page["subject"].unique().to_list())["loan_id"])
    return [_listed(row, known) for row in page.iter_rows(named=True)], frame.height


def _listed(row: dict[str, Any], loans: set[str]) -> Listed:
    subject, reason = row["subject"], row["reason"]
    return Listed(subject, subject if subject in loans else "", reason, _cause(reason, 0).label, row["currency"] or "")


def _loans(pair: Pair, subjects: list[str]) -> pl.DataFrame:
    """Which of some subjects are loans of the run, and in whose charge."""
    paths = store.files(settings.HOME, "snapshots", *pair)
    columns = [pl.col(name).cast(pl.String) for name in ("loan_id", "org_id", "officer_id")]
    if not paths or not subjects:
        return pl.DataFrame(schema={"loan_id": pl.String, "org_id": pl.String, "officer_id": pl.String})
    scan = pl.scan_parquet(paths, hive_partitioning=False)
    return scan.select(columns).filter(pl.col("loan_id").is_in(subjects)).collect()
