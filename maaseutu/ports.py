"""Ports on this machine: which are free, who holds one, and which to take.

SeaweedFS derives some of its gRPC ports by adding 10 000. Ports are picked below the range that Linux gives to
outgoing connections (32 768 and above), also after that addition, so that none is lost to a passing connection.
"""

import random
import socket
from collections.abc import Collection, Iterable
from contextlib import closing

import psutil

from core.errors import Misconfigured

LOOPBACK = "127.0.0.1"
LOWEST, HIGHEST = 12_000, 22_000
PAIR_OFFSET = 10_000
ATTEMPTS = 200


def is_free(port: int, host: str = LOOPBACK) -> bool:
    """Whether a server could listen there now."""
    with closing(socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def answers(port: int, host: str = LOOPBACK) -> bool:
    """Whether something accepts connections there."""
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True


def holder(port: int) -> str:
    """The process that listens on ``port``, as "name (pid 1)"; empty when the system does not tell."""
    try:
        listening = [c for c in psutil.net_connections("tcp") if c.status == psutil.CONN_LISTEN]
        pid = next((c.pid for c in listening if c.laddr.port == port and c.pid), None)
        return f"{psutil.Process(pid).name()} (pid {pid})" if pid else ""
    except psutil.Error:
        return ""


def require(port: int, setting: str, *, host: str = LOOPBACK, paired: bool = False) -> int:
    """A port that the settings name.

    Raises:
        Misconfigured: it, or the one paired with it, is taken; names the port, its holder and the setting.
    """
    for wanted in _with_pair(port, paired):
        if wanted > 65_535 or not is_free(wanted, host):
            by = holder(wanted)
            raise Misconfigured(
                f"Port {wanted} of {host} is taken{f' by {by}' if by else ''}.",
                f"Stop that program, or choose another port with {setting} (now {port}); 0 takes a free one.",
            )
    return port


def pick(previous: int = 0, *, taken: Collection[int] = (), host: str = LOOPBACK, paired: bool = False) -> int:
    """A free port: the ``previous`` one if it still is free, so that addresses stay the same.

    Raises:
        Misconfigured: none was found.
    """
    candidates = [previous] if previous else []
    candidates += random.sample(range(LOWEST, HIGHEST), ATTEMPTS)
    for port in candidates:
        if _all_free(_with_pair(port, paired), taken, host):
            return port
    raise Misconfigured("No free port was found.", f"Free some between {LOWEST} and {HIGHEST}.")


def _with_pair(port: int, paired: bool) -> tuple[int, ...]:
    return (port, port + PAIR_OFFSET) if paired else (port,)


def _all_free(ports: Iterable[int], taken: Collection[int], host: str) -> bool:
    return all(port not in taken and is_free(port, host) for port in ports)
