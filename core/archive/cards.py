"""What the public site tells of an episode beside its page: the card, by which it is shown, and what is searched."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from pydantic import ValidationError

from core import keys
from core.bucket import Bucket
from core.errors import ObjectMissing
from core.models import Episode, EpisodeCard, EpisodeMentions, NoteLine, SearchDocument

T = TypeVar("T")

SUMMARY_LENGTH = 200
AT_A_TIME = 16
LONGEST_CHANGE = timedelta(hours=1)
"""From the entry in the change log until the card is there, and what clocks of machines may differ."""


def shown(site: Bucket, broadcast_id: str) -> EpisodeCard | None:
    """The card of the version that viewers see; None before the first publication and after a withdrawal."""
    try:
        return EpisodeCard.model_validate_json(site.get(keys.card(broadcast_id)))
    except (ObjectMissing, ValidationError):
        return None


def all_shown(site: Bucket) -> list[EpisodeCard]:
    """The cards of all episodes that viewers see."""
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        return [card for card in pool.map(lambda name: shown(site, name), site.names(keys.EPISODES)) if card]


def listing(site: Bucket, write: Callable[[list[EpisodeCard]], T]) -> T:
    """What ``write`` gives, which writes what is made of the cards of all episodes, from these.

    It is done over again when another run has shown or withdrawn an episode meanwhile: whichever of them writes last
    knows of both.
    """
    while True:
        # Who shows an episode writes the change before the card.
        since = datetime.now(UTC) - LONGEST_CHANGE
        found = all_shown(site)
        done = write(found)
        known = {card.id: card for card in found}
        changed = {keys.changed(item.key) for item in site.list(keys.CHANGES, after=keys.change(since, "", ""))}
        if all(shown(site, name) == known.get(name) for name in changed):
            return done


def told(site: Bucket, card: EpisodeCard) -> EpisodeMentions | None:
    """What the shown version tells of municipalities; None while it is on the air, or was published without."""
    try:
        return EpisodeMentions.model_validate_json(site.get(keys.mentions(card.id, card.version)))
    except (ObjectMissing, ValidationError):
        return None


def searched(site: Bucket, broadcast_id: str, version: str) -> SearchDocument | None:
    """What the search index is told of a version; None when that is gone."""
    try:
        return SearchDocument.model_validate_json(site.get(keys.search_document(broadcast_id, version)))
    except (ObjectMissing, ValidationError):
        return None


def card(episode: Episode, version: str) -> EpisodeCard:
    """What lists and feeds show of an episode. Pure."""
    broadcast = episode.broadcast
    return EpisodeCard(
        id=broadcast.id,
        version=version,
        title=broadcast.title,
        programme=broadcast.programme,
        starts_at=broadcast.starts_at,
        duration_ms=episode.duration_ms,
        summary=summary(episode),
        poster=keys.asset(broadcast.id, version, "poster.jpg") if episode.poster else "",
        mentions=episode.mentions,
        chapters=tuple(chapter for chapter in episode.chapters if chapter.title),
        live=episode.live,
    )


def search_document(episode: Episode, version: str) -> SearchDocument:
    """What the search index is told of an episode. Pure."""
    broadcast = episode.broadcast
    return SearchDocument(
        episode=broadcast.id,
        version=version,
        title=broadcast.title,
        programme=broadcast.programme,
        starts_at=broadcast.starts_at,
        passages=episode.transcript.passages,
        forms=episode.forms,
        language=episode.transcript.language,
        chapters=episode.chapters,
        notes=tuple(sorted(_note_lines(episode), key=lambda line: line.at_ms)),
        mentions=episode.mentions,
    )


def forms_json(episode: Episode) -> str:
    """For every word that was said its base forms, and those of its compound parts: the page's own search. Pure."""
    forms = {word: [each.bases, each.parts] for word, each in sorted(episode.forms.items())}
    return json.dumps(forms, ensure_ascii=False, separators=(",", ":"))


def _note_lines(episode: Episode) -> list[NoteLine]:
    return [*episode.notes.summary, *(line for section in episode.notes.sections for line in section.lines)]


def summary(episode: Episode) -> str:
    """The summary as one text, cut at a word after 200 characters at most, for lists and previews."""
    text = " ".join(line.text for line in episode.notes.summary)
    if len(text) <= SUMMARY_LENGTH:
        return text
    return text[:SUMMARY_LENGTH].rsplit(" ", 1)[0].rstrip(" ,;:") + " …"
