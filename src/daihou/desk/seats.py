"""A few seats for all requests, and room to stand for pages that stay open.

Every request is answered by the same WSGI application in one of a few threads: they wait for the database and for DuckDB more than they compute, and more of
them would hold more connections and memory. A response with a `play` goes on after that without a seat: it is a coroutine that sends what comes until its
page is closed, and a thousand of these cost a process next to nothing.
"""

from __future__ import annotations

import asyncio
import io
import logging
import signal
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence

    Environ = dict[str, Any]
    Application = Callable[[Environ, Callable[..., Any]], Any]
    Message = dict[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]
    Play = Callable[[Callable[[bytes], Awaitable[None]]], Coroutine[Any, Any, None]]

LOG = logging.getLogger(__name__)

SEATS: Final = 4
"""Of each web process."""
SMALL_BYTES: Final = 1 << 16
"""A body up to this size is waited for before a seat is taken: a slow sender holds none. A larger one is read as it is asked for, so that who is refused has
sent nothing in vain."""
MOST_BYTES: Final = 32 << 20
"""A body whose length is not said is kept in memory up to here: pages and programs send less."""
CHUNK_BYTES: Final = 1 << 16
PLAIN_TEXT: Final = [(b"content-type", b"text/plain; charset=utf-8")]
PLAIN: Final = ("CONTENT_TYPE", "CONTENT_LENGTH")
"""Headers that are named in an environment without a prefix."""


