"""How often one may try to sign in. It is counted in this process, and forgotten when that ends."""

import time
from math import ceil

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

EACH = "5/10 minutes"
"""Of one client with one name, so that nobody shuts out another."""
CLIENT = "20/10 minutes"
NAME = "60/10 minutes"
"""With one name from everywhere."""


class Attempts:
    """Counts them by client and by name."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._each, self._client, self._name = parse(EACH), parse(CLIENT), parse(NAME)

    def wait(self, client: str, name: str = "") -> int:
        """Count one; gives after how many seconds it may be tried, 0 for at once. No ``name``: none is typed."""
        return max(self._hit(item, *ids) for item, ids in self._counted(client, name))

    def forgive(self, client: str, name: str) -> None:
        """It was the right password: those before are no attack of this client with this name."""
        self._limiter.clear(self._each, "each", client, name)

    def _counted(self, client: str, name: str) -> list[tuple[RateLimitItem, tuple[str, ...]]]:
        of_name = [(self._each, ("each", client, name)), (self._name, ("name", name))]
        return [(self._client, ("client", client)), *(of_name if name else [])]

    def _hit(self, item: RateLimitItem, *ids: str) -> int:
        if self._limiter.hit(item, *ids):
            return 0
        return max(1, ceil(self._limiter.get_window_stats(item, *ids).reset_time - time.time()))
