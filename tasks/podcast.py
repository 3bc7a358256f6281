"""The sound file of an episode, which is assembled once for all versions that have the same sound."""

import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from prefect.logging import get_logger
from pydantic import ValidationError

from config.settings import Settings
from core import keys
from core.bucket import Bucket
from core.errors import InvalidMedia, ObjectMissing
from core.media import hls, podcast
from core.media.soundfile import SoundFile
from core.models import Episode, EpisodeCard
from tasks.policies import FOREVER

AT_A_TIME = 8

_log = get_logger(__name__)


def publish_sound(archive: Bucket, site: Bucket, settings: Settings, episode: Episode) -> SoundFile | None:
    """Bring the sound of an episode to the site as one file; None where it cannot be one, which the log tells.

    While media of a Part are taken away there is none.
    """
    if not episode.plays:
        return None
    key = keys.media(episode.broadcast.id, podcast.digest(episode.parts), "m4a")
    stored = site.head(key)
    if stored is None:
        settings.spool.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="sound-", dir=settings.spool) as folder:
            try:
                made = _assembled(archive, episode, Path(folder))
            except InvalidMedia as error:
                _log.warning("%s is not in the podcast: %s", episode.broadcast.id, error)
                return None
            stored = site.put_file(key, made, cache=FOREVER)
    return SoundFile(key=key, size=stored.size)


def _assembled(archive: Bucket, episode: Episode, folder: Path) -> Path:
    tracks = [hls.track(part, hls.AUDIO) for part in episode.parts]
    paths = [folder / f"{number:05}.mp4" for number in range(len(tracks))]
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        list(pool.map(lambda track, path: archive.download(track.key, path, track.sha256), tracks, paths))
    return podcast.assemble(paths, folder / "whole.m4a")


def sounds(site: Bucket, cards: Iterable[EpisodeCard]) -> dict[str, SoundFile]:
    """The sound files of the shown versions, by the episodes' ids."""
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        found = pool.map(lambda card: (card.id, _sound(site, card)), cards)
        return {name: sound for name, sound in found if sound}


def _sound(site: Bucket, card: EpisodeCard) -> SoundFile | None:
    try:
        return SoundFile.model_validate_json(site.get(keys.heard(card.id, card.version)))
    except (ObjectMissing, ValidationError):
        return None