class Seats:
    """An ASGI application that has each request answered by a WSGI application in one of its seats.

    At some signals it ends the pages that stay open, as the server waits for everything that is open before it ends.
    """

    def __init__(self, application: Application, seats: int = SEATS, ends_at: Sequence[signal.Signals] = ()) -> None:
        self._application = application
        self._pool = ThreadPoolExecutor(seats, "seat")
        self._ends_at = ends_at
        self._end: asyncio.Event | None = None

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer a request; anything else there may be is not served."""
        if scope["type"] != "http":
            return
        loop = asyncio.get_running_loop()
        if self._end is None:
            self._end = self._ending(loop)
        answer = _Answer(send, loop)
        try:
            body = await _body(scope, receive, loop)
        except _GoneError:
            return
        except _LargeError:
            for message in (_begin(413, PLAIN_TEXT), _part(b"The body is too large to be sent without its length.\n")):
                await send(message)
            return
        messages, play = await loop.run_in_executor(self._pool, answer.make, self._application, _environ(scope, body))
        for message in messages:
            await send(message)
        if play is not None:
            await _played(play, receive, send, self._end)

    def _ending(self, loop: asyncio.AbstractEventLoop) -> asyncio.Event:
        """What is set when the process is told to end. The server's own handler is the loop's, which a signal wakes as before."""
        end = asyncio.Event()
        for number in self._ends_at:
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(end.set))
        return end


class _Answer:
    """An answer as it is made in a seat and sent by the loop."""

    def __init__(self, send: Send, loop: asyncio.AbstractEventLoop) -> None:
        self._send = send
        self._loop = loop
        self._status, self._headers = 500, PLAIN_TEXT

    def make(self, application: Application, environ: Environ) -> tuple[list[Message], Play | None]:
        """Make it, in the seat: what is left to be sent, and what goes on after it, where something does. A long answer is sent from here, as it is made."""
        try:
            made = application(environ, self._start)
        except Exception:
            LOG.exception("%s could not be answered", environ.get("PATH_INFO"))
            return [_begin(500, PLAIN_TEXT), _part(b"The request could not be answered.\n")], None
        try:
            return self._made(made)
        finally:
            if hasattr(made, "close"):
                made.close()

    def _made(self, made: Any) -> tuple[list[Message], Play | None]:
        play: Play | None = getattr(made, "play", None)
        if play is not None:
            self._headers = [one for one in self._headers if one[0] != b"content-length"]
        begin = _begin(self._status, self._headers)
        if not getattr(made, "streaming", False):
            return [begin, _part(b"".join(made), more=play is not None)], play
        self._put(begin)
        for part in _chunks(made):
            self._put(_part(part, more=True))
        return [_part(b"")], None

    def _start(self, status: str, headers: list[tuple[str, str]], _wrong: Any = None) -> None:
        self._status = int(status.split(" ", 1)[0])
        self._headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]

    def _put(self, message: Message) -> None:
        """Send, and wait until it is sent: an answer is made no faster than it is taken."""
        asyncio.run_coroutine_threadsafe(self._sent(message), self._loop).result()

    async def _sent(self, message: Message) -> None:
        await self._send(message)


def _begin(status: int, headers: Sequence[tuple[bytes, bytes]]) -> Message:
    return {"type": "http.response.start", "status": status, "headers": list(headers)}


def _part(body: bytes, *, more: bool = False) -> Message:
    return {"type": "http.response.body", "body": body, "more_body": more}


def _chunks(made: Iterable[bytes]) -> Iterable[bytes]:
    """Parts of an answer, small ones together, so that not every line of a file is sent alone."""
    waiting: list[bytes] = []
    size = 0
    for part in made:
        waiting.append(part)
        size += len(part)
        if size >= CHUNK_BYTES:
            yield b"".join(waiting)
            waiting, size = [], 0
    if waiting:
        yield b"".join(waiting)


async def _played(play: Play, receive: Receive, send: Send, end: asyncio.Event) -> None:
    """Let a page hear what comes until it is closed, there is nothing more to come, or the process ends."""

    async def put(part: bytes) -> None:
        await send(_part(part, more=True))

    async def left() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    tasks = {asyncio.ensure_future(one) for one in (play(put), left(), _set(end))}
    try:
        done, _pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    await send(_part(b""))


class _GoneError(Exception):
    """Who asked went away."""


class _LargeError(Exception):
    """More came than is kept in memory."""


async def _set(end: asyncio.Event) -> None:
    await end.wait()


async def _body(scope: Message, receive: Receive, loop: asyncio.AbstractEventLoop) -> io.BufferedIOBase:
    """The body to be read: whole where it is small, or where nobody says how long it is."""
    stated = dict(scope["headers"]).get(b"content-length", b"")
    if stated.isdigit() and int(stated) > SMALL_BYTES:
        return io.BufferedReader(_Incoming(receive, loop), CHUNK_BYTES)
    whole = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _GoneError
        whole += message.get("body", b"")
        if len(whole) > MOST_BYTES:
            raise _LargeError
        if not message.get("more_body"):
            return io.BytesIO(bytes(whole))


class _Incoming(io.RawIOBase):
    """A body as it comes in, read in a seat."""

    def __init__(self, receive: Receive, loop: asyncio.AbstractEventLoop) -> None:
        self._receive = receive
        self._loop = loop
        self._held = b""
        self._more = True

    def readable(self) -> bool:
        """It is for reading."""
        return True

    def readinto(self, into: Any) -> int:
        """Some bytes; 0 at its end. OSError where who sends it went away."""
        while not self._held and self._more:
            message = asyncio.run_coroutine_threadsafe(self._next(), self._loop).result()
            if message["type"] == "http.disconnect":
                raise OSError("the sender went away")
            self._held, self._more = message.get("body", b""), bool(message.get("more_body"))
        count = min(len(into), len(self._held))
        into[:count], self._held = self._held[:count], self._held[count:]
        return count

    async def _next(self) -> Message:
        return await self._receive()


def _environ(scope: Message, body: Any) -> Environ:
    """A request as PEP 3333 says it."""
    server, client = scope.get("server") or ("localhost", 80), scope.get("client") or ("", 0)
    environ: Environ = {
        "REQUEST_METHOD": scope["method"], "SCRIPT_NAME": "", "PATH_INFO": scope["path"].encode().decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"), "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}", "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1]), "REMOTE_ADDR": client[0], "REMOTE_PORT": str(client[1]), "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"), "wsgi.input": body, "wsgi.errors": _Errors(), "wsgi.multithread": True, "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }  # fmt: skip
    for name, value in scope["headers"]:
        if b"_" in name:
            continue  # else it could pass itself off as another one with a dash
        key = name.decode("latin-1").upper().replace("-", "_")
        key = key if key in PLAIN else f"HTTP_{key}"
        said = value.decode("latin-1")
        joint = "; " if key == "HTTP_COOKIE" else ","
        environ[key] = f"{environ[key]}{joint}{said}" if key in environ else said
    if "CONTENT_LENGTH" not in environ and isinstance(body, io.BytesIO):
        environ["CONTENT_LENGTH"] = str(len(body.getbuffer()))
    return environ


class _Errors(io.TextIOBase):
    """What an application writes to `wsgi.errors`, as lines of the log."""

    def write(self, text: str) -> int:
        """Log it."""
        if text.strip():
            LOG.error("%s", text.rstrip())
        return len(text)
