"""The gateway as an HTTP server: `POST /messages`, `GET /receipts?after=`, and `GET /given`, which shows what it was given."""

from __future__ import annotations

import json
import socket
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from daihou.desk.contacts.gateway.behaviour import Book


class Server(ThreadingHTTPServer):
    """Listens at this machine alone."""

    daemon_threads = True

    def __init__(self, book: Book, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Answer)
        self.book = book

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of who hung up: it is what senders that are killed do."""


class Answer(BaseHTTPRequestHandler):
    """One request."""

    server: Server
    timeout = 30

    def do_POST(self) -> None:
        """Take a message: {"id", "to", "text"}."""
        if self.path != "/messages":
            self._say(404, {"error": "unknown"})
            return
        try:
            stated = json.loads(self.rfile.read(int(self.headers.get("Content-Length", "0"))))
            number, to, text = (str(stated[name]) for name in ("id", "to", "text"))
        except (ValueError, KeyError, TypeError):
            self._say(400, {"error": "id, to and text are needed"})
            return
        fate = self.server.book.take(number, to, text)
        time.sleep(self.server.book.manner.delay)
        if fate.status == 0:
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
            return
        self._say(fate.status, {"error": fate.error} if fate.error else {"id": number, "state": "accepted"})

    def do_GET(self) -> None:
        """Tell receipts, or what was given."""
        asked = urlsplit(self.path)
        if asked.path == "/receipts":
            self._say(200, self.server.book.after(parse_qs(asked.query).get("after", [""])[0]))
        elif asked.path == "/given":
            with self.server.book.lock:
                given = list(self.server.book.given)
            self._say(200, {"given": given})
        else:
            self._say(404, {"error": "unknown"})

    def _say(self, status: int, said: dict[str, Any]) -> None:
        content = json.dumps(said, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Say nothing: a line would hold no more than the path."""
