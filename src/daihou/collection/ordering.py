"""Whom to call first: the lists of a day by one greedy rule, each row with the reason why it stands where it stands.

First what was agreed: calls, by their time; then promises that fall due or were broken since the last list; then all else by what a contact may
be expected to bring a minute. What has a collector stays with them; what has none goes to the one within reach with the most time left. Of each
tier everything is offered in order, and a collector whom the next one does not fit takes no more: so nobody is passed over for somebody worth less.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING, Final, Literal, get_args

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from daihou.policies.collection import Lists

Reason = Literal[
    "call_agreed", "plan_part_due", "promise_due", "promise_broken", "first_payment", "out_of_touch", "expected_recovery"
]  # fmt: skip
"""Why a case stands where it stands. The first four are placed by it; the others are placed by expected recovery a minute, and say what to know first."""
REASONS: Final[tuple[Reason, ...]] = get_args(Reason)
AGREED, PROMISED, REST = 1, 2, 3
"""The tiers."""
TIMES_BROKEN: Final = 3
"""So often at most a broken promise lowers what is expected (`Lists.after_broken_promise`)."""
WHOLE: Final = 1_000_000
"""A chance is told in millionths."""

CANDIDATES: Final = pl.Schema(
    {
        "case": pl.Int64(),
        "borrower_id": pl.String(),
        "stage": pl.String(),
        "claim": pl.Int64(),  # minor units of one currency for all
        "broken": pl.Int64(),  # promises broken
        "spoke_days": pl.Int64(),  # since somebody spoke to the debtor; null: never
        "silent_days": pl.Int64(),  # the same, and since the case was opened where nobody did
        "call_at": pl.Datetime("us", "UTC"),  # when a call was agreed, if by the end of the day
        "due_on": pl.Date(),  # when parts of a promise fell or fall due since the last list
        "due": pl.Int64(),  # how much of it is still to come
        "plan": pl.Boolean(),  # whether an arrangement asks for it
        "broke": pl.Boolean(),  # whether a promise was broken since the last list
        "first_payment": pl.Boolean(),  # whether the very first instalment was never paid
        "owner": pl.Int64(),  # null: nobody's yet
        "org_id": pl.String(),
        "lead_org_id": pl.String(),
        "channel": pl.String(),  # by what the debtor may be contacted on the day; null: by nothing
        "paused": pl.Boolean(),
    }
)
"""What is asked: one row a case."""
LISTED: Final = pl.Schema(
    {
        "owner": pl.Int64(),
        "place": pl.Int64(),  # from 1 in each list
        "case": pl.Int64(),
        "reason": pl.String(),
        "chance": pl.Int64(),  # millionths of the claim
        "expected": pl.Int64(),  # minor units, rounded down
        "seconds": pl.Int64(),  # what the contact takes
    }
)
"""What is answered: one row a place."""


@dataclass(frozen=True, slots=True)
class Collector:
    """Somebody who works a list: which orgs' cases they may be given (None: of all), and what they have left of the day."""

    id: int
    orgs: frozenset[str] | None
    seconds: int
    rows: int
    """How many more rows they may be given."""


def ordered(candidates: pl.DataFrame, policy: Lists) -> pl.DataFrame:
    """The candidates that may be worked on the day, in the order in which they are offered, with tier, reason, chance, expected recovery and seconds.

    Ties go by borrower. Expected recovery is the claim times the chance, in whole minor units rounded down.
    """
    seconds = {stage: round(minutes * 60) for stage, minutes in policy.minutes.items()}
    fresh = pl.col("spoke_days").fill_null(policy.fresh_days + 1) <= policy.fresh_days
    broken = pl.col("broken").clip(0, TIMES_BROKEN)
    workable = candidates.filter(pl.col("channel").is_not_null(), ~pl.col("paused"))
    return (
        workable.with_columns(times=broken, fresh=fresh)
        .join(_chances(policy), on=["stage", "times", "fresh"], how="left", validate="m:1")
        .with_columns(
            expected=_share_of(pl.col("claim"), pl.col("chance")),
            seconds=pl.col("stage").replace_strict(seconds, return_dtype=pl.Int64),
            reason=_reason(policy),
        )
        .with_columns(
            tier=pl.when(reason="call_agreed").then(AGREED)
            .when(pl.col("reason").is_in(["plan_part_due", "promise_due", "promise_broken"])).then(PROMISED)
            .otherwise(REST),
            worth=pl.col("expected") / pl.col("seconds"),
        )
        .with_columns(at=pl.when(tier=AGREED).then("call_at"))
        .sort("tier", "at", "worth", "borrower_id", "case", descending=[False, False, True, False, False], nulls_last=True)
        .drop("times", "fresh", "at")
    )  # fmt: skip


def lists(candidates: pl.DataFrame, collectors: Sequence[Collector], policy: Lists) -> pl.DataFrame:
    """The lists of a day (`LISTED`), by owner and place: every case once at most, nobody beyond their time or rows; whatever the order of what is given."""
    offered = ordered(candidates, policy)
    return _listed(offered, _given(offered, collectors).taken)


