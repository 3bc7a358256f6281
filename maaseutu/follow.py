"""Follows a broadcast from its first Segment to its page, with a line whenever something has changed."""

from collections.abc import Iterable
from threading import Event
from time import monotonic

from config.settings import Settings
from core.errors import ChildFailed
from core.helsinki import moment
from core.models import EpisodeCard
from maaseutu import progress, requests, runs
from maaseutu.console import say
from maaseutu.progress import Progress
from maaseutu.runs import Run

POLL_S = 1.0
LINE_S, LONGEST_LINE_S = 4.0, 30.0
# Lines become rarer with time: after eight minutes there are four a minute, after a quarter of an hour two.
SLOWING = 30.0
SETTLE_S = 15.0
FIRST_FLOWS = {name.split("/")[0] for name in (requests.CAPTURE, requests.IMPORT)}
ASIDE = {requests.STEER.split("/")[0], "review_episode"}
"""Their runs work on nothing: an order that was refused says nothing of the broadcast, and a review waits for days."""
QUIET_S = 120.0
MEND = "See `maaseutu status`; `maaseutu sweep` finishes what is unfinished."
WAIT = "Wait for it: on a busy machine it takes long."
HELD = "Where persons look first (MAASEUTU_REVIEW), answer its run of review_episode in the Prefect UI."


class Follower:
    """Watches one broadcast. ``before`` is the card that was published when it began, if any."""

    def __init__(self, settings: Settings, broadcast_id: str, before: EpisodeCard | None) -> None:
        self._settings = settings
        self._id = broadcast_id
        self._before = before
        self._line = ""
        self._settled = False
        self._said_at = 0.0
        self._told: set[str] = set()
        self._began = self._changed_at = self._idle_since = monotonic()
        self._found: Progress | None = None
        self._runs: list[Run] = []

    def wait(self, timeout: float | None = None) -> EpisodeCard:
        """Wait for the page; gives its card. ``timeout`` is in seconds.

        Raises:
            ChildFailed: a run failed and nothing works on the broadcast any more, or the time is over.
        """
        while True:
            card = progress.card(self._settings, self._id)
            if card and (card != self._before or self._settled):
                return card
            self._look()
            if timeout is not None and monotonic() - self._began > timeout:
                what = f"{self._id} was not published in {timeout:.0f} s ({self._line})."
                raise ChildFailed(what, advice(self._runs))
            Event().wait(POLL_S)

    def _look(self) -> None:
        now = monotonic()
        if now - self._said_at < min(max(LINE_S, (now - self._began) / SLOWING), LONGEST_LINE_S):
            return
        self._said_at = now
        self._runs = found = at_it(self._settings, self._id)
        self._say(found)
        if any(not run.is_over for run in found):
            self._idle_since = now
        self._check(found, now - self._idle_since)

    def _say(self, found: list[Run]) -> None:
        self._found = progress.read(self._settings, self._id, self._found.segments if self._found else ())
        line = _line(self._found, found)
        if line != self._line:
            say(f"  {line}")
            self._line, self._changed_at = line, monotonic()
        elif monotonic() - self._changed_at > QUIET_S:
            say(f"  No progress for {QUIET_S:.0f} s. {advice(found)}")
            self._changed_at = monotonic()

    def _check(self, found: list[Run], idle_s: float) -> None:
        """Runs start each other by events, so a moment without any run is no end."""
        failed = next((run for run in newest(_asked(found)) if run.is_bad), None)
        if failed:
            self._failed(failed, found, idle_s)
        # Publishing the same again leaves the card as it was.
        self._settled = bool(self._before) and not failed and idle_s > SETTLE_S
        if idle_s > QUIET_S:
            raise ChildFailed(f"Nothing works on {self._id} any more, and its page is not there.", f"{MEND} {HELD}")

    def _failed(self, failed: Run, found: list[Run], idle_s: float) -> None:
        """End when nothing can follow; tell of it once while others still work, as the recorder may."""
        error = ChildFailed(f"{failed.flow} of {self._id}: {failed.message or failed.state}", _where(failed))
        nothing_came = failed.flow in FIRST_FLOWS and not (self._found and self._found.segments)
        # After a crashed run another begins (tasks.afterwards); a moment without it is no end.
        is_last = failed is found[0] and all(run.is_over for run in found) and failed.state != "Crashed"
        if nothing_came or is_last or idle_s > SETTLE_S:
            raise error
        if failed.id not in self._told:
            self._told.add(failed.id)
            say(f"  {error.what}")


def at_it(settings: Settings, broadcast_id: str) -> list[Run]:
    """The runs that work on the broadcast or did, newest first; not one that waits for its time, as a plan's does."""
    found = runs.of_broadcast(settings, broadcast_id)
    return [run for run in found if run.flow not in ASIDE and not run.is_later]


def working(found: Iterable[Run]) -> list[str]:
    """Which of the runs are not over, since when, and where to see them."""
    return [
        f"{run.flow} works on it since {moment(run.since)}: {run.url}"
        if run.since
        else f"{run.flow} waits for its turn: {run.url}"
        for run in found
        if not run.is_over
    ]


def advice(found: Iterable[Run]) -> str:
    """What to do about a broadcast that does not get on, which has these runs: wait for those that work on it."""
    at_work = working(found)
    return " ".join([*at_work, WAIT]) if at_work else MEND


def _asked(found: list[Run]) -> list[Run]:
    """The runs since a person last asked for this broadcast: what failed before does not matter any more."""
    first = next((i for i, run in enumerate(found) if run.flow in FIRST_FLOWS), len(found))
    return found[: first + 1]


def _where(failed: Run) -> str:
    """Where to look, and for what was recorded already, how to go on."""
    return f"Its run: {failed.url}" + ("" if failed.flow in FIRST_FLOWS else f"\n{MEND}")


def newest(found: list[Run]) -> list[Run]:
    """The newest run of each flow; ``found`` is newest first."""
    kept: dict[str, Run] = {}
    for run in found:
        kept.setdefault(run.flow, run)
    return list(kept.values())


def _line(found: Progress, active: list[Run]) -> str:
    state = "recorded" if found.sealed else "recording"
    working = ", ".join(sorted({run.flow for run in active if not run.is_over})) or "waiting for the next step"
    return (
        f"{state} {progress.clock(found.recorded_ms)} in {len(found.segments)} segments, "
        f"{found.prepared_text} parts prepared · {working}"
    )
