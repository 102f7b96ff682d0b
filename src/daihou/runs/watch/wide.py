"""Rules that ask of borrowers or of the market: the loans of each date put together first, their borrowers rolled up, then both asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import polars as pl

from daihou.book import money
from daihou.runs.watch.answers import judged_by, rules_answered, units
from daihou.runs.watch.folded import folded
from daihou.runs.watch.rows import LIVE
from daihou.runs.watch.together import LOAN, Together
from daihou.warning.backtest import Results, results
from daihou.warning.episodes import opened
from daihou.warning.fold import UNWATCHED, Codes
from daihou.warning.verdicts import Described, Verdicts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from daihou.book.home import Home
    from daihou.book.ledger.ledger import Ledger
    from daihou.policies.early_warning import EarlyWarning
    from daihou.runs.policies import Policies
    from daihou.runs.watch.spine import Spine
    from daihou.warning.checked import Checked
    from daihou.warning.outcomes import Outcomes

    Progress = Callable[[str, int, int], None]


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
        signals = [opened(folded(days, rule, *of)) for rule, of in zip(rules, self.of_borrowers, strict=True)]
        verdicts.take(0, holds, signals, self.outcomes, self.described, warning.episode_days)
        names = [(rule.rule.id, rule.version.number) for rule in rules]
        horizons = self.outcomes.horizons
        return results("borrower", verdicts, days, horizons, names, self.officers, self.groups, warning.fewest_defaults)


def wide(
    home: Home, ledger: Ledger, policies: Policies, spine: Spine, loan_rules: Sequence[Checked], borrower_rules: Sequence[Checked],
    by: str | None, progress: Progress,
) -> Wide:  # fmt: skip
    """Answer some rules on loans and some on borrowers for every date of a spine, as known on each."""
    asked = {name for rule in loan_rules for name in judged_by(rule)}
    whole = Together(home, ledger, policies, spine, asked, by, progress)
    book = whole.book
    base = money.unit(home.settings.base_currency)
    of_loans = [_empty(rule, len(spine.dates), whole.loans) for rule in loan_rules]
    of_borrowers = [_empty(rule, len(spine.dates), len(book.borrowers)) for rule in borrower_rules]
    for day in whole.days():
        if loan_rules:
            loans = day.widened()
            live = loans["state"].cast(pl.String).is_in(LIVE).to_numpy()
            _answer(of_loans, loan_rules, loans, loans[LOAN].to_numpy(), live, day.place, units(whole.currencies), base)
        if borrower_rules:
            _answer(of_borrowers, borrower_rules, day.rolled, day.at, day.live, day.place, base, base)
    return Wide(of_loans, of_borrowers, book.outcomes(), book.described(), book.officers.texts, book.groups.texts)


def _empty(rule: Checked, dates: int, count: int) -> tuple[Codes, Codes | None]:
    def unwatched() -> Codes:
        return np.full((dates, count), UNWATCHED, np.uint8)

    return unwatched(), unwatched() if rule.clear is not None else None


def _answer(
    into: Sequence[tuple[Codes, Codes | None]], rules: Sequence[Checked], rows: pl.DataFrame, at: npt.NDArray[Any],
    live: npt.NDArray[Any], place: int, amount_unit: int | pl.Expr, base: int,
) -> None:  # fmt: skip
    for (held, cleared), (holds, clears) in zip(into, rules_answered(rows, rules, amount_unit, base), strict=True):
        held[place, at] = np.where(live, holds, UNWATCHED)
        if cleared is not None and clears is not None:
            cleared[place, at] = clears
