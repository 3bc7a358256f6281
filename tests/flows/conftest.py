"""The settings of a flow that runs in the test's own process, and an episode in the archive."""

import uuid
from collections.abc import Callable

import pytest

from config import stores
from config.settings import PREFIX, Settings, environment
from core import digests, keys
from core.models import Episode, Fragment, Thumbnail
from core.text.anchors import named
from maaseutu.stack import Stack
from tests.web import demo

MEDIA = b"fragments"


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> Callable[[Settings], Settings]:
    """``given(settings)``: flows load these, from the environment."""

    def give(settings: Settings) -> Settings:
        for name, value in environment(settings).items():
            if name.startswith(PREFIX):
                monkeypatch.setenv(name, value)
        return settings

    return give


@pytest.fixture
def settings(storage: Stack, given: Callable[[Settings], Settings]) -> Settings:
    """Those of the store, also for the flow."""
    return given(storage.settings)


@pytest.fixture
def episode(settings: Settings) -> Episode:
    """An episode in the archive, with what it plays."""
    archive = stores.archive(settings)
    made = demo.episode(video=False)
    name = f"test-{uuid.uuid4().hex[:12]}"
    key = archive.put(f"prepared/encode/{name}/audio.mp4", MEDIA).key
    still = Thumbnail(at_ms=0, key=key, sha256=digests.of_bytes(MEDIA), width=320, height=180)
    parts = [
        part.model_copy(update={"tracks": tuple(_stored(track, key) for track in part.tracks), "thumbnails": (still,)})
        for part in made.parts
    ]
    broadcast = made.broadcast.model_copy(update={"id": name})
    made = made.model_copy(
        update={"broadcast": broadcast, "parts": tuple(parts), "transcript": named(made.transcript), "forms": {}}
    )
    archive.put_record(keys.episode(name), made)
    return made


def _stored(track, key):
    fragments = (Fragment(offset=0, length=len(MEDIA), duration_ms=60_000),)
    return track.model_copy(
        update={"key": key, "sha256": digests.of_bytes(MEDIA), "size": len(MEDIA), "fragments": fragments}
    )
