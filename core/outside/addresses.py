"""Which addresses may be reached. What is not public is refused, unless the operator allows it by name.

An address is judged by where it really leads: the name is resolved, everything that comes of it is looked at, and the
connection is made to just that (outside.transport). So neither a redirect, nor an entry of a playlist, nor a name
server that changes its mind leads into the network of the machine that records.
"""

import re
import socket
from collections.abc import Collection
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import NamedTuple, TypeAlias
from urllib.parse import urlsplit

from core.errors import AddressRefused, InvalidInput, SourceUnavailable
from core.names import shown

Address: TypeAlias = IPv4Address | IPv6Address

SCHEMES = ("http", "https")
"""Addresses of other kinds are not opened: not file:, not data:, not what only ffmpeg knows."""
PORTS = {"http": 80, "https": 443, "rtmp": 1935, "rtmps": 443}
NAT64 = IPv6Network("64:ff9b::/96")
"""Where a network that has only IPv6 shows IPv4 addresses (RFC 6052)."""
HOST = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?")
CURE = "If that is meant, allow it with MAASEUTU_PRIVATE_SOURCES."


class Place(NamedTuple):
    """Somewhere that may be reached though it is not public: a network (CIDR) or a host, and a port; 0 is every one."""

    where: str
    port: int = 0

    def holds(self, host: str, port: int, address: Address) -> bool:
        """Whether ``host``, which is at ``address``, is meant."""
        if self.port not in (0, port):
            return False
        try:
            return address in ip_network(self.where)
        except ValueError:
            return host.rstrip(".").lower() == self.where


class Rules(NamedTuple):
    """What may be reached beside public addresses: nothing, unless ``places`` name it."""

    places: tuple[Place, ...] = ()

    def require(self, url: str, schemes: Collection[str] = SCHEMES) -> list[Address]:
        """Where ``url`` leads to, when all of it may be reached. Whoever connects must use these and not ask again.

        Raises:
            InvalidInput: it is no address.
            AddressRefused: it is of a kind that is not opened, or leads into a private network.
            SourceUnavailable: its host is not known.
        """
        host, port = _parted(url, schemes)
        found = _resolved(url, host, port)
        for address in found:
            if not is_public(address) and not any(place.holds(host, port, _inner(address)) for place in self.places):
                what = f"{shown(url)} leads to {address}, an address of this machine or of a private network."
                raise AddressRefused(what, CURE)
        return found


def parse(text: str) -> Rules:
    """Rules from ``NETWORK, ADDRESS:PORT, HOST, HOST:PORT, …``.

    Raises:
        ValueError: an entry is none of these; names it.
    """
    return Rules(tuple(_place(entry) for part in text.split(",") if (entry := part.strip())))


def _place(entry: str) -> Place:
    try:
        return Place(str(ip_network(entry)))
    except ValueError:
        found = urlsplit(f"//{entry}")
    host = found.hostname or ""
    if found.netloc != entry or found.username is not None or found.port == 0:
        raise ValueError(f"{entry!r} is neither a network (10.1.2.0/24) nor a host with or without a port")
    try:
        return Place(str(ip_network(host)), found.port or 0)
    except ValueError:
        if not HOST.fullmatch(host):
            raise ValueError(f"{entry!r} names no host") from None
        return Place(host, found.port or 0)


def is_public(address: Address) -> bool:
    """Whether an address belongs to the internet, and to a single machine of it."""
    inner = _inner(address)
    if isinstance(inner, IPv6Address) and (inner.sixtofour or inner.teredo or inner.is_site_local):
        return False
    return inner.is_global and not (inner.is_multicast or inner.is_reserved or inner.is_unspecified)


def _inner(address: Address) -> Address:
    """The IPv4 address that an IPv6 address stands for, else itself."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return address.ipv4_mapped
        if address in NAT64:
            return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def require_scheme(url: str, schemes: Collection[str] = SCHEMES) -> str:
    """The scheme of an address that may be opened, in small letters.

    Raises:
        AddressRefused: it is of another kind.
    """
    scheme = url.partition(":")[0].lower() if ":" in url else ""
    if scheme not in schemes:
        kinds = " and ".join(f"{known}://" for known in schemes)
        raise AddressRefused(f"{shown(url)} is not opened: only {kinds} are.", "Ask the owner of the stream.")
    return scheme


def _parted(url: str, schemes: Collection[str]) -> tuple[str, int]:
    scheme = require_scheme(url, schemes)
    try:
        found = urlsplit(url)
        host, port = found.hostname, found.port
    except ValueError as error:
        raise _no_address(url, str(error)) from error
    if not host:
        raise _no_address(url, "it names no host")
    return host, PORTS.get(scheme, 0) if port is None else port


def _no_address(url: str, why: str) -> InvalidInput:
    return InvalidInput(f"{shown(url)} is not an address ({why}).", "Copy it again from the browser.")


def _resolved(url: str, host: str, port: int) -> list[Address]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:
        raise _no_address(url, "its host is no name") from error
    except OSError as error:
        what = f"{shown(url)} does not answer ({error.strerror or error})."
        raise SourceUnavailable(what, "Check the address and the network.") from error
    return [ip_address(address[0]) for *_, address in found]
