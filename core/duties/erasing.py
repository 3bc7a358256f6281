"""What is erased of a withdrawn episode when the time in which it could be restored is over: in the archive, for good.

What was prepared is shared by content and bears no name: it is erased where it is nobody else's, and it can be made
again. Of words recognised in pieces, and of a language model's answers, it is told by the words whose they are.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from pydantic import AwareDatetime

from core import keys
from core.bucket import Bucket, Stored
from core.duties import withdrawals
from core.duties.withdrawals import Withdrawal
from core.language.morphology import tokens
from core.models import Episode, Record, Transcript

RUN = 6
"""So many words one after the other are hardly said in two broadcasts; if they are, little is made again."""
_ORIGINAL = re.compile(r"(/original/[0-9a-f]{12})-.*")
_LEARNED = re.compile(r"^(learned/.*\d{6}Z)-.*")


class ErasedObject(Record):
    """One object: its key without words of persons, its size in bytes, and the store's digest of its content."""

    key: str
    size: int
    etag: str


class Erasure(Record):
    """What was erased: when, by whom and why. ``recording`` are the digests of the manifests (archive.recordings)."""

    at: AwareDatetime
    by: str
    reason: str
    withdrawn_at: AwareDatetime
    recording: tuple[str, ...] = ()
    objects: tuple[ErasedObject, ...] = ()


def told(stored: Stored) -> ErasedObject:
    """An object as it is kept in mind: names of files and names that were learned may be those of persons."""
    key = _LEARNED.sub(r"\1", _ORIGINAL.sub(r"\1", stored.key))
    return ErasedObject(key=key, size=stored.size, etag=stored.etag)


class Due(NamedTuple):
    """An episode that can be erased, and how it was withdrawn."""

    broadcast: str
    withdrawn: Withdrawal


def due(archive: Bucket, now: datetime, days: int) -> list[Due]:
    """Whole episodes that were withdrawn more than ``days`` ago, and of which the archive still has anything."""
    every = withdrawals.every(archive).items()
    found = [Due(name, whole) for name, each in every if each.is_cleared and (whole := each.whole)]
    return [
        each
        for each in found
        if not withdrawals.may_restore(each.withdrawn, now, days) and any(True for _ in own(archive, each.broadcast))
    ]


def own(archive: Bucket, broadcast_id: str) -> Iterator[Stored]:
    """All that the archive has of one broadcast alone."""
    for prefix in keys.kept(broadcast_id):
        yield from archive.list(prefix)


def encodings(episode: Episode) -> set[str]:
    """The digests under which its media and stills lie."""
    tracks = [track.key for part in episode.parts for track in part.tracks]
    stills = [still.key for part in episode.parts for still in part.thumbnails]
    posters = [episode.poster.key] if episode.poster else []
    return {key.removeprefix(keys.ENCODED).partition("/")[0] for key in (*tracks, *stills, *posters)}


class Said:
    """All that was said in an episode, by which it is known again in pieces."""

    def __init__(self, texts: Iterable[str]) -> None:
        said = [_folded(text) for text in texts]
        self._runs = {run for words in said for run in _runs(words)}
        self._whole = "\n".join(f" {' '.join(words)} " for words in said)

    def has(self, text: str) -> bool:
        """Whether a text has a run of its words; a short one must be in it as a whole."""
        words = _folded(text)
        if len(words) < RUN:
            return bool(words) and f" {' '.join(words)} " in self._whole
        return any(run in self._runs for run in _runs(words))


def texts(transcript: Transcript) -> Iterator[str]:
    """What a transcript says, as it is shown and as the engine heard it."""
    yield " ".join(passage.text for passage in transcript.passages)
    yield " ".join(word.heard or word.text for passage in transcript.passages for word in passage.words)


def _folded(text: str) -> list[str]:
    return [token.folded for token in tokens(text)]


def _runs(words: list[str]) -> Iterator[tuple[str, ...]]:
    return (tuple(words[at : at + RUN]) for at in range(len(words) - RUN + 1))
