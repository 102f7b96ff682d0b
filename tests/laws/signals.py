"""Signals and what they are judged to be, slowly and one subject at a time: the reference written from docs/guides/signals.md and backtests.md.

Answers are words, not codes, and nothing is carried along but lists: a second opinion, not a copy of the kernels.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

Answer = Literal["false", "true", "unknown", "unwatched"]
Move = Literal["", "opened", "cleared", "ended"]
Standing = Literal["at_risk", "in_default", "settled", "lost", "not_yet"]


@dataclass(frozen=True)
class Manner:
    """How a version confirms, rests and clears; `own_clear` says that it has a clear condition."""

    confirm: int
    cooldown_days: int
    clear_times: int
    own_clear: bool


@dataclass(frozen=True)
class Seen:
    """What a rule remembers of a subject: the answers that count in a row, and the days of its signal."""

    trues: tuple[Answer, ...] = ()
    clears: tuple[Answer, ...] = ()
    opened: int | None = None
    closed: int | None = None


def next_day(manner: Manner, seen: Seen, day: int, holds: Answer, clear: Answer) -> tuple[Seen, Move]:
    """One day of one subject; `clear` is what the clear condition came to, and is not asked where there is none."""
    if holds == "unwatched":
        return Seen(), "ended" if seen.opened is not None else ""
    if seen.opened is not None:
        asked = clear if manner.own_clear else holds
        counts = "true" if manner.own_clear else "false"
        clears = seen.clears if asked == "unknown" else (*seen.clears, asked) if asked == counts else ()
        if len(clears) >= manner.clear_times:
            return Seen(closed=day), "cleared"
        return replace(seen, clears=clears), ""
    if holds != "true":
        return (seen if holds == "unknown" else replace(seen, trues=())), ""
    seen = replace(seen, trues=(*seen.trues, holds))
    rests = seen.closed is not None and day - seen.closed < manner.cooldown_days
    if len(seen.trues) < manner.confirm or rests:
        return seen, ""
    return replace(seen, opened=day, clears=()), "opened"


def moves(manner: Manner, days: list[int], holds: list[Answer], clears: list[Answer]) -> list[Move]:
    """What changed on each day."""
    seen, found = Seen(), []
    for day, held, clear in zip(days, holds, clears, strict=True):
        seen, move = next_day(manner, seen, day, held, clear)
        found.append(move)
    return found


@dataclass
class Judged:
    """The signals of a subject by place of date, each in a word, with its lead time; and its defaults: place, day, and lead time if caught."""

    signals: dict[int, tuple[str, int | None]] = field(default_factory=dict)
    defaults: list[tuple[int, int, int | None]] = field(default_factory=list)


def judged(
    days: list[int], horizons: list[int], standing: list[Standing], since: list[int], opened: list[int], episode_days: int
) -> Judged:  # fmt: skip
    """Judge the signals opened at some places of the dates."""
    found = Judged()
    begun = {
        place: max(since[place], days[place - 1] + 1)
        for place in range(1, len(days))
        if standing[place] == "in_default" and standing[place - 1] not in ("in_default", "not_yet")
    }
    for place in opened:
        if standing[place] == "in_default":
            found.signals[place] = ("late", None)
            continue
        story = max((at for at in begun if at <= place), default=0)
        begins = [
            at for at, (word, _) in found.signals.items() if at >= story and word in ("right", "wrong", "censored")
        ]
        if begins and days[place] - days[begins[-1]] < episode_days:
            found.signals[place] = ("repeat", None)
            continue
        comes = next((on for at, on in begun.items() if at > place), None)
        if horizons[place] > days[-1]:
            found.signals[place] = ("censored", None)
        elif comes is not None and comes <= horizons[place]:
            found.signals[place] = ("right", comes - days[place])
        else:
            found.signals[place] = (_not_right(days, horizons, standing, place), None)
    for place, on in begun.items():
        before = max((at for at in begun if at < place), default=0)
        warned = [at for at in opened if before <= at < place and standing[at] != "in_default" and horizons[at] >= on]
        found.defaults.append((place, on, on - days[warned[0]] if warned else None))
    return found


def _not_right(days: list[int], horizons: list[int], standing: list[Standing], place: int) -> str:
    """Wrong, unless the subject was last seen leaving the book without having been repaid."""
    seen = [one for day, one in zip(days, standing, strict=True) if days[place] <= day <= horizons[place]]
    return "wrong" if "settled" in seen or seen[-1] != "lost" else "censored"
