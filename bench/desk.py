"""The desk under load: `python -m bench.desk --home HOME` opens the desk of a home and lets ten people work at it for two minutes.

Each person signs in, then opens pages with three seconds of thought between them: overviews whole and cut, lists with many filters,
sorts and pages, loans, borrowers. Times are from the first byte sent to the last byte read, over one kept connection, from another
process. The floor is `/healthz`, which asks nothing of anybody; the peer of a list is the same question to the run's Parquet files, as
a report written by hand would ask it with DuckDB.
"""

from __future__ import annotations

import argparse
import datetime as dt
import gzip
import http.client
import os
import random
import re
import statistics
import subprocess
import sys
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlencode

import duckdb
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TARGETS_MS: Final = {"overview": 500, "list": 300, "loan": 150}
"""Asked of the 95th percentile on a book of a million loans."""
PASSWORD: Final = "bench horse battery staple"  # noqa: S105 - of users that live as long as the bench
THOUGHT_SECONDS: Final = 3.0
START_SECONDS: Final = 300.0
FILTERS: Final[tuple[dict[str, str], ...]] = (
    {}, {"state": "overdue"}, {"state": "overdue", "dpd": "31..90"}, {"product": "car", "principal_outstanding": "100000.."},
    {"where": "dpd > 0 and max_dpd_12m < 60 and missed_24m >= 2"}, {"first_payment_missed": "true"}, {"org_id": "B02", "state": "current,overdue"},
    {"bucket": "61-90,91-120", "sort": "-overdue_amount"}, {"sort": "matures_on", "state": "current"}, {"state": "unmeasured"},
    {"where": "principal_outstanding > 50000 and (months_since_late < 3 or missed_streak >= 1)", "sort": "-principal_outstanding"},
)  # fmt: skip
"""What people ask lists for."""


@dataclass
class Browser:
    """One person: a kept connection, cookies, and the times of the pages opened."""

    port: int
    name: str
    seen: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    sizes: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Open the connection."""
        self.wire = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        self.cookies: dict[str, str] = {}
        self.sent = 0

    def ask(self, address: str, form: dict[str, str] | None = None) -> tuple[int, str]:
        """Open an address; its status and text."""
        headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "Accept-Encoding": "gzip",
        }
        if form is not None:
            headers |= {
                "Content-Type": "application/x-www-form-urlencoded",
                "Referer": f"http://127.0.0.1:{self.port}/",
            }
        self.wire.request(
            "GET" if form is None else "POST", address, None if form is None else urlencode(form), headers
        )
        answer = self.wire.getresponse()
        body = answer.read()
        for told in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = told.partition(";")[0].partition("=")
            self.cookies[name] = value
        self.sent = len(body)
        if answer.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        return answer.status, body.decode("utf-8", "replace")

    def sign_in(self) -> None:
        """Sign in by the form."""
        page = self.ask("/accounts/login/")[1]
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        assert token is not None
        status, _ = self.ask(
            "/accounts/login/", {"csrfmiddlewaretoken": token[1], "login": self.name, "password": PASSWORD}
        )
        assert status == 302, status

    def open(self, kind: str, address: str) -> None:
        """Open a page and note how long it took."""
        began = time.perf_counter()
        status, text = self.ask(address)
        self.seen[kind].append(1000 * (time.perf_counter() - began))
        self.sizes[kind] = max(self.sizes.get(kind, 0), self.sent)
        assert status == 200, (status, address, text[:500])


def pages(loan_ids: list[str], borrower_ids: list[str], chance: random.Random) -> Iterator[tuple[str, str]]:
    """What a person opens, without end: lists most of all."""
    while True:
        kind = chance.choices(("overview", "list", "loan", "borrower", "maturing"), (2, 5, 4, 1, 1))[0]
        loan_id = chance.choice(loan_ids)
        if kind == "overview":
            yield kind, "/portfolio/" + chance.choice(("", "", "?org_id=B01", "?product=car", "?by=product"))
        elif kind == "list":
            asked = dict(chance.choice(FILTERS))
            if chance.random() < 0.2:
                asked["page"] = str(chance.randint(2, 5))
            yield kind, f"/loans/?{urlencode(asked)}"
        elif kind == "loan":
            yield kind, f"/loans/{quote(loan_id)}/"
        elif kind == "borrower":
            yield kind, f"/borrowers/{quote(chance.choice(borrower_ids))}/"
        else:
            yield "list", "/loans/maturing/?days_to_maturity=0..30"


def work(browser: Browser, loan_ids: list[str], borrower_ids: list[str], until: float, seed: int) -> None:
    """A person's work till the end of the bench."""
    chance = random.Random(seed)
    for kind, address in pages(loan_ids, borrower_ids, chance):
        time.sleep(chance.uniform(0.5, 1.5) * THOUGHT_SECONDS)
        if time.perf_counter() > until:
            return
        browser.open(kind, address)


def opened(home: Path, port: int) -> subprocess.Popen[bytes]:
    """The desk of a home, ready."""
    env = {**os.environ, "DAIHOU_HOME": str(home), "DAIHOU_LANG": "en"}
    desk = subprocess.Popen([sys.executable, "-m", "daihou.cli.main", "serve", "--port", str(port)], env=env)
    begun = time.perf_counter()
    while time.perf_counter() - begun < START_SECONDS:
        try:
            if Browser(port, "").ask("/readyz")[0] == 200:
                return desk
        except OSError:
            pass
        if desk.poll() is not None:
            raise SystemExit("the desk did not start")
        time.sleep(0.5)
    raise SystemExit("the desk was not ready in time")


