"""Recordings as they lie in the archive. The Segments' own names are the record; the manifest sums them up."""

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

from pydantic import ValidationError

from core import digests, identifiers, keys, names
from core.archive import actions, segments
from core.archive.actions import Action
from core.archive.pulse import Pulse
from core.bucket import Bucket
from core.errors import InvalidInput
from core.meeting.chapter_edits import Found
from core.models import TICKS_PER_MS, Broadcast, Chapter, Edit, Episode, Gap, Kept, Mark, Recording, Segment, Totals

READS_AT_A_TIME = 16


class RecordingStore:
    """One recorder's recording of a broadcast in the archive bucket. Raises the bucket's errors.

    The first recorder has no name; what is said of the broadcast itself is shared by all.
    """

    def __init__(self, archive: Bucket, broadcast_id: str, recorder: str = "") -> None:
        self.archive = archive
        self.id = broadcast_id
        self.recorder = recorder

    @property
    def name(self) -> str:
        """What it is called in folders and to people."""
        return identifiers.run_name(self.id, self.recorder)

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
        key = keys.segments(self.id, self.recorder) + segments.name(segment)
        if self.archive.head(key) is None:
            self.archive.put_file(key, path, sha256=segment.sha256)

    def segments(self, known: Iterable[Segment] = ()) -> list[Segment]:
        """All Segments in order. Those ``known`` are not listed again."""
        known = list(known)
        prefix = keys.segments(self.id, self.recorder)
        after = prefix + segments.name(known[-1]) if known else ""
        listed = self.archive.list(prefix, after)
        return known + [segments.parse(item.key.removeprefix(prefix), item.size, self.recorder) for item in listed]

    def fetch(self, segment: Segment, folder: Path) -> Path:
        """A Segment of any recorder as a file in ``folder``, checked against its digest."""
        path = folder / f"{segment.recorder}{segment.take:03d}-{segment.number:06d}.{segment.suffix}"
        return path if path.exists() else self._download(segment, path)

    def _download(self, segment: Segment, path: Path) -> Path:
        key = keys.segments(self.id, segment.recorder) + segments.name(segment)
        return self.archive.download(key, path, segment.sha256)

    def recording(self) -> Recording:
        """The manifest as last written; an empty one before the first."""
        key = keys.manifest(self.id, self.recorder)
        if self.archive.head(key) is None:
            return Recording(broadcast=self.id)
        return Recording.model_validate_json(self.archive.get(key))

    def write(self, found: Sequence[Segment], gaps: Iterable[Gap]) -> None:
        """Write the manifest as it stands; its earlier versions stay in the bucket."""
        self._write(Recording(broadcast=self.id, segments=tuple(found), gaps=tuple(gaps)))

    def seal(self, gaps: Iterable[Gap], original: str = "") -> Recording:
        """Write the last manifest: nothing more will come."""
        found = tuple(self.segments())
        return self._write(
            Recording(broadcast=self.id, segments=found, gaps=tuple(gaps), sealed=True, original=original)
        )

    def _write(self, recording: Recording) -> Recording:
        summed = recording.model_copy(update={"totals": totals(recording), "digest": digest(recording)})
        self.archive.put_record(keys.manifest(self.id, self.recorder), summed)
        return summed

    def beat(self, *, rests: bool = False) -> None:
        """Leave a sign of life of whoever prepares it, or one that says that nobody does any more."""
        self.archive.put_record(keys.pulse(self.id), Pulse(at=datetime.now(UTC), rests=rests))

    def is_followed(self) -> bool:
        """Whether somebody prepares it now."""
        pulse = self.pulse()
        return pulse is not None and pulse.is_fresh(datetime.now(UTC))

    def pulse(self) -> Pulse | None:
        """The last sign of life."""
        if self.archive.head(keys.pulse(self.id)) is None:
            return None
        return Pulse.model_validate_json(self.archive.get(keys.pulse(self.id)))

    def keep_original(self, path: Path) -> str:
        """Store an imported file as it came; gives its key."""
        key = keys.original(self.id, f"{digests.of_file(path)[:12]}-{names.file_name(path.name)}")
        if self.archive.head(key) is None:
            self.archive.put_file(key, path)
        return key

    def mark(self, mark: Mark) -> None:
        """Store a moment that somebody marked; the same again changes nothing."""
        self.archive.put_record(keys.mark(self.id, mark.at), mark)

    def marks(self) -> list[Mark]:
        """The marked moments in order of time."""
        listed = self.archive.list(keys.marks(self.id))
        return [Mark.model_validate_json(self.archive.get(item.key)) for item in listed]

    def keep(self, made: Kept) -> str:
        """Keep a transcript that the machine made, unless it is the last one over again; gives its digest."""
        digest = digests.of_records("transcript", made.transcript)[:16]
        known = self._transcripts()
        if not known or not known[-1].endswith(f"-{digest}.json"):
            self.archive.put_once(keys.transcript(self.id, made.at, digest), made.model_dump_json().encode())
        return digest

    def last_kept(self) -> Kept | None:
        """The last transcript that the machine made and that is kept, if this version of the program can read it."""
        known = self._transcripts()
        try:
            return Kept.model_validate_json(self.archive.get(known[-1])) if known else None
        except ValidationError:
            return None

    def _transcripts(self) -> list[str]:
        return [item.key for item in self.archive.list(keys.transcripts(self.id))]

    def correct(self, edit: Edit) -> None:
        """Store what a person corrected."""
        self.act(Action(id=secrets.token_hex(4), at=edit.at, author=edit.author, edits=(edit,)))

    def act(self, action: Action) -> None:
        """Store what a person did."""
        self.archive.put_once(keys.edit(self.id, action.at, action.id), action.model_dump_json().encode())

    def actions(
        self, known: Mapping[str, Action] = MappingProxyType({}), since: datetime | None = None
    ) -> dict[str, Action]:
        """All that persons did, or did ``since``, in order of time, by keys. Those ``known`` are not read again."""
        after = keys.edit(self.id, since, "") if since else ""
        listed = [item.key for item in self.archive.list(keys.edits(self.id), after)]
        new = [key for key in listed if key not in known]
        with ThreadPoolExecutor(READS_AT_A_TIME) as pool:
            read = dict(zip(new, pool.map(self._action, new), strict=True))
        return {key: known.get(key) or read[key] for key in listed}

    def _action(self, key: str) -> Action:
        return actions.parsed(keys.edit_id(key), self.archive.get(key))

    def standing(self, since: datetime | None = None) -> tuple[Action, ...]:
        """What persons did, or did ``since``, and nobody has undone, in order of time."""
        return actions.standing(actions.once(self.actions(since=since).values()))

    def edits(self) -> list[Edit]:
        """What persons corrected in the transcript and nobody has undone, in order of time."""
        return [edit for action in self.standing() for edit in action.edits]

    def found_chapters(self, episode: Episode) -> tuple[Chapter, ...]:
        """The chapters that were found in the episode's text when it was published last, else when it was assembled.

        Persons' changes are put on top of these.
        """
        found = self._found_chapters()
        return found.chapters if found and found.machine == episode.machine else episode.chapters

    def keep_chapters(self, episode: Episode) -> None:
        """Keep the chapters that were found in the episode's text as it is published."""
        found = Found(machine=episode.machine, chapters=episode.chapters)
        if found != self._found_chapters():
            self.archive.put_record(keys.chapters(self.id), found)

    def _found_chapters(self) -> Found | None:
        if self.archive.head(keys.chapters(self.id)) is None:
            return None
        return Found.model_validate_json(self.archive.get(keys.chapters(self.id)))

    def is_import(self) -> bool:
        """Whether it is one of a file, which is kept before anything else is stored."""
        return any(self.archive.list(keys.original(self.id, "")))

    def episode(self) -> Episode | None:
        """The assembled Episode, if there is one that this version of the program can read."""
        if self.archive.head(keys.episode(self.id)) is None:
            return None
        try:
            return Episode.model_validate_json(self.archive.get(keys.episode(self.id)))
        except ValidationError:
            return None


