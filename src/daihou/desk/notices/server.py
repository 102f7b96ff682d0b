"""The mail server as the environment names it, by one address: smtp+tls://user@mail.example.com:587."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from daihou.book.errors import DaihouError

if TYPE_CHECKING:
    from collections.abc import Mapping

PORTS: Final = {"smtp": 25, "smtp+tls": 587, "smtps": 465}
"""How the connection is made, and its usual port: in clear, in clear and then by STARTTLS, by TLS from the beginning."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed over, and from whom it comes; without a host there is none."""

    host: str = ""
    port: int = 0
    user: str = ""
    password: str = ""
    starttls: bool = False
    tls: bool = False
    sender: str = ""


def mail_server(environment: Mapping[str, str]) -> MailServer:
    """The server from DAIHOU_MAIL_URL, DAIHOU_MAIL_PASSWORD and DAIHOU_MAIL_SENDER; DaihouError where the address is none."""
    stated = environment.get("DAIHOU_MAIL_URL", "")
    if not stated:
        return MailServer()
    try:
        parts = urlsplit(stated)
        scheme, host, port = parts.scheme, parts.hostname, parts.port
    except ValueError:
        scheme, host, port = "", None, None
    if scheme not in PORTS or not host:
        raise DaihouError(
            "DAIHOU_MAIL_URL is no address of a mail server.",
            "Write it like smtp+tls://user@mail.example.com:587; the password stands in DAIHOU_MAIL_PASSWORD. Kinds: smtp, smtp+tls, smtps.",
            "DAIHOU_MAIL_URL",
            zh=(
                "DAIHOU_MAIL_URL 不是邮件服务器地址。",
                "写法如 smtp+tls://用户@mail.example.com:587，密码放在 DAIHOU_MAIL_PASSWORD 中；类型：smtp、smtp+tls、smtps。",
            ),
        )
    user = unquote(parts.username or "")
    return MailServer(
        host=host,
        port=port or PORTS[scheme],
        user=user,
        password=environment.get("DAIHOU_MAIL_PASSWORD") or unquote(parts.password or ""),
        starttls=scheme == "smtp+tls",
        tls=scheme == "smtps",
        sender=environment.get("DAIHOU_MAIL_SENDER") or (user if "@" in user else f"daihou@{host}"),
    )


def address_of(environment: Mapping[str, str], *, https: bool, hosts: list[str]) -> str:
    """Where people reach the desk, without a slash at its end: what links in notices begin with."""
    stated = environment.get("DAIHOU_URL", "").rstrip("/")
    return stated or f"{'https' if https else 'http'}://{hosts[0]}"
