"""The real server: many pages open on one process and one port, while everything else goes on."""

from __future__ import annotations

import http.client
import os
import select
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from desk.desks import put_tables

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGES = 40
BEGIN = """
import django; django.setup()
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command
from daihou.desk.people.models import Membership, User
call_command("collectstatic", interactive=False, verbosity=0)
user = User.objects.create_user("he", password="correct horse battery", name="He", language="en")
Membership.objects.create(user=user, role="manager", org_id="")
session = SessionStore()
session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(user.pk), "allauth.account.auth_backends.AuthenticationBackend"
session[HASH_SESSION_KEY] = user.get_session_auth_hash()
session.save(); print(session.session_key)
"""
RAISE = "import django; django.setup()\nfrom desk.alerts.made import alert\nalert('C1')\n"


class Server:
    """A web process over a home of its own."""

    def __init__(self, home: Path) -> None:
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("DAIHOU", "DJANGO", "DATABASE"))
        }
        tests = str(Path(__file__).parents[2])
        self.environment = kept | {
            "DAIHOU_HOME": str(home),
            "DJANGO_SETTINGS_MODULE": "daihou.desk.settings",
            "PYTHONPATH": tests,
        }
        self.cookie = f"sessionid={self.run(BEGIN).strip()}"
        with socket.socket() as any_one:
            any_one.bind(("127.0.0.1", 0))
            self.port = int(any_one.getsockname()[1])
        command = [
            "-m",
            "granian",
            "--interface",
            "asginl",
            "--no-ws",
            "--port",
            str(self.port),
            "--log-level",
            "error",
            "daihou.desk.asgi:application",
        ]
        self.process = subprocess.Popen([sys.executable, *command], env=self.environment)
        until = time.monotonic() + 90
        while not self.up():
            assert time.monotonic() < until
            time.sleep(0.1)

    def up(self) -> bool:
        """Whether it answers."""
        try:
            return self.get("/healthz")[0] == 200
        except OSError:
            return False

    def run(self, script: str) -> str:
        """What a script in the same home says."""
        made = subprocess.run(
            [sys.executable, "-c", script], env=self.environment, capture_output=True, text=True, check=True
        )
        return made.stdout

    def get(self, path: str, method: str = "GET", body: bytes | None = None) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body, {"Cookie": self.cookie, "Host": "localhost"})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def page(self) -> socket.socket:
        """A page that stays open."""
        made = socket.create_connection(("127.0.0.1", self.port), timeout=60)
        made.sendall(
            f"GET /live/alerts HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\nCookie: {self.cookie}\r\n\r\n".encode()
        )
        return made


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("live") / "home"
    put_tables(tmp_path_factory, home)
    made = Server(home)
    yield made
    made.process.terminate()
    made.process.wait(20)


def hear(pages: list[socket.socket], what: bytes) -> None:
    """Wait until all pages were told something."""
    waiting, told, until = set(pages), dict.fromkeys(pages, b""), time.monotonic() + 60
    while waiting:
        assert time.monotonic() < until, f"{len(waiting)} pages heard nothing"
        for page in select.select(list(waiting), [], [], 1)[0]:
            told[page] += page.recv(65_536)
            if what in told[page]:
                waiting.discard(page)


def threads(server: Server) -> int:
    """Of the server and its worker."""
    below = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text().split()
    return sum(len(list(Path(f"/proc/{pid}/task").iterdir())) for pid in (str(server.process.pid), *below))


def test_many_pages_hear_and_everything_else_goes_on(server: Server) -> None:
    assert server.get("/notices/")[0] == 200
    before = threads(server)
    pages = [server.page() for _ in range(PAGES)]
    hear(pages, b"event: hello")
    assert server.get("/notices/")[0] == 200
    assert threads(server) < before + 10, "a page costs no thread"
    server.run(RAISE)
    hear(pages, b'data: {"new": 1}')
    for page in pages:
        page.close()
    last = server.page()
    hear([last], b"event: hello")
    hear([last], b"event: beat")
    last.close()


def test_who_is_signed_out_hears_nothing(server: Server) -> None:
    status, _ = Server.get(_stranger(server), "/live/alerts")
    assert status == 302


def _stranger(server: Server) -> Server:
    made = object.__new__(Server)
    made.port, made.cookie = server.port, ""
    return made


def test_a_large_form_is_taken_in_parts_and_refused_like_any_other(server: Server) -> None:
    status, page = server.get("/accounts/login/", "POST", b"login=he&password=" + b"x" * 900_000)
    assert status == 403, "without its token"
    assert b"<html" in page


def test_files_and_heads_are_answered(server: Server) -> None:
    assert server.get("/healthz", "HEAD") == (200, b"")
    _, text = server.get("/notices/")
    sheet = text.decode().split('href="/static/desk/tokens')[1].split('"')[0]
    status, sent = server.get(f"/static/desk/tokens{sheet}")
    assert status == 200
    assert b"--dh-page" in sent
