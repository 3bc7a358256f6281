"""An episode's media where something of it is withdrawn: only the Parts that hold any of it are encoded anew."""

from prefect.logging import get_run_logger

from config.settings import Settings
from core.archive import segments
from core.duties import redaction
from core.errors import InvalidInput
from core.models import TICKS_PER_MS, EncodedPart, Episode, Part
from tasks.following import Followed
from tasks.transcoding import encode_part, encoded_before


def held(settings: Settings, episode: Episode) -> Episode | None:
    """The episode without the media of those Parts that ``covered`` has to encode; None when it has none to encode.

    Raises:
        InvalidInput: what is recorded is not what the episode was prepared from.
    """
    sources = _sources(settings, episode)
    parts = tuple(_held(settings, episode, part, sources.get(part.number)) for part in episode.parts)
    lacking = sum(not part.tracks for part in parts)
    if not lacking:
        return None
    get_run_logger().info("The words go now, with the media of %d Parts, which are then encoded anew.", lacking)
    poster = redaction.poster(parts, episode.hidden) if episode.poster else None
    return episode.model_copy(update={"parts": parts, "poster": poster})


def _held(settings: Settings, episode: Episode, part: EncodedPart, source: Part | None) -> EncodedPart:
    if source is None:
        return part
    made = encoded_before(settings, source, _ticks(episode, part))
    return made or part.model_copy(update={"tracks": (), "thumbnails": (), "poster": None})


def covered(settings: Settings, episode: Episode) -> Episode:
    """The episode without picture and sound where it is hidden. What was encoded so before is not again.

    Raises:
        InvalidInput: what is recorded is not what the episode was prepared from.
    """
    sources = _sources(settings, episode)
    if not sources:
        return episode
    futures = {
        part.number: encode_part.submit(settings, episode.broadcast, sources[part.number], _ticks(episode, part))
        for part in episode.parts
        if part.number in sources
    }
    made = {number: future.result() for number, future in futures.items()}
    get_run_logger().info("%d of %d Parts are covered where something is withdrawn.", len(made), len(episode.parts))
    parts = tuple(made.get(part.number, part) for part in episode.parts)
    poster = redaction.poster(parts, episode.hidden) if episode.poster else None
    return episode.model_copy(update={"parts": parts, "poster": poster})


def _sources(settings: Settings, episode: Episode) -> dict[int, Part]:
    """What is recorded of the Parts that hold anything hidden, by their numbers."""
    touched = [part for part in episode.parts if redaction.covers(part, episode.hidden)]
    if not touched:
        return {}
    followed = Followed(settings, episode.broadcast.id)
    followed.look()
    return {part.number: _source(followed, part) for part in touched}


def _source(followed: Followed, encoded: EncodedPart) -> Part:
    part = segments.encoded_of(followed.segments, encoded)
    if part is None:
        raise InvalidInput(
            "More is recorded than the episode was prepared from.", "Start prepare for it, then the withdrawal again."
        )
    return part


def _ticks(episode: Episode, part: EncodedPart) -> tuple[tuple[int, int], ...]:
    found = redaction.covers(part, episode.hidden)
    return tuple((each.start_ms * TICKS_PER_MS, each.end_ms * TICKS_PER_MS) for each in found)