def recorders(archive: Bucket, broadcast_id: str) -> list[RecordingStore]:
    """The recordings of one broadcast: the first recorder's, and those of further ones in the order of their names."""
    names = archive.names(keys.recorders(broadcast_id))
    return [RecordingStore(archive, broadcast_id, name) for name in ("", *names)]


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
        raise InvalidInput(f"There is no recording {store.name}.", "`maaseutu status` lists them.")
    if not recording.sealed and not store.segments():
        raise InvalidInput(f"Nothing was recorded of {store.name}.", "Its run in the Prefect UI says why.")
    if not recording.sealed:
        raise InvalidInput(f"{store.name} is still being recorded.", "Wait for its end, or for the sweep to seal it.")
    # Manifests of before have none.
    altered = recording.digest not in ("", digest(recording))
    wrong = ["The manifest was altered: its digest is another."] if altered else []
    for done, segment in enumerate(recording.segments, 1):
        wrong += _wrong(store, segment)
        report(done, len(recording.segments))
    unknown = set(store.segments()) - set(recording.segments)
    wrong += [f"{_called(segment)} is not in the manifest." for segment in sorted(unknown, key=segments.name)]
    if recording.original and store.archive.head(recording.original) is None:
        wrong.append(f"The original, {recording.original}, is missing.")
    return wrong


def _wrong(store: RecordingStore, segment: Segment) -> list[str]:
    stored = store.archive.head(keys.segments(store.id, store.recorder) + segments.name(segment))
    if stored is None:
        return [f"{_called(segment)} is missing."]
    if digests.of_bytes(store.archive.get(stored.key)) != segment.sha256:
        return [f"{_called(segment)} was altered."]
    return []


def _called(segment: Segment) -> str:
    return f"Segment {segment.take}/{segment.number} of {segment.captured_at:%Y-%m-%d %H:%M:%S} UTC"


def totals(recording: Recording) -> Totals:
    """How much there should be, is, and is missing."""
    captured = segments.duration_ms(recording.segments)
    missing = sum(gap.lost_ms for gap in recording.gaps)
    doubtful = sum(gap.lost_ms for gap in recording.gaps if gap.doubtful)
    doubtful += sum(s.duration for s in recording.segments if s.state == "partial") // TICKS_PER_MS
    return Totals(expected_ms=captured + missing, captured_ms=captured, missing_ms=missing, doubtful_ms=doubtful)


def digest(recording: Recording) -> str:
    """Hex SHA-256 of the whole: of the names of all Segments, which hold their digests, and of the gaps between."""
    return digests.of_records("\n".join(map(segments.name, recording.segments)), *recording.gaps)
