"""Finished videos that come in parts, as yt-dlp fetches them: whole, or not at all."""

import subprocess
from pathlib import Path

import pytest

from core.errors import SourceUnavailable
from core.media import ffmpeg, probe
from core.sources import resolve, webpages
from core.sources.page import download
from tests.core.made_media import make
from tests.core.server import LOCAL

pytestmark = pytest.mark.slow

SECONDS = 8
_ENTRY = """<AdaptationSet mimeType="{kind}/mp4"><Representation id="{kind}" bandwidth="1000" codecs="{codec}">
<BaseURL>{kind}.mp4</BaseURL><SegmentBase indexRange="200-399"><Initialization range="0-199"/></SegmentBase>
</Representation></AdaptationSet>"""
WHOLE = f"""<?xml version="1.0"?>
<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" mediaPresentationDuration="PT4S"><Period>
{_ENTRY.format(kind="video", codec="avc1.420015")}{_ENTRY.format(kind="audio", codec="mp4a.40.2")}</Period></MPD>
"""


def _dash(folder: Path) -> None:
    """Picture and sound apart, in fragments of two seconds."""
    film = make(folder / "film.mp4", seconds=SECONDS)
    command = [ffmpeg.program(), "-loglevel", "error", "-i", str(film), "-c", "copy", "-f", "dash"]
    command += ["-seg_duration", "2", "-use_template", "0", "-use_timeline", "0", str(folder / "film.mpd")]
    subprocess.run(command, check=True)
    film.unlink()


@pytest.fixture
def address(folder_server: tuple[Path, str]) -> str:
    """A page that shows it."""
    folder, base = folder_server
    _dash(folder)
    source = '<source src="film.mpd" type="application/dash+xml">'
    text = f"<html><head><title>Kunnanvaltuusto</title></head><video>{source}</video></html>"
    (folder / "kokous.html").write_text(text)
    return f"{base}/kokous.html"


def test_a_page_whose_video_comes_in_parts_is_fetched_whole(address: str, tmp_path: Path) -> None:
    source = resolve(address, LOCAL)
    assert (source.kind, source.live, source.url) == ("page", False, address)
    assert source.title.startswith("Kunnanvaltuusto")
    found = probe.media(download(source, tmp_path, ffmpeg.program(), LOCAL, tallest=1080))
    assert found.video
    assert found.audio
    assert found.duration_ms == pytest.approx(SECONDS * 1000, abs=150)


def test_a_manifest_is_fetched_too(address: str, tmp_path: Path) -> None:
    source = resolve(address.replace("kokous.html", "film.mpd"), LOCAL)
    assert source.kind == "page"
    assert probe.media(download(source, tmp_path, ffmpeg.program(), LOCAL, tallest=1080)).audio


def test_a_fragment_that_is_gone_is_not_passed_over(
    address: str, folder_server: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webpages, "TRIES", 0)
    source = resolve(address, LOCAL)
    pieces = sorted(folder_server[0].glob("chunk-stream0-*"))
    assert len(pieces) > 2
    pieces[2].unlink()
    with pytest.raises(SourceUnavailable, match="cannot be fetched whole .*404") as raised:
        download(source, tmp_path, ffmpeg.program(), LOCAL, tallest=1080)
    assert raised.value.cure
    assert "\n" not in raised.value.what


def test_a_manifest_whose_files_are_gone(
    folder_server: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without fragments yt-dlp fetches another way, with errors of another kind."""
    monkeypatch.setattr(webpages, "TRIES", 0)
    folder, base = folder_server
    (folder / "gone.mpd").write_text(WHOLE)
    source = resolve(f"{base}/gone.mpd", LOCAL)
    with pytest.raises(SourceUnavailable, match="cannot be fetched whole .*404"):
        download(source, tmp_path, ffmpeg.program(), LOCAL, tallest=1080)
