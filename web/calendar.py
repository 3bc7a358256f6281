"""Coming and past broadcasts as a calendar that programs subscribe to (RFC 5545, RFC 7986). Pure and without "now"."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from icalendar import Calendar, Event

from core.models import Coming, EpisodeCard
from web import feeds
from web.links import Links
from web.strings import Strings


def calendar(
    cards: Iterable[EpisodeCard], coming: Iterable[tuple[str, Coming]], strings: Strings, links: Links
) -> bytes:
    """An event for each episode, and for each broadcast that is to come and has no page yet.

    ``coming`` are broadcasts with their programmes. One that began has its page, and with it its event.
    """
    made = Calendar()
    made.add("prodid", f"-//{strings('site.title')}//{strings.lang}")
    made.add("version", "2.0")
    made.add("x-wr-calname", strings("site.title"))
    shown = sorted(cards, key=lambda card: (card.starts_at, card.id))
    begun = {(card.programme, card.starts_at.date()) for card in shown}
    for card in shown:
        event = _event(feeds.identity(card.id), card.title, card.starts_at, timedelta(milliseconds=card.duration_ms))
        event.add("description", feeds.about(card, strings))
        if links.base:
            event.add("url", links.episode(card.id))
        made.add_component(event)
    for programme, planned in sorted(coming, key=lambda each: (each[1].starts_at, each[0])):
        if (programme, planned.starts_at.date()) not in begun:
            name = feeds.identity(f"{programme} {planned.starts_at.isoformat()}")
            made.add_component(_event(name, planned.title, planned.starts_at, timedelta(minutes=planned.minutes)))
    return bytes(made.to_ical())


def _event(name: str, title: str, starts_at: datetime, length: timedelta) -> Event:
    event = Event()
    event.add("uid", name)
    event.add("dtstamp", starts_at)
    event.add("dtstart", starts_at)
    event.add("duration", max(length, timedelta(minutes=1)))
    event.add("summary", " ".join(title.split()))
    return event
