"""The feed as JSON Feed 1.1 (jsonfeed.org). Pure and without "now"."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from core import keys
from core.media.soundfile import MEDIA_TYPE, SoundFile
from core.models import EpisodeCard
from web import feeds, views
from web.links import Links
from web.strings import Strings


def json_feed(cards: Iterable[EpisodeCard], sounds: Mapping[str, SoundFile], strings: Strings, links: Links) -> str:
    """The feed of the cards, newest first. ``sounds`` by the episodes' ids."""
    newest = sorted(cards, key=lambda card: (feeds.updated(card), card.id), reverse=True)
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": strings("site.title"),
        "description": strings("site.tagline"),
        "language": strings.lang,
        "home_page_url": links.to(keys.FRONT_PAGE),
        "feed_url": links.to(keys.JSON_FEED),
        "authors": [{"name": strings("site.title")}],
        "items": [_item(card, sounds.get(card.id), strings, links) for card in newest],
    }
    return json.dumps(feed, ensure_ascii=False, indent=1) + "\n"


def _item(card: EpisodeCard, sound: SoundFile | None, strings: Strings, links: Links) -> dict[str, Any]:
    item: dict[str, Any] = {
        "id": feeds.identity(card.id),
        "url": links.episode(card.id),
        "title": card.title,
        "content_text": feeds.about(card, strings),
        "date_published": feeds.stamp(card.starts_at),
        "date_modified": feeds.stamp(feeds.updated(card)),
        "tags": [town.name for town in views.towns(card.mentions)],
    }
    if poster := links.poster(card):
        item["image"] = poster
    if sound:
        item["attachments"] = [
            {
                "url": links.to(sound.key),
                "mime_type": MEDIA_TYPE,
                "size_in_bytes": sound.size,
                "duration_in_seconds": card.duration_ms / 1000,
            }
        ]
    return item
