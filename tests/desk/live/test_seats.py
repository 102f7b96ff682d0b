"""Seats: all requests take turns in a few threads; what stays open takes none."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from typing import TYPE_CHECKING, Any

from daihou.desk import seats
from daihou.desk.seats import Seats

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    import pytest

    Start = Callable[..., Any]


class Streamed:
    """An answer that is made as it is sent."""

    streaming = True

    def __init__(self, parts: Iterator[bytes]) -> None:
        self.parts = parts
        self.closed = False

    def __iter__(self) -> Iterator[bytes]:
        return self.parts

    def close(self) -> None:
        self.closed = True


class Visit:
    """One request, and what came of it."""

    def __init__(self, application: Seats, path: str = "/", body: tuple[bytes, ...] = (b"",), **more: Any) -> None:
        self.application = application
        self.scope = {
            "type": "http", "http_version": "1.1", "method": "GET", "path": path, "query_string": b"", "scheme": "http", "headers": [],
            "server": ("desk", 80), "client": ("10.1.1.1", 5), **more,
        }  # fmt: skip
        self.parts = list(body)
        self.messages: list[dict[str, Any]] = []
        self.left = asyncio.Event()

    async def receive(self) -> dict[str, Any]:
        if self.parts:
            part = self.parts.pop(0)
            return {"type": "http.request", "body": part, "more_body": bool(self.parts)}
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: dict[str, Any]) -> None:
        self.messages.append(message)

    async def go(self) -> Visit:
        await self.application(self.scope, self.receive, self.send)
        return self

    @property
    def status(self) -> int:
        return int(self.messages[0]["status"])

    @property
    def headers(self) -> dict[bytes, bytes]:
        return dict(self.messages[0]["headers"])

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.messages[1:])


def visit(application: Any, *args: Any, **more: Any) -> Visit:
    async def going() -> Visit:
        return await Visit(Seats(application), *args, **more).go()

    return asyncio.run(going())


def echo(environ: dict[str, Any], start: Start) -> list[bytes]:
    start("201 Created", [("X-Path", environ["PATH_INFO"])])
    return [threading.current_thread().name.encode(), b" ", environ["wsgi.input"].read()]


def test_a_request_is_answered_in_a_seat() -> None:
    told = visit(echo, "/loans/", (b"one ", b"two"))
    assert (told.status, told.headers) == (201, {b"x-path": b"/loans/"})
    assert told.body.startswith(b"seat")
    assert told.body.endswith(b" one two")
    assert not told.messages[-1]["more_body"]


def test_a_request_is_told_as_the_standard_says() -> None:
    found: dict[str, Any] = {}

    def asked(environ: dict[str, Any], start: Start) -> list[bytes]:
        found.update(environ)
        start("200 OK", [])
        return []

    headers = [
        (b"host", b"desk.example"), (b"cookie", b"a=1"), (b"cookie", b"b=2"), (b"x-forwarded-for", b"1.1.1.1"), (b"x-forwarded-for", b"2.2.2.2"),
        (b"content-type", b"text/plain"), (b"x_forwarded_proto", b"https"),
    ]  # fmt: skip
    visit(asked, "/贷款/", (b"four",), query_string=b"a=%20", headers=headers, scheme="https", method="POST")
    assert found["PATH_INFO"].encode("latin-1").decode() == "/贷款/"
    assert (found["QUERY_STRING"], found["REQUEST_METHOD"], found["wsgi.url_scheme"]) == ("a=%20", "POST", "https")
    assert (found["HTTP_HOST"], found["HTTP_COOKIE"], found["HTTP_X_FORWARDED_FOR"]) == (
        "desk.example",
        "a=1; b=2",
        "1.1.1.1,2.2.2.2",
    )
    assert (found["CONTENT_TYPE"], found["CONTENT_LENGTH"], found["REMOTE_ADDR"]) == ("text/plain", "4", "10.1.1.1")
    assert "HTTP_X_FORWARDED_PROTO" not in found, "an underscore would pass for a dash"


def test_a_large_body_is_read_as_it_is_asked_for() -> None:
    parts = tuple(bytes([65 + number]) * 40_000 for number in range(5))
    length = [(b"content-length", b"200000")]

    def first(environ: dict[str, Any], start: Start) -> list[bytes]:
        start("200 OK", [])
        return [environ["wsgi.input"].read(100_000)[-1:], environ["wsgi.input"].read()[-1:]]

    async def going() -> Visit:
        return await Visit(Seats(first), "/", parts, headers=length).go()

    assert asyncio.run(going()).body == b"CE"

    def refuses(_environ: dict[str, Any], start: Start) -> list[bytes]:
        start("403 Forbidden", [])
        return []

    async def refused() -> Visit:
        return await Visit(Seats(refuses), "/", parts, headers=length).go()

    assert len(asyncio.run(refused()).parts) == 5, "who is refused has sent nothing in vain"


def test_a_body_of_unknown_length_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seats, "MOST_BYTES", 10)
    assert visit(echo, "/", (b"12345", b"67890")).status == 201
    assert visit(echo, "/", (b"12345", b"678901")).status == 413


def test_no_more_work_at_once_than_there_are_seats() -> None:
    at_once, most, lock = 0, 0, threading.Lock()

    def slow(_environ: Any, start: Start) -> list[bytes]:
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
        time.sleep(0.02)
        with lock:
            at_once -= 1
        start("200 OK", [])
        return [b"done"]

    async def going() -> list[Visit]:
        application = Seats(slow, seats=2)
        return await asyncio.gather(*(Visit(application).go() for _ in range(12)))

    assert [one.body for one in asyncio.run(going())] == [b"done"] * 12
    assert most == 2


def test_a_long_answer_is_made_as_fast_as_it_is_taken() -> None:
    made: list[int] = []

    def long(_environ: Any, start: Start) -> Streamed:
        start("200 OK", [])

        def parts() -> Iterator[bytes]:
            for number in range(5):
                made.append(number)
                yield bytes([number]) * seats.CHUNK_BYTES

        return Streamed(parts())

    async def going() -> None:
        one = Visit(Seats(long))
        gate, sent = asyncio.Semaphore(2), one.send

        async def slowly(message: dict[str, Any]) -> None:
            await gate.acquire()
            await sent(message)

        one.send = slowly  # type: ignore[method-assign]
        task = asyncio.ensure_future(one.go())
        await asyncio.sleep(0.05)
        assert made == [0, 1], "one was sent, the next is made and waits"
        for _ in range(10):
            gate.release()
        await task
        assert one.body == b"".join(bytes([number]) * seats.CHUNK_BYTES for number in range(5))

    asyncio.run(going())


def test_what_goes_wrong_is_an_answer_and_the_seat_is_free() -> None:
    def wrong(_environ: Any, _start: Start) -> list[bytes]:
        raise LookupError("here")

    async def going() -> list[Visit]:
        application = Seats(wrong, seats=1)
        return [await Visit(application).go() for _ in range(3)]

    assert [one.status for one in asyncio.run(going())] == [500, 500, 500]


class Open(list[bytes]):
    """An answer that goes on."""

    closed = False

    def __init__(self, play: Callable[[Callable[[bytes], Awaitable[None]]], Any]) -> None:
        super().__init__([b"hello "])
        self.play = play

    def close(self) -> None:
        self.closed = True


def test_a_page_that_stays_open_takes_no_seat_and_ends_when_it_is_left() -> None:
    ended: list[str] = []

    async def play(send: Callable[[bytes], Awaitable[None]]) -> None:
        try:
            while True:
                await send(b"news ")
                await asyncio.sleep(0.01)
        finally:
            ended.append("left")

    answers: list[Open] = []

    def page(environ: dict[str, Any], start: Start) -> Any:
        start("200 OK", [("Content-Length", "6"), ("X-Page", "1")])
        if environ["PATH_INFO"] == "/":
            return [b"plain"]
        answers.append(Open(play))
        return answers[-1]

    async def going() -> None:
        application = Seats(page, seats=1)
        pages = [Visit(application, "/live") for _ in range(50)]
        tasks = [asyncio.ensure_future(one.go()) for one in pages]
        await asyncio.sleep(0.2)
        assert (await Visit(application).go()).body == b"plain", "fifty pages are open, and the only seat is free"
        assert all(answer.closed for answer in answers)
        for one in pages:
            one.left.set()
        await asyncio.gather(*tasks)
        assert pages[0].body.startswith(b"hello news news ")
        assert b"content-length" not in pages[0].headers
        assert len(ended) == 50

    asyncio.run(going())


def test_a_page_that_has_no_more_to_hear_ends_by_itself() -> None:
    async def play(send: Callable[[bytes], Awaitable[None]]) -> None:
        await send(b"end")

    def page(_environ: Any, start: Start) -> Open:
        start("200 OK", [])
        return Open(play)

    told = visit(page)
    assert told.body == b"hello end"
    assert not told.messages[-1]["more_body"]


def test_pages_end_when_the_process_is_told_to_end() -> None:
    async def play(send: Callable[[bytes], Awaitable[None]]) -> None:
        await send(b"news")
        await asyncio.sleep(60)

    def page(_environ: Any, start: Start) -> Open:
        start("200 OK", [])
        return Open(play)

    async def going() -> Visit:
        loop, heard = asyncio.get_running_loop(), asyncio.Event()
        loop.add_signal_handler(signal.SIGUSR1, heard.set)  # as the server does before
        task = asyncio.ensure_future(Visit(Seats(page, ends_at=(signal.SIGUSR1,))).go())
        await asyncio.sleep(0.1)
        os.kill(os.getpid(), signal.SIGUSR1)
        told = await asyncio.wait_for(task, 10)
        await asyncio.wait_for(heard.wait(), 10)
        return told

    kept = signal.getsignal(signal.SIGUSR1)
    try:
        assert asyncio.run(going()).body == b"hello news"
    finally:
        signal.signal(signal.SIGUSR1, kept)
