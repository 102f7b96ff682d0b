"""A bureau that speaks HTTP: `POST /queries` asks for a report, `GET /queries/NUMBER` for what came of it. A report comes as it is, whatever it is written in.

docs/guides/credit_queries.md tells the whole of it. Certificates are always checked.
"""

from __future__ import annotations

import http.client
import json
import re
import socket
import ssl
import threading
import time
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlsplit

from daihou.desk.bureau.choices import Trouble
from daihou.desk.bureau.connectors.connector import Answer, DeclinedError, Still
from daihou.desk.notices.handing import FailedError, UnclearError
from daihou.reviews.queries.raw_reports import MOST_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daihou.book.bureaus import Bureau
    from daihou.desk.bureau.connectors.connector import Sent

COST: Final = "X-Query-Cost"
"""The header in which a bureau says what a query cost."""
DECLINED: Final = (http.client.GONE, http.client.UNPROCESSABLE_ENTITY)
NOT_TAKEN: Final = (*range(300, 500), http.client.SERVICE_UNAVAILABLE)
"""Answers that say that nothing was taken up. Of other errors of a server nobody knows: it may have failed after it had charged."""
SIGN_IN: Final = (http.client.UNAUTHORIZED, http.client.FORBIDDEN)
MOST_COST: Final = Decimal(10) ** 8
MIME: Final = re.compile(r"[a-z0-9.+-]{1,50}/[a-z0-9.+-]{1,49}")
UNKNOWN_MIME: Final = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Http:
    """One bureau, with its token."""

    bureau: Bureau
    token: str = field(repr=False)

    def fetch(self, sent: Sent) -> Answer:
        """Ask for a report. A conflict means that the number is known already: then nobody knows more than that."""
        body = {
            "number": sent.number, "person": {"kind": sent.kind, "name": sent.name, "id_no": sent.id_no}, "reason": sent.reason,
            "authorisation": sent.authorisation, "asked_at": sent.asked_at,
        }  # fmt: skip
        answer = self._ask("POST", "/queries", sent.number, json.dumps(body, ensure_ascii=False).encode())
        if answer.status == http.client.CONFLICT:
            raise UnclearError(Trouble.TAKEN, answer.said)
        found = self._told(answer)
        if found is Still.TAKEN:
            raise UnclearError(Trouble.TAKEN, answer.said)
        if isinstance(found, Answer):
            return found
        raise FailedError(Trouble.REFUSED, answer.said)

    def result(self, number: str) -> Answer | Still:
        """Ask what came of a query."""
        return self._told(self._ask("GET", f"/queries/{quote(number, safe='')}", number, None))

    def _told(self, answer: _Said) -> Answer | Still:
        if answer.status == http.client.OK:
            return Answer(answer.content, answer.mime, answer.cost)
        if answer.status == http.client.ACCEPTED:
            return Still.TAKEN
        if answer.status == http.client.NOT_FOUND:
            return Still.UNKNOWN
        if answer.status in DECLINED:
            raise DeclinedError(Trouble.REFUSED, answer.said, cost=answer.cost)
        if answer.status in SIGN_IN:
            raise FailedError(Trouble.SIGN_IN, answer.said)
        if answer.status in NOT_TAKEN:
            raise FailedError(Trouble.REFUSED, answer.said)
        raise UnclearError(Trouble.BROKE_OFF, answer.said)

    def _ask(self, method: str, path: str, number: str, body: bytes | None) -> _Said:
        """What the bureau answers. FailedError where nothing was said to it, UnclearError once something was."""
        where = urlsplit(self.bureau.url)
        connection = self._connection(where.scheme == "https", where.hostname or "", where.port)
        headers = {"Accept": "application/json, application/xml, text/csv", "Idempotency-Key": number}
        headers |= {"Content-Type": "application/json"} if body is not None else {}
        headers |= {"Authorization": f"Bearer {self.token}"} if self.token else {}
        begun = time.monotonic()
        with closing(connection):
            try:
                connection.connect()
            except ssl.SSLError as error:
                raise FailedError(Trouble.INSECURE, str(error)) from error
            except OSError as error:  # nothing was said yet, so nothing arrived
                raise FailedError(Trouble.UNREACHABLE, str(error)) from error
            except ValueError as error:  # a host that is none
                raise FailedError(Trouble.UNREACHABLE, type(error).__name__) from None
            try:
                with _until(connection, begun + self.bureau.seconds):
                    _request(connection, method, where.path + path, body, headers)
                    answer = connection.getresponse()
                    whole = answer.chunked or answer.length is not None
                    content = answer.read(MOST_BYTES + 1)
            except OSError as error:
                raise UnclearError(Trouble.BROKE_OFF, str(error) or type(error).__name__) from error
            except http.client.HTTPException as error:  # its text is what the bureau said, which may name people
                raise UnclearError(Trouble.BROKE_OFF, type(error).__name__) from None
        if not whole or len(content) > MOST_BYTES or answer.length:
            raise UnclearError(Trouble.BROKE_OFF, "an answer without length, cut off, or too large")
        return _said(answer, content)

    def _connection(self, tls: bool, host: str, port: int | None) -> http.client.HTTPConnection:  # noqa: FBT001 - what the address says
        if tls:
            return http.client.HTTPSConnection(host, port, timeout=self.bureau.seconds, context=ssl.create_default_context())  # fmt: skip
        return http.client.HTTPConnection(host, port, timeout=self.bureau.seconds)


