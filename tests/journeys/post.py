"""A real SMTP server at this machine, which keeps the mails it takes in a folder, so that every process of the tests may read them."""

from __future__ import annotations

import email.policy
import socket
import time
from contextlib import contextmanager
from email import message_from_bytes
from typing import TYPE_CHECKING, Final

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Mailbox

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage
    from pathlib import Path

ARRIVAL_SECONDS: Final = 20


@contextmanager
def open_post(folder: Path) -> Iterator[str]:
    """The server; answers its address as the desk is told it."""
    with socket.socket() as any_one:
        any_one.bind(("127.0.0.1", 0))
        port = int(any_one.getsockname()[1])
    controller = Controller(Mailbox(folder), hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield f"smtp://127.0.0.1:{port}"
    finally:
        controller.stop()


def mail_to(folder: Path, address: str) -> EmailMessage:
    """The first mail to somebody, waited for; TimeoutError where none comes."""
    until = time.monotonic() + ARRIVAL_SECONDS
    while time.monotonic() < until:
        for file in sorted((folder / "new").glob("*")):
            mail: EmailMessage = message_from_bytes(file.read_bytes(), policy=email.policy.default)
            if mail["To"] == address:
                return mail
        time.sleep(0.2)
    raise TimeoutError(f"no mail to {address} came")
