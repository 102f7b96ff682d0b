"""The sections that judge: discrimination, calibration, stability, segments, champion."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from daihou.runs.scores.report import plots
from daihou.runs.scores.report.cells import chance, count, interval, light, number, points, share, signed
from daihou.runs.scores.report.markup import NOTHING, Html, element, joined, pair, said, table
from daihou.runs.scores.report.words import NOTES, word

if TYPE_CHECKING:
    from daihou.assessment.validation.judged import Judged
    from daihou.assessment.validation.result import Validation
    from daihou.assessment.validation.stability import Bin


@dataclass(frozen=True, slots=True)
class Parts:
    """A validation in one language."""

    found: Validation
    chinese: bool

    def word(self, key: str) -> str:
        """A word of the report."""
        return word(key, chinese=self.chinese)

    def head(self, *keys: str) -> list[str]:
        """The head of a table."""
        return [self.word(key) for key in keys]

    def name(self, one: Judged) -> Html:
        """What a group is called."""
        return said(one.name.said(chinese=self.chinese))

    def why(self, one: Judged) -> Html:
        """Why a group has no more figures."""
        return said(one.why.said(chinese=self.chinese)) if one.why else NOTHING

    def note(self, key: str) -> Html:
        """An explanation with the limits in their places."""
        limits = self.found.limits
        text = NOTES[key].said(chinese=self.chinese)
        told = text.format(
            confidence=f"{limits.confidence:.0%}", green=f"{1 - limits.green:.3g}", red=f"{1 - limits.red:.3g}", alpha=f"{1 - limits.confidence:.3g}",
            amber=f"{limits.psi_amber:g}", floor=f"{limits.floor:g}", fewest=limits.fewest_bad,
        ) if key != "psi" else text.format(amber=f"{limits.psi_amber:g}", red=f"{limits.psi_red:g}", floor=f"{limits.floor:g}")  # fmt: skip
        return element("p", said(told), "note")

    def discrimination(self) -> Html:
        """AUC, Gini and KS by part, the curves, the distribution of scores and the gains."""
        rows = [
            [self.name(one), count(one.n), count(one.bad), self.why(one)]
            if one.why
            else [
                self.name(one), count(one.n), count(one.bad), interval(one.auc), number(one.gini), number(one.ks.value if one.ks else None),
                number(one.ks.at if one.ks else None, 0),
            ]
            for one in self.found.parts
        ]  # fmt: skip
        labels = {one.key: one.name.said(chinese=self.chinese) for one in self.found.parts}
        drawn = []
        if self.found.curves:
            drawn.append(plots.roc("roc", self.found.curves, labels, chinese=self.chinese))
        if self.found.bands:
            drawn.append(plots.distribution("distribution", self.found.bands, chinese=self.chinese))
        return joined(
            (
                self.note("auc"),
                table(
                    self.head("part", "n", "bad", "auc", "gini", "ks", "ks_at"), rows, label=self.word("discrimination")
                ),
                pair(*drawn),
                self._gains(),
            )
        )

    def _gains(self) -> Html:
        gains = self.found.gains
        if not gains:
            return NOTHING
        rows = [[share(row.population, 0), share(row.captured), number(row.lift, 2)] for row in gains]
        return pair(
            plots.gains("gains", gains, chinese=self.chinese),
            table(self.head("population", "captured", "lift"), rows, 0, self.word("gains")),
        )

    def calibration(self) -> Html:
        """Probabilities against what came, by part, by group and by month."""
        rows = [
            [self.name(one), self.why(one)] if not one.n else [self.name(one), *self._against_pd(one), number(one.brier, 4), number(one.brier_constant, 4)]
            for one in self.found.parts
        ]  # fmt: skip
        tests = [
            [self.name(one), number(test.chi2, 1), count(test.df), chance(test.p)]
            for one in self.found.parts
            if (test := one.hosmer)
        ]
        judge = self.found.judging
        return joined(
            (
                self.note("calibration"),
                table(self.head("part", "rate", "mean_pd", "excess", "p", "light", "brier", "brier_constant"), rows),
                self._groups(judge) if judge else NOTHING,
                joined((element("h3", said(self.word("hosmer"))), self.note("hosmer"), table(self.head("part", "chi2", "df", "p"), tests)))
                if tests
                else NOTHING,
                self._months(),
            )
        )  # fmt: skip

    def _against_pd(self, one: Judged) -> list[Html]:
        return [
            interval(one.rate, percent=True), share(one.mean_pd), points(one.excess), chance(one.binomial_p), light(one.light, chinese=self.chinese)
        ]  # fmt: skip

    def _groups(self, judge: Judged) -> Html:
        if judge.hosmer is None:
            return NOTHING
        groups = judge.hosmer.rows
        rows = [
            [
                Html(f"{share(row.low)}–{share(row.high)}"), count(row.n), count(row.bad), number(row.expected, 1), share(row.rate), share(row.mean_pd),
            ]
            for row in groups
        ]  # fmt: skip
        return pair(
            plots.calibration("calibrated", groups, self.found.limits.confidence, chinese=self.chinese),
            table(
                self.head("pd_group", "n", "bad", "expected", "rate", "mean_pd"),
                rows,
                label=self.word("calibration_plot"),
            ),
        )

    def _months(self) -> Html:
        rows = [
            [said(one.key), count(one.n), count(one.bad), *self._against_pd(one), interval(one.auc)] for one in self.found.months
        ]  # fmt: skip
        if not rows:
            return NOTHING
        head = self.head("month", "n", "bad", "rate", "mean_pd", "excess", "p", "light", "auc")
        return joined(
            (
                plots.months("months", self.found.months, chinese=self.chinese),
                table(head, rows, label=self.word("months")),
            )
        )

    def stability(self) -> Html:
        """The index of the score with its bands, and that of each characteristic."""
        shift = self.found.shift
        told = NOTHING
        if shift is not None:
            labels = [_band(one) for one in shift.bins]
            rows = [
                [
                    said(label),
                    share(one.expected),
                    share(one.actual),
                    points(one.actual - one.expected),
                    number(one.adds, 4),
                ]
                for label, one in zip(labels, shift.bins, strict=True)
            ]
            total = Html(
                f"<p>{said(self.word('psi'))} <b>{number(shift.value)}</b> {light(shift.light, chinese=self.chinese, shift=True)}</p>"
            )
            told = joined(
                (
                    total, plots.shift("shift", shift.bins, labels, chinese=self.chinese),
                    table(self.head("band", "share_expected", "share_actual", "difference", "adds"), rows),
                )
            )  # fmt: skip
        characteristics = [
            [
                said(one.name.said(chinese=self.chinese)),
                number(one.value),
                light(one.light, chinese=self.chinese, shift=True),
            ]
            for one in self.found.characteristics
        ]
        return joined(
            (
                self.note("psi"),
                told or element("p", said(self.word("nothing"))),
                joined((element("h3", said(self.word("characteristics"))), table(self.head("characteristic", "csi", "light"), characteristics)))
                if characteristics
                else NOTHING,
            )
        )  # fmt: skip

    def segments(self) -> Html:
        """The same figures by segment."""
        rows = [
            [self.name(one), count(one.n), count(one.bad), self.why(one)] if not one.n else [
                self.name(one), count(one.n), count(one.bad), interval(one.auc), number(one.ks.value if one.ks else None), *self._against_pd(one),
            ]
            for one in self.found.segments
        ]  # fmt: skip
        head = self.head("segment", "n", "bad", "auc", "ks", "rate", "mean_pd", "excess", "p", "light")
        return joined((self.note("few"), table(head, rows)))

    def champion(self) -> Html:
        """This model and the champion on the rows that both score."""
        against = self.found.against
        if against is None:
            return NOTHING
        counts = table(
            ["", self.word("n")],
            [
                [said(self.word("both")), count(against.n)], [said(self.word("bad_both")), count(against.bad)],
                [said(self.word("only_model")), count(against.only_model)], [said(self.word("only_champion")), count(against.only_champion)],
            ],
        )  # fmt: skip
        if against.why is not None:
            return joined((self.note("champion"), counts, element("p", said(against.why.said(chinese=self.chinese)))))
        apart = against.difference
        ends = (
            NOTHING
            if apart is None or apart.low is None
            else Html(f'<span class="sub">({signed(apart.low)} – {signed(apart.high)})</span>')
        )
        rows = [
            [
                said(self.word("auc")), interval(against.auc), interval(against.champion_auc), Html(f"{signed(apart.value if apart else None)} {ends}"),
                chance(apart.p if apart else None),
            ],
            [
                said(self.word("brier")), number(against.brier, 4), number(against.champion_brier, 4),
                signed(None if against.brier is None or against.champion_brier is None else against.brier - against.champion_brier, 4), NOTHING,
            ],
        ]  # fmt: skip
        return joined(
            (
                self.note("champion"), table(["", *self.head("model", "the_champion", "difference", "p")], rows, label=self.word("champion")),
                pair(plots.roc("champion", against.curves, {}, chinese=self.chinese), counts),
            )
        )  # fmt: skip


def _band(one: Bin) -> str:
    """A band of scores as it is read."""
    if one.low is None:
        return "–" if one.high is None else f"< {one.high:g}"
    return f"≥ {one.low:g}" if one.high is None else f"{one.low:g}–{one.high - 1:g}"
