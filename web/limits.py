"""How much one client may ask of this process in a minute, since only search costs more than reading a file."""

import time
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address
from math import ceil

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

LIMITED = ("/api/v1/", "/haku", "/oembed")
"""Beginnings of the paths that are counted. Files are not: a player asks for hundreds."""

HOME_BITS = 64
"""A home or an office has a whole network of IPv6 addresses: it is one client."""

Refuse = Callable[[Request, int], Response]


class Limiter:
    """Counts per client, and answers by ``refuse(request, seconds)`` instead of the application when it is too much."""

    def __init__(self, app: ASGIApp, *, per_minute: int, refuse: Refuse) -> None:
        """``per_minute`` 0: no limit."""
        self._app, self._refuse = app, refuse
        self._item = RateLimitItemPerMinute(per_minute) if per_minute else None
        self._counts = SlidingWindowCounterRateLimiter(MemoryStorage())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        is_counted = scope["type"] == "http" and scope["path"].startswith(LIMITED)
        name = client(scope) if is_counted else ""
        if self._item is None or not name:
            await self._app(scope, receive, send)
            return
        if self._counts.hit(self._item, name):
            await self._app(scope, receive, send)
            return
        left = self._counts.get_window_stats(self._item, name).reset_time - time.time()
        await self._refuse(Request(scope), max(1, ceil(left)))(scope, receive, send)


def client(scope: Scope) -> str:
    """Who asks: the address, and of IPv6 its network; that of the proxy, unless the proxy is trusted (``serve``).

    Empty for this machine itself, where either its operator asks, or a proxy that is not trusted asks for everybody.
    """
    host = str((scope.get("client") or ("",))[0])
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    if address.is_loopback:
        return ""
    return str(int(address) >> (128 - HOME_BITS)) if isinstance(address, IPv6Address) else str(address)
