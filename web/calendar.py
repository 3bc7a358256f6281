"""Coming and past broadcasts as a calendar that programs subscribe to (RFC 5545, RFC 7986). Pure and without "now"."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from icalendar import Calendar, Event

from core.models import EpisodeCard
from core.planning.planned import Planned
from web import feeds
from web.links import Links
from web.strings import Strings


def calendar(cards: Iterable[EpisodeCard], planned: Iterable[Planned], strings: Strings, links: Links) -> bytes:
    """An event for each episode, and for each ``planned`` broadcast that is no episode yet, under the same name.

    A cancelled one stays, and says so: a program that has it must learn of that.
    """
    made = Calendar()
    made.add("prodid", f"-//{strings('site.title')}//{strings.lang}")
    made.add("version", "2.0")
    made.add("x-wr-calname", strings("site.title"))
    shown = sorted(cards, key=lambda card: (card.starts_at, card.id))
    for card in shown:
        event = _event(card.id, card.title, card.starts_at, timedelta(milliseconds=card.duration_ms), links)
        event.add("dtstamp", card.starts_at)
        event.add("description", feeds.about(card, strings))
        made.add_component(event)
    begun = {card.id for card in shown}
    for each in sorted(planned, key=lambda planned: (planned.starts_at, planned.id)):
        if each.id not in begun:
            made.add_component(_planned(each, links))
    return bytes(made.to_ical())


def _planned(planned: Planned, links: Links) -> Event:
    event = _event(planned.id, planned.title, planned.starts_at, planned.ends_at - planned.starts_at, links)
    event.add("dtstamp", planned.changed_at)
    event.add("sequence", planned.revision)
    event.add("status", "CANCELLED" if planned.cancelled else "CONFIRMED")
    if about := "\n".join(filter(None, [planned.about, *(f"- {item.title}" for item in planned.agenda)])):
        event.add("description", about)
    return event


def _event(name: str, title: str, starts_at: datetime, length: timedelta, links: Links) -> Event:
    event = Event()
    event.add("uid", feeds.identity(name))
    event.add("dtstart", starts_at)
    event.add("duration", max(length, timedelta(minutes=1)))
    event.add("summary", " ".join(title.split()))
    if links.base:
        event.add("url", links.episode(name))
    return event
