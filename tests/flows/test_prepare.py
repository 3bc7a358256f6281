"""prepare_episode beside a recording that needs what is left of the disk: it waits, lives, and goes on by itself."""

import threading
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from config import catalogue, stores
from config.settings import Settings
from core import keys
from core.archive.recordings import RecordingStore
from core.capture import recorder
from core.capture.disk import Budget, Room
from core.capture.recorder import Options
from core.media import encode
from core.models import Broadcast
from flows.prepare import PrepareRequest, prepare_episode
from maaseutu.stack import Stack
from tasks import following, sweeping
from tasks.following import Followed
from tests.core.made_media import make

BEATS = 3
DEADLINE_SECONDS = 120


@pytest.fixture
def settings(storage: Stack, given: Callable[[Settings], Settings]) -> Settings:
    """More free room is wanted than there is."""
    return given(storage.settings.model_copy(update={"min_free_mb": 1 << 40}))


class _Recorder:
    """Another recording on this machine, until the preparing has shown ``BEATS`` signs of life."""

    def __init__(self, settings: Settings, store: RecordingStore) -> None:
        self._folder = settings.spool / "another"
        self._folder.mkdir(parents=True, exist_ok=True)
        self._settings = settings
        self._store = store
        self._thread = threading.Thread(target=self._run)
        self._begun = threading.Event()
        self.beats: set[datetime] = set()
        self.encoded: list[bool] = []

    def __enter__(self) -> "_Recorder":
        self._thread.start()
        assert self._begun.wait(DEADLINE_SECONDS)
        return self

    def __exit__(self, *exception: object) -> None:
        self._thread.join()

    def _run(self) -> None:
        until = time.monotonic() + DEADLINE_SECONDS
        with Room(self._folder, threading.Event(), Budget()):
            self._begun.set()
            while len(self.beats) < BEATS and time.monotonic() < until:
                if pulse := self._store.pulse():
                    self.beats.add(pulse.at)
                threading.Event().wait(0.1)
            self.encoded = [_is_encoded(self._settings, self._store)]


def _is_encoded(settings: Settings, store: RecordingStore) -> bool:
    part = Followed(settings, store.id).look()[0]
    options = encode.Options(catalogue.ladder(), settings.encode_threads, settings.ffmpeg)
    return bool(store.archive.head(keys.encoded(encode.key(part, options), "result.json")))


@pytest.fixture
def store(settings: Settings, tmp_path: Path) -> RecordingStore:
    """What was imported."""
    store = RecordingStore(stores.archive(settings), f"test-{uuid.uuid4().hex[:12]}")
    now = datetime.now(UTC)
    store.announce(Broadcast(id=store.id, programme="maaseutu-live", title="Kokous", starts_at=now))
    options = Options(tmp_path / "spool")
    recorder.import_file(make(tmp_path / "a.mp4", seconds=6), store, options, starts_at=now, report=lambda _: None)
    return store


def test_the_sweep_leaves_alone_what_somebody_prepares(
    prefect: None, settings: Settings, store: RecordingStore
) -> None:
    def is_unfinished() -> bool:
        return store.id in {case.broadcast for case in sweeping.unfinished(settings)}

    assert is_unfinished()
    store.beat()
    assert not is_unfinished()
    store.beat(rests=True)
    assert is_unfinished()


def test_preparing_waits_for_a_recording_and_lives(
    prefect: None, settings: Settings, store: RecordingStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "BEAT_EVERY_SECONDS", 1.0)
    with _Recorder(settings, store) as another:
        prepare_episode(PrepareRequest(broadcast=store.id))
    assert len(another.beats) == BEATS
    assert another.encoded == [False]
    assert _is_encoded(settings, store)
    assert store.episode()
    assert not store.is_followed()
