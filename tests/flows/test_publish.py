"""publish_episode shows what persons corrected since the episode was assembled, everywhere at once."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from config import stores
from config.settings import Settings
from core import cards, digests, keys
from core.anchors import named
from core.models import Edit, Episode, Fragment, Thumbnail
from core.recordings import RecordingStore
from flows.publish import PublishRequest, publish_episode
from maaseutu.stack import Stack
from tests.web import demo

MEDIA = b"fragments"
HEARD = demo.SPOKEN[6]
RIGHT = "Kannanoton luonnoksen valmistelee Anna Hietaniemi tammikuun loppuun mennessä."


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


def test_the_newest_edits_are_published(prefect: None, settings: Settings, episode: Episode) -> None:
    site, name = stores.site(settings), episode.broadcast.id
    publish_episode(PublishRequest(broadcast=name))
    first = cards.shown(site, name)
    passage = episode.transcript.passages[6]
    edit = Edit(
        passage=passage.id,
        at=datetime.now(UTC),
        author="Anna",
        start_ms=passage.start_ms,
        end_ms=passage.end_ms,
        before=passage.text,
        after=RIGHT,
    )
    RecordingStore(stores.archive(settings), name).correct(edit)
    publish_episode(PublishRequest(broadcast=name))
    shown = cards.shown(site, name)
    assert first
    assert shown
    assert first.version != shown.version
    assert HEARD in site.get(keys.asset(name, first.version, "transcript.txt")).decode()
    page = site.get(keys.page(name)).decode()
    assert RIGHT in page
    assert "Korhonen" not in page
    assert "Ihminen on tarkistanut siitä 6 %." in page
    files = {
        file: site.get(keys.asset(name, shown.version, file)).decode()
        for file in ("transcript.txt", "captions.vtt", "captions.srt", "search.json", "words.json", "muistio.md")
    }
    assert all("Hietaniemi" in text for text in files.values())
    assert [file for file, text in files.items() if "Korhonen" in text] == ["search.json", "words.json"]
    publish_episode(PublishRequest(broadcast=name))
    assert cards.shown(site, name) == shown
