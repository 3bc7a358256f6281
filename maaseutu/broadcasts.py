"""``maaseutu record``, ``import`` and ``sweep``: start a flow, and follow it until the page is there."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from config import stores
from config.settings import Settings
from core.models import EpisodeCard
from core.planning import plans
from maaseutu import progress, requests, runs
from maaseutu.console import say
from maaseutu.follow import Follower


def start(
    settings: Settings, deployment: str, request: Mapping[str, Any], *, follow: bool = True, made_up: bool = False
) -> None:
    """Start the flow of one broadcast; by default follow it until its page is published.

    Raises:
        MaaseutuError: it cannot be started, as when its id was ``made_up`` and is that of a plan; or it failed.
    """
    broadcast_id = str(request["broadcast"])
    runs.require(settings)
    if made_up:
        plans.require_free(stores.archive(settings), broadcast_id, datetime.now(UTC))
    before = progress.card(settings, broadcast_id)
    name = f"{deployment.split('/')[-1]} {broadcast_id}"
    run = runs.start(settings, deployment, request, name)
    say(f"Started {run.name}: {run.url}")
    if follow:
        _follow(settings, broadcast_id, before, run.url)


def _follow(settings: Settings, broadcast_id: str, before: EpisodeCard | None, url: str) -> None:
    try:
        card = Follower(settings, broadcast_id, before).wait()
    except KeyboardInterrupt:
        say()
        say(f"The work on {broadcast_id} goes on without this window. To stop it, press Cancel at {url}")
        say("`maaseutu status` shows how far it is.")
        raise
    say(f"Published: {progress.page_url(settings, broadcast_id)} (version {card.version[:12]})")


def sweep(settings: Settings, *, dry_run: bool) -> None:
    """Start the flow that finishes what is unfinished."""
    name = f"sweep {datetime.now(UTC):%Y%m%d-%H%M%S}"
    run = runs.start(settings, requests.SWEEP, {"dry_run": dry_run}, name)
    say(f"Started {run.name}: {run.url}")
    say("`maaseutu status` shows what is still unfinished.")
