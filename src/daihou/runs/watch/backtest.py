"""Backtests: what rules would have said on past dates, as known then, and what became of whom they named."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock, get_ident
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from daihou.book import money
from daihou.book.ledger.ledger import refresh
from daihou.monitoring.snapshot import SCHEMA
from daihou.runs.policies import read_policies
from daihou.runs.watch import history
from daihou.runs.watch.answers import judged_by, rules_answered
from daihou.runs.watch.coded import Coded
from daihou.runs.watch.folded import folded
from daihou.runs.watch.spine import SUBJECT, walk
from daihou.runs.watch.wide import Wide, wide
from daihou.warning.backtest import Results, results
from daihou.warning.episodes import opened
from daihou.warning.fold import TRUE, UNWATCHED
from daihou.warning.verdicts import Described, Verdicts

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping, Sequence

    import numpy.typing as npt

    from daihou.book.home import Home
    from daihou.runs.watch.spine import Chunk, Spine
    from daihou.warning.checked import Checked
    from daihou.warning.episodes import Opened
    from daihou.warning.fold import Codes

    Progress = Callable[[str, int, int], None]

OFFICER: Final = "officer_id"


@dataclass(frozen=True, slots=True)
class Backtest:
    """What a backtest found, and what it stands on."""

    dates: tuple[dt.date, ...]
    step: str
    default: str
    months: int
    knowledge: str
    """recorded, assumed or mixed."""
    assumed_share: float
    changes: tuple[tuple[str, dt.date], ...]
    """Policies that changed within the span, and when; each date was judged by what was in force on it."""
    by: str | None
    episode_days: int
    fewest_defaults: int
    base_currency: str
    results: tuple[Results, ...]
    """Over loans, and over borrowers, as far as there are rules of either."""
    heard_on: dt.date | None = None
    """The last day of the span on which it was heard what anybody paid; None where nothing was."""


def backtest(
    home: Home, spine: Spine, rules: Sequence[Checked], progress: Progress, default: str,
    sets: Mapping[str, Sequence[int]] | None = None, by: str | None = None,
) -> Backtest:  # fmt: skip
    """Backtest some versions of rules, each by itself and in `sets` of their places (all together unless given), cut by a column where asked."""
    policies = read_policies(home)
    ledger = refresh(home, progress)
    history.must_reach(ledger, spine)
    warning = policies.warning.on(spine.dates[-1]).values
    chosen = {"all": list(range(len(rules)))} if sets is None else sets
    of_loans = [place for place, rule in enumerate(rules) if rule.rule.subject == "loan"]
    of_borrowers = [place for place, rule in enumerate(rules) if rule.rule.subject == "borrower"]
    loans = _Loans(
        home, spine, [rules[place] for place in of_loans], _among(chosen, of_loans), by, warning.episode_days
    )
    beside: Wide | None = None
    if of_borrowers or loans.wide:
        asked = [rules[place] for place in of_borrowers]
        beside = wide(home, ledger, policies, spine, [loans.rules[place] for place in loans.wide], asked, by, progress)
    found = []
    if of_loans:
        loans.answers = beside.of_loans if beside else ()
        walk(home, ledger, policies, spine, loans.columns, progress, loans.visit)
        found.append(loans.results(warning.fewest_defaults))
    if beside and of_borrowers:
        found.append(beside.results([rules[place] for place in of_borrowers], _among(chosen, of_borrowers), warning))
    known, share = history.knowledge(home)
    return Backtest(
        spine.dates, spine.step, default, spine.months, known, share, tuple(history.changes(policies, spine.dates)), by, warning.episode_days,
        warning.fewest_defaults, home.settings.base_currency, tuple(found),
        history.heard_on(home, spine.dates[-1]),
    )  # fmt: skip


def _among(sets: Mapping[str, Sequence[int]], places: Sequence[int]) -> dict[str, list[int]]:
    """The sets by place among some of the rules, without those that have none of them."""
    found = {name: [places.index(rule) for rule in rules if rule in places] for name, rules in sets.items()}
    return {name: rules for name, rules in found.items() if rules}


class _Loans:
    """Rules on loans, judged chunk by chunk by a few threads, each with verdicts of its own."""

    def __init__(
        self, home: Home, spine: Spine, rules: Sequence[Checked], sets: Mapping[str, Sequence[int]], by: str | None, episode_days: int
    ) -> None:  # fmt: skip
        self.rules, self.spine, self.sets, self.by, self.episode_days = rules, spine, sets, by, episode_days
        held = set(SCHEMA.names)
        self.wide = [place for place, rule in enumerate(rules) if not judged_by(rule) <= held]
        """Rules that ask of the borrower or the market too: answered beforehand."""
        self.answers: Sequence[tuple[Codes, Codes | None]] = ()
        near = [rule for place, rule in enumerate(rules) if place not in self.wide]
        self.columns = frozenset({name for rule in near for name in judged_by(rule)} | {OFFICER, *([by] if by else [])})
        self.base_unit = money.unit(home.settings.base_currency)
        self.officers, self.groups = Coded(), Coded()
        self.by_thread: dict[int, Verdicts] = {}
        self._alone = Lock()

    def visit(self, chunk: Chunk) -> None:
        """Judge the loans of a chunk."""
        with self._alone:
            verdicts = self.by_thread.setdefault(
                get_ident(), Verdicts(len(self.rules), len(self.spine.dates), self.sets)
            )
        rows = chunk.rows()
        subjects = chunk.frame[SUBJECT].to_numpy()
        answers = self._answers(chunk)
        signals = [self._signals(rule, rows, subjects, *of) for rule, of in zip(self.rules, answers, strict=True)]

        def told(coded: Coded, name: str | None) -> Callable[[Any, Any], npt.NDArray[np.int32]]:
            if name is None:
                return lambda date, _: np.full(len(date), -1, np.int32)
            codes = coded.of(chunk.frame[name])
            return lambda date, subject: codes[rows[date, subject]]

        described = Described(chunk.watched, chunk.balance, told(self.officers, OFFICER), told(self.groups, self.by))
        holds = [held for held, _ in answers]
        verdicts.take(chunk.first, holds, signals, chunk.outcomes, described, self.episode_days)

    def _signals(
        self, rule: Checked, rows: npt.NDArray[np.int32], subjects: npt.NDArray[np.int32], holds: Codes, clears: Codes | None
    ) -> Opened:  # fmt: skip
        """The signals of a rule from its answers, one a row. Loans that it never meets have none: they are left out before its fold."""
        met = np.zeros(rows.shape[1], np.bool_)
        met[subjects[np.flatnonzero(holds == TRUE)]] = True
        chosen = np.flatnonzero(met).astype(np.int32)
        where = rows.take(chosen, axis=1)

        def spread(codes: Codes) -> Codes:
            return np.append(codes, np.uint8(UNWATCHED)).take(where)  # a loan without a row has the last one

        moves = folded(self.spine.days, rule, spread(holds), None if clears is None else spread(clears))
        return opened(moves, chosen)

    def _answers(self, chunk: Chunk) -> list[tuple[Codes, Codes | None]]:
        """For each rule whether it holds, and whether it clears, a code a row; None where that is the opposite."""
        near = [rule for place, rule in enumerate(self.rules) if place not in self.wide]
        found = iter(rules_answered(chunk.frame, near, chunk.amount_unit, self.base_unit))
        part = slice(chunk.first, chunk.first + chunk.watched.shape[1])
        beside = iter(
            (held[:, part].reshape(-1)[chunk.at], None if cleared is None else cleared[:, part].reshape(-1)[chunk.at])
            for held, cleared in self.answers
        )
        return [next(beside if place in self.wide else found) for place in range(len(self.rules))]

    def results(self, fewest: int) -> Results:
        """What all chunks came to."""
        whole = Verdicts(len(self.rules), len(self.spine.dates), self.sets)
        for verdicts in self.by_thread.values():
            whole.add(verdicts)
        names = [(rule.rule.id, rule.version.number) for rule in self.rules]
        return results(
            "loan", whole, self.spine.days, self.spine.horizons, names, self.officers.texts, self.groups.texts, fewest
        )
