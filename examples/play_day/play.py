"""Play a day: send its events at a rate, and say what was sent and what came of it.

    DAIHOU_TOKEN=… python -m examples.play_day.play OUT --to http://127.0.0.1:8420 --rate 200
    DAIHOU_HOME=… python -m examples.play_day.play OUT --to kafka
    python -m examples.play_day.play OUT --to kafka://HOST:9092/TOPIC

OUT is what `prepare` wrote. `kafka` alone makes brokers for the time of the play and a feed into the home of DAIHOU_HOME. Where DAIHOU_HOME names
the home that is played into, what the stream said meanwhile is told at the end.
"""

from __future__ import annotations

import argparse
import os
import signal
import statistics
import subprocess
import sys
import time
from collections import Counter
from itertools import groupby, islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from examples.play_day import book
from examples.play_day.senders import MOCK, ByHttp, ByKafka

from daihou.book.home import open_home
from daihou.runs.feeds.offsets import stands
from daihou.runs.log import open_log
from daihou.runs.stream import told

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from examples.play_day.book import Event
    from examples.play_day.senders import Sender, Sent

    from daihou.runs.log import Log

ARRIVE_SECONDS: Final = 120.0
SHOWN: Final = 10


def main(arguments: Sequence[str] | None = None) -> None:
    """Send, wait, tell."""
    parser = argparse.ArgumentParser(
        prog="python -m examples.play_day.play", description="Play a day of events into daihou."
    )
    parser.add_argument("folder", type=Path, help="what prepare wrote")
    parser.add_argument(
        "--to",
        default="http://127.0.0.1:8420",
        help="http://HOST:PORT, kafka://HOST:PORT/TOPIC, or kafka for brokers of its own",
    )
    parser.add_argument(
        "--rate", type=float, default=20.0, help="events a second; 0 for as fast as may be (20 unless given)"
    )
    parser.add_argument(
        "--batch",
        type=int,
        default=1,
        help="events of one table that follow one another are sent together, up to so many (1)",
    )
    parser.add_argument("--events", type=int, help="so many and no more")
    parser.add_argument(
        "--wait", type=float, default=3.0, help="seconds for the stream to say something after the last event (3)"
    )
    given = parser.parse_args(arguments)
    named = os.environ.get("DAIHOU_HOME")
    log = open_log(open_home(Path(named))) if named else None
    after = told.last(log) if log else 0
    sender: ByHttp | ByKafka = _http(given.to) if given.to.startswith("http") else ByKafka(given.to)
    feed = None
    if given.to == MOCK and isinstance(sender, ByKafka):
        if log is None:
            raise SystemExit("Name the home to play into: DAIHOU_HOME=…")
        feed = _feed(sender)
    began = time.perf_counter()
    play(islice(book.read(given.folder), given.events), sender, given.rate, given.batch)
    sender.close()
    for line in sent(sender.sent, time.perf_counter() - began):
        print(line)
    if feed is not None and log is not None and isinstance(sender, ByKafka):
        print(f"feed: {_ended(feed, log, sender)}")
    if log is not None:
        time.sleep(given.wait)
        for line in said(log, after):
            print(line)


def play(events: Iterator[Event], sender: Sender, rate: float, batch: int) -> None:
    """Send events in order, so many a second at most."""
    began, count = time.perf_counter(), 0
    for rows in _batches(events, batch):
        if rate:
            time.sleep(max(began + count / rate - time.perf_counter(), 0.0))
        sender.send(rows[0].table, [one.row for one in rows])
        count += len(rows)


def _batches(events: Iterator[Event], most: int) -> Iterator[list[Event]]:
    for _, alike in groupby(events, lambda one: one.table):
        while rows := list(islice(alike, most)):
            yield rows


def _http(address: str) -> ByHttp:
    token = os.environ.get("DAIHOU_TOKEN")
    if not token:
        raise SystemExit("Name a token of a program with the scope facts:write: DAIHOU_TOKEN=…")
    return ByHttp(address, token)


def _feed(sender: ByKafka) -> subprocess.Popen[str]:
    """`daihou stream` from these brokers into the home."""
    words = [sys.executable, "-m", "daihou.cli.main", "stream", "--source", sender.source]
    return subprocess.Popen(words, stdout=subprocess.PIPE, text=True)  # noqa: S603 - the words are ours


def _ended(feed: subprocess.Popen[str], log: Log, sender: ByKafka) -> str:
    """Let the feed bring all that was sent, and end it; what it says at its end."""
    ends = time.monotonic() + ARRIVE_SECONDS
    wanted = sum(sender.sent.rows.values())
    while (
        sum(one.next for one in stands(log, [sender.topic]).values()) < wanted
        and feed.poll() is None
        and time.monotonic() < ends
    ):
        time.sleep(0.1)
    feed.send_signal(signal.SIGTERM)
    return feed.communicate(timeout=30)[0].strip()


def sent(found: Sent, seconds: float) -> Iterator[str]:
    """What was sent, in lines."""
    rows = sum(found.rows.values())
    yield f"sent: {rows:,} rows in {seconds:.1f} s, {rows / seconds:,.0f}/s: " + ", ".join(
        f"{table} {count:,}" for table, count in found.rows.items()
    )
    yield f"accepted: {found.accepted:,}, refused: {found.rejected:,}, told to wait: {found.waits:,}"
    if len(found.milliseconds) > 1:
        cuts = statistics.quantiles(found.milliseconds, n=100)
        yield f"answers: {found.requests:,}, p50 {cuts[49]:.1f} ms, p99 {cuts[98]:.1f} ms"
    if found.places:
        yield f"places in the log: {found.places[0][0]:,} to {found.places[-1][1]:,}"
    for why, count in found.errors.most_common(SHOWN):
        yield f"  {count:>6,}  {why}"


def said(log: Log, after: int) -> Iterator[str]:
    """What the stream has said since, in lines: how often which rule, and how long after the event."""
    found = told.read(log, after, 1_000_000)
    yield f"the stream said: {len(found):,} transitions"
    counts = Counter((one.row.get("rule_id", ""), one.transition) for one in found)
    for (rule, transition), count in sorted(counts.items()):
        yield f"  {count:>6,}  {rule} {transition}"
    if found:
        waits = sorted((one.at - one.accepted_at) * 1000 for one in found)
        yield f"from accepted to said: median {waits[len(waits) // 2]:.0f} ms, longest {waits[-1]:.0f} ms"


if __name__ == "__main__":
    main()
