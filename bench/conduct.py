"""The bench of the conduct gate: `python -m bench.conduct` judges one proposal for each of 200,000 debtors, in columns and one by one.

Each debtor has ten contacts within thirty days, one in twenty a circumstance. The peer is `gate.decide` itself over the same people; the bench fails where
columns say otherwise. The floor is one pass of NumPy over the past. Columns are judged on one core; the first call, which compiles, is told apart.
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
import statistics
import sys
import time
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from rich.console import Console
from rich.table import Table

from daihou.collection.conduct.batch import decide_many
from daihou.collection.conduct.batch_shapes import NONE, Circumstances, Pasts, Proposals
from daihou.collection.conduct.clock import DAY_US, NEVER, moment, told
from daihou.collection.conduct.contact import (
    CHANNELS,
    KINDS,
    OUTCOMES,
    PARTIES,
    PURPOSES,
    Circumstance,
    Past,
    Proposal,
    Standing,
)
from daihou.collection.conduct.gate import allows, decide
from daihou.collection.conduct.history import History
from daihou.policies.conduct import SHIPPED, conduct

if TYPE_CHECKING:
    from collections.abc import Callable

    from daihou.policies.conduct import Conduct
    from daihou.policies.dated import Dated

PEOPLE, TIMES, EACH = 200_000, 10, 2_000
RATE: Final = 100_000
ONE_MS: Final = 1.0
NOW: Final = moment(dt.datetime(2026, 11, 28, 7, tzinfo=dt.UTC))
SPAN_DAYS: Final = 30
Book = tuple[Proposals, Pasts, Circumstances, list[tuple[str, ...]]]


def policy(name: str) -> Dated[Conduct]:
    """A policy as it ships."""
    text = resources.files("daihou").joinpath(SHIPPED[name], f"{name}.yaml").read_text("utf-8")
    return conduct(name, text, f"{SHIPPED[name]}/{name}.yaml")


def book(people: int, agency: int, zones: tuple[str, ...]) -> Book:
    """One proposal for each debtor by phone or message, with what was before it."""
    chance = np.random.default_rng(1)
    who, rows = np.arange(people), people * TIMES
    of = np.repeat(who, TIMES)
    at = np.sort(NOW - chance.integers(0, SPAN_DAYS * DAY_US, (people, TIMES)), axis=1).ravel()
    channels = chance.choice([CHANNELS.index(each) for each in ("phone", "phone", "phone", "voice_bot", "sms")], rows)
    ended = chance.choice(
        [OUTCOMES.index(each) for each in ("no_answer", "no_answer", "busy", "voicemail", "conversation", "refused")],
        rows,
    )
    ended[channels == CHANNELS.index("sms")] = OUTCOMES.index("delivered")
    debtor, collect = np.full(rows, PARTIES.index("debtor")), np.full(rows, PURPOSES.index("collect"))
    pasts = Pasts(
        np.arange(people + 1) * TIMES, of, of, of, of + 1, who, channels, debtor, collect, at, ended, of * 2 + chance.integers(0, 2, rows),
        np.full(rows, agency), chance.random(rows) < 0.05,
    )  # fmt: skip
    asked = Proposals(
        who, who, who, who + 1, who, chance.choice([CHANNELS.index(each) for each in ("phone", "sms")], people), debtor[:people], collect[:people],
        NOW + chance.integers(-12 * 60, 12 * 60, people) * 60_000_000, who * 2, np.full(people, agency), np.zeros(people, bool), np.zeros(people, int), who,
    )  # fmt: skip
    some = np.sort(chance.choice(people, people // 20, replace=False))
    free = np.full(len(some), NONE)
    held = Circumstances(
        np.searchsorted(some, np.arange(people + 1)), chance.integers(0, len(KINDS), len(some)), some, NOW - chance.integers(0, 60, len(some)) * DAY_US,
        np.full(len(some), NEVER), free, free, free, free, free,
    )  # fmt: skip
    return asked, pasts, held, [zones]


def one(table: Book, row: int) -> tuple[Proposal, list[Past], Standing]:
    """The same of one debtor, as the gate for one takes it."""
    asked, pasts, held, zones = table

    def whom(columns: Any, place: int) -> dict[str, Any]:
        return {
            "person_id": f"P{columns.person[place]}", "debtor_id": f"P{columns.debtor[place]}", "channel": CHANNELS[columns.channel[place]],
            "debts": tuple(f"L{debt}" for debt in columns.debts[columns.debts_from[place] : columns.debts_to[place]]),
            "party": PARTIES[columns.party[place]], "purpose": PURPOSES[columns.purpose[place]], "at": told(int(columns.at[place])),
            "point": f"n{columns.point[place]}", "agency": "" if columns.agency[place] == NONE else f"A{columns.agency[place]}",
        }  # fmt: skip

    history = [
        Past(**whom(pasts, place), outcome=OUTCOMES[pasts.outcome[place]], inbound=bool(pasts.inbound[place]))
        for place in range(pasts.first[row], pasts.first[row + 1])
    ]
    standing = [
        Circumstance(KINDS[held.kind[place]], f"P{held.person[place]}", told(int(held.from_at[place])))
        for place in range(held.first[row], held.first[row + 1])
    ]
    return Proposal(**whom(asked, row)), history, Standing(zones[0], tuple(standing))


def seconds(work: Callable[[], Any]) -> tuple[float, float]:
    """Wall and processor seconds."""
    wall, processor = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - processor


def measured(title: str, policies: list[Dated[Conduct]], table: Book, shown: Table, chance: random.Random) -> list[str]:
    """Columns against one by one; what went wrong."""
    first = seconds(lambda: decide_many(policies, *table))[0]
    wall, processor = min(seconds(lambda: decide_many(policies, *table)) for _ in range(5))
    decided = decide_many(policies, *table)
    rows = chance.sample(range(len(table[0].at)), EACH)
    singles = [one(table, row) for row in rows]
    single = seconds(lambda: [decide(policies, *each) for each in singles])[0] / EACH
    floor = min(seconds(lambda: [column.sum() for column in table[1]])[0] for _ in range(3))
    wrong = [
        f"{title}: row {row}"
        for row, each in zip(rows, singles, strict=True)
        if allows(policies, *each) != decided.allowed[row]
    ]
    rate = len(table[0].at) / wall
    shown.add_row(
        title, f"{rate:,.0f} a second ({wall:.2f} s, {processor:.2f} s of processor)",
        f"{rate * single:,.0f} times one by one ({1 / single:,.0f} a second); {wall / floor:.0f} times a pass over the past",
        f"{RATE:,} a second", "met" if rate >= RATE else "not met",
    )  # fmt: skip
    shown.add_row("  its first call; share allowed", f"{first:.2f} s; {decided.allowed.mean():.0%}", "", "", "")
    return [*wrong, *([f"{title}: {rate:,.0f} a second"] if rate < RATE else [])]


def long_history(policies: list[Dated[Conduct]], contacts: int) -> tuple[float, float]:
    """Milliseconds of one decision with so many past contacts in a `History`, 144 a day: the median over proposals of a day, and the worst."""
    whom = {"person_id": "P", "debtor_id": "P", "debts": ("L",), "channel": "phone", "party": "debtor", "purpose": "collect", "point": "n"}  # fmt: skip
    past = History([Past(**whom, at=told(NOW - n * 600_000_000), outcome="no_answer") for n in range(contacts)])  # type: ignore[arg-type]
    standing = Standing(("Asia/Shanghai",))
    times = []
    for minute in range(0, 1440, 5):
        again = Proposal(**whom, at=told(NOW + minute * 60_000_000))  # type: ignore[arg-type]  # codes by name
        begun = time.perf_counter()
        decide(policies, again, past, standing)
        times.append(time.perf_counter() - begun)
    return statistics.median(times) * 1_000, max(times) * 1_000


def out_of_order(table: Book) -> Book:
    """The same, the past of each debtor told backward."""
    asked, pasts, held, zones = table
    back = np.arange(len(pasts.at)).reshape(-1, TIMES)[:, ::-1].ravel()
    turned = {name: column[back] for name, column in pasts._asdict().items() if name not in ("first", "debts")}
    return asked, pasts._replace(**turned), held, zones


def main() -> int:
    """Run it, and say whether the targets were met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=PEOPLE)
    asked = parser.parse_args()
    shown = Table("what", "measured", "compared", "target", "")
    chance, house = random.Random(1), policy("conduct_house")
    china, states = [policy("conduct_cn"), house], [policy("conduct_us"), house]
    wrong = measured("China and house, one zone", china, book(asked.people, NONE, ()), shown, chance)
    wrong += measured(
        "the same, the past told backward", china, out_of_order(book(asked.people, NONE, ())), shown, chance
    )
    wrong += measured("Regulation F and house, eight possible zones", states, book(asked.people, 0, ()), shown, chance)
    one_ms, worst_ms = long_history(china, 10_000)
    shown.add_row(
        "one decision with 10,000 past contacts", f"{one_ms:.2f} ms (worst {worst_ms:.2f} ms)", "", f"under {ONE_MS:.0f} ms",
        "met" if one_ms < ONE_MS else "not met",
    )  # fmt: skip
    wrong += [f"one decision: {one_ms:.2f} ms"] if one_ms >= ONE_MS else []
    console = Console(width=180)
    console.print(shown)
    for each in wrong:
        console.print(each)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