@contextmanager
def _until(connection: http.client.HTTPConnection, end: float) -> Iterator[None]:
    """Hang up once the time is over: a timeout bounds each read, and a bureau that drips holds up all that wait behind it."""
    sock = connection.sock  # the connection forgets it while the answer is still being read

    def hang_up() -> None:
        with suppress(OSError):  # it hung up by itself
            socket.socket.shutdown(sock, socket.SHUT_RDWR)  # below TLS: what is left of it is not read as an answer

    over = threading.Timer(max(0.0, end - time.monotonic()), hang_up)
    over.daemon = True
    over.start()
    try:
        yield
    finally:
        over.cancel()


def _request(connection: http.client.HTTPConnection, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> None:  # fmt: skip
    """Send it. FailedError without its text, which may hold the token, where a header or the path cannot be written: then no byte of it left."""
    try:
        connection.request(method, path, body, headers)
    except (ValueError, http.client.InvalidURL):
        raise FailedError(Trouble.SIGN_IN, "the token or the address cannot be written") from None


@dataclass(frozen=True, slots=True)
class _Said:
    """What a bureau said."""

    status: int
    said: str
    """Status and error code, without what names a person."""
    content: bytes = field(repr=False)
    mime: str
    cost: Decimal | None


def _said(answer: http.client.HTTPResponse, content: bytes) -> _Said:
    stated = answer.headers.get_content_type()
    code = "" if answer.status == http.client.OK else _code(content)
    mime = stated if MIME.fullmatch(stated) else UNKNOWN_MIME
    return _Said(answer.status, f"{answer.status} {code}".strip(), content, mime, _cost(answer.headers.get(COST)))


def _code(content: bytes) -> str:
    """The code of an error: small letters and _ alone, since texts may name people."""
    try:
        stated: Any = json.loads(content[:10_000])
    except (ValueError, RecursionError):
        return ""
    code = stated.get("error") if isinstance(stated, dict) else None
    return code[:40] if isinstance(code, str) and code.replace("_", "").isascii() and code.replace("_", "").isalpha() else ""  # fmt: skip


def _cost(stated: str | None) -> Decimal | None:
    """An amount from 0; None where none is stated, or what is stated is none."""
    try:
        cost = Decimal(stated or "")
    except ArithmeticError:
        return None
    return cost.quantize(Decimal("0.01")) if cost.is_finite() and 0 <= cost < MOST_COST else None
