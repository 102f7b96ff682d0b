"""One request, against a server that answers well, badly, late, slowly, or not at all; and where requests never go."""

from __future__ import annotations

import datetime as dt
import ipaddress
import json
import socket
from typing import TYPE_CHECKING

import pytest

from daihou.book.errors import DaihouError
from daihou.desk.webhooks import addresses, posting
from daihou.desk.webhooks.allowed import Allowed, allowed, public
from daihou.desk.webhooks.choices import Trouble
from daihou.desk.webhooks.errors import LONGEST_ANSWER, DeliveryError
from desk.webhooks.receiving import certificate, receiving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from desk.webhooks.receiving import Receiver

HERE = allowed({"DAIHOU_HOOK_HOSTS": "127.0.0.1,localhost"})
NOW = dt.datetime(2026, 3, 17, 4, tzinfo=dt.UTC)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


def wrong(url: str, may: Allowed = HERE) -> DeliveryError:
    with pytest.raises(DeliveryError) as found:
        posting.post(url, b"{}", {"webhook-id": "evt_1"}, may, NOW)
    return found.value


def test_a_request_says_what_it_is_and_brings_its_body_as_it_was_signed(receiver: Receiver) -> None:
    receiver.status, receiver.text = 202, "kept"
    answer = posting.post(receiver.url, b'{"id":"evt_1"}', {"webhook-id": "evt_1"}, HERE, NOW)
    assert (answer.status, answer.text) == (202, "kept")
    (got,) = receiver.got
    assert (got.path, got.body) == ("/hooks?from=daihou", b'{"id":"evt_1"}')
    assert got.headers["content-type"] == "application/json; charset=utf-8"
    assert got.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert got.headers["webhook-id"] == "evt_1"


@pytest.mark.parametrize(
    ("status", "trouble"),
    [
        (400, Trouble.REFUSED),
        (401, Trouble.REFUSED),
        (404, Trouble.REFUSED),
        (410, Trouble.GONE),
        (429, Trouble.BUSY),
        (500, Trouble.FAULT),
        (503, Trouble.BUSY),
    ],
)
def test_every_answer_but_a_good_one_is_trouble(receiver: Receiver, status: int, trouble: Trouble) -> None:
    receiver.status, receiver.text = status, "because"
    error = wrong(receiver.url)
    assert (error.trouble, error.status, error.answer) == (trouble, status, "because")


def test_a_redirect_is_not_followed(receiver: Receiver) -> None:
    with receiving() as other:
        receiver.status, receiver.answers = 307, {"Location": other.url}
        error = wrong(receiver.url)
        assert (error.trouble, error.answer) == (Trouble.REDIRECT, other.url)
        assert not other.got


@pytest.mark.parametrize(
    ("stated", "seconds"),
    [("120", 120.0), ("Tue, 17 Mar 2026 04:05:00 GMT", 300.0), ("Tue, 17 Mar 2026 03:00:00 GMT", 0.0), ("soon", 0.0)],
)
def test_what_the_receiver_asks_to_wait_is_read_as_a_number_or_a_date(
    receiver: Receiver, stated: str, seconds: float
) -> None:
    receiver.status, receiver.answers = 429, {"Retry-After": stated}
    assert wrong(receiver.url).wait == seconds


def test_of_a_long_answer_the_beginning_is_kept(receiver: Receiver) -> None:
    receiver.status, receiver.text = 500, "x" * 1_000_000
    assert wrong(receiver.url).answer == "x" * LONGEST_ANSWER


def test_a_receiver_that_is_late_is_not_waited_for(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "LONGEST_SECONDS", 0.3)
    receiver.delay = 2.0
    assert wrong(receiver.url).trouble == Trouble.TIMEOUT


def test_a_receiver_that_sends_a_byte_now_and_then_is_cut_off(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posting, "LONGEST_SECONDS", 0.5)
    receiver.manner = "drip"
    assert wrong(receiver.url).trouble == Trouble.TIMEOUT


@pytest.mark.parametrize("manner", ["drop", "noise"])
def test_a_connection_that_ends_without_an_answer_is_said_so(receiver: Receiver, manner: str) -> None:
    receiver.manner = manner
    assert wrong(receiver.url).trouble == Trouble.BROKE_OFF


