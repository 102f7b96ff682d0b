"""What requests of webhooks may connect to, as the environment names it: addresses that are everybody's, and hosts and networks of the house."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from daihou.book.errors import DaihouError

if TYPE_CHECKING:
    from collections.abc import Mapping

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
TRANSLATED: Final = ipaddress.IPv6Network("64:ff9b::/96")
"""Addresses that a gateway turns into the IPv4 address at their end (RFC 6052)."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """What the environment allows besides https to public addresses: hosts by name, networks, and http."""

    hosts: frozenset[str] = frozenset()
    networks: tuple[Network, ...] = ()
    http: bool = False

    def holds(self, address: Address) -> bool:
        """Whether an address may be connected to by itself, whatever its name."""
        return public(address) or any(address.version == one.version and address in one for one in self.networks)


def allowed(environment: Mapping[str, str]) -> Allowed:
    """What DAIHOU_HOOK_HOSTS (hosts, addresses and networks, with commas) and DAIHOU_HOOK_HTTP=1 allow; DaihouError where it cannot be read."""
    hosts, networks = set[str](), list[Network]()
    for word in filter(None, (part.strip().lower() for part in environment.get("DAIHOU_HOOK_HOSTS", "").split(","))):
        try:
            networks.append(ipaddress.ip_network(word))
        except ValueError:
            if "/" in word or ":" in word or "*" in word:
                raise DaihouError(
                    f"DAIHOU_HOOK_HOSTS: '{word}' is no host, address or network.",
                    "Write hosts without a port, and networks by their first address: hooks.bank.example,10.20.0.0/16.",
                    "DAIHOU_HOOK_HOSTS",
                    zh=(
                        f"DAIHOU_HOOK_HOSTS：“{word}”不是主机名、地址或网段。",
                        "主机名不带端口，网段写首地址，如 hooks.bank.example,10.20.0.0/16。",
                    ),
                ) from None
            hosts.add(word)
    return Allowed(frozenset(hosts), tuple(networks), environment.get("DAIHOU_HOOK_HTTP", "") == "1")


def public(address: Address) -> bool:
    """Whether an address is everybody's: not private, of this machine, of its link, of a group or kept for later, nor one of IPv6 that leads to such a one."""
    inner = _inner(address)
    if inner is not None and not public(inner):
        return False
    if address in TRANSLATED:
        return True  # kept for this use, and as public as what it leads to
    site = isinstance(address, ipaddress.IPv6Address) and address.is_site_local
    return address.is_global and not (address.is_multicast or address.is_reserved or site)


def _inner(address: Address) -> ipaddress.IPv4Address | None:
    """The address of IPv4 that one of IPv6 stands for."""
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address in TRANSLATED:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
