"""Live text: what is said while a broadcast is on the air, before its Parts are prepared."""

import contextvars
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple

from prefect.exceptions import PrefectException

from config import stores
from config.recognition import recognition
from config.settings import Settings
from core import keys
from core.archive import segments
from core.archive.recordings import RecordingStore
from core.errors import MaaseutuError
from core.models import Broadcast, Part, Passage, Segment, Tail, TailPassage, Transcript
from core.speech import whisper
from core.speech.ahead import Ahead, Waiting
from core.speech.engines.base import Samples
from core.speech.kept import Kept
from core.speech.whisper import Options
from core.text import anchors, transcript
from tasks import lexicon
from tasks.policies import ALWAYS_ASK, require_room, work_folder
from tasks.transcription import finished, turn

REACH_SECONDS = 180
"""So much of what no page shows yet is heard at most, as after a restart: the rest comes with its Parts."""
STOP_SECONDS = 10.0
KEEP_FILES = 60
LEAST_MS = 3000
"""So much new sound is waited for: a glimpse takes a second and a half of a core, however little is new."""
SLOW_SECONDS = 8.0
MOST_DONE = 16


class News(NamedTuple):
    """What there is of the recording: its Segments, the closed Parts, and how many of these the page has."""

    segments: Sequence[Segment]
    parts: Sequence[Part]
    shown: int


class _Settling(NamedTuple):
    """Complete windows, and what will be known of them."""

    waiting: Sequence[Waiting]
    found: Future[list[Transcript]]


