"""Announce, move and cancel a broadcast that is to come: its record, its page, and the lists that name it."""

import re
from datetime import UTC, datetime

from config import catalogue, stores
from config.settings import Settings
from core import cards, identifiers, keys, plans
from core.errors import InvalidInput, ObjectMissing
from core.models import Planned
from tasks import pages
from tasks.policies import ALWAYS_ASK
from web import calendar, render
from web.links import Links


def plan(settings: Settings, planned: Planned) -> Planned:
    """Announce it, or announce it anew; harmless to repeat. Gives what is announced.

    Raises:
        InvalidInput: its programme, its id or its times cannot be taken, or it has a page as a broadcast already.
    """
    catalogue.programme(planned.programme)
    if not re.fullmatch(identifiers.PATTERN, planned.id):
        raise InvalidInput(f"{planned.id!r} cannot be in an address.", "Use a-z, 0-9 and hyphens.")
    if cards.shown(stores.site(settings), planned.id):
        raise InvalidInput(f"{planned.id} has begun, or is published.", "Plan the next one under another id.")
    announced = plans.write(stores.archive(settings), planned, datetime.now(UTC))
    _show(settings, announced)
    return announced


def move(settings: Settings, broadcast_id: str, starts_at: datetime, ends_at: datetime) -> Planned:
    """Let it be at another time. Its address stays.

    Raises:
        ObjectMissing: it was never planned.
        InvalidInput: as for ``plan``.
    """
    times = {"starts_at": starts_at, "ends_at": ends_at}
    return plan(settings, _found(settings, broadcast_id).model_copy(update=times))


def cancel(settings: Settings, broadcast_id: str) -> Planned:
    """Say that it will not be held. Its page stays and says so, since others link to it.

    Raises:
        ObjectMissing: it was never planned.
        InvalidInput: it has begun.
    """
    return plan(settings, _found(settings, broadcast_id).model_copy(update={"cancelled": True}))


def _found(settings: Settings, broadcast_id: str) -> Planned:
    found = plans.find(stores.archive(settings), broadcast_id)
    if found is None:
        raise ObjectMissing(f"{broadcast_id} was never planned.", "Look at its id.")
    return found


def _show(settings: Settings, planned: Planned) -> None:
    """Static files before the pages that load them, and lists last."""
    site, links = stores.site(settings), Links(settings.site_url)
    pages.publish_static(site)
    own, *_ = every = pages.languages(settings)
    site.put(keys.own_calendar(planned.id), calendar.calendar([], [planned], own, links), cache=ALWAYS_ASK)
    for strings in reversed(every):
        page = render.coming_page(planned, strings, settings.site_url)
        site.put(strings.folder + keys.page(planned.id), page.encode(), cache=ALWAYS_ASK)
    pages.write_lists(site, settings)
