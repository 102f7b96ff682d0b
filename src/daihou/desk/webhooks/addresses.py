"""Where requests may go: only to addresses that everybody may reach, but for those that whoever runs the machine names.

A name is resolved when something is sent, all its addresses are looked at, and the connection is made to the very address that was looked at: whoever owns
the name cannot lead the desk into its own network (server-side request forgery), also not by answering differently the second time.
"""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from daihou.desk.webhooks.choices import Trouble
from daihou.desk.webhooks.errors import DeliveryError

if TYPE_CHECKING:
    from daihou.desk.webhooks.allowed import Allowed

Found = tuple[socket.AddressFamily, tuple[Any, ...]]
"""What a socket connects to."""
PORTS: Final = {"https": 443, "http": 80}
LOCAL: Final = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Target:
    """An address of a hook, taken apart."""

    scheme: str
    host: str
    port: int
    path: str
    """With its query."""

    @property
    def authority(self) -> str:
        """What stands in the header Host."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


def target(url: str) -> Target:
    """The parts of an address; ValueError where it is none that a hook can have."""
    if not url.isascii() or not url.isprintable() or " " in url:
        raise ValueError("an address has neither blanks nor letters of other alphabets")
    parts = urlsplit(url)
    if parts.scheme not in PORTS or not parts.hostname or parts.username is not None or parts.password is not None:
        raise ValueError("an address begins with https:// and a host")
    query = f"?{parts.query}" if parts.query else ""
    return Target(parts.scheme, parts.hostname, parts.port or PORTS[parts.scheme], f"{parts.path or '/'}{query}")


def against(asked: Target, may: Allowed) -> Trouble | None:
    """What speaks against an address before its host is resolved; nothing where it is https, local, or http is allowed."""
    if asked.scheme == "http" and not may.http and asked.host not in LOCAL:
        return Trouble.INSECURE
    try:
        address = ipaddress.ip_address(asked.host)
    except ValueError:
        return None
    return None if may.holds(address) else Trouble.FORBIDDEN


def resolved(asked: Target, may: Allowed) -> list[Found]:
    """The addresses of a host, all of them allowed; DeliveryError where it has none, or one that is not."""
    wrong = against(asked, may)
    if wrong is not None:
        raise DeliveryError(wrong, asked.host)
    try:
        found = socket.getaddrinfo(asked.host, asked.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise DeliveryError(Trouble.UNRESOLVED, f"{asked.host}: {error}") from error
    for _family, _type, _protocol, _name, where in found:
        address = ipaddress.ip_address(str(where[0]).partition("%")[0])
        if asked.host not in may.hosts and not may.holds(address):
            raise DeliveryError(Trouble.FORBIDDEN, f"{asked.host}: {address}")
    return [(socket.AddressFamily(family), where) for family, _type, _protocol, _name, where in found]
