"""The credit bureaus that a home may ask, as `[bureaus.CODE]` in daihou.toml names them."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final
from urllib.parse import urlsplit

CODE: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
HOST: Final = re.compile(r"(?!.{254})[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})*")
PRINTED: Final = re.compile(r"[!-~]+")
"""Letters, digits and signs without blanks: what an address and a header of HTTP may hold."""
KEYS: Final = ("name", "url", "mapping", "cost", "token_env", "seconds")
MOST_SECONDS: Final = 50
"""A result is asked for by its number a minute after the query was sent, at the soonest: by then the connection has given up."""


@dataclass(frozen=True, slots=True)
class Bureau:
    """A credit bureau. Without `url` nothing is sent to it: reports are fetched elsewhere and brought in as files."""

    code: str
    name: str
    """What people call it."""
    mapping: str
    """By which mapping its reports are read."""
    cost: Decimal
    """What a query is expected to cost at most, in the home's currency."""
    url: str = ""
    token_env: str = ""
    """The variable of the environment that holds its token; the token itself stands in no file."""
    seconds: float = 30.0
    """How long it may take to answer."""

    @property
    def connected(self) -> bool:
        """Whether queries are sent to it."""
        return bool(self.url)


def read_bureaus(stated: object) -> tuple[Bureau, ...]:
    """The bureaus of a table of the settings; ValueError says which key is wrong, in English and Chinese."""
    if not isinstance(stated, Mapping):
        raise ValueError("bureaus must be tables like [bureaus.pbc].", "bureaus 须写成 [bureaus.pbc] 这样的表。")  # noqa: TRY004 - as all settings are refused
    return tuple(_bureau(str(code), values) for code, values in stated.items())


def _bureau(code: str, stated: object) -> Bureau:
    at = f"bureaus.{code}"
    if not CODE.fullmatch(code):
        raise ValueError(
            f"{at}: the code is small letters, digits and _, 40 at most.",
            f"{at}：代码只能用小写字母、数字和 _，最长 40 位。",
        )
    if not isinstance(stated, Mapping):
        raise ValueError(f"{at} must be a table.", f"{at} 须为表。")  # noqa: TRY004 - as above
    unknown = sorted(set(stated) - set(KEYS))
    if unknown:
        raise ValueError(
            f"{at}: {unknown[0]} is unknown; keys are {', '.join(KEYS)}.",
            f"{at}：未知的键 {unknown[0]}；可用：{'、'.join(KEYS)}。",
        )
    texts = {key: str(stated.get(key, "")).strip() for key in ("name", "url", "mapping", "token_env")}
    if not CODE.fullmatch(texts["mapping"]):
        raise ValueError(f"{at}: mapping must name a mapping of reports.", f"{at}：mapping 须写明报告映射的名称。")
    if texts["url"] and not _is_address(texts["url"]):
        raise ValueError(
            f"{at}: url is no address like https://bureau.example.com/v1; http is for this machine alone, and no user or password stands in it.",
            f"{at}：url 不是 https://bureau.example.com/v1 这样的地址；http 仅限本机，地址中不得含用户名或密码。",
        )
    return Bureau(
        code, texts["name"] or code, texts["mapping"], _cost(at, stated.get("cost", "0")), texts["url"].rstrip("/"), texts["token_env"],
        _seconds(at, stated.get("seconds", 30)),
    )  # fmt: skip


def _cost(at: str, stated: object) -> Decimal:
    try:
        cost = Decimal(str(stated))
    except InvalidOperation:
        cost = Decimal(-1)
    if not cost.is_finite() or not 0 <= cost < 10**8 or cost != cost.quantize(Decimal("0.01")):
        raise ValueError(
            f"{at}: cost must be an amount from 0 with two decimals at most.",
            f"{at}：cost 须为不小于 0、最多两位小数的金额。",
        )
    return cost.quantize(Decimal("0.01"))


def _seconds(at: str, stated: object) -> float:
    if isinstance(stated, bool) or not isinstance(stated, int | float) or not 0 < stated <= MOST_SECONDS:
        raise ValueError(
            f"{at}: seconds must be more than 0 and {MOST_SECONDS} at most.",
            f"{at}：seconds 须大于 0、不超过 {MOST_SECONDS}。",
        )
    return float(stated)


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    host = parts.hostname or ""
    return (
        (parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host)))
        and (bool(HOST.fullmatch(host)) or _is_ip(host))
        and bool(PRINTED.fullmatch(text))
        and "@" not in text
        and not parts.query
        and not parts.fragment
        and port != 0
    )


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_loopback(host: str) -> bool:
    """Whether a host is this machine: names of people go nowhere else without encryption."""
    return host == "localhost" or (_is_ip(host) and ipaddress.ip_address(host).is_loopback)
