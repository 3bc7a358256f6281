"""``maaseutu status``: what runs, what is recorded and what is unfinished, read from the stores.

Prefect is asked only who works on what is unfinished.
"""

from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from config import stores
from config.settings import Settings
from core.archive import recordings, unfinished
from core.archive.unfinished import Standing
from core.capture import disk
from core.duties import erasing, withdrawals
from core.errors import MaaseutuError
from core.helsinki import day, moment
from core.planning import plans
from maaseutu import progress, services, silence, state
from maaseutu.console import say, table
from maaseutu.progress import Progress


def show(settings: Settings) -> None:
    """Print it. Raises the bucket's errors when the store does not answer."""
    _stack(settings)
    if not settings.s3_endpoint:
        say("The recordings can be shown when the stack runs: `maaseutu up`.")
        return
    found = [_read(settings, item) for item in recordings.every(stores.archive(settings))]
    waiting = _coming(settings, [standing.broadcast for _, standing in found if standing.state != "announced"])
    found = [(seen, standing) for seen, standing in found if standing.broadcast not in waiting]
    if not found:
        say("Nothing is recorded yet. `maaseutu record URL` records a broadcast, `maaseutu import FILE` takes a file.")
        return
    for line in table([HEADING, *(_row(item) for item in found)]):
        say(line)
    _unfinished(settings, found)
    _under_way(settings)
    _erasable(settings)


HEADING = ("RECORDING", "LENGTH", "STATE", "SEALED", "PARTS", "PUBLISHED", "LAST HEARD")
MISSING = {
    "announced": "nothing is recorded of it yet; record or import it again if that failed",
    "recording": "is being recorded",
    "interrupted": "its recording broke off",
    "recorded": "is recorded but not prepared",
    "prepared": "is prepared but not published",
}


def _stack(settings: Settings) -> None:
    running = state.read(settings.state)
    alive = state.is_running(settings.state) and state.is_alive(running.pid, running.created)
    say(f"Stack: {'ready' if running.ready else 'starting'} (pid {running.pid})" if alive else "Stack: not running")
    for service in running.services if alive else ():
        works = "runs" if state.is_alive(service.pid, service.created) else "DOWN, being started again"
        again = f", started again {service.restarts} times" if service.restarts else ""
        say(f"  {service.title:<8} {works} (pid {service.pid}{again}), log {service.log}")
    for name, url in running.urls.items() if alive else ():
        say(f"  {name:<8} {url}")
    if settings.prefect_api_url and services.fetch(f"{settings.prefect_api_url}/health") is not True:
        say(f"  Prefect at {settings.prefect_api_url} does not answer. {silence.cure(settings)}")
    if settings.state.is_dir():
        say(f"Disk: {disk.told(disk.free(settings.state))} are free.")
    say()


def _coming(settings: Settings, begun: Iterable[str]) -> set[str]:
    """What is planned; gives its ids."""
    planned = plans.coming(plans.every(stores.archive(settings)), begun, datetime.now(UTC))
    if not planned:
        return set()
    rows = [(each.id, moment(each.starts_at), moment(each.ends_at), each.title) for each in planned]
    for line in table([("PLANNED", "BEGINS", "ENDS", "TITLE"), *rows]):
        say(line)
    say()
    return {each.id for each in planned}


def _read(settings: Settings, broadcast_id: str) -> tuple[Progress, Standing]:
    patience = timedelta(seconds=settings.give_up_seconds)
    archive, site = stores.archive(settings), stores.site(settings)
    standing = unfinished.standing(archive, site, broadcast_id, now=datetime.now(UTC), patience=patience)
    return progress.read(settings, broadcast_id, standing.segments), standing


def _row(found: tuple[Progress, Standing]) -> tuple[str, ...]:
    seen, standing = found
    version = standing.version[:12] or "-"
    parts = seen.prepared_text
    sealed = "yes" if seen.sealed else "no"
    length = progress.clock(seen.recorded_ms)
    return seen.id, length, standing.state, sealed, parts, version, progress.since(standing.last_heard)


def _unfinished(settings: Settings, found: list[tuple[Progress, Standing]]) -> None:
    left = [(seen, standing) for seen, standing in found if standing.state in MISSING]
    if not left:
        return
    say()
    forgotten = False
    for seen, standing in left:
        say(f"{seen.id}: {MISSING[standing.state]} ({seen.prepared_text} parts are prepared)")
        at_work = _at_work(settings, seen.id)
        for line in at_work:
            say(f"  {line}")
        forgotten |= not at_work and standing.state not in ("announced", "recording")
    if forgotten:
        say("`maaseutu sweep` finishes what is unfinished and nobody works on.")


def _at_work(settings: Settings, broadcast_id: str) -> list[str]:
    """The runs that work on it, if Prefect tells."""
    # Prefect's client takes seconds to load: only for what is unfinished.
    from maaseutu import follow

    with suppress(MaaseutuError):
        at_work = follow.working(follow.at_it(settings, broadcast_id))
        return [*at_work, follow.WAIT] if at_work else []
    return []


def _under_way(settings: Settings) -> None:
    every = withdrawals.every(stores.archive(settings)).items()
    found = [(name, each.decided[-1]) for name, each in every if not each.is_cleared and each.decided]
    if found:
        say()
        say("Still to be done on the whole site; `maaseutu sweep` goes on with what broke off:")
    for name, step in found:
        say(f"  {name} ({step.kind}, since {moment(step.at)})")


def _erasable(settings: Settings) -> None:
    found = erasing.due(stores.archive(settings), datetime.now(UTC), settings.withdrawn_days)
    if found:
        say()
        say(
            f"Withdrawn more than {settings.withdrawn_days} days ago, and to be erased by the deployment erase-episode:"
        )
    for each in found:
        say(f"  {each.broadcast} (withdrawn on {day(each.withdrawn.at)})")
