"""News to members' programs: JSON, signed in the way of standardwebhooks.com, to addresses that may be reached."""

from collections.abc import Callable
from datetime import datetime

import httpcore

from core.errors import AddressRefused, InvalidInput, MaybeDelivered, NotDelivered, SourceUnavailable
from core.names import shown
from core.outside import transport
from core.outside.addresses import Rules

UNSENT = (InvalidInput, AddressRefused, SourceUnavailable, httpcore.ConnectError, httpcore.ConnectTimeout)
BROKEN = (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError)


def send(
    url: str,
    body: bytes,
    message_id: str,
    sign: Callable[[bytes], str],
    rules: Rules,
    now: datetime,
    claim: Callable[[], bool] = lambda: True,
) -> bool:
    """Post it, unless it is not ours to ``claim``; gives whether it was taken. ``sign`` makes the signature.

    Raises:
        NotDelivered: it was not taken, which is certain.
        MaybeDelivered: the server went away before it said whether it took it.
    """
    if not claim():
        return False
    try:
        with transport.asked(url, _headers(body, message_id, sign, now), rules, method="POST", data=body) as answer:
            status, said = answer.status, answer.said
    except UNSENT as error:
        raise NotDelivered(f"{shown(url)} cannot be reached ({error}).") from error
    except BROKEN as error:
        raise MaybeDelivered(f"{shown(url)} broke off ({error or type(error).__name__}).") from error
    if not 200 <= status < 300:
        raise NotDelivered(f"{shown(url)} answered {said}.")
    return True


def _headers(body: bytes, message_id: str, sign: Callable[[bytes], str], now: datetime) -> dict[str, str]:
    at = str(int(now.timestamp()))
    return {
        "Content-Type": "application/json",
        "User-Agent": "maaseutu-live",
        "webhook-id": message_id,
        "webhook-timestamp": at,
        "webhook-signature": sign(f"{message_id}.{at}.".encode() + body),
    }
