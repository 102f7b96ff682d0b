"""Choosing a threshold: by what alerts may be made, by what errors cost, or by what is to be caught; and the amber and red pair."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from daihou.warning.rule import NOUNS, Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daihou.policies.early_warning import EarlyWarning
    from daihou.warning.figures import Figures
    from daihou.warning.rule import Subject


@dataclass(frozen=True, slots=True)
class Budget:
    """Catch what can be caught with no more alerts per 1,000 subjects a month."""

    alerts: float


@dataclass(frozen=True, slots=True)
class Cost:
    """Let false alarms and missed defaults cost least in all; both in one unit, whichever."""

    false_alarm: float
    missed: float


@dataclass(frozen=True, slots=True)
class Capture:
    """Catch such a share of defaults with the fewest alerts."""

    share: float


Goal = Budget | Cost | Capture


@dataclass(frozen=True, slots=True)
class Choice:
    """Which candidate, by its place, and why; None where none will do."""

    place: int | None
    why: Text


@dataclass(frozen=True, slots=True)
class Pair:
    """The amber threshold reaches the share to be caught, the red one at least as strict the precision; each None where none does."""

    amber: Choice
    red: Choice


Named = tuple[str, ...]
"""The candidates as rules, in their order."""


def choose(found: Sequence[Figures], names: Named, goal: Goal, subject: Subject) -> Choice:
    """The best candidate for a goal. Of equals the one of higher precision, then the stricter."""
    match goal:
        case Budget():
            return _by_budget(found, names, goal.alerts, subject)
        case Cost():
            return _by_cost(found, names, goal)
        case Capture():
            return _by_capture(found, names, goal.share, subject)


def pair(found: Sequence[Figures], names: Named, policy: EarlyWarning, subject: Subject) -> Pair:
    """Amber and red by the targets of the policy."""
    amber = _by_capture(found, names, policy.amber_capture, subject)
    loosest = amber.place or 0
    strict = [place for place in range(loosest, len(found)) if (found[place].precision or 0) >= policy.red_precision]
    if strict:
        place = min(strict, key=lambda at: (-(found[at].caught_share or 0), -at))
        red = Choice(place, _red(found[place], names[place], policy.red_precision))
    else:
        told = [found[place].precision or 0 for place in range(loosest, len(found))]
        most = max(told, default=0)
        red = Choice(
            None,
            Text(
                f"No threshold is right in {_share(policy.red_precision)} of its episodes; the most is {_share(most)}.",
                f"没有阈值的精确率达到 {_share(policy.red_precision)}，最高为 {_share(most)}。",
            ),
        )
    return Pair(amber, red)


def false_alarms(figures: Figures) -> float | None:
    """How many of its episodes are to be expected wrong, those not judged yet taken to be as the judged; None where none is judged."""
    if figures.episodes == 0:
        return 0.0
    return None if figures.precision is None else figures.episodes * (1 - figures.precision)


def _by_budget(found: Sequence[Figures], names: Named, budget: float, subject: Subject) -> Choice:
    within = [
        place for place, one in enumerate(found) if one.alerts is not None and one.alerts <= budget and one.caught
    ]
    noun, thousand = NOUNS[subject].many.en, f"千{NOUNS[subject].counted}"
    if not within:
        least = min((one.alerts for one in found if one.alerts is not None and one.caught), default=None)
        if least is None:
            return _nothing_caught()
        return Choice(
            None,
            Text(
                f"No threshold that catches any default stays within {_number(budget)} alerts per 1,000 {noun} a month; the fewest are {_number(least)}.",
                f"能捕获违约的阈值均超出每{thousand}每月 {_number(budget)} 条预警的预算，最少为 {_number(least)} 条。",
            ),
        )
    place = min(within, key=lambda at: _worth(found, at))
    one = found[place]
    return Choice(
        place,
        Text(
            f"{names[place]} catches {_share(one.caught_share)} of defaults with {_number(one.alerts)} alerts per 1,000 {noun} a month: "
            f"the most within the budget of {_number(budget)}.",
            f"{names[place]} 在每{thousand}每月 {_number(budget)} 条预警的预算内捕获违约最多：捕获率 {_share(one.caught_share)}，"
            f"每{thousand}每月 {_number(one.alerts)} 条。",
        ),
    )


def _by_capture(found: Sequence[Figures], names: Named, target: float, subject: Subject) -> Choice:
    reached = [place for place, one in enumerate(found) if one.caught_share is not None and one.caught_share >= target]
    noun, thousand = NOUNS[subject].many.en, f"千{NOUNS[subject].counted}"
    if not reached:
        most = max((one.caught_share or 0 for one in found), default=0)
        if not most:
            return _nothing_caught()
        return Choice(
            None,
            Text(
                f"No threshold catches {_share(target)} of defaults; the most is {_share(most)}.",
                f"没有阈值的违约捕获率达到 {_share(target)}，最高为 {_share(most)}。",
            ),
        )
    place = min(reached, key=lambda at: (_least(found[at].alerts), _worth(found, at)))
    one = found[place]
    return Choice(
        place,
        Text(
            f"{names[place]} catches {_share(one.caught_share)} of defaults, at least the {_share(target)} asked for, with the fewest alerts: "
            f"{_number(one.alerts)} per 1,000 {noun} a month.",
            f"在违约捕获率不低于 {_share(target)} 的阈值中，{names[place]} 预警最少：捕获率 {_share(one.caught_share)}，"
            f"每{thousand}每月 {_number(one.alerts)} 条。",
        ),
    )


def _by_cost(found: Sequence[Figures], names: Named, goal: Cost) -> Choice:
    costs: dict[int, float] = {}
    for place, one in enumerate(found):
        wrong = false_alarms(one)
        if wrong is not None and one.caught_share is not None:
            costs[place] = wrong * goal.false_alarm + one.missed * goal.missed
    if not costs:
        return _nothing_caught()
    place = min(costs, key=lambda at: (costs[at], _worth(found, at)))
    one = found[place]
    silence = (one.caught + one.missed) * goal.missed
    if costs[place] >= silence:
        return Choice(
            None,
            Text(
                f"Every threshold costs more than it saves: the best one, {names[place]}, comes to {_number(costs[place])}, no rule at all to {_number(silence)}.",
                f"各阈值均得不偿失：最优的 {names[place]} 总成本为 {_number(costs[place])}，不设规则为 {_number(silence)}。",
            ),
        )
    wrong = false_alarms(one) or 0.0
    return Choice(
        place,
        Text(
            f"{names[place]} costs least, {_number(costs[place])} in all: about {wrong:,.0f} false alarms and {one.missed:,} missed defaults; "
            f"no rule at all costs {_number(silence)}.",
            f"{names[place]} 总成本最低，为 {_number(costs[place])}：误报约 {wrong:,.0f} 次，漏报违约 {one.missed:,} 例；不设规则为 {_number(silence)}。",
        ),
    )


def _red(one: Figures, name: str, target: float) -> Text:
    return Text(
        f"{name} is right in {_share(one.precision)} of its episodes, at least the {_share(target)} asked for, and catches {_share(one.caught_share)} of defaults.",
        f"{name} 的精确率为 {_share(one.precision)}，不低于 {_share(target)}，捕获违约 {_share(one.caught_share)}。",
    )


def _nothing_caught() -> Choice:
    return Choice(None, Text("No threshold would have caught a default.", "没有阈值能够捕获违约。"))


def _worth(found: Sequence[Figures], place: int) -> tuple[float, float, int]:
    one = found[place]
    return -(one.caught_share or 0), -(one.precision or 0), -place


def _least(alerts: float | None) -> float:
    return float("inf") if alerts is None else alerts


def _share(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f}%"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:,.1f}".removesuffix(".0")
