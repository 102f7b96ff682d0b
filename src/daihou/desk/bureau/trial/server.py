"""The bureau as an HTTP server: `POST /queries`, `GET /queries/NUMBER`, and `GET /asked`, which shows what it charged."""

from __future__ import annotations

import json
import socket
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlsplit

from daihou.desk.bureau.trial.behaviour import report

if TYPE_CHECKING:
    from daihou.desk.bureau.trial.behaviour import Book

GARBAGE: Final = "<html><body>系统繁忙</body></html>"


class Server(ThreadingHTTPServer):
    """Listens at this machine alone."""

    daemon_threads = True

    def __init__(self, book: Book, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Reply)
        self.book = book

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of who hung up: it is what senders that are killed do."""


class Reply(BaseHTTPRequestHandler):
    """One request."""

    server: Server
    timeout = 30

    def do_POST(self) -> None:
        """Take a query up."""
        book = self.server.book
        try:
            query = json.loads(self.rfile.read(int(self.headers.get("Content-Length", "0"))))
            number, _ = query["number"], query["person"]["id_no"]
        except (ValueError, KeyError, TypeError):
            self._say(400, {"error": "number_and_person_are_needed"})
            return
        if number != self.headers.get("Idempotency-Key"):
            self._say(400, {"error": "another_key"})
            return
        book.tokens.add(self.headers.get("Authorization", ""))
        fate = book.take(query)
        time.sleep(book.manner.delay)
        match fate:
            case "busy":
                self._say(503, {"error": "busy"})
            case "decline":
                self._say(422, {"error": "no_record"}, cost="0")
            case "later":
                self._say(202, {"state": "taken"})
            case "drop_before" | "drop_after":
                self._hang_up()
            case "hang":
                time.sleep(book.manner.hangs)
                self._hang_up()
            case "garbage":
                self._give(GARBAGE.encode(), "text/html")
            case "cut":
                self._report(query, cut=True)
            case "twice":
                self._report(query)
                self._report(query)
            case _:
                self._report(query)

    def do_GET(self) -> None:
        """Tell the result of a query, or what was charged."""
        book, path = self.server.book, urlsplit(self.path).path
        if path == "/asked":
            with book.lock:
                self._say(200, {"asked": list(book.asked)})
            return
        number = unquote(path.rpartition("/")[2])
        query = book.known(number)
        if query is None:
            self._say(404, {"error": "unknown"})
        elif not book.ready(number):
            self._say(202, {"state": "taken"})
        elif book.fate(number) == "garbage":
            self._give(GARBAGE.encode(), "text/html")
        else:
            self._report(query)

    def _report(self, query: dict[str, Any], *, cut: bool = False) -> None:
        content = json.dumps(report(query, self.server.book.manner.date), ensure_ascii=False).encode()
        self._give(content, "application/json", cut=cut)

    def _say(self, status: int, said: dict[str, Any], cost: str = "") -> None:
        self._give(json.dumps(said, ensure_ascii=False).encode(), "application/json", status, cost)

    def _give(
        self, content: bytes, mime: str, status: int = 200, cost: str | None = None, *, cut: bool = False
    ) -> None:
        stated = self.server.book.manner.cost if cost is None else cost
        self.send_response(status)
        self.send_header("Content-Type", f"{mime}; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        if stated:
            self.send_header("X-Query-Cost", stated)
        self.end_headers()
        self.wfile.write(content[: len(content) // 2] if cut else content)
        if cut:
            self._hang_up()

    def _hang_up(self) -> None:
        self.connection.shutdown(socket.SHUT_RDWR)
        self.close_connection = True

    def log_message(self, *_: Any) -> None:
        """Say nothing: a line would hold no more than the path."""
