"""Where a name leads, and whether that is the open net. Nothing else in the service asks a resolver."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from queue import Empty, SimpleQueue

_UNICAST = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")
# Public by their number alone, and not so to every Python that runs this.
_SPECIAL = (
    IPv4Network("192.0.0.0/24"),  # for protocols (RFC 6890); 192.0.0.192 tells a machine of Oracle's cloud its secrets
    IPv4Network("192.88.99.0/24"),  # relays into 6to4 (RFC 7526)
    IPv4Network("168.63.129.16/32"),  # the platform itself to each machine of Azure's cloud
    IPv6Network("2001::/23"),  # for protocols (RFC 2928), Teredo among them
    IPv6Network("2002::/16"),  # 6to4, which wraps an IPv4 address
    IPv6Network("3fff::/20"),  # documentation (RFC 9637)
)


def resolved(host: str, port: int, seconds: float) -> list[str]:
    """The addresses of a name in the resolver's order, none if it has none or takes longer than that."""
    answers: SimpleQueue[list[str]] = SimpleQueue()
    # Nothing can interrupt the system's resolver, so a thread waits for it and nobody for the thread.
    threading.Thread(target=lambda: answers.put(_looked_up(host, port)), daemon=True).start()
    try:
        return answers.get(timeout=max(seconds, 0))
    except Empty:
        return []


def is_reachable(host: str, text: str) -> bool:
    """Whether a name that an operator listed may lead to this address: listed itself, it may; else to public ones."""
    address = ip_address(text)
    if host == "localhost":
        return address.is_loopback
    with suppress(ValueError):
        return ip_address(host) == address
    return is_public(address)


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether the address is one machine of the open net, seen through the forms that wrap an IPv4 address."""
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return is_public(address.ipv4_mapped)
    if isinstance(address, IPv6Address) and address in _NAT64:
        return is_public(IPv4Address(int(address) % 2**32))
    if any(address in special for special in _SPECIAL):
        return False
    if isinstance(address, IPv6Address):
        return address.is_global and address in _UNICAST
    return address.is_global and not address.is_multicast


def _looked_up(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))