def sieved(
    candidates: pl.DataFrame, collectors: Sequence[Collector], policy: Lists, ask: Callable[[pl.DataFrame], pl.Series]
) -> tuple[pl.DataFrame, dict[int, str | None]]:
    """The same lists where it is dear to say by what somebody may be contacted: `ask` gives the channels of some candidates, and is asked only where it matters.

    What the candidates say of it counts for nothing. With the lists come the channels that were asked, by case.
    """
    offered = ordered(candidates.with_columns(channel=pl.lit("")), policy)
    asked: dict[int, str | None] = {}
    while True:
        given = _given(offered, collectors)
        mattering = offered[given.mattering]
        unknown = mattering.filter(~pl.col("case").is_in(list(asked)))
        if unknown.is_empty():
            return _listed(offered, given.taken), asked
        asked |= dict(zip(unknown["case"], ask(unknown), strict=True))
        none = [case for case in unknown["case"] if asked[case] is None]
        offered = offered.filter(~pl.col("case").is_in(none))


def _listed(offered: pl.DataFrame, taken: Sequence[tuple[int, int]]) -> pl.DataFrame:
    return (
        offered[[row for row, _ in taken]]
        .with_columns(owner=pl.Series([owner for _, owner in taken], dtype=pl.Int64))
        .with_columns(place=pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("owner"))
        .sort("owner", "place")
        .select(LISTED.names())
    )


@dataclass(frozen=True, slots=True)
class _Given:
    """Which row went to whom, in the order of the rows; and which rows made any difference: these, and those that did not fit and so closed a list."""

    taken: list[tuple[int, int]]
    mattering: list[int]


def _given(offered: pl.DataFrame, collectors: Sequence[Collector]) -> _Given:
    hands = {one.id: _Hands(one) for one in sorted(collectors, key=lambda one: one.id)}
    queues: dict[tuple[str, str], list[tuple[int, int]]] = {}
    found = _Given([], [])
    columns = (offered[name].to_list() for name in ("owner", "org_id", "lead_org_id", "seconds"))
    for row, (owner, org_id, lead_org_id, seconds) in enumerate(zip(*columns, strict=True)):
        if owner is None:
            place = (org_id or "", lead_org_id or "")
            if place not in queues:
                queues[place] = _queue(place, hands)
            queue = queues[place]
            if not queue:
                continue
            to = _most_left(queue, hands, seconds)
        else:
            to = hands.get(owner)
            if to is None or to.rows <= 0:
                continue
        found.mattering.append(row)
        if to is not None and to.take(seconds):
            found.taken.append((row, to.id))
    return found


class _Hands:
    """What a collector has left; closed for the day once something did not fit."""

    __slots__ = ("id", "orgs", "rows", "seconds")

    def __init__(self, one: Collector) -> None:
        self.id, self.orgs, self.rows, self.seconds = one.id, one.orgs, one.rows, one.seconds

    def take(self, seconds: int) -> bool:
        """Whether it fits; with it the collector has less left, without it nothing."""
        if self.rows <= 0 or self.seconds < seconds:
            self.rows = self.seconds = 0
            return False
        self.rows -= 1
        self.seconds -= seconds
        return True


def _queue(place: tuple[str, str], hands: dict[int, _Hands]) -> list[tuple[int, int]]:
    """Who may be given cases of an org and of one that leads, as a heap: the most time left first, then by number."""
    org_id, lead_org_id = place
    reaching = (
        (-one.seconds, one.id)
        for one in hands.values()
        if one.orgs is None or org_id in one.orgs or (lead_org_id and lead_org_id in one.orgs)
    )
    found = list(reaching)
    heapify(found)
    return found


def _most_left(queue: list[tuple[int, int]], hands: dict[int, _Hands], seconds: int) -> _Hands | None:
    """The collector of a queue with the most time left; where not even theirs suffices, all of it are closed. What the heap says too high is put right."""
    while queue:
        left, owner = queue[0]
        one = hands[owner]
        if one.rows > 0 and one.seconds == -left >= seconds:
            return one
        heappop(queue)
        if one.rows > 0 and one.seconds == -left:
            one.take(seconds)
        elif one.rows > 0:
            heappush(queue, (-one.seconds, owner))
    return None


def _reason(policy: Lists) -> pl.Expr:
    due = pl.col("due_on").is_not_null()
    return (
        pl.when(pl.col("call_at").is_not_null()).then(pl.lit("call_agreed"))
        .when(due & pl.col("plan")).then(pl.lit("plan_part_due"))
        .when(due).then(pl.lit("promise_due"))
        .when("broke").then(pl.lit("promise_broken"))
        .when("first_payment").then(pl.lit("first_payment"))
        .when(pl.col("silent_days") >= policy.out_of_touch_days).then(pl.lit("out_of_touch"))
        .otherwise(pl.lit("expected_recovery"))
    )  # fmt: skip


def _chances(policy: Lists) -> pl.DataFrame:
    """The chance of every stage, times a promise was broken, and whether somebody spoke to the debtor lately; never above the whole, half a millionth up."""
    after_broken, after_conversation = (
        Fraction(str(policy.after_broken_promise)),
        Fraction(str(policy.after_conversation)),
    )
    rows = []
    for stage, share in policy.recovery_share.items():
        for times in range(TIMES_BROKEN + 1):
            for fresh in (False, True):
                chance = Fraction(str(share)) * after_broken**times * (after_conversation if fresh else 1)
                rows.append((stage, times, fresh, int(min(chance, Fraction(1)) * WHOLE + Fraction(1, 2))))
    schema = {"stage": pl.String, "times": pl.Int64, "fresh": pl.Boolean, "chance": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _share_of(amount: pl.Expr, chance: pl.Expr) -> pl.Expr:
    """An amount times millionths, exactly and rounded down, without a product beyond 64 bits."""
    return amount // WHOLE * chance + amount % WHOLE * chance // WHOLE
