"""What programs read of the site: the API's documents, as static files that need no process of ours."""

from collections.abc import Iterable

from config.settings import Settings
from core import cards, keys
from core.bucket import Bucket
from core.models import Episode, EpisodeCard
from web import catalogue, details
from web.links import Links

FOREVER = "public, max-age=31536000, immutable"
ALWAYS_ASK = "no-cache"


def write_details(site: Bucket, settings: Settings, episode: Episode, version: str, names: Iterable[str]) -> None:
    """All of one version in one file. ``names`` are the files in its folder."""
    told = details.details(episode, cards.card(episode, version), Links(settings.site_url), names)
    cache = ALWAYS_ASK if version == keys.LIVE else FOREVER
    site.put(keys.details(episode.broadcast.id, version), told.model_dump_json().encode(), cache=cache)


def write_lists(site: Bucket, found: Iterable[EpisodeCard]) -> None:
    """What lists all episodes, from the cards of all of them."""
    site.put(keys.CARDS, catalogue.cards_of(found).model_dump_json().encode(), cache=ALWAYS_ASK)
