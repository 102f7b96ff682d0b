"""What a bureau may send that nobody foresaw: it is paid for and kept, ends no sender, and names nobody where it should not."""

from __future__ import annotations

import json
import socket
import threading
import time
from contextlib import contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from daihou.desk.bureau import reading, sending, storing
from daihou.desk.bureau.connectors.http import Http
from daihou.desk.bureau.models import Query, Result
from daihou.desk.bureau.trial.behaviour import Book, Manner
from daihou.desk.bureau.trial.server import Reply
from desk.alerts.hands import browser
from desk.bureau.asks import MINUTE, NOW, authorised, connect, only, rules, wanted, work
from desk.bureau.test_pages import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from daihou.desk.people.models import User

Staff = dict[str, "User"]


@pytest.fixture
def waiting(staff: Staff, book: Book) -> Query:
    """A query that may be sent."""
    authorised(staff["wang"])
    return wanted(staff["wang"])


def says(patch: pytest.MonkeyPatch, content: bytes, mime: str = "application/json", status: int = 200) -> None:
    """Let the bureau answer every query it takes up by this."""
    patch.setattr(Reply, "_report", lambda self, *_, **__: self._give(content, mime, status))


@contextmanager
def bare(settings: Any, answer: Callable[[socket.socket], None], **more: Any) -> Iterator[None]:
    """A bureau of another making, as the one that is connected: it answers every connection by what is given."""

    def serve() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection:
                try:
                    connection.recv(65536)
                    answer(connection)
                except OSError:
                    pass

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve)
        thread.start()
        connect(settings, f"http://127.0.0.1:{listening.getsockname()[1]}", **more)
        yield
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()


def of(**changed: Any) -> bytes:
    return plain(**{"subject": {"id_no": "11010119900101001X"}} | changed)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (of().replace(b'"score": 580', b'"score": 1e99999999999999999999'), "too large"),
        (of(score="1e9999999"), "too many digits"),
        (b"[" * 9_000, "no whole JSON"),
        (of(credits=[{"lender": "a\0b"}]), "no text"),
        (of(credits=[{"lender": "a?b"}]).replace(b"a?b", b"a\\ud800b"), "no text"),
        (of(subject={}), "whom it is about"),
        (of(subject={"id_no": 18 * "*"}), "whom it is about"),
        (of(subject={"id_no": "1**************01X"}), "whom it is about"),
    ],
    ids=["a literal", "an exponent", "too deep", "a NUL", "half a character", "nobody", "all hidden", "three digits"],
)
def test_what_cannot_be_read_is_kept_as_it_came(
    waiting: Query, book: Book, staff: Staff, monkeypatch: pytest.MonkeyPatch, raw: bytes, said: str
) -> None:
    says(monkeypatch, raw)
    work()
    assert (only().outcome, only().trouble) == ("unclear", "unreadable")
    result = Result.objects.get()
    assert storing.read(result) == raw
    assert said in result.trouble["en"][0]
    page = browser(staff["he"]).get(f"/bureau/queries/{waiting.pk}/")
    assert page.status_code == 200
    assert said in page.content.decode()


