"""Recordings as they lie in the archive. The Segments' own names are the record; the manifest sums them up."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError

from core import digests, keys, segments
from core.bucket import Bucket
from core.errors import InvalidInput
from core.models import Broadcast, Episode, Gap, Pulse, Recording, Segment


class RecordingStore:
    """One recording in the archive bucket. Raises the bucket's errors."""

    def __init__(self, archive: Bucket, broadcast_id: str) -> None:
        self.archive = archive
        self.id = broadcast_id

    def announce(self, broadcast: Broadcast) -> Broadcast:
        """Store who, what and when, unless it is stored already; gives what is stored."""
        if self.archive.head(keys.broadcast(self.id)) is None:
            self.archive.put_record(keys.broadcast(self.id), broadcast)
        return self.broadcast()

    def broadcast(self) -> Broadcast:
        """Who, what and when."""
        return Broadcast.model_validate_json(self.archive.get(keys.broadcast(self.id)))

    def add(self, segment: Segment, path: Path) -> None:
        """Store a Segment and check what arrived; one that is there already is left as it is."""
        key = keys.segments(self.id) + segments.name(segment)
        if self.archive.head(key) is None:
            self.archive.put_file(key, path, sha256=segment.sha256)

    def segments(self, known: Iterable[Segment] = ()) -> list[Segment]:
        """All Segments in order. Those ``known`` are not listed again."""
        known = list(known)
        prefix = keys.segments(self.id)
        after = prefix + segments.name(known[-1]) if known else ""
        listed = self.archive.list(prefix, after)
        return known + [segments.parse(item.key.removeprefix(prefix), item.size) for item in listed]

    def fetch(self, segment: Segment, folder: Path) -> Path:
        """A Segment as a file in ``folder``, checked against its digest."""
        path = folder / f"{segment.take:03d}-{segment.number:06d}.{segment.suffix}"
        return path if path.exists() else self._download(segment, path)

    def _download(self, segment: Segment, path: Path) -> Path:
        return self.archive.download(keys.segments(self.id) + segments.name(segment), path, segment.sha256)

    def recording(self) -> Recording:
        """The manifest as last written; an empty one before the first."""
        key = keys.manifest(self.id)
        if self.archive.head(key) is None:
            return Recording(broadcast=self.id)
        return Recording.model_validate_json(self.archive.get(key))

    def write(self, recording: Recording) -> None:
        """Write the manifest; its earlier versions stay in the bucket."""
        self.archive.put_record(keys.manifest(self.id), recording)

    def seal(self, gaps: Iterable[Gap], original: str = "") -> Recording:
        """Write the last manifest: nothing more will come."""
        sealed = Recording(
            broadcast=self.id, segments=tuple(self.segments()), gaps=tuple(gaps), sealed=True, original=original
        )
        self.write(sealed)
        return sealed

    def beat(self) -> None:
        """Leave a sign of life of whoever prepares it."""
        self.archive.put_record(keys.pulse(self.id), Pulse(at=datetime.now(UTC)))

    def last_beat(self) -> datetime | None:
        """When the last sign of life was left."""
        if self.archive.head(keys.pulse(self.id)) is None:
            return None
        return Pulse.model_validate_json(self.archive.get(keys.pulse(self.id))).at

    def keep_original(self, path: Path) -> str:
        """Store an imported file as it came; gives its key."""
        key = keys.original(self.id, f"{digests.of_file(path)[:12]}-{path.name}")
        if self.archive.head(key) is None:
            self.archive.put_file(key, path)
        return key

    def episode(self) -> Episode | None:
        """The assembled Episode, if there is one that this version of the program can read."""
        if self.archive.head(keys.episode(self.id)) is None:
            return None
        try:
            return Episode.model_validate_json(self.archive.get(keys.episode(self.id)))
        except ValidationError:
            return None


def every(archive: Bucket) -> list[str]:
    """The ids of all recordings, in order."""
    return list(archive.names(keys.RECORDINGS))


def verify(store: RecordingStore, report: Callable[[int, int], None] = lambda done, of: None) -> list[str]:
    """Read a sealed recording again and compare it with its manifest; gives what is wrong in plain words.

    ``report`` is told after each Segment how many of how many were read.

    Raises:
        InvalidInput: there is no such recording, or it is not sealed yet.
    """
    recording = store.recording()
    if store.archive.head(keys.broadcast(store.id)) is None and not recording.segments:
        raise InvalidInput(f"There is no recording {store.id}.", "`maaseutu status` lists them.")
    if not recording.sealed:
        raise InvalidInput(f"{store.id} is still being recorded.", "Wait for its end.")
    wrong = []
    for done, segment in enumerate(recording.segments, 1):
        wrong += _wrong(store, segment)
        report(done, len(recording.segments))
    unknown = set(store.segments()) - set(recording.segments)
    wrong += [f"{_called(segment)} is not in the manifest." for segment in sorted(unknown, key=segments.name)]
    if recording.original and store.archive.head(recording.original) is None:
        wrong.append(f"The original, {recording.original}, is missing.")
    return wrong


def _wrong(store: RecordingStore, segment: Segment) -> list[str]:
    stored = store.archive.head(keys.segments(store.id) + segments.name(segment))
    if stored is None:
        return [f"{_called(segment)} is missing."]
    if digests.of_bytes(store.archive.get(stored.key)) != segment.sha256:
        return [f"{_called(segment)} was altered."]
    return []


def _called(segment: Segment) -> str:
    return f"Segment {segment.take}/{segment.number} of {segment.captured_at:%Y-%m-%d %H:%M:%S} UTC"


def digest(recording: Recording) -> str:
    """Hex SHA-256 of the whole: of the names of all Segments, which hold their digests, and of the gaps between."""
    return digests.of_records("\n".join(map(segments.name, recording.segments)), *recording.gaps)
