"""A receiver of webhooks: a real HTTP server in a thread, in clear or with a certificate, that does what it is told to do."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass
class Got:
    """A request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        """Which event it is."""
        return self.headers["webhook-id"]


@dataclass
class Receiver:
    """What came, and how the next requests are answered."""

    port: int = 0
    status: int = 204
    text: str = ""
    answers: dict[str, str] = field(default_factory=dict)
    """Headers of the answer."""
    first: list[int] = field(default_factory=list)
    """Statuses of the next answers; then `status`."""
    delay: float = 0.0
    manner: str = ""
    """`drop`: reads and hangs up; `drip`: sends a byte now and then; `noise`: answers what is no HTTP."""
    hold: threading.Event | None = None
    """Until it is set, what came is not answered."""
    got: list[Got] = field(default_factory=list)
    most_at_once: int = 0
    now: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}/hooks?from=daihou"

    @property
    def ids(self) -> list[str]:
        """The events that came, as often as they came."""
        return [one.id for one in self.got]


class Handler(BaseHTTPRequestHandler):
    """Takes a request as its receiver says."""

    receiver: Receiver

    def do_POST(self) -> None:
        """Keep it, and answer."""
        made = self.receiver
        body = self.rfile.read(int(self.headers["content-length"]))
        with made.lock:
            made.now += 1
            made.most_at_once = max(made.most_at_once, made.now)
            made.got.append(Got(self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            status = made.first.pop(0) if made.first else made.status
        if made.hold is not None:
            made.hold.wait(30)
        time.sleep(made.delay)
        with made.lock:
            made.now -= 1
        try:
            self._answer(made, status)
        except OSError:  # who asked is gone
            self.close_connection = True

    do_GET = do_POST  # noqa: N815 - whoever follows a redirect asks so

    def _answer(self, made: Receiver, status: int) -> None:
        if made.manner == "drop":
            self.close_connection = True
            return
        if made.manner == "noise":
            self.wfile.write(b"not http at all\r\n\r\n")
            self.close_connection = True
            return
        if made.manner == "drip":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            for _ in range(200):
                self.wfile.write(b"x")
                time.sleep(0.05)
            return
        said = made.text.encode()
        self.send_response(status)
        for name, value in made.answers.items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        if status != 204:
            self.wfile.write(said)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def receiving(certificate: Path | None = None) -> Iterator[Receiver]:
    """A receiver at a port of its own, over TLS where it has a certificate."""
    made = Receiver()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Own", (Handler,), {"receiver": made}))
    server.daemon_threads = True
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    made.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        if made.hold is not None:
            made.hold.set()
        server.shutdown()
        server.server_close()


def certificate(folder: Path, name: str) -> Path:
    """A certificate for a host, signed by itself, with its key in one file: who trusts the file trusts the host."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    begins = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
    try:
        also: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        also = x509.DNSName(name)
    made = (
        x509.CertificateBuilder(who, who, key.public_key(), x509.random_serial_number(), begins, begins + dt.timedelta(days=9))
        .add_extension(x509.SubjectAlternativeName([also]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = folder / f"{name}.pem"
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file
