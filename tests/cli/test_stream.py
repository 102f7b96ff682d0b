"""`daihou stream` as its users run it: a process that brings messages into the log, and ends when it is told to."""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from confluent_kafka import Producer

from daihou.book.home import open_home
from daihou.runs.log import open_log
from daihou.runs.log.door import Door
from kafka_brokers import Cluster

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cli.conftest import Daihou, Run


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with Cluster() as brokers:
        yield brokers


def send(cluster: Cluster, topic: str, *bodies: str) -> None:
    producer = Producer({"bootstrap.servers": cluster.address, "log_level": 0})
    for body in bodies:
        producer.produce(topic, body)
    assert producer.flush(20) == 0


def payment(number: int) -> str:
    return json.dumps({"payment_id": f"P{number}", "loan_id": "L1", "paid_on": "2026-01-02", "amount": "1.00"})


def test_once_brings_what_waits_and_says_what_it_was(run: Run, cluster: Cluster, tmp_path: Path) -> None:
    cluster.topic("payments")
    send(cluster, "payments", payment(1), payment(2), "poison", "")
    source = f"kafka://{cluster.address}/payments?group=once"
    done = run("stream", "--source", source, "--once")
    assert (done.returncode, done.stdout) == (1, "messages 4, rows 2, quarantined 1, without a row 1\n")
    again = run("stream", "--source", f"{source}2", "--once", DAIHOU_LANG="zh")
    assert (again.returncode, again.stdout) == (0, "消息 0, 行数 0, 隔离 0, 空消息 0\n")
    assert "写入事件日志" in again.stderr
    assert open_log(open_home(tmp_path / "home", {})).last() == 3


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_feed_that_is_told_to_end_ends_well(cluster: Cluster, tmp_path: Path, number: signal.Signals) -> None:
    topic = f"until-{number.name.lower()}"
    cluster.topic(topic)
    send(cluster, topic, payment(1))
    source = f"kafka://{cluster.address}/{topic}?table=payments&group={topic}"
    settings = {name: value for name, value in os.environ.items() if not name.startswith(("DAIHOU", "DJANGO"))}
    process = subprocess.Popen(
        [sys.executable, "-c", "from daihou.cli.main import main; main()", "stream", "--source", source],
        env=settings | {"DAIHOU_HOME": str(tmp_path / "home"), "DAIHOU_LANG": "en"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    log = open_log(open_home(tmp_path / "home", {}))
    ends = time.monotonic() + 30
    while log.last() < 1:
        assert time.monotonic() < ends
        time.sleep(0.05)
    process.send_signal(number)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (0, "messages 1, rows 1, quarantined 0, without a row 0\n"), err
    assert f"Reading {topic}/0." in err


def test_once_judges_what_waits_in_the_log_and_ends(run: Run, tmp_path: Path) -> None:
    rows = [{"payment_id": "P1", "loan_id": "L1", "paid_on": "2026-01-02", "amount": "1.00"}]
    door = Door(open_home(tmp_path / "home", {}))
    door.take("payments", rows, "desk", dt.datetime.now(dt.UTC))
    done = run("stream", "--once")
    assert (done.returncode, done.stdout) == (0, "")
    assert door.log.place("stream/0/1") == door.log.last() == 1


def test_what_is_no_source_is_refused_with_what_to_write(daihou: Daihou) -> None:
    ended = daihou("stream", "--source", "rabbit://a/b")
    assert ended.code == 2
    assert "Do: Write log, or kafka://HOST:9092/TOPIC." in ended.err
    ended = daihou("stream", "--slot", "2/2")
    assert (ended.code, "'2/2' is no share of the borrowers" in ended.err) == (2, True)
