"""From the end of a live stream to its page: published, and found by the search.

The clock starts when the last moment has been broadcast, before the recorder can know that it was the last. Each
stream has a stack of its own, just started, so that none finds anything prepared by another.
"""

import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import own_stack
from benchmarks.figures import Figure
from benchmarks.process import alone
from config.settings import Settings
from core.errors import ChildFailed
from evaluation import sample
from maaseutu import demo, search
from maaseutu.follow import Follower
from sample.live_source import LiveSource

GOAL_S = 60.0
GOAL_CHANGE = 0.25
LONG_S = 600
WAIT_S = 600.0
SEARCH_S = 120.0
POLL_S = 0.25
WORDS = "kunta"


def run(*, quick: bool) -> list[Figure]:
    """The figures; ``quick`` leaves the long stream out."""
    short = alone(seconds_to_page, int(sample.seconds()))
    figures = [_figure(sample.seconds(), short)]
    if quick:
        return [*figures, Figure(f"live: end → page found, {LONG_S} s", "left out"), Figure("live: ratio", "left out")]
    long = alone(seconds_to_page, LONG_S)
    within = abs(long / short - 1) <= GOAL_CHANGE
    return [*figures, _figure(LONG_S, long), Figure("live: ratio", f"{long / short:.2f}", "0.75 to 1.25", within)]


def _figure(length: float, taken: float) -> Figure:
    return Figure(f"live: end → page found, {length:.0f} s", f"{taken:.1f} s", f"<= {GOAL_S:.0f} s", taken <= GOAL_S)


def seconds_to_page(length: int) -> float:
    """Play the sample live for ``length`` seconds, again and again if that is longer, and wait for its page."""
    with tempfile.TemporaryDirectory(prefix="maaseutu-bench-") as name, own_stack.running() as stack:
        file = sample.repeated(Path(name), length)
        with LiveSource(file, Path(name) / "live", when_asked=True) as source:
            broadcast_id, _ = demo.record(stack.settings, source.url)
            Follower(stack.settings, broadcast_id, None).wait(length + WAIT_S)
            shown = _since(source)
            _wait_until_found(stack.settings, broadcast_id)
            sys.stderr.write(f"The page was there after {shown:.1f} s.\n")
            return _since(source)


def _since(source: LiveSource) -> float:
    assert source.ends_at is not None
    return (datetime.now(UTC) - source.ends_at).total_seconds()


def _wait_until_found(settings: Settings, broadcast_id: str) -> None:
    deadline = time.monotonic() + SEARCH_S
    while not search.find(settings, WORDS, limit=1, episode=broadcast_id)["items"]:
        if time.monotonic() > deadline:
            raise ChildFailed(f"The search did not find {WORDS!r} in {SEARCH_S:.0f} s.", "See the stack's logs.")
        time.sleep(POLL_S)
