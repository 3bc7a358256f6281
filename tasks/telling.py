"""What programs read of the site: feeds, lists, and the API's documents, as files that need no process of ours."""

import json
from collections.abc import Iterable, Sequence

from config import catalogue as tables
from config.settings import Settings
from core import keys
from core.archive import cards
from core.bucket import Bucket
from core.media.soundfile import SoundFile
from core.models import Episode, EpisodeCard
from core.planning.planned import Planned
from tasks import podcast
from tasks.policies import ALWAYS_ASK, FOREVER
from tasks.putting import Count, put, put_changed
from web import calendar, catalogue, details, jsonfeed, oembed, plain_pages, sitemap
from web import podcast as feeds
from web.links import Links
from web.strings import Strings, load


def write_version(
    archive: Bucket, site: Bucket, settings: Settings, episode: Episode, version: str, names: Iterable[str]
) -> Count:
    """What is told of one version: the sound as a file, and all of it. ``names`` are the files in its folder."""
    sound = podcast.publish_sound(archive, site, settings, episode)
    broadcast_id, made = episode.broadcast.id, dict[str, bytes]()
    if sound:
        made[keys.asset(broadcast_id, version, "chapters.json")] = feeds.chapters_json(episode.chapters).encode()
        made[keys.heard(broadcast_id, version)] = sound.model_dump_json().encode()
    write_details(site, settings, episode, version, names, sound)
    return put(site, made, FOREVER) + Count(1, 1)


def write_details(
    site: Bucket,
    settings: Settings,
    episode: Episode,
    version: str,
    names: Iterable[str],
    sound: SoundFile | None = None,
) -> None:
    """All of one version in one file. ``names`` are the files in its folder."""
    told = details.details(episode, cards.card(episode, version), Links(settings.site_url), names, sound)
    cache = ALWAYS_ASK if version == keys.LIVE else FOREVER
    site.put(keys.details(episode.broadcast.id, version), told.model_dump_json().encode(), cache=cache)


def write_embedding(site: Bucket, settings: Settings, episode: Episode, version: str) -> Count:
    """How other sites show the episode: the page for their frames, and what oEmbed says of it."""
    strings, links, card = load(settings.locale), Links(settings.site_url), cards.card(episode, version)
    page = plain_pages.embedded(episode, version, strings, links)
    told = json.dumps(oembed.answer(card, strings, links), ensure_ascii=False)
    return put_changed(site, {keys.embed(card.id): page.encode(), keys.oembed(card.id): told.encode()}, ALWAYS_ASK)


def write_lists(
    site: Bucket, settings: Settings, found: Sequence[EpisodeCard], planned: Sequence[Planned] = ()
) -> Count:
    """What lists all episodes, from the cards of all of them, and from all that were ``planned``."""
    whole = [card for card in found if not card.live]
    made = lists(found, podcast.sounds(site, whole), load(settings.locale), settings, planned)
    return put_changed(site, made, ALWAYS_ASK)


def lists(
    found: Sequence[EpisodeCard],
    sounds: dict[str, SoundFile],
    strings: Strings,
    settings: Settings,
    planned: Sequence[Planned] = (),
) -> dict[str, bytes]:
    """The lists by their keys. Those whose addresses must be whole need the site's address. Pure but for config/."""
    links, programmes = Links(settings.site_url), tables.programmes()
    whole = [card for card in found if not card.live]
    made = {
        keys.CARDS: catalogue.cards_of(found).model_dump_json().encode(),
        keys.JSON_FEED: jsonfeed.json_feed(whole, sounds, strings, links).encode(),
        keys.CALENDAR: calendar.calendar(found, planned, strings, links),
        keys.SEARCH_AWAY: plain_pages.search_away(strings).encode(),
    }
    if not links.base:
        return made
    site = feeds.Channel(keys.PODCAST, strings("site.title"), keys.FRONT_PAGE, strings.lang)
    channels = {None: site} | {
        slug: feeds.Channel(keys.programme_podcast(slug), each.title, keys.FRONT_PAGE, each.language)
        for slug, each in programmes.items()
    }
    heard = [feeds.Heard(card, sounds[card.id]) for card in whole if card.id in sounds]
    for slug, channel in channels.items():
        chosen = [each for each in heard if slug in {None, each.card.programme}]
        made[channel.key] = feeds.rss(chosen, channel, strings, links).encode()
    made[keys.SITEMAP] = sitemap.sitemap(found, strings, links).encode()
    made[keys.ROBOTS] = sitemap.robots(links).encode()
    return made
