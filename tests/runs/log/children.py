"""Processes that append and flush until they are killed: `python children.py WHAT HOME …`."""

from __future__ import annotations

import datetime as dt
import os
import resource
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from daihou.book.errors import DaihouError
from daihou.book.home import open_home
from daihou.runs.log.door import Door
from daihou.runs.log.flushing import flush

if TYPE_CHECKING:
    from collections.abc import Callable

NOW = dt.datetime(2026, 3, 1, 4, tzinfo=dt.UTC)


def payment(number: str, amount: str = "1.00") -> dict[str, str]:
    return {"payment_id": number, "loan_id": "L1", "paid_on": "2026-02-01", "amount": amount}


def flushing(home: Path, step: str = "", most: str = "40") -> None:
    """Flush again and again, and die at a step."""

    def told(name: str) -> None:
        if name == step:
            os._exit(9)  # as kill -9: nothing is cleaned up

    print("ready", flush=True)
    while True:
        flush(open_home(home, {}), NOW, NOW.date(), step=told, most=int(most))
        time.sleep(0.01)


def appending(home: Path, name: str, answered: str) -> None:
    """Post payments one by one and in tens, with bad ones among them; note each once it was answered for."""
    door = Door(open_home(home, {}))
    with Path(answered).open("a") as file:
        print("ready", flush=True)
        for number in range(1_000_000):
            keys = [f"{name}-{number}-{at}" for at in range(1 if number % 3 else 10)]
            rows = [payment(key) for key in keys]
            if number % 5 == 0:
                rows.append(payment(f"{name}-{number}-bad", "much"))
            if number % 7 == 0:
                rows.append(payment("P0", f"{number + 2}.00"))  # a key that the lake has for another amount
            door.take("payments", rows, name, NOW)
            file.write("".join(f"{key}\n" for key in keys))
            file.flush()


def filling(home: Path, room: str) -> None:
    """Post payments until the disk is full, as far as this process can tell; say what was answered for and what was said at last."""
    door = Door(open_home(home, {}))
    door.take("payments", [payment("first")], "full", NOW)
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(room), int(room)))
    for number in range(100_000):
        try:
            door.take("payments", [payment(f"full-{number}")], "full", NOW)
        except DaihouError as error:
            print(f"{type(error).__name__}: {error.message} {error.remedy}", flush=True)
            return
        print(f"full-{number}", flush=True)


def cramped(home: Path, room: str) -> None:
    """Flush where no file may grow beyond some bytes."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(room), int(room)))
    flush(open_home(home, {}), NOW, NOW.date())


WHAT: dict[str, Callable[..., None]] = {
    "flushing": flushing,
    "appending": appending,
    "filling": filling,
    "cramped": cramped,
}

if __name__ == "__main__":
    WHAT[sys.argv[1]](Path(sys.argv[2]), *sys.argv[3:])
