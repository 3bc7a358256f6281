"""``maaseutu steer``: an order to a recording that runs, and what came of it."""

from collections.abc import Mapping
from threading import Event
from time import monotonic
from typing import Any

from config.settings import Settings
from core.errors import ChildFailed
from maaseutu import requests, runs
from maaseutu.console import say

POLL_S = 1.0
LONGEST_S = 180.0


def run(settings: Settings, request: Mapping[str, Any]) -> None:
    """Give the order and print what holds now.

    Raises:
        ChildFailed: it was refused, or nobody carried it out in time.
    """
    given = runs.start(settings, requests.STEER, request, f"steer {request['broadcast']}")
    say("Waiting until the recording has heard it: some seconds; half a minute if there is no such recording.")
    deadline = monotonic() + LONGEST_S
    while monotonic() < deadline:
        found = runs.one(settings, given)
        if found.is_bad:
            raise ChildFailed(found.message or f"The order ended as {found.state}.", f"Its run: {found.url}")
        if found.is_over:
            say(found.message)
            return
        Event().wait(POLL_S)
    raise ChildFailed(f"Nobody answered in {LONGEST_S:.0f} s; the order stands.", f"Its run: {given.url}")
