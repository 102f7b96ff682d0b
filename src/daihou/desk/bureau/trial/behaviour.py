"""How the bureau behaves: what it takes and charges, what it answers, what it loses. A query's fate is drawn from its number, so that a trial can be told again."""

from __future__ import annotations

import hashlib
import threading
import time
from dataclasses import dataclass, field
from typing import Any, Final, Literal

Fate = Literal["answer", "twice", "decline", "busy", "drop_before", "drop_after", "hang", "cut", "garbage", "later"]
"""answer; the same answer sent twice; taken up and declined; 503, nothing taken; closed without an answer, nothing taken; the same after it was charged;
charged and no answer for long; charged and half an answer; charged and an answer that is no report; 202, the answer when it is asked for by number."""
CHARGED: Final = ("answer", "twice", "drop_after", "hang", "cut", "garbage", "later")


@dataclass(frozen=True, slots=True)
class Manner:
    """Delays in seconds; shares of queries between 0 and 1 by fate, the rest are answered."""

    shares: dict[Fate, float] = field(default_factory=dict)
    delay: float = 0.0
    """Before any answer."""
    hangs: float = 60.0
    """How long it hangs."""
    ready_after: float = 0.0
    """Until a result can be asked for by its number; before that it is still being worked on."""
    cost: str = "10.00"
    idempotent: bool = True
    """Whether a number that was charged before is answered and not charged again."""
    date: str = "2026-03-14"
    """Of the reports."""


@dataclass(slots=True)
class Book:
    """What the bureau was asked, in order, and what it charged. Safe for many threads."""

    manner: Manner
    asked: list[dict[str, Any]] = field(default_factory=list)
    """Every query that was taken up, as often as it was: what the invoice would show."""
    posts: list[str] = field(default_factory=list)
    """The number of every query that arrived, whatever became of it."""
    questions: list[str] = field(default_factory=list)
    """The number of every result asked for."""
    tokens: set[str] = field(default_factory=set)
    """Every token that came along."""
    since: dict[str, float] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, query: dict[str, Any]) -> Fate:
        """Take a query up, or not; what becomes of it."""
        number = str(query["number"])
        with self.lock:
            self.posts.append(number)
            fate = self.fate(number)
            known = any(one["number"] == number for one in self.asked)
            if fate in CHARGED and not (known and self.manner.idempotent):
                self.asked.append(query)
                self.since[number] = time.monotonic()
            return fate

    def known(self, number: str) -> dict[str, Any] | None:
        """The query of a number, where it was taken up."""
        with self.lock:
            self.questions.append(number)
            return next((one for one in self.asked if one["number"] == number), None)

    def ready(self, number: str) -> bool:
        """Whether its result may be told."""
        return time.monotonic() - self.since[number] >= self.manner.ready_after

    def fate(self, number: str) -> Fate:
        """What becomes of a query of a number."""
        drawn = int.from_bytes(hashlib.sha256(number.encode()).digest()[:6], "big") / 2**48
        for fate, share in self.manner.shares.items():
            if 0 <= drawn < share:
                return fate
            drawn -= share
        return "answer"


def report(query: dict[str, Any], date: str) -> dict[str, Any]:
    """A made-up report about whom a query asks, as the mapping `plain_json` reads it."""
    drawn = hashlib.sha256(str(query["person"]["id_no"]).encode()).digest()
    listed = [
        {
            "lender": f"Lender {drawn[place] % 7}", "product": "consumer", "limit": 10_000 * (1 + drawn[place] % 9), "balance": 1_000 * (drawn[place] % 10),
            "days_past_due": 30 * (drawn[place] % 2), "opened_on": f"202{place}-0{1 + place}-15", "status": "open",
        }
        for place in range(1, 3 + drawn[0] % 3)
    ]  # fmt: skip
    said = {
        "number": f"T-{query['number']}", "subject": {"id_no": query["person"]["id_no"]}, "date": date, "score": 500 + drawn[0],
        "inquiries_3m": drawn[1] % 6, "credits": listed,
    }  # fmt: skip
    return {"report": said}
