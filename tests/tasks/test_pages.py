"""The files of a version, and when it is another version."""

import json

import m3u8
import pytest

from config.settings import Settings
from core.media import hls
from core.models import RefusedLine, Transcript
from core.text.captions import STYLE
from tasks import pages
from tests.core.media import test_hls
from tests.web import demo
from web import strings


@pytest.fixture
def episode():
    """Three Parts in two Takes."""
    return demo.episode().model_copy(update={"parts": tuple(test_hls.PARTS)})


def files(episode):
    return pages.version_files(episode, "v1", strings.load("fi"), STYLE)


def test_every_playlist_and_file_of_captions_is_there(episode):
    found = files(episode)
    master = m3u8.loads(found["master.m3u8"])
    named = [p.uri for p in master.playlists] + [media.uri for media in master.media]
    named += m3u8.loads(found["captions.m3u8"]).files
    assert set(named) <= found.keys()
    assert {"captions.vtt", "captions.srt", "transcript.txt", "words.json", "forms.json"} <= found.keys()


def test_notes_are_files_in_which_nothing_refused_stands(episode):
    refused = RefusedLine(kind="decision", at_ms=0, text="Kunta lakkautetaan.", reason="No decision was said there.")
    notes = episode.notes.model_copy(update={"refused": (refused,), "remarks": ("The server was down.",)})
    found = pages.whole_files(
        episode.model_copy(update={"notes": notes}), "v1", strings.load("fi"), Settings(_env_file=None)
    )
    assert found["muistio.docx"].startswith(b"PK")
    assert json.loads(found["muistio.json"])["refused"] == 1
    assert not [name for name, data in found.items() if b"lakkautetaan" in data or b"was down" in data]


def test_without_speech_the_master_names_no_captions(episode):
    silent = episode.model_copy(update={"transcript": Transcript(language="fi", engine="x")})
    found = files(silent)
    assert "captions.m3u8" not in found
    assert "SUBTITLES" not in found["master.m3u8"]


@pytest.mark.parametrize(
    "changed", [{"caption_line": 37}, {"caption_lines": 1}, {"caption_speed": 12}, {"locale": "sv"}]
)
def test_another_style_is_another_version(episode, changed):
    before = Settings(_env_file=None)
    after = before.model_copy(update=changed)
    assert pages.version_of(before, episode) == pages.version_of(before.model_copy(), episode)
    assert pages.version_of(before, episode) != pages.version_of(after, episode)


def test_captions_of_a_live_broadcast_are_listed_when_they_are_known_to_the_end(episode):
    parts = episode.parts
    assert pages.settled(parts) == list(parts[:2])
    assert pages.settled(parts[:2]) == []
    assert pages.settled(parts[:1]) == []
    assert pages.settled(()) == []
    growing = pages.watched_files(episode, "live", (), hls.Growth(90))
    assert len(m3u8.loads(growing["captions.m3u8"]).segments) == 2
    assert len(m3u8.loads(growing["360.m3u8"]).segments) == 3


def test_sound_alone_has_no_stills(episode):
    silent = tuple(part.model_copy(update={"thumbnails": ()}) for part in episode.parts)
    assert files(episode.model_copy(update={"parts": silent, "poster": None}))["thumbs.vtt"].strip() == "WEBVTT"
