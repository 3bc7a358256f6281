"""A Part's speech."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from prefect import task
from prefect.concurrency.sync import concurrency
from prefect.logging import get_run_logger

from config import catalogue, stores
from config.recognition import ready, recognition
from config.settings import Settings
from core import keys
from core.models import Broadcast, Part, Transcript
from core.recordings import RecordingStore
from core.speech import repair, whisper, writing
from tasks import lexicon
from tasks.policies import LEASE_SECONDS, STEP, await_room, work_folder

LIMIT = "transcription"
"""The Prefect concurrency limit that all runs share, so that recognition never has to swap."""
PAUSE_SECONDS = 1.5
"""Longer than other runs wait between two questions, so that a live broadcast gets its turn beside a long import."""


class _Turn:
    """Recognition's turn among all runs.

    One thread of a run asks at a time: with each question that it refuses, Prefect tells all to wait longer.
    """

    def __init__(self) -> None:
        self._asking = threading.Lock()
        self._left_at = float("-inf")

    @contextmanager
    def __call__(self) -> Iterator[None]:
        with self._asking:
            threading.Event().wait(max(0.0, self._left_at + PAUSE_SECONDS - time.monotonic()))
            try:
                with concurrency(LIMIT, strict=True, lease_duration=LEASE_SECONDS):
                    yield
            finally:
                self._left_at = time.monotonic()


_turn = _Turn()


@task(name="check the model", **STEP)
def require_model(settings: Settings, broadcast: Broadcast) -> None:
    """Learn at the beginning, not after the first minutes of a broadcast, that nothing can be recognised.

    Raises:
        ModelDamaged, Misconfigured, RecogniserAway, DiskFull: as ``config.recognition.ready``.
    """
    about = ready(settings, broadcast.language)
    get_run_logger().info("Speech is recognised by %s: %s, %s.", settings.engine, about.model, about.compute)


@task(name="transcribe part", task_run_name="transcribe part {part.number}", **STEP)
def transcribe_part(settings: Settings, broadcast: Broadcast, part: Part) -> Transcript:
    """Recognise a Part's speech into the archive, unless it was done before with the same model and options."""
    archive = stores.archive(settings)
    options = recognition(settings, broadcast)
    done = keys.speech(whisper.key(part, options))
    if archive.head(done):
        get_run_logger().info("Part %d was transcribed before.", part.number)
        return Transcript.model_validate_json(archive.get(done))
    store = RecordingStore(archive, broadcast.id)
    await_room(settings)
    with work_folder(settings) as folder, _turn():
        files = {segment: store.fetch(segment, folder) for segment in part.heard}
        transcript = whisper.transcribe_part(part, files, options)
    if options.lexicon:
        transcript = _mended(transcript, settings.vocabulary, broadcast.learned)
    if options.written:
        transcript = writing.written(transcript, catalogue.terms())
    archive.put_record(done, transcript)
    return transcript


def _mended(transcript: Transcript, vocabulary: Path, learned: tuple[str, ...]) -> Transcript:
    mended = repair.mended(transcript, lexicon.analyser(vocabulary).weights, lexicon.names(vocabulary, learned))
    count = sum(bool(word.heard) for passage in mended.passages for word in passage.words)
    get_run_logger().info("%d words were mended.", count)
    return mended
