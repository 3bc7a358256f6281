"""A broadcast in which nothing is heard is published by the flows, and its page says why there is no text."""

import json
import uuid
from collections.abc import Callable
from pathlib import Path

import m3u8
import pytest
import webvtt

from config import stores
from config.settings import Settings
from core import keys
from core.archive import cards
from core.archive.recordings import RecordingStore, verify
from core.bucket import Bucket
from flows.importing import ImportRequest, import_recording
from flows.prepare import PrepareRequest, prepare_episode
from flows.publish import PublishRequest, publish_episode
from maaseutu.stack import Stack
from tests.core.made_media import faulty, make

SECONDS = 6


@pytest.fixture
def settings(storage: Stack, given: Callable[[Settings], Settings]) -> Settings:
    """Those of the store, also for the flows."""
    return given(storage.settings)


def _silent(path: Path) -> Path:
    return faulty(path, seconds=str(SECONDS), sound="anullsrc=r=48000:cl=stereo")


def _mute(path: Path) -> Path:
    return make(path, seconds=SECONDS, sound=False)


def _published(site: Bucket, name: str, file: str) -> str:
    card = cards.shown(site, name)
    assert card
    return site.get(keys.asset(name, card.version, file)).decode()


@pytest.mark.parametrize("made", [_silent, _mute], ids=["digital silence", "no sound track"])
def test_it_is_published_and_says_that_there_is_no_speech(
    made, prefect: None, settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    name = f"test-{uuid.uuid4().hex[:12]}"
    import_recording(ImportRequest(source=str(made(tmp_path / "a.mp4")), title="Hiljainen kokous", broadcast=name))
    assert ("a.mp4 has no sound. It is published without text." in caplog.text) == (made is _mute)
    prepare_episode(PrepareRequest(broadcast=name))
    publish_episode(PublishRequest(broadcast=name))
    store, site = RecordingStore(stores.archive(settings), name), stores.site(settings)
    assert verify(store) == []
    episode = store.episode()
    assert episode
    assert episode.transcript.passages == ()
    assert episode.duration_ms == pytest.approx(SECONDS * 1000, abs=100)

    page = site.get(keys.page(name)).decode()
    assert "Lähetyksessä ei tunnistettu puhetta, joten luettavaa tekstiä ei ole." in page
    assert 'kind="captions"' not in page
    assert "media-captions-button" not in page
    assert "download=" not in page

    master = m3u8.loads(_published(site, name, "master.m3u8"))
    assert [media.type for media in master.media] == ["AUDIO"]
    assert {playlist.uri for playlist in master.playlists} | {"audio.m3u8"} >= {master.media[0].uri}
    for playlist in ("audio.m3u8", *(found.uri for found in master.playlists)):
        lasts = sum(segment.duration for segment in m3u8.loads(_published(site, name, playlist)).segments)
        assert lasts == pytest.approx(SECONDS, abs=0.1)
    assert len(webvtt.from_string(_published(site, name, "captions.vtt"), strict=True)) == 0
    assert _published(site, name, "captions.srt").strip() == ""
    assert json.loads(_published(site, name, "words.json"))["passages"] == []
