"""How soon a correction of a broadcast of four hours is seen everywhere: a whole run, as a producer starts it.

The broadcast has the Parts, renditions and stills of four hours, each a few bytes, and text of the project's own
meetings, with the municipalities that are named there. A hundred other episodes are on the site. A worker starts the
run: until it has taken it, its process has begun and all is written, the clock goes.
"""

import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID

from prefect.logging import disable_run_logger

from benchmarks import notes, own_stack
from benchmarks.figures import Figure
from config import catalogue, stores
from config.settings import Settings
from core import digests, keys
from core.archive import cards
from core.archive.actions import Action
from core.archive.recordings import RecordingStore
from core.bucket import Bucket
from core.errors import ChildFailed
from core.media import hls, podcast
from core.media.ffmpeg import THUMBNAIL_SECONDS
from core.models import EncodedPart, EncodedTrack, Episode, Fragment, Passage, Thumbnail, Word
from core.text import edits, places
from core.text.anchors import named
from maaseutu import runs
from tasks import lexicon
from tasks.assembly import understood
from tests.web import demo

ID = "nelja-tuntia"
PART_MS = 60_000
FRAGMENT_MS = 4_000
OTHERS = 100
EDITS = 10
NEW = ("Raivattiinko", "Lapioitaisiin", "Kuokittiinkin")
LIMIT_S = 10.0
LONGEST_S = 600.0
AT_A_TIME = 16
POLL_S = 0.2


def run() -> list[Figure]:
    """The figures."""
    with own_stack.running(("storage", "prefect", "worker")) as stack:
        settings = stack.settings
        store = _prepared(settings)
        _publish(settings, store.id)
        found = [_corrected(settings, store, number) for number in range(EDITS)]
        new = [_corrected(settings, store, EDITS + number, word) for number, word in enumerate(NEW)]
    return list(_figures(found, new))


def _figures(found: list[tuple[float, int, int]], new: list[tuple[float, int, int]]) -> Iterator[Figure]:
    times = sorted(seconds for seconds, _, _ in found)
    written = sorted(count for _, count, _ in found)
    yield Figure(
        f"republish: {notes.HOURS} hours, one correction, seen everywhere",
        f"P50 {statistics.median(times):.1f} s, at most {times[-1]:.1f} ({len(times)} times)",
        f"< {LIMIT_S:.0f} s",
        times[-1] < LIMIT_S,
    )
    slower = sorted(seconds for seconds, _, _ in new)
    yield Figure(
        "republish: the same, with a word that the vocabulary of the machine lacks",
        f"P50 {statistics.median(slower):.1f} s, at most {slower[-1]:.1f} ({len(slower)} times)",
    )
    yield Figure("republish: files written, of those of the site", f"{written[0]} to {written[-1]} of {found[-1][2]}")


