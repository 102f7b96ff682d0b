"""Panels of borrowers, and of loans where the borrower or the market is asked too: the book put together date by date."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from daihou.book import money
from daihou.runs.watch.answers import units
from daihou.runs.watch.panels import inside, written
from daihou.runs.watch.rows import LIVE
from daihou.runs.watch.together import LOAN, Together
from daihou.warning.fold import UNWATCHED
from daihou.warning.tally import Panel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import numpy.typing as npt

    from daihou.book.home import Home
    from daihou.book.ledger.ledger import Ledger
    from daihou.runs.policies import Policies
    from daihou.runs.watch.asked import Understood
    from daihou.runs.watch.spine import Chunk, Spine
    from daihou.warning.rule import Subject

    Progress = Callable[[str, int, int], None]


def wide_panels(
    home: Home, ledger: Ledger, policies: Policies, spine: Spine, asked: Understood, subject: Subject, progress: Progress
) -> list[Panel]:  # fmt: skip
    """The subjects of a question that asks of more than loans. All rows asked for are held in memory at once."""
    whole = Together(home, ledger, policies, spine, asked.names, asked.by, progress)
    book = whole.book
    base = money.unit(home.settings.base_currency)
    rows = _Rows(asked, len(spine.dates), whole.loans if subject == "loan" else len(book.borrowers))
    for day in whole.days():
        if subject == "loan":
            loans = day.widened()
            live = loans["state"].cast(pl.String).is_in(LIVE).to_numpy()
            rows.see(day.place, loans, loans[LOAN].to_numpy(), live, units(whole.currencies), base)
        else:
            rows.see(day.place, day.rolled, day.at, day.live, base, base)
    if subject == "loan":
        return list(rows.of_chunks(whole.gathered.chunks))
    if asked.by is not None:
        rows.groups = _last(book.group, book.groups.texts)
    return [Panel(0, rows.values, rows.within, book.balance, book.outcomes(), rows.told())]


class _Rows:
    """Values, answers and groups of subjects, filled date by date; arrays are [date, subject]."""

    def __init__(self, asked: Understood, dates: int, count: int) -> None:
        self.asked = asked
        self.values = np.full((dates, count), np.nan)
        self.within = np.full((dates, count), UNWATCHED, np.uint8)
        self.groups = np.full(count, None, np.object_)

    def see(
        self, place: int, rows: pl.DataFrame, at: npt.NDArray[Any], live: npt.NDArray[np.bool_], amount_unit: int | pl.Expr, base: int
    ) -> None:  # fmt: skip
        """Take the rows of a date; `at` is the place of each row's subject."""
        self.values[place, at] = written(rows, self.asked.field, amount_unit, base)
        self.within[place, at] = np.where(live, inside(rows, self.asked.segment, amount_unit, base), UNWATCHED)
        if self.asked.by in rows.columns:
            told = rows[self.asked.by].cast(pl.String)
            known = told.is_not_null().to_numpy()
            self.groups[at[known]] = told.drop_nulls().to_list()

    def told(self) -> tuple[str | None, ...] | None:
        """The groups, if any are asked for."""
        return None if self.asked.by is None else tuple(self.groups)

    def of_chunks(self, chunks: list[Chunk]) -> Iterator[Panel]:
        """A panel for each chunk of loans."""
        told = self.told()
        for chunk in chunks:
            part = slice(chunk.first, chunk.first + chunk.watched.shape[1])
            groups = None if told is None else told[part]
            yield Panel(chunk.first, self.values[:, part], self.within[:, part], chunk.balance, chunk.outcomes, groups)


def _last(codes: npt.NDArray[np.int32], texts: list[str]) -> npt.NDArray[np.object_]:
    """For each subject the text of its last code that is one; `codes` are [date, subject], -1 where there is none."""
    found = np.full(codes.shape[1], None, np.object_)
    for of_date in codes:
        known = of_date >= 0
        found[known] = [texts[code] for code in of_date[known]]
    return found
