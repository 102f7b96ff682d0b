"""The gateway of text messages as the environment names it, by one address: https://gateway.example.com/v1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from daihou.book.errors import DaihouError

if TYPE_CHECKING:
    from collections.abc import Mapping

PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Gateway:
    """Where text messages are handed over; without a host there is none. `token` is sent along with every request."""

    host: str = ""
    port: int = 0
    path: str = ""
    tls: bool = False
    token: str = ""

    def __repr__(self) -> str:
        """Where it is, without its secret."""
        return f"Gateway({self.host}:{self.port})"

    @property
    def name(self) -> str:
        """How its receipts are kept apart from those of another: host and port."""
        return f"{self.host}:{self.port}"[-40:]


def gateway(environment: Mapping[str, str]) -> Gateway:
    """The gateway from DAIHOU_SMS_URL and DAIHOU_SMS_TOKEN; DaihouError where the address is none."""
    stated = environment.get("DAIHOU_SMS_URL", "")
    if not stated:
        return Gateway()
    try:
        parts = urlsplit(stated)
        scheme, host, port = parts.scheme, parts.hostname, parts.port
    except ValueError:
        scheme, host, port = "", None, None
    if scheme not in PORTS or not host or parts.username or parts.query:
        raise DaihouError(
            "DAIHOU_SMS_URL is no address of a gateway.",
            "Write it like https://gateway.example.com/v1; its secret stands in DAIHOU_SMS_TOKEN.",
            "DAIHOU_SMS_URL",
            zh=(
                "DAIHOU_SMS_URL 不是短信网关地址。",
                "写法如 https://gateway.example.com/v1，密钥放在 DAIHOU_SMS_TOKEN 中。",
            ),
        )
    return Gateway(
        host=host,
        port=port or PORTS[scheme],
        path=parts.path.rstrip("/"),
        tls=scheme == "https",
        token=environment.get("DAIHOU_SMS_TOKEN", ""),
    )
