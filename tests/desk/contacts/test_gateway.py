"""The gateway for trials, as the process that it is and as what it does to messages."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from daihou.desk.contacts.gateway.__main__ import asked
from daihou.desk.contacts.gateway.behaviour import Book, Manner
from desk.contacts.posts import gateway_open

if TYPE_CHECKING:
    from collections.abc import Iterator

TO = "+8613800138000"


def say(port: int, method: str, path: str, body: Any = None) -> tuple[int, dict[str, Any]]:
    """What a gateway answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(method, path, None if body is None else json.dumps(body))
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


@contextmanager
def running(*words: str) -> Iterator[int]:
    """The gateway as a process, and its port."""
    process = subprocess.Popen(
        [sys.executable, "-m", "daihou.desk.contacts.gateway", "--port", "0", *words], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        port = urlsplit(process.stdout.readline().strip()).port
        assert port is not None
        yield port
        process.terminate()
        assert process.wait(10) == 0
    finally:
        process.kill()
        process.communicate()


def test_as_a_process_it_takes_messages_tells_receipts_and_ends_when_told() -> None:
    with running("--receipt-delay", "0", "--wrong", "+8610000") as port:
        assert say(port, "POST", "/messages", {"id": "a", "to": TO, "text": "您好"}) == (
            202,
            {"id": "a", "state": "accepted"},
        )
        assert say(port, "POST", "/messages", {"id": "b", "to": "+8610000", "text": "x"}) == (
            422,
            {"error": "invalid_number"},
        )
        assert say(port, "POST", "/messages", {"id": "c"})[0] == 400
        assert say(port, "POST", "/elsewhere", {})[0] == 404
        (given,) = say(port, "GET", "/given")[1]["given"]
        assert (given["id"], given["to"], given["text"]) == ("a", TO, "您好")
        status, told = say(port, "GET", "/receipts?after=")
        assert (status, told) == (200, {"receipts": [{"id": "a", "state": "delivered", "reason": ""}], "after": "1"})
        assert say(port, "GET", "/receipts?after=1")[1] == {"receipts": [], "after": "1"}


def test_the_same_id_is_delivered_once_unless_it_is_told_otherwise() -> None:
    for idempotent, times in ((True, 1), (False, 2)):
        with gateway_open(Manner(idempotent=idempotent)) as (book, port):
            for _ in range(2):
                assert say(port, "POST", "/messages", {"id": "a", "to": TO, "text": "x"})[0] == 202
            assert len(book.given) == times


def test_a_connection_is_dropped_before_or_after_the_message_was_taken() -> None:
    for manner, taken in ((Manner(drop_before=1), 0), (Manner(drop_after=1), 1)):
        with gateway_open(manner) as (book, port):
            with pytest.raises((http.client.HTTPException, OSError)):
                say(port, "POST", "/messages", {"id": "a", "to": TO, "text": "x"})
            assert len(book.given) == taken


def test_shares_are_kept_and_the_same_trial_gives_the_same_fates() -> None:
    manner = Manner(fail=0.2, drop_before=0.1, drop_after=0.3)
    fates = [[Book(manner).take(f"m{number}", TO, "x") for number in range(2000)] for _ in range(2)]
    assert fates[0] == fates[1]
    counts = {(each.taken, each.status): 0 for each in fates[0]}
    for each in fates[0]:
        counts[each.taken, each.status] += 1
    expected = {(False, 503): 400, (False, 0): 200, (True, 0): 600, (True, 202): 800}
    assert set(counts) == set(expected)
    assert all(abs(counts[fate] - number) < 80 for fate, number in expected.items())


def test_receipts_come_in_order_and_not_before_their_time() -> None:
    book = Book(Manner(receipt_delay=3600))
    book.take("a", TO, "x")
    assert book.after("") == {"receipts": [], "after": "0"}
    book.receipts[0] = (0.0, *book.receipts[0][1:])
    assert [one["id"] for one in book.after("")["receipts"]] == ["a"]
    lost = Book(Manner(receipt_delay=0, undelivered=1))
    lost.take("b", TO, "x")
    assert lost.after("nonsense")["receipts"] == [{"id": "b", "state": "failed", "reason": "unreachable"}]


def test_its_words_are_read() -> None:
    manner, port = asked(["--port", "8601", "--fail", "0.5", "--delivers-twice", "--wrong", "1", "--wrong", "2"])
    assert (port, manner.fail, manner.idempotent, manner.wrong) == (8601, 0.5, False, frozenset({"1", "2"}))
