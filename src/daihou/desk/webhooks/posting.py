"""One request to a receiver: connected to an address that was looked at, over TLS that is verified, ended at a moment whatever the receiver does."""

from __future__ import annotations

import http.client
import os
import socket
import ssl
import threading
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from daihou.desk.webhooks import addresses
from daihou.desk.webhooks.choices import Trouble
from daihou.desk.webhooks.errors import LONGEST_ANSWER, DeliveryError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from daihou.desk.webhooks.addresses import Found, Target
    from daihou.desk.webhooks.allowed import Allowed

LONGEST_SECONDS: Final = 10.0
"""From the first packet to the end of the answer. A receiver that keeps the event first and works on it later needs a fraction of it."""
AGENT: Final = "daihou-webhooks/1"
BUSY: Final = frozenset({http.HTTPStatus.TOO_MANY_REQUESTS, http.HTTPStatus.SERVICE_UNAVAILABLE})


@dataclass(frozen=True, slots=True)
class Answer:
    """What a receiver that took an event answered."""

    status: int
    text: str


def post(url: str, body: bytes, headers: Mapping[str, str], may: Allowed, now: dt.datetime) -> Answer:
    """Send a body as JSON; the answer where it is a good one (2xx). DeliveryError says what went wrong, and how long the receiver asks to wait."""
    try:
        asked = addresses.target(url)
    except ValueError as error:
        raise DeliveryError(Trouble.UNRESOLVED, str(error)) from error
    found = addresses.resolved(asked, may)
    until = time.monotonic() + LONGEST_SECONDS
    with _ended(_connected(found, until), until) as (plain, cut):
        try:
            with closing(_secured(plain, asked)) as over, closing(_asked(over, asked, body, headers)) as response:
                text = response.read(LONGEST_ANSWER).decode("utf-8", "replace")
        except ssl.SSLCertVerificationError as error:
            raise DeliveryError(Trouble.CERTIFICATE, error.verify_message) from error
        except (OSError, http.client.HTTPException) as error:
            late = cut.is_set() or isinstance(error, TimeoutError)
            raise DeliveryError(Trouble.TIMEOUT if late else Trouble.BROKE_OFF, "" if late else _said(error)) from error
        if cut.is_set():
            raise DeliveryError(Trouble.TIMEOUT, text, status=response.status)
    return _judged(response, text, now)


def _connected(found: list[Found], until: float) -> socket.socket:
    """A connection to the first of some addresses that takes it."""
    last: OSError = OSError("no address")
    for family, where in found:
        plain = socket.socket(family, socket.SOCK_STREAM)
        plain.settimeout(max(0.1, until - time.monotonic()))
        try:
            plain.connect(where)
        except OSError as error:
            plain.close()
            last = error
        else:
            return plain
    raise DeliveryError(Trouble.UNREACHABLE, _said(last)) from last


class _ended:  # noqa: N801 - reads as the act that it is
    """A connection that is cut at a moment, also where the receiver sends a byte now and then, which no time-out of a socket ends."""

    def __init__(self, plain: socket.socket, until: float) -> None:
        self._plain, self._same, self._cut = plain, plain.dup(), threading.Event()
        self._clock = threading.Timer(max(0.1, until - time.monotonic()), self._end)
        self._clock.daemon = True

    def _end(self) -> None:
        self._cut.set()
        with suppress(OSError):
            self._same.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> tuple[socket.socket, threading.Event]:
        """The connection, and what is set once it was cut."""
        self._clock.start()
        return self._plain, self._cut

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self._clock.cancel()
        for each in (self._same, self._plain):
            each.close()


def _secured(plain: socket.socket, asked: Target) -> socket.socket:
    """The connection itself, or TLS over it for the host's name, whatever address it has."""
    if asked.scheme == "http":
        return plain
    return _context(os.environ.get("SSL_CERT_FILE", "")).wrap_socket(plain, server_hostname=asked.host)


@lru_cache(maxsize=2)
def _context(_issuers: str) -> ssl.SSLContext:
    """What a certificate is held against: read once, since it takes longer than a request."""
    return ssl.create_default_context()


def _asked(over: socket.socket, asked: Target, body: bytes, headers: Mapping[str, str]) -> http.client.HTTPResponse:
    """The answer's head. What it says is not followed, and no connection is made besides the one given."""
    connection = http.client.HTTPConnection(asked.host, asked.port)
    connection.auto_open = 0
    connection.sock = over
    own = {"Host": asked.authority, "Content-Type": "application/json; charset=utf-8", "User-Agent": AGENT, "Connection": "close"}  # fmt: skip
    connection.request("POST", asked.path, body, {**own, **headers})
    return connection.getresponse()


def _judged(response: http.client.HTTPResponse, text: str, now: dt.datetime) -> Answer:
    """A good answer; DeliveryError for every other one."""
    status = response.status
    if 200 <= status < 300:
        return Answer(status, text)
    trouble = Trouble.REFUSED
    if status == http.HTTPStatus.GONE:
        trouble = Trouble.GONE
    elif status in BUSY:
        trouble = Trouble.BUSY
    elif 300 <= status < 400:
        trouble = Trouble.REDIRECT
        text = response.headers.get("Location", "") or text
    elif status >= http.HTTPStatus.INTERNAL_SERVER_ERROR:
        trouble = Trouble.FAULT
    raise DeliveryError(trouble, text, status=status, wait=_wait(response.headers.get("Retry-After", ""), now))


def _wait(stated: str, now: dt.datetime) -> float:
    """Seconds that Retry-After asks to wait, as a number or as a date (RFC 9110, 10.2.3); 0 where it says nothing that can be read."""
    if stated.strip().isdecimal():
        return float(stated[:9])
    try:
        return max(0.0, (parsedate_to_datetime(stated) - now).total_seconds())
    except (ValueError, TypeError):
        return 0.0


def _said(error: Exception) -> str:
    return str(error) or type(error).__name__