def test_a_reader_that_breaks_loses_nothing_that_was_paid_for(
    waiting: Query, book: Book, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def breaks(*_: object) -> None:
        raise ZeroDivisionError("李娜")

    with monkeypatch.context() as patch:
        patch.setattr(reading, "read_report", breaks)
        work()
    assert only().trouble == "unreadable"
    assert "ZeroDivisionError" in Result.objects.get().trouble["en"][0]
    assert "ZeroDivisionError" in caplog.text
    assert "李娜" not in caplog.text
    work(NOW + MINUTE)
    result = Result.objects.get()  # it is the same report, and reads now
    assert (only().outcome, result.trouble, result.rows is None) == ("answered", None, False)


def test_what_breaks_on_the_way_ends_no_sender_and_its_text_is_said_nowhere(
    waiting: Query, book: Book, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def breaks(*_: object) -> None:
        raise LookupError("Bearer s3cret")

    monkeypatch.setattr(Http, "fetch", breaks)
    monkeypatch.setattr(Http, "result", breaks)
    work()
    work(NOW + MINUTE)
    assert (only().outcome, only().answer, only().tries_of_result) == ("unclear", "LookupError", 1)
    assert "LookupError" in caplog.text
    assert "s3cret" not in caplog.text


def test_a_token_that_ends_its_line_is_sent_without_the_end(
    waiting: Query, book: Book, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (bureau,) = settings.HOME.settings.bureaus
    connect(settings, bureau.url, token_env="TEST_BUREAU_TOKEN")  # noqa: S106 - the name of a variable
    monkeypatch.setenv("TEST_BUREAU_TOKEN", "s3cret\n")
    work()
    assert (only().outcome, book.tokens) == ("answered", {"Bearer s3cret"})


@pytest.mark.parametrize("token", ["s3\ncret", "s3cret€", "", " "])
def test_with_a_token_that_cannot_be_sent_nothing_counts_as_sent(
    waiting: Query, book: Book, settings: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, token: str,
) -> None:  # fmt: skip
    (bureau,) = settings.HOME.settings.bureaus
    connect(settings, bureau.url, token_env="TEST_BUREAU_TOKEN")  # noqa: S106 - the name of a variable
    monkeypatch.setenv("TEST_BUREAU_TOKEN", token)
    work()
    query = only()
    assert (query.outcome, query.trouble, query.sent_at, query.cost) == ("failed", "sign_in", None, Decimal(0))
    assert book.posts == []
    assert "s3" not in caplog.text + query.answer


@pytest.mark.parametrize(("ending", "trouble"), [("/v€", "sign_in"), ("/a b", "sign_in"), ("..b", "unreachable")])
def test_an_address_that_cannot_be_written_was_told_nothing(
    waiting: Query, book: Book, settings: Any, ending: str, trouble: str
) -> None:
    (bureau,) = settings.HOME.settings.bureaus
    connect(settings, "http://a..b" if ending == "..b" else f"{bureau.url}{ending}")
    work()
    assert (only().outcome, only().trouble, book.posts) == ("failed", trouble, [])


def test_a_bureau_that_speaks_no_http_is_not_quoted(waiting: Query, settings: Any) -> None:
    with bare(settings, lambda connection: connection.sendall("李娜 11010119900101001X\r\n".encode())):
        work()
    assert (only().outcome, only().trouble, only().answer) == ("unclear", "broke_off", "BadStatusLine")


@pytest.mark.parametrize("begin", [b"", b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 100000\r\n\r\n"])
def test_a_bureau_that_drips_is_hung_up_on(waiting: Query, settings: Any, begin: bytes) -> None:
    hung_up = threading.Event()

    def drips(connection: socket.socket) -> None:
        try:
            connection.sendall(begin)
            for _ in range(600):
                connection.sendall(b"x")
                time.sleep(0.05)
        except OSError:
            hung_up.set()

    with bare(settings, drips, seconds=0.4):
        work()
        assert hung_up.wait(60), "it dripped to its end"
    assert (only().outcome, only().trouble) == ("unclear", "broke_off")


def test_an_error_that_is_nested_too_deep_is_an_error_without_code(
    waiting: Query, book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    says(monkeypatch, b"[" * 9_000, status=400)
    work()
    assert (only().outcome, only().answer) == ("failed", "400")


def test_a_kind_that_is_none_is_not_kept(waiting: Query, book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    says(monkeypatch, of(), mime="app/li\u00e9\x01")
    work()
    assert (only().outcome, Result.objects.get().mime) == ("answered", "application/octet-stream")


def test_declined_without_a_word_of_its_cost_costs_what_was_expected(
    waiting: Query, book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    book.manner = Manner(cost="")
    says(monkeypatch, b"{}", status=410)
    work()
    assert (only().outcome, only().cost) == ("declined", Decimal("10.00"))


def test_what_was_taken_up_and_is_unknown_later_may_have_cost_something(
    waiting: Query, book: Book, staff: Staff
) -> None:
    book.manner = Manner({"later": 1.0}, ready_after=3600.0)
    sending.step(NOW)
    book.asked.clear()  # it forgets
    for minutes in (1, 3, 8, 23, 83):
        work(NOW + minutes * MINUTE)
    assert (only().outcome, only().trouble, only().cost) == ("unclear", "unknown", None)
    assert rules(wanted(staff["he"], now=NOW + 90 * MINUTE)) == ["unclear"]


def test_a_report_of_the_next_day_may_come_to_a_question_of_before_midnight(
    waiting: Query, book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.utils import timezone

    book.manner = Manner(date="2026-03-18")
    after = NOW.replace(day=18, hour=0, minute=0, second=1)
    monkeypatch.setattr(timezone, "now", lambda: after)
    sending.step(NOW.replace(hour=23, minute=59, second=59))
    assert (only().outcome, only().ended_at) == ("answered", after)
    assert json.loads(storing.read(Result.objects.get()))["report"]["date"] == "2026-03-18"
