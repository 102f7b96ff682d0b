"""The real desk: `daihou serve` over a home, waited for until it is ready, and stopped in the end."""

from __future__ import annotations

import datetime as dt
import fcntl
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from daihou.book.home import Home, open_home
from daihou.runs import store
from journeys.post import open_post

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

READY_SECONDS: Final = 90
"""The kernels are compiled at a machine's first start."""
STOP_SECONDS: Final = 20
TESTS: Final = Path(__file__).parents[1]


@dataclass(frozen=True)
class Desk:
    """A desk that is open: where it is, and over which home."""

    address: str
    path: Path

    @cached_property
    def home(self) -> Home:
        """The home, to look up what a page must show."""
        return open_home(self.path)

    @property
    def mails(self) -> Path:
        """Where the mails lie that it sent."""
        return self.path.with_suffix(".mail")

    @cached_property
    def pairs(self) -> list[tuple[dt.date, dt.date]]:
        """The pairs of dates of its runs when it opened."""
        return store.pairs(self.home)

    @cached_property
    def last(self) -> dt.date:
        """The last date that was measured."""
        return max(as_of for as_of, _ in self.pairs)

    @cached_property
    def revised(self) -> tuple[dt.date, dt.date]:
        """The date that was measured a second time, and by the knowledge of which day."""
        return next(pair for pair in self.pairs if pair[0] != pair[1])


def environment(home: Path, post: str = "", at: dt.datetime | None = None) -> dict[str, str]:
    """What a process of the desk is started with, with the address of its mail server: nothing of the tests' own settings.

    Where a moment is given, it is that moment now for it and what it starts, and their clocks go on from there together.
    """
    ours = ("DAIHOU", "DJANGO", "DATABASE", "PYTEST")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    mail = {"DAIHOU_MAIL_URL": post, "DAIHOU_MAIL_SENDER": "daihou@bank.example"} if post else {}
    paths, clock = [str(TESTS)], {}
    if at:
        paths.append(str(TESTS / "journeys" / "clock"))
        clock = {"JOURNEY_AHEAD": str((at - dt.datetime.now(dt.UTC)).total_seconds())}
    return kept | mail | clock | {"DAIHOU_HOME": str(home), "DAIHOU_LANG": "en", "PYTHONPATH": os.pathsep.join(paths)}


@contextmanager
def served(home: Path, post: str = "", at: dt.datetime | None = None) -> Iterator[str]:
    """The desk over a home, sending by a mail server, its clock begun at a moment; answers its address. What its processes say is in `<home>.log`."""
    with socket.socket() as any_one:
        any_one.bind(("127.0.0.1", 0))
        port = int(any_one.getsockname()[1])
    with home.with_suffix(".log").open("w") as said:
        command = [sys.executable, "-m", "daihou.cli.main", "serve", "--port", str(port), "--workers", "1"]
        process = subprocess.Popen(command, env=environment(home, post, at), stdout=said, stderr=said, cwd=home)
        try:
            _wait(process, port, Path(said.name))
            yield f"http://127.0.0.1:{port}"
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(STOP_SECONDS)


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + READY_SECONDS
    while not _ready(port):
        if process.poll() is not None or time.monotonic() > until:
            raise RuntimeError(f"the desk did not open:\n{log.read_text()}")
        time.sleep(0.2)


def _ready(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()


@contextmanager
def prepared(home: Path, post: str) -> Iterator[str]:
    """The desk over a home that is made, or completed, before."""
    subprocess.run([sys.executable, "-m", "journeys.home"], env=environment(home, post), check=True)
    with served(home, post) as opened:
        yield opened


@contextmanager
def shared(folder: Path, begin: Callable[[Path], None]) -> Iterator[Desk]:
    """The one desk of all workers of a test run: who comes first makes and starts it, and stops it when the others are done.

    `begin` is what is done to its home before anything else.
    """
    folder.mkdir(exist_ok=True)
    home, address = folder / "home", folder / "address"
    with (folder / "starting").open("w") as starting, (folder / "used").open("w") as used:
        fcntl.flock(starting, fcntl.LOCK_EX)
        if address.exists():
            fcntl.flock(used, fcntl.LOCK_SH)
            fcntl.flock(starting, fcntl.LOCK_UN)
            yield Desk(address.read_text(), home)
            return
        begin(home)
        with open_post(home.with_suffix(".mail")) as post, prepared(home, post) as opened:
            address.write_text(opened)
            fcntl.flock(starting, fcntl.LOCK_UN)
            try:
                yield Desk(opened, home)
            finally:
                fcntl.flock(used, fcntl.LOCK_EX)  # until nobody uses it
                address.unlink()
