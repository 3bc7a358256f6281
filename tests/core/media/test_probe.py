"""Real files, good and bad: what is said of each."""

import subprocess
from fractions import Fraction
from pathlib import Path

import imageio_ffmpeg
import pytest

from core.errors import InvalidMedia
from core.media import probe
from core.models import TICKS_PER_SECOND
from tests.core.made_media import cut, make

FRONT = ("-movflags", "+faststart")


def test_what_a_file_holds(tmp_path: Path) -> None:
    found = probe.media(make(tmp_path / "a.mp4"))
    assert found.video == probe.Video("h264", 160, 90, Fraction(25))
    assert found.audio == probe.Audio("aac", 44100, 1)
    assert found.duration_ms == pytest.approx(4000, abs=60)
    assert probe.require_both(found, "a.mp4") == found


def test_the_span_of_a_segment_is_exact(tmp_path: Path) -> None:
    span = probe.span(make(tmp_path / "a.ts", seconds=3))
    assert span.end - span.start == 3 * TICKS_PER_SECOND


@pytest.mark.parametrize(("lacking", "word"), [({"sound": False}, "no sound"), ({"picture": False}, "no picture")])
def test_sound_and_picture_are_both_needed(lacking: dict[str, bool], word: str, tmp_path: Path) -> None:
    path = make(tmp_path / "half.mp4", **lacking)
    with pytest.raises(InvalidMedia, match=f"half.mp4 has {word}") as raised:
        probe.require_both(probe.media(path), path.name)
    assert raised.value.cure


def _written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b"<!DOCTYPE html><html></html>", "is a web page"),
        (b"no media at all " * 100, "is not media that can be read"),
        (b"\0" * 4096, "is not media that can be read"),
    ],
)
def test_what_is_no_media(data: bytes, said: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidMedia, match=f"bad.mp4 {said}") as raised:
        probe.media(_written(tmp_path / "bad.mp4", data))
    assert raised.value.cure


@pytest.mark.parametrize("options", [(), FRONT], ids=["index at the end", "index at the front"])
@pytest.mark.parametrize("share", [0.3, 0.9])
def test_a_truncated_mp4_is_recognised(options: tuple[str, ...], share: float, tmp_path: Path) -> None:
    path = make(tmp_path / "cut.mp4", options=options)
    assert probe.media(path).audio
    with pytest.raises(InvalidMedia, match="cut.mp4 is a truncated or damaged MP4"):
        probe.media(cut(path, share))


SECRET = ("-encryption_scheme", "cenc-aes-ctr", "-encryption_key", "00" * 16, "-encryption_kid", "11" * 16)


@pytest.mark.parametrize("front", [(), FRONT], ids=["index at the end", "index at the front"])
def test_copy_protection_is_recognised(front: tuple[str, ...], tmp_path: Path) -> None:
    path = make(tmp_path / "salattu.mp4", seconds=1, options=(*SECRET, *front))
    with pytest.raises(InvalidMedia, match=r"salattu.mp4 is protected against copying\.") as raised:
        probe.media(path)
    assert raised.value.cure


def test_what_follows_a_whole_mp4_does_not_matter(tmp_path: Path) -> None:
    path = make(tmp_path / "a.mp4", options=FRONT)
    assert probe.media(_written(path, path.read_bytes() + b"some other tail of text")).video


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InvalidMedia, match="none.mp4"):
        probe.media(tmp_path / "none.mp4")


@pytest.mark.parametrize(("name", "suffix"), [("a.mp4", "ts"), ("a.mkv", "ts")])
def test_the_container_of_segments(name: str, suffix: str, tmp_path: Path) -> None:
    assert probe.segment_suffix(probe.media(make(tmp_path / name, seconds=1))) == suffix


def test_streams_that_mpegts_cannot_hold_go_into_nut(tmp_path: Path) -> None:
    path = make(tmp_path / "a.mkv", seconds=1, options=("-c:a", "pcm_s16le"))
    assert probe.segment_suffix(probe.media(path)) == "nut"


@pytest.mark.parametrize(
    ("rate", "standard"),
    [
        (Fraction(25), Fraction(25)),
        (Fraction(50), Fraction(25)),
        (Fraction(60000, 1001), Fraction(30000, 1001)),
        (Fraction(24), Fraction(24)),
        (Fraction(7), Fraction(25)),
    ],
)
def test_frame_rates(rate: Fraction, standard: Fraction) -> None:
    assert probe.standard_rate(rate) == standard


def test_a_codec_that_nobody_knows(tmp_path: Path) -> None:
    path = make(tmp_path / "a.mkv", seconds=1)
    whole = path.read_bytes()
    assert b"V_MPEG4/ISO/AVC" in whole
    assert b"A_AAC" in whole
    assert probe.media(_written(path, whole.replace(b"V_MPEG4/ISO/AVC", b"V_MPEG4/ISO/XYZ"))).video is None
    assert probe.media(_written(path, whole.replace(b"A_AAC", b"A_XYZ"))).audio is None


@pytest.mark.slow
def test_a_picture_that_would_fill_the_memory(tmp_path: Path) -> None:
    command = [
        imageio_ffmpeg.get_ffmpeg_exe(),
        "-loglevel",
        "error",
        "-f",
        "lavfi",
        "-i",
        "color=size=16000x8000:rate=1",
    ]
    subprocess.run([*command, "-frames:v", "1", "-c:v", "ffv1", str(tmp_path / "suuri.mkv")], check=True)
    with pytest.raises(InvalidMedia, match="16000 x 8000 points; at most 7680 x 4320"):
        probe.media(tmp_path / "suuri.mkv")