def test_a_receiver_that_does_not_run_cannot_be_reached() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert wrong(f"http://127.0.0.1:{port}/").trouble == Trouble.UNREACHABLE


def test_a_name_that_nobody_has_is_said_so() -> None:
    assert wrong("https://no-such-host.invalid/").trouble == Trouble.UNRESOLVED


def test_a_certificate_of_a_known_issuer_for_the_host_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = certificate(tmp_path, "localhost")
    monkeypatch.setenv("SSL_CERT_FILE", str(own))
    with receiving(own) as made:
        assert posting.post(f"https://localhost:{made.port}/", b"{}", {}, HERE, NOW).status == 204
        error = wrong(f"https://127.0.0.1:{made.port}/")  # the same server under another name
        assert error.trouble == Trouble.CERTIFICATE
        assert len(made.got) == 1


def test_a_certificate_of_an_unknown_issuer_does_not_hold(tmp_path: Path) -> None:
    with receiving(certificate(tmp_path, "localhost")) as made:
        assert wrong(f"https://localhost:{made.port}/").trouble == Trouble.CERTIFICATE
        assert not made.got


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "0.0.0.0", "2130706433", "0x7f000001", "127.1"])  # noqa: S104 - ways to write this machine
def test_this_machine_is_not_reached_unless_it_is_named(receiver: Receiver, host: str) -> None:
    error = wrong(f"https://{host}:{receiver.port}/", Allowed())
    assert error.trouble in (Trouble.FORBIDDEN, Trouble.UNRESOLVED)
    assert not receiver.got


@pytest.mark.parametrize(
    "address",
    [
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "224.0.0.1",
        "0.0.0.0",  # noqa: S104 - refused
        "::1",
        "fe80::1",
        "fc00::1",
        "ff02::1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "2002:a00:1::",
    ],
)
def test_private_addresses_are_nobodys_to_name(address: str) -> None:
    assert not public(ipaddress.ip_address(address))
    written = f"[{address}]" if ":" in address else address
    assert wrong(f"https://{written}/", Allowed()).trouble == Trouble.FORBIDDEN


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700::1111", "64:ff9b::101:101"])
def test_public_addresses_are_everybodys(address: str) -> None:
    assert public(ipaddress.ip_address(address))


def test_a_network_of_the_house_is_reached_once_it_is_named(receiver: Receiver) -> None:
    may = allowed({"DAIHOU_HOOK_HOSTS": "127.0.0.0/8"})
    assert posting.post(receiver.url, b"{}", {}, may, NOW).status == 204
    assert addresses.against(addresses.target("https://10.1.2.3/"), may) == Trouble.FORBIDDEN


def test_the_name_of_a_host_says_nothing_of_other_hosts_of_its_network() -> None:
    may = allowed({"DAIHOU_HOOK_HOSTS": "localhost"})
    assert addresses.resolved(addresses.target("https://localhost/"), may)
    assert wrong("https://127.0.0.2/", may).trouble == Trouble.FORBIDDEN


def test_http_is_for_this_machine_or_by_a_setting() -> None:
    assert wrong("http://example.com/", Allowed()).trouble == Trouble.INSECURE
    assert addresses.against(addresses.target("http://example.com/"), allowed({"DAIHOU_HOOK_HTTP": "1"})) is None
    assert addresses.against(addresses.target("http://localhost/"), Allowed()) is None


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hooks.example.com",
        "ftp://example.com/",
        "https://user:word@example.com/",
        "https:///x",
        "https://ex ample.com/",
        "https://例.com/",
        "https://example.com:99999/",
        "https://example.com/\r\nX: y",
    ],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - several parts of the address are wrong, each said in its way
        addresses.target(url)


@pytest.mark.parametrize("word", ["10.0.0.0/33", "example.com:443", "*.example.com"])
def test_a_setting_that_cannot_be_read_is_said(word: str) -> None:
    with pytest.raises(DaihouError, match="DAIHOU_HOOK_HOSTS"):
        allowed({"DAIHOU_HOOK_HOSTS": word})


def test_the_body_may_hold_any_letters(receiver: Receiver) -> None:
    posting.post(receiver.url, json.dumps({"名": "预警"}, ensure_ascii=False).encode(), {}, HERE, NOW)
    assert json.loads(receiver.got[0].body) == {"名": "预警"}
