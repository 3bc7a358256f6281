"""``maaseutu demo``: a sample broadcast goes on the air, and minutes later it can be watched and searched."""

import json
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Any

from config.settings import Settings, load
from core import keys
from core.errors import ChildFailed, MaaseutuError, Misconfigured
from core.helsinki import HELSINKI
from core.identifiers import identifier
from maaseutu import ports, progress, requests, runs, search, services, state, supervisor
from maaseutu.console import say
from maaseutu.follow import MEND, Follower
from maaseutu.runs import Run
from sample import live_source
from sample.live_source import LiveSource

SAMPLE = Path(live_source.__file__).parent
WORDS = "kunta"
WAIT_MINUTES = 2
PUBLISH_S = 600.0
SEARCHABLE_S = 120.0
POLL_S = 0.5
RUNS = "The system goes on running; `make down` stops it."


def run() -> None:
    """Play the sample live, follow it to its page, and search it.

    Raises:
        MaaseutuError: something failed, or it took too long; says what is unfinished and how to go on.
    """
    settings = _stack()
    try:
        _play(settings)
    except MaaseutuError as error:
        if state.is_running(settings.state):
            error.cure = f"{error.cure}\n{RUNS}".strip()
        raise


def _play(settings: Settings) -> None:
    length_s = about()["duration_ms"] / 1000
    with (
        tempfile.TemporaryDirectory(prefix="maaseutu-demo-") as work,
        LiveSource(SAMPLE / "broadcast.mp4", Path(work), port=port(settings), when_asked=True) as source,
    ):
        broadcast_id, run = record(settings, source.url)
        say(f"The sample broadcast ({length_s:.0f} s) goes on the air at {source.url} as soon as its recorder listens.")
        say(f"Recording it as {broadcast_id}: {run.url}")
        Follower(settings, broadcast_id, None).wait(length_s + PUBLISH_S)
        hit = _searchable(settings, broadcast_id)
        taken = _seconds_since(source.ended_at)
    _tell(settings, broadcast_id, hit, taken)


def _stack() -> Settings:
    supervisor.up(detach=True)
    return load()


def port(settings: Settings) -> int:
    """The one port of this machine that the running stack may record from.

    Raises:
        Misconfigured: the stack knows none, or something listens there.
    """
    chosen = state.read(settings.state).ports.get(services.DEMO, 0)
    if not chosen:
        what = "The stack that runs knows no port for the demo."
        raise Misconfigured(what, "Run `maaseutu down`, then the demo again.")
    if not ports.is_free(chosen):
        holder = ports.holder(chosen) or "another demo"
        what = f"Port {chosen}, on which the demo plays, is taken by {holder}."
        raise Misconfigured(what, "Wait for its end; or run `maaseutu down`, which has another port chosen.")
    return chosen


def about() -> dict[str, Any]:
    """What is known of the sample."""
    known: dict[str, Any] = json.loads((SAMPLE / "broadcast.json").read_text(encoding="utf-8"))
    return known


def record(settings: Settings, url: str) -> tuple[str, Run]:
    """Start the capture of the sample, which is or will be on the air at ``url``; gives the broadcast's id too."""
    known, now = about(), datetime.now(HELSINKI)
    described = requests.Description(
        title=known["title"],
        broadcast=f"{identifier(known['title'], now)}-{now:%H%M%S}",
        programme=known["programme"],
        agenda=[f"{item['title']}: {', '.join(item['cues'])}" for item in known["agenda"]],
        vocabulary=known["vocabulary"],
    )
    asked = requests.capture(url, described, wait_minutes=WAIT_MINUTES)
    return described.broadcast, runs.start(settings, requests.CAPTURE, asked, f"capture {described.broadcast}")


def _searchable(settings: Settings, broadcast_id: str) -> dict[str, Any]:
    """The best passage of the new episode, when the search has it.

    Raises:
        ChildFailed: the search did not find it in time.
    """
    deadline = monotonic() + SEARCHABLE_S
    while monotonic() < deadline:
        found = search.find(settings, WORDS, limit=1, episode=broadcast_id)
        if found["items"]:
            hit: dict[str, Any] = found["items"][0]
            return hit
        Event().wait(POLL_S)
    raise ChildFailed(f"The search did not find {WORDS!r} in {broadcast_id} in {SEARCHABLE_S:.0f} s.", MEND)


def _seconds_since(ended_at: datetime | None) -> float:
    return (datetime.now(UTC) - ended_at).total_seconds() if ended_at else 0.0


def _tell(settings: Settings, broadcast_id: str, hit: dict[str, Any], taken: float) -> None:
    card = progress.card(settings, broadcast_id)
    page = progress.page_url(settings, broadcast_id)
    notes = keys.asset(broadcast_id, card.version, "muistio.html") if card else ""
    say()
    say(f"Published and searchable {taken:.0f} s after the end of the broadcast.")
    say(f"  Page         {page}")
    say(f"  Notes        {settings.site_url}/{notes}")
    say(f"  Search for {WORDS}:")
    for line in search.lines(hit):
        say(f"  {line}")
    say(f"  Prefect UI   {state.read(settings.state).urls.get('prefect', settings.prefect_api_url)}")
    say()
    say(RUNS)