class Listener:
    """Hears a recording while it grows, in a thread beside the flow, which it never harms.

    What has happened meanwhile is one piece of news, however much it is, so nothing piles up: a slow machine hears more
    at a time, less often.
    """

    def __init__(self, settings: Settings, broadcast: Broadcast, warn: Callable[[str], None]) -> None:
        self._settings = settings
        self._broadcast = broadcast
        self._options = recognition(settings, broadcast)
        self._kept = Kept(stores.archive(settings), turn.at_once)
        # The Parts listen for names once more: here that would cost the time in which the next words are heard.
        self._ahead = Ahead(self._kept.recognised, _in_turn(turn.at_once))
        self._store = RecordingStore(stores.archive(settings), broadcast.id)
        self._site = stores.site(settings)
        self._warn = warn
        self._news: News | None = None
        self._changed = threading.Event()
        self._over = threading.Event()
        self._passages: tuple[Passage, ...] = ()
        self._told: set[str] = set()
        self._done: dict[int, tuple[Transcript, Transcript]] = {}
        self._heard_ms = -LEAST_MS
        self._pace_ms = LEAST_MS
        self.has_text = False
        self._pool = ThreadPoolExecutor(1, "settler")
        self._settling: _Settling | None = None
        # Prefect finds its server by what the flow's thread knows.
        run = contextvars.copy_context().run
        self._thread = threading.Thread(target=lambda: run(self._run), name="listener", daemon=True)

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def tell(self, news: News) -> None:
        """Say what there is; what was not heard yet of earlier news is in it."""
        if self._news != news:
            self._news = news
            self._changed.set()

    def stop(self) -> None:
        """End, after what it is doing; the tail stays for whoever ends the broadcast."""
        self._over.set()
        self._changed.set()
        if self._thread.is_alive():
            self._thread.join(STOP_SECONDS)
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _run(self) -> None:
        self._tried(self._listen)

    def _listen(self) -> None:
        with work_folder(self._settings) as folder:
            self._tried(self._warm)
            while self._changed.wait() and not self._over.is_set():
                self._changed.clear()
                self._tried(partial(self._step, folder))

    def _step(self, folder: Path) -> None:
        """Correct what has become complete, hear what is new, and show both."""
        news = self._news
        assert news
        require_room(self._settings)
        self._settle()
        self._hear(news, folder)
        self._show(news)
        if (waiting := self._ahead.waiting) and not (self._settling or self._over.is_set()):
            self._settling = _Settling(waiting, self._decode(waiting))

    def _decode(self, waiting: Sequence[Waiting]) -> Future[list[Transcript]]:
        """Decode in another thread, so that what is said meanwhile need not wait."""
        run = contextvars.copy_context().run
        found = self._pool.submit(lambda: run(self._ahead.decode, waiting, self._options))
        found.add_done_callback(lambda _: self._changed.set())
        return found

    def _settle(self) -> None:
        """What was decoded, if it is done. What failed is tried again with the next Segment."""
        if self._settling and self._settling.found.done():
            waiting, found = self._settling
            self._settling = None
            self._ahead.settle(waiting, found.result(), self._options)

    def _tried(self, do: Callable[[], None]) -> None:
        """What fails is told once: the Parts bring the text all the same."""
        try:
            do()
        except (MaaseutuError, PrefectException, OSError, RuntimeError, ValueError) as error:
            self._tell("failed", f"There is no live text at the moment: {error} The text comes with the Parts.")

    def _warm(self) -> None:
        """Load the model and the lexicon, which takes seconds."""
        with turn.at_once():
            whisper.warm(self._options)
        lexicon.of_broadcast(self._settings, self._broadcast)
        lexicon.analyser(self._settings.vocabulary).dictionary([self._broadcast.title])

    def _tell(self, kind: str, text: str) -> None:
        if kind not in self._told:
            self._told.add(kind)
            self._warn(text)

    def _hear(self, news: News, folder: Path) -> None:
        """Every Part that the page does not have, and what comes after them; not for every little that is new."""
        growing = segments.growing(news.segments, news.parts)
        pending = [*news.parts[news.shown :], *([growing] if growing else [])]
        end = pending[-1].end_ms if pending else 0
        pending = [part for part in pending if part.end_ms > end - REACH_SECONDS * 1000]
        self._ahead.keep({part.number for part in pending})
        if 0 <= end - self._heard_ms < self._pace_ms:
            return
        began = time.monotonic()
        # Where the machine keeps up, words are right at once that a greedy search has only when the window is complete.
        options = self._options if self._pace_ms <= LEAST_MS else self._options._replace(beam_size=1)
        for part in pending:
            self._hear_new(part, folder, options, grows=part is growing)
        self._heard_ms = end
        self._pace(time.monotonic() - began)

    def _pace(self, seconds: float) -> None:
        """Wait for so much sound that hearing it takes two thirds of its time at most."""
        self._pace_ms = max(LEAST_MS, round(1500 * seconds))
        if seconds > SLOW_SECONDS:
            self._tell(
                "slow", f"This machine is slow: live text came {seconds:.0f} s late, and waits for more at a time."
            )

    def _hear_new(self, part: Part, folder: Path, options: Options, *, grows: bool) -> None:
        if (count := self._ahead.heard(part, grows=grows)) == len(part.segments):
            return
        files = {segment: self._store.fetch(segment, folder) for segment in segments.since(part, count).heard}
        self._ahead.hear(part, files, options, grows=grows)
        for old in sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime)[:-KEEP_FILES]:
            old.unlink()

    def _show(self, news: News) -> None:
        """Write the tail, unless it is as before, or who ends the broadcast may have taken it away."""
        certain = transcript.join([self._finished(each).passages for each in self._ahead.complete(self._options)])
        rest = finished(self._settings, self._broadcast, self._ahead.provisional(self._options)).passages
        whole = anchors.identified(transcript.join([certain, rest]), self._passages)
        if whole != self._passages and not self._over.is_set():
            self._passages = whole
            self._write(news, rest[0].start_ms if rest else None)

    def _finished(self, heard: Transcript) -> Transcript:
        """As ``finished``, which takes a while: a Part's text changes only with its windows."""
        number = heard.passages[0].start_ms if heard.passages else -1
        if number not in self._done or self._done[number][0] != heard:
            self._done[number] = (heard, finished(self._settings, self._broadcast, heard))
            for old in list(self._done)[:-MOST_DONE]:
                del self._done[old]
        return self._done[number][1]

    def _write(self, news: News, certain_ms: int | None) -> None:
        forms = lexicon.analyser(self._settings.vocabulary).dictionary([passage.text for passage in self._passages])
        tail = Tail(
            made_at=datetime.now(UTC),
            after_ms=news.parts[news.shown - 1].end_ms if news.shown else 0,
            known_ms=segments.duration_ms(news.segments),
            passages=tuple(_shown(passage, certain_ms) for passage in self._passages),
            forms=forms,
        )
        text = tail.model_dump_json(exclude_defaults=True)
        self._site.put(keys.tail(self._broadcast.id), text.encode(), cache=ALWAYS_ASK)
        self.has_text = True


def _shown(passage: Passage, certain_ms: int | None) -> TailPassage:
    return TailPassage(
        id=passage.id,
        start_ms=passage.start_ms,
        end_ms=passage.end_ms,
        text=passage.text,
        unclear=passage.unclear,
        provisional=certain_ms is not None and passage.end_ms > certain_ms,
    )


def _in_turn(in_turn: Callable[[], AbstractContextManager[None]]) -> Callable[[Samples, Options], Transcript]:
    def glimpse(samples: Samples, options: Options) -> Transcript:
        with in_turn():
            return whisper.glimpse(samples, options)

    return glimpse
