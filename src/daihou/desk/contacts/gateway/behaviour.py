"""How the gateway behaves: what it takes, what it loses, when its receipts come. A message's fate is drawn from its id, so that a trial can be told again."""

from __future__ import annotations

import hashlib
import threading
import time
from dataclasses import dataclass, field
from typing import Any, Final

DELIVERED: Final = "delivered"
FAILED: Final = "failed"
MOST_RECEIPTS: Final = 500
"""In one answer."""


@dataclass(frozen=True, slots=True)
class Manner:
    """Delays in seconds, shares of messages between 0 and 1."""

    delay: float = 0.0
    """Before it answers."""
    fail: float = 0.0
    """Refused with 503; nothing is taken."""
    drop_before: float = 0.0
    """The connection is closed without an answer; nothing is taken."""
    drop_after: float = 0.0
    """Taken, and the connection is closed without an answer."""
    undelivered: float = 0.0
    """Taken, and the receipt says that it could not be delivered."""
    receipt_delay: float = 1.0
    idempotent: bool = True
    """Whether an id that was taken before is answered as taken and not delivered again."""
    wrong: frozenset[str] = frozenset()
    """Numbers that reach nobody."""


@dataclass(frozen=True, slots=True)
class Fate:
    """What meets one request: `taken`, and the `status` that is answered, 0 for none at all."""

    taken: bool
    status: int
    error: str = ""


@dataclass(slots=True)
class Book:
    """What the gateway was given, in order, and what became of it. Safe for many threads."""

    manner: Manner
    given: list[dict[str, Any]] = field(default_factory=list)
    """Every message that was taken, as often as it was: what a telephone would have shown."""
    receipts: list[tuple[float, str, str, str]] = field(default_factory=list)
    """When each is told from, the id, its state and its reason."""
    tries: dict[str, int] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, number: str, to: str, text: str) -> Fate:
        """Take a message, or not."""
        with self.lock:
            self.tries[number] = self.tries.get(number, 0) + 1
            drawn = _drawn(f"{number} {self.tries[number]}")
            if to in self.manner.wrong:
                return Fate(taken=False, status=422, error="invalid_number")
            fate = Fate(taken=True, status=202)
            for share, other in (
                (self.manner.fail, Fate(taken=False, status=503, error="busy")),
                (self.manner.drop_before, Fate(taken=False, status=0)),
                (self.manner.drop_after, Fate(taken=True, status=0)),
            ):
                if 0 <= drawn < share:
                    fate = other
                drawn -= share
            if fate.taken and not (self.manner.idempotent and any(one["id"] == number for one in self.given)):
                self._deliver(number, to, text)
            return fate

    def _deliver(self, number: str, to: str, text: str) -> None:
        now = time.time()
        self.given.append({"id": number, "to": to, "text": text, "at": now})
        lost = _drawn(f"receipt {number}") < self.manner.undelivered
        told = (FAILED, "unreachable") if lost else (DELIVERED, "")
        self.receipts.append((now + self.manner.receipt_delay, number, *told))

    def after(self, cursor: str) -> dict[str, Any]:
        """The receipts behind a cursor that may be told by now, and the cursor behind them."""
        first = int(cursor) if cursor.isdigit() else 0
        with self.lock:
            found = []
            for from_at, number, state, reason in self.receipts[first : first + MOST_RECEIPTS]:
                if from_at > time.time():
                    break
                found.append({"id": number, "state": state, "reason": reason})
        return {"receipts": found, "after": str(first + len(found))}


def _drawn(seed: str) -> float:
    """A number from 0 to under 1 that a text always gives."""
    return int.from_bytes(hashlib.sha256(seed.encode()).digest()[:6], "big") / 2**48