def _prepared(settings: Settings) -> RecordingStore:
    """The broadcast in the archive, and the others on the site."""
    archive, site = stores.archive(settings), stores.site(settings)
    said = named(notes.long_transcript())
    said = said.model_copy(update={"passages": tuple(_timed(passage) for passage in said.passages)})
    example = demo.episode()
    parts = tuple(_part(number) for number in range(notes.HOURS * 3_600_000 // PART_MS))
    made = example.model_copy(
        update={
            "broadcast": example.broadcast.model_copy(update={"id": ID}),
            "transcript": said,
            "parts": parts,
            "duration_ms": parts[-1].end_ms,
            "poster": parts[0].thumbnails[0],
        }
    )
    _store(archive, parts)
    site.put(keys.media(ID, podcast.digest(parts), "m4a"), b"sound")
    with disable_run_logger():
        archive.put_record(keys.episode(ID), understood(settings, made))
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        list(pool.map(lambda number: _other(site, example, number), range(OTHERS)))
    return RecordingStore(archive, ID)


def _timed(passage: Passage) -> Passage:
    words = passage.text.split()
    times = [passage.start_ms + (passage.end_ms - passage.start_ms) * n // len(words) for n in range(len(words) + 1)]
    timed = (
        Word(start_ms=start, end_ms=end, text=text, probability=0.9)
        for text, (start, end) in zip(words, pairwise(times), strict=True)
    )
    return passage.model_copy(update={"words": tuple(timed)})


def _part(number: int) -> EncodedPart:
    start_ms, end_ms = number * PART_MS, (number + 1) * PART_MS
    names = [hls.AUDIO, *(str(rung.height) for rung in catalogue.ladder())]
    times = range(start_ms, end_ms, THUMBNAIL_SECONDS * 1000)
    stills = (
        Thumbnail(at_ms=at, key=_key(f"{at}.jpg"), sha256=digests.of_text(f"{at}.jpg"), width=320, height=180)
        for at in times
    )
    return EncodedPart(
        number=number,
        take=1,
        start_ms=start_ms,
        end_ms=end_ms,
        tracks=tuple(_track(number, name) for name in names),
        thumbnails=tuple(stills),
    )


def _track(number: int, name: str) -> EncodedTrack:
    text = f"{name}-{number}.mp4"
    count = PART_MS // FRAGMENT_MS
    height = 0 if name == hls.AUDIO else int(name)
    return EncodedTrack(
        name=name,
        key=_key(text),
        sha256=digests.of_bytes(text.encode()),
        size=len(text),
        init_length=1,
        init_sha256=digests.of_text(name),
        codecs="avc1.64001f" if height else "mp4a.40.2",
        width=height * 16 // 9,
        height=height,
        bandwidth=100_000,
        fragments=tuple(Fragment(offset=1, length=1, duration_ms=FRAGMENT_MS) for _ in range(count)),
    )


def _key(name: str) -> str:
    return f"prepared/encode/{ID}/{name}"


def _store(archive: Bucket, parts: tuple[EncodedPart, ...]) -> None:
    wanted = [track.key for part in parts for track in part.tracks]
    wanted += [still.key for part in parts for still in part.thumbnails]
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        list(pool.map(lambda key: archive.put(key, key.removeprefix(_key("")).encode()), wanted))


def _other(site: Bucket, example: Episode, number: int) -> None:
    shown = demo.older(f"toinen-{number}", example)
    begins = shown.broadcast.starts_at - timedelta(days=7 * number)
    shown = shown.model_copy(update={"broadcast": shown.broadcast.model_copy(update={"starts_at": begins})})
    site.put_record(keys.mentions(shown.broadcast.id, demo.VERSION), places.mentioned(shown))
    site.put_record(keys.card(shown.broadcast.id), cards.card(shown, demo.VERSION))


def _corrected(settings: Settings, store: RecordingStore, number: int, new: str = "") -> tuple[float, int, int]:
    """Seconds until a correction is seen everywhere, files that were written for it, and all files of the site.

    Its words are analysed before, as the studio does when it is saved, but for one that is ``new``.
    """
    site = stores.site(settings)
    passage = _passages(store)[7 * number]
    at = datetime.now(UTC)
    words = f"Tämän kohdan korjasi ihminen, ja {number + 2} kylää on Vieremällä."
    lexicon.analyser(settings.vocabulary).dictionary([words])
    edit = edits.of(passage, "Anna", at, after=f"{new} {words}".strip())
    before = _listed(site)
    store.act(Action(id=f"{number:016x}", at=at, author="Anna", edits=(edit,)))
    began = time.perf_counter()
    _publish(settings, store.id)
    took = time.perf_counter() - began
    after = _listed(site)
    return took, sum(before.get(key) != etag for key, etag in after.items()), len(after)


def _passages(store: RecordingStore) -> tuple[Passage, ...]:
    episode = store.episode()
    return episode.transcript.passages if episode else ()


def _listed(site: Bucket) -> dict[str, str]:
    return {item.key: item.etag for item in site.list()}


def _publish(settings: Settings, broadcast_id: str) -> None:
    """As a producer does it.

    Raises:
        ChildFailed: it did not come to its end.
    """
    run = runs.start(settings, "publish_episode/publish", {"broadcast": broadcast_id}, broadcast_id)
    deadline = time.monotonic() + LONGEST_S
    # A new connection for each look would cost the machine more than what is looked at.
    with runs.connected(settings) as client:
        while not (state := client.read_flow_run(UUID(run.id)).state) or not state.is_final():
            if time.monotonic() > deadline:
                raise ChildFailed(f"Publishing has not ended in {LONGEST_S:.0f} s.")
            time.sleep(POLL_S)
    if not state.is_completed():
        raise ChildFailed(f"Publishing ended as {state.name}.", state.message or "")
