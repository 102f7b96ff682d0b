"""Thresholds from the default history of a home: the book walked over past dates as known on each, every candidate judged by what came after."""

from __future__ import annotations

from dataclasses import replace
from threading import Lock
from typing import TYPE_CHECKING, Final, TypeVar, cast

import numpy as np

from daihou.book import money
from daihou.book.ledger.ledger import refresh
from daihou.monitoring.snapshot import SCHEMA
from daihou.runs.policies import read_policies
from daihou.runs.watch import history
from daihou.runs.watch.asked import no_threshold, present_in, understood
from daihou.runs.watch.panels import loan_panel
from daihou.runs.watch.register import rulebook_of
from daihou.runs.watch.spine import spine_of, walk
from daihou.runs.watch.wide_panels import wide_panels
from daihou.warning.choice import Budget
from daihou.warning.past import must_have_past
from daihou.warning.tally import tally
from daihou.warning.thresholds import Question, Span, at_risk_values, suggest, suggestion, tried_for

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Sequence

    from daihou.book.home import Home
    from daihou.book.ledger.ledger import Ledger
    from daihou.runs.policies import Policies
    from daihou.runs.watch.asked import Asked, Understood
    from daihou.runs.watch.spine import Chunk, Spine
    from daihou.warning.candidates import Threshold, Values
    from daihou.warning.tally import Panel, Tally
    from daihou.warning.thresholds import Knowledge, Present, Suggestion

    Progress = Callable[[str, int, int], None]

Found = TypeVar("Found")

HELD: Final = 2_000_000
"""Loan-dates that are held in memory whole. Of a larger book the candidates are chosen from a few of its dates, and it is walked again."""
LOOKED_AT: Final = 5


def suggested(home: Home, asked: Asked, today: dt.date, progress: Progress) -> Suggestion:
    """Thresholds for a question over a home's book; the rules compared with are those live on `today`. DaihouError where it cannot be answered."""
    checked = understood(asked)
    if asked.rule is not None:
        must_have_past(
            rulebook_of(home).rule(asked.rule)
        )  # a misspelt id is told apart from a rule without a threshold
    spine = spine_of(asked.dates, checked.default, asked.months, asked.step)
    policies = read_policies(home)
    policy = policies.warning.on(spine.dates[-1]).values
    ledger = refresh(home, progress)
    history.must_reach(ledger, spine)
    known, _ = history.knowledge(home)
    span = Span(spine.dates, asked.step, cast("Knowledge", known), history.heard_on(home, spine.dates[-1]))
    currencies = tuple(sorted({code for shard in ledger.shards.values() for code in shard.currencies}))
    question = Question(
        asked.measure, checked.field.unit, checked.worse, asked.subject, asked.default, asked.months,
        asked.goal or Budget(policy.alert_budget), asked.segment, asked.by, _present(home, asked, checked, today),
        currencies if checked.field.unit == "amount" else (),
    )  # fmt: skip
    if asked.subject == "borrower" or not checked.names <= set(SCHEMA.names):
        panels = wide_panels(home, ledger, policies, spine, checked, asked.subject, progress)
        return suggest(panels, question, span, policy, asked.only)
    walked = _Walked(home, ledger, policies, spine, checked, progress)
    if ledger.loans * len(spine.dates) <= HELD:
        return suggest(walked.panels(), question, span, policy, asked.only)
    tried = asked.only or tried_for(question, walked.looked_at(), policy)
    return suggestion(question, span, tried, walked.tallied(tried, policy.episode_days, policy.most_segments), policy)


def _present(home: Home, asked: Asked, checked: Understood, today: dt.date) -> tuple[Present, ...]:
    if asked.only or not asked.compare:
        return ()
    live = rulebook_of(home).live(today)
    if asked.rule is None:
        return tuple(present_in(live, checked, asked.subject))
    found = tuple(present_in([rule for rule in live if rule.rule.id == asked.rule], checked, asked.subject))
    if not found:
        raise no_threshold(asked.rule, asked.measure)
    return found


class _Walked:
    """The loans of a ledger as panels, by walks of a few threads at once."""

    def __init__(
        self, home: Home, ledger: Ledger, policies: Policies, spine: Spine, asked: Understood, progress: Progress
    ) -> None:
        self.home, self.ledger, self.policies, self.spine, self.asked, self.progress = (
            home,
            ledger,
            policies,
            spine,
            asked,
            progress,
        )
        self.base_unit = money.unit(home.settings.base_currency)
        self._alone = Lock()

    def panels(self) -> list[Panel]:
        """All of them, in the order of the book."""
        return sorted(self._each(self.spine, lambda panel: panel), key=lambda panel: panel.first)

    def looked_at(self) -> Values:
        """The values at risk on a few dates, the last among them, since by its knowledge it is told who was at risk."""
        places = np.unique(np.linspace(0, len(self.spine.dates) - 1, LOOKED_AT).round().astype(int))
        some = replace(self.spine, dates=tuple(self.spine.dates[place] for place in places))
        return np.concatenate([np.zeros(0), *self._each(some, at_risk_values)])

    def tallied(self, tried: Sequence[Threshold], episode_days: int, most_segments: int) -> Tally:
        """The tally of all."""
        whole: list[Tally] = []

        def visit(chunk: Chunk) -> None:
            counted = tally(loan_panel(chunk, self.asked, self.base_unit), tried, self.asked.worse, episode_days)
            with self._alone:
                whole[:] = [whole[0].plus(counted, most_segments) if whole else counted]

        self._walk(self.spine, visit)
        return whole[0]

    def _each(self, spine: Spine, of: Callable[[Panel], Found]) -> list[Found]:
        found: list[Found] = []

        def visit(chunk: Chunk) -> None:
            one = of(loan_panel(chunk, self.asked, self.base_unit))
            with self._alone:
                found.append(one)

        self._walk(spine, visit)
        return found

    def _walk(self, spine: Spine, visit: Callable[[Chunk], None]) -> None:
        walk(self.home, self.ledger, self.policies, spine, self.asked.names, self.progress, visit)