def users(home: Path, count: int) -> None:
    """People to work at the desk, each a manager of the whole lender; those of an earlier bench keep their place."""
    program = (
        "import django; django.setup()\n"
        "from daihou.desk.people.models import Membership, User\n"
        f"for number in range({count}):\n"
        "    user, _ = User.objects.get_or_create(username=f'bench{number}', defaults={'name': f'Bench {number}', 'language': 'zh-hans'})\n"
        f"    user.set_password({PASSWORD!r}); user.save()\n"
        "    Membership.objects.get_or_create(user=user, role='manager', org_id='')\n"
    )
    env = {**os.environ, "DAIHOU_HOME": str(home), "DJANGO_SETTINGS_MODULE": "daihou.desk.settings"}
    subprocess.run([sys.executable, "-c", program], env=env, check=True)


def some_loans(home: Path, chance: random.Random, count: int = 2_000) -> tuple[list[str], list[str]]:
    """Numbers of loans to open, and of their borrowers."""
    from daihou.book.home import open_home
    from daihou.runs import store

    book = open_home(home)
    paths = [str(path) for path in store.files(book, "snapshots", *store.pairs(book)[-1])]
    rows = (
        duckdb.connect()
        .execute(
            f"SELECT loan_id, borrower_id FROM read_parquet({paths}) USING SAMPLE {count} (reservoir, {chance.randint(1, 99)})"
        )
        .fetchall()
    )
    return [row[0] for row in rows], [row[1] for row in rows]


def timed(times: int, call: Callable[[], object]) -> list[float]:
    """Milliseconds of each of some calls."""
    found = []
    for _ in range(times):
        began = time.perf_counter()
        call()
        found.append(1000 * (time.perf_counter() - began))
    return found


def by_hand(home: Path) -> list[float]:
    """The peer: fifty overdue loans with their count and sums, asked of the run's own Parquet files."""
    from daihou.book.home import open_home
    from daihou.runs import store

    book = open_home(home)
    paths = [str(path) for path in store.files(book, "snapshots", *store.pairs(book)[-1])]
    db = duckdb.connect()
    where = f"FROM read_parquet({paths}) WHERE state = 'overdue' AND dpd BETWEEN 31 AND 90"
    columns = "loan_id, borrower_id, org_id, product, principal_outstanding, overdue_amount, dpd, bucket, status_24m, missed_24m, last_paid_on"

    def ask() -> None:
        db.execute(f"SELECT {columns} {where} ORDER BY dpd DESC, loan_id LIMIT 50").fetchall()
        db.execute(
            f"SELECT count(*), count(DISTINCT borrower_id), sum(principal_outstanding), sum(overdue_amount) {where}"
        ).fetchall()

    ask()
    return timed(20, ask)


def percentile(values: list[float], share: float) -> float:
    """The value that a share of the values do not pass."""
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


def main() -> None:
    """Run the bench and print its table; ends with 1 where a target was missed."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--home", type=Path, required=True)
    options.add_argument("--people", type=int, default=10)
    options.add_argument("--seconds", type=int, default=120)
    options.add_argument("--port", type=int, default=8790)
    asked = options.parse_args()
    chance = random.Random(1)
    peer = by_hand(asked.home)
    desk = opened(asked.home, asked.port)
    try:
        users(asked.home, asked.people)
        loan_ids, borrower_ids = some_loans(asked.home, chance)
        people = [Browser(asked.port, f"bench{number}") for number in range(asked.people)]
        for person in people:
            person.sign_in()
        for kind, address in (("overview", "/portfolio/"), ("list", "/loans/")):  # as a morning begins: each page once
            people[0].open(f"first {kind}", address)
        floor = timed(200, lambda: people[0].ask("/healthz"))
        until = time.perf_counter() + asked.seconds
        threads = [
            threading.Thread(target=work, args=(person, loan_ids, borrower_ids, until, seed))
            for seed, person in enumerate(people)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        desk.terminate()
        desk.wait(30)
    raise SystemExit(_told(people, floor, peer, asked))


def _told(people: list[Browser], floor: list[float], peer: list[float], asked: argparse.Namespace) -> int:
    """Print what was measured; 1 where a target was missed."""
    gathered: dict[str, list[float]] = defaultdict(list)
    sizes: dict[str, int] = {}
    for person in people:
        for kind, times in person.seen.items():
            gathered[kind] += times
            sizes[kind] = max(sizes.get(kind, 0), person.sizes[kind])
    base = statistics.median(floor)
    table = Table(title=f"{asked.people} people, {asked.seconds} s, {dt.date.today()}", title_justify="left")  # noqa: DTZ011 - the day of the bench
    for heading in ("page", "asked", "p50 ms", "p95 ms", "worst", "target", "p50 / floor", "KB"):
        table.add_column(heading, justify="left" if heading == "page" else "right")
    missed = 0
    for kind, times in sorted(gathered.items()):
        p95, target = percentile(times, 0.95), TARGETS_MS.get(kind)
        missed |= target is not None and p95 > target
        middle = statistics.median(times)
        table.add_row(
            kind,
            str(len(times)),
            f"{middle:.0f}",
            f"{p95:.0f}",
            f"{max(times):.0f}",
            str(target or "-"),
            f"{middle / base:.1f}",
            f"{sizes[kind] / 1000:.0f}",
        )
    table.add_row(
        "floor: /healthz",
        str(len(floor)),
        f"{base:.1f}",
        f"{percentile(floor, 0.95):.1f}",
        f"{max(floor):.1f}",
        "-",
        "1.0",
        "-",
    )
    table.add_row(
        "peer: one list by hand from Parquet",
        str(len(peer)),
        f"{statistics.median(peer):.0f}",
        f"{percentile(peer, 0.95):.0f}",
        f"{max(peer):.0f}",
        "-",
        "-",
        "-",
    )
    Console(width=140).print(table)
    return missed


if __name__ == "__main__":
    main()
