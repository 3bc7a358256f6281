"""A Part's speech."""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from prefect import task
from prefect.concurrency.sync import concurrency
from prefect.logging import get_run_logger

from config import catalogue, stores
from config.recognition import ready, recognition
from config.settings import Settings
from core import keys
from core.archive.recordings import RecordingStore
from core.models import Broadcast, Part, Transcript
from core.speech import languages, repair, terms, whisper, writing
from core.speech.biasing import Hinted
from core.speech.cases import naming
from core.speech.engines.base import Samples
from core.speech.kept import Kept
from core.speech.lexicon import Weights
from core.speech.whisper import Options, Recognise
from tasks import lexicon
from tasks.policies import LEASE_SECONDS, STEP, await_room, work_folder

LIMIT = "transcription"
"""The Prefect concurrency limit that all runs share, so that recognition never has to swap."""
PAUSE_SECONDS = 1.5
"""Longer than other runs wait between two questions, so that a live broadcast gets its turn beside a long import."""


class Turn:
    """Recognition's turn among all runs.

    One thread of a run asks at a time: with each question that it refuses, Prefect tells all to wait longer. While a
    run has its turn, its live text is recognised within it, beside what its Parts need: they share one model.
    """

    def __init__(self) -> None:
        self._pausing = threading.Lock()
        self._asking = threading.Lock()
        self._guests = threading.Condition()
        self._inside = 0
        self._is_open = False
        self._left_at = float("-inf")

    @contextmanager
    def __call__(self) -> Iterator[None]:
        with self._pausing:
            threading.Event().wait(max(0.0, self._left_at + PAUSE_SECONDS - time.monotonic()))
            with self._asked():
                yield

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """The same for live text, which joins whoever of this run is there, or is the next when they leave."""
        if not self._joined():
            with self._asked():
                yield
            return
        try:
            yield
        finally:
            with self._guests:
                self._inside -= 1
                self._guests.notify_all()

    @contextmanager
    def _asked(self) -> Iterator[None]:
        with self._asking:
            try:
                with concurrency(LIMIT, strict=True, lease_duration=LEASE_SECONDS):
                    self._is_open = True
                    try:
                        yield
                    finally:
                        self._close()
            finally:
                self._left_at = time.monotonic()

    def _joined(self) -> bool:
        with self._guests:
            self._inside += self._is_open
            return self._is_open

    def _close(self) -> None:
        """Let nobody in any more, and wait for those who are there."""
        with self._guests:
            self._is_open = False
            self._guests.wait_for(lambda: not self._inside)


turn = Turn()


@task(name="check the model", **STEP)
def require_model(settings: Settings, broadcast: Broadcast) -> None:
    """Learn at the beginning, not after the first minutes of a broadcast, that nothing can be recognised.

    Raises:
        ModelDamaged, Misconfigured, RecogniserAway, DiskFull, ChildFailed: as ``config.recognition.ready``.
    """
    about = ready(settings, broadcast.language)
    get_run_logger().info("Speech is recognised by %s: %s, %s.", settings.engine, about.model, about.compute)


@task(name="transcribe part", task_run_name="transcribe part {part.number}", **STEP)
def transcribe_part(settings: Settings, broadcast: Broadcast, part: Part) -> Transcript:
    """Recognise a Part's speech into the archive, unless it was done before with the same model and options."""
    archive, log = stores.archive(settings), get_run_logger()
    options = recognition(settings, broadcast)
    done = keys.speech(whisper.key(part, options))
    if archive.head(done):
        log.info("Part %d was transcribed before.", part.number)
        return Transcript.model_validate_json(archive.get(done))
    store, kept = RecordingStore(archive, broadcast.id), Kept(archive, turn)
    await_room(settings)
    with work_folder(settings) as folder:
        files = {segment: store.fetch(segment, folder) for segment in part.heard}
        hear = hearing(settings, broadcast, kept.recognised, kept.hinted)
        transcript = finished(settings, broadcast, whisper.transcribe_part(part, files, options, hear))
    log.info("Part %d: %d windows decoded, %d found.", part.number, kept.windows.decoded, kept.windows.found)
    again = kept.second
    log.info("Part %d: %d heard once more for names, %d of these found.", part.number, again.decoded, again.found)
    mended = sum(bool(word.heard) for passage in transcript.passages for word in passage.words)
    log.info("Part %d: %d words were mended or are written otherwise.", part.number, mended)
    for notice in languages.notices(transcript):
        log.warning("%s", notice)
    archive.put_record(done, transcript)
    return transcript


def hearing(settings: Settings, broadcast: Broadcast, once: Recognise, hinted: Hinted) -> Recognise:
    """The way in which windows are recognised: names are listened for once more, if the settings want words mended."""

    def recognise(sounds: Sequence[Samples], options: Options) -> list[Transcript]:
        if not options.lexicon:
            return once(sounds, options)
        names = lexicon.of_broadcast(settings, broadcast)
        return naming(once, hinted, _weights(settings), names)(sounds, options)

    return recognise


def finished(settings: Settings, broadcast: Broadcast, transcript: Transcript) -> Transcript:
    """What was recognised, mended and written as the settings want it."""
    options = recognition(settings, broadcast)
    if options.lexicon:
        names = lexicon.of_broadcast(settings, broadcast)
        transcript = repair.mended(transcript, _weights(settings), names)
    return writing.written(transcript, catalogue.terms()) if options.written else transcript


def _weights(settings: Settings) -> Weights:
    return terms.known(lexicon.analyser(settings.vocabulary).weights, catalogue.terms())
