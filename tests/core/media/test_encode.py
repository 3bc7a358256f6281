"""Parts that are encoded apart and joined again: no click, no drift, no frame lost or doubled, no picture enlarged."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np
import pytest

from config import catalogue
from core import child, digests
from core.archive import segments
from core.capture.storer import Closed, describe, files
from core.media import encode, ffmpeg, hls, probe, sound
from core.models import EncodedPart, Part, Rung, Segment
from sample.live_source import split_arguments
from tests.core.made_media import make

pytestmark = pytest.mark.slow

SECONDS = 21
PICTURE = f"testsrc2=s=120x360:r=25:d={SECONDS}"
LEFT, RIGHT = "0.4*sin(2*PI*(200+20*t)*t)+0.1*random(0)", "0.3*sin(2*PI*(300+11*t)*t)+0.1*random(1)"
CODECS = {"ts": ["-c:v", "libx264", "-preset", "ultrafast", "-bf", "2", "-c:a", "aac"], "nut": ["-c:v", "libvpx"]}
CODECS["nut"] += ["-deadline", "realtime", "-cpu-used", "16", "-c:a", "libopus"]
CODECS["wrapping"] = CODECS["ts"]
ONE_RUNG = encode.Options((Rung(height=90, video_kbps=100),), 2)
WRAPS_AFTER = 11.0
"""Seconds after which the 33-bit clock of MPEG-TS begins anew, in the middle of a Part and of a Segment."""


class Joined(NamedTuple):
    """A source and what its Parts became."""

    source: Path
    parts: list[Part]
    encoded: list[EncodedPart]
    site: Path


@pytest.fixture(scope="module", params=["ts", "nut", "wrapping"])
def joined(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Joined:
    folder = tmp_path_factory.mktemp(request.param)
    source = folder / ("source.webm" if request.param == "nut" else "source.mp4")
    program = ffmpeg.program()
    noise = f"aevalsrc={LEFT}|{RIGHT}:s=48000:d={SECONDS}"
    argv = [program, "-f", "lavfi", "-i", PICTURE, "-f", "lavfi", "-i", noise, "-g", "50"]
    child.run([*argv, *CODECS[request.param], str(source)], folder / "log", timeout=120)
    paths = _segments(program, source, folder, wrapping=request.param == "wrapping")
    parts = segments.parts(paths, target_ms=8_000, sealed=True)
    options = encode.Options(catalogue.ladder(), 2)
    encoded = [_encode(part, paths, folder / f"part-{part.number}", options) for part in parts]
    return Joined(source, parts, encoded, _site(encoded, folder))


@pytest.mark.parametrize("seconds", [0.2, 3])
def test_a_part_that_is_shorter_than_the_posters_moment_has_a_poster(seconds: float, tmp_path: Path) -> None:
    source = make(tmp_path / "short.mp4", seconds=seconds)
    paths = _segments(ffmpeg.program(), source, tmp_path, wrapping=False)
    (part,) = segments.parts(paths, target_ms=60_000, sealed=True)
    made = _encode(part, paths, tmp_path / "part", encode.Options(catalogue.ladder(), 2))
    assert made.poster
    assert len(made.thumbnails) == 1


@pytest.mark.parametrize("rate", [25, 50, 60])
def test_a_last_part_of_one_frame_has_picture_and_sound(rate: int, tmp_path: Path) -> None:
    options = ("-r", str(rate), "-g", str(4 * rate), "-frames:v", str(4 * rate + 1))
    source = make(tmp_path / "last.mp4", seconds=5, options=options)
    paths = _segments(ffmpeg.program(), source, tmp_path, wrapping=False)
    _, part = segments.parts(paths, target_ms=4000, sealed=True)
    assert part.end_ms - part.start_ms <= 40
    made = _encode(part, paths, tmp_path / "part", ONE_RUNG)
    assert [track.name for track in made.tracks] == ["90", "audio"]
    assert len(made.thumbnails) == 1


@pytest.mark.parametrize("rate", [25, 60])
def test_a_recording_of_one_frame_has_a_poster(rate: int, tmp_path: Path) -> None:
    source = make(tmp_path / "one.mp4", seconds=1 / rate, options=("-r", str(rate)))
    paths = _segments(ffmpeg.program(), source, tmp_path, wrapping=False)
    (part,) = segments.parts(paths, target_ms=60_000, sealed=True)
    assert _encode(part, paths, tmp_path / "part", ONE_RUNG).poster


@pytest.mark.parametrize("alone", [False, True], ids=["after a picture", "in a Take of its own"])
def test_a_part_of_sound_alone_keeps_its_sound_under_the_picture_before(*, alone: bool, tmp_path: Path) -> None:
    """As of a connection that broke before the next picture came."""
    source = make(tmp_path / "source.mp4", seconds=8)
    take = tmp_path / "take-001"
    take.mkdir()
    argv = ffmpeg.segmenter(ffmpeg.program(), str(source), take, "ts", seconds=4, options={})
    child.run(argv, take / "log", timeout=60)
    *whole, last = files(take)
    last.write_bytes(_without(last, 0x100))
    paths = {describe(Closed(path, 2 if alone and path == last else 1)): path for path in [*whole, last]}
    *_, part = segments.parts(paths, target_ms=4000, sealed=True)
    made = _encode(part, paths, tmp_path / "part", ONE_RUNG)
    assert [track.name for track in made.tracks] == ["90", "audio"]
    assert len(made.thumbnails) == 1
    for track in made.tracks:
        assert abs(sum(f.duration_ms for f in track.fragments) - 4000) < 50
    heard = _samples(tmp_path / "part" / "audio.mp4")
    assert np.abs(heard[:, 4800:-4800]).max() > 0.05
    with av.open(str(tmp_path / "part" / "90.mp4")) as file:
        pictures = [frame.to_ndarray(format="gray") for frame in file.decode(video=0)]
    assert len(pictures) == 100
    assert (np.ptp(pictures[50]) > 50) != alone


def _without(path: Path, pid: int) -> bytes:
    """MPEG-TS without the packets of a stream."""
    data = path.read_bytes()
    packets = [data[at : at + 188] for at in range(0, len(data), 188)]
    return b"".join(packet for packet in packets if int.from_bytes(packet[1:3]) & 0x1FFF != pid)


def _segments(program: str, source: Path, folder: Path, *, wrapping: bool) -> dict[Segment, Path]:
    take = folder / "take-001"
    take.mkdir()
    suffix = probe.segment_suffix(probe.media(source))
    argv = ffmpeg.segmenter(program, str(source), take, suffix, seconds=4, options={})
    if wrapping:
        argv = [program, *split_arguments(source, take, 4)]
        argv[-1:-1] = ["-output_ts_offset", str(2**33 / 90_000 - WRAPS_AFTER)]
    child.run(argv, take / "log", timeout=60)
    return {describe(Closed(path, 1, captured_at=datetime.now(UTC))): path for path in files(take)}


def _encode(part: Part, paths: dict[Segment, Path], folder: Path, options: encode.Options) -> EncodedPart:
    folder.mkdir()
    return encode.encode_part(part, paths, folder, options)


def _site(encoded: Sequence[EncodedPart], folder: Path) -> Path:
    for part in encoded:
        for name in (track.name for track in part.tracks):
            (folder / f"part-{part.number}" / f"{name}.mp4").rename(folder / f"{name}-{part.number}.mp4")
    for name in (*hls.renditions(encoded), hls.AUDIO):
        numbers = {hls.track(part, name).sha256: part.number for part in encoded}
        text = hls.media_playlist(encoded, name, lambda t, n=numbers: f"{t.name}-{n[t.sha256]}.mp4")
        (folder / f"{name}.m3u8").write_text(text)
    return folder


def _samples(path: Path) -> sound.Samples:
    resampler = av.AudioResampler(format="fltp", layout="stereo", rate=48_000)
    with av.open(str(path)) as file:
        return np.concatenate([g.to_ndarray() for f in file.decode(audio=0) for g in resampler.resample(f)], axis=1)


def _likeness(a: sound.Samples, b: sound.Samples) -> float:
    return float(np.dot(a.ravel(), b.ravel()) / np.linalg.norm(a) / np.linalg.norm(b))


def test_sound_joins_without_click_or_drift(joined: Joined) -> None:
    ours, source = _samples(joined.site / "audio.m3u8"), _samples(joined.source)
    assert abs(ours.shape[1] - source.shape[1]) <= 2 * sound.FRAME
    around = range(-1200, 1200)
    at = 48_000 * 5
    lag = max(around, key=lambda n: _likeness(source[:1, at : at + 9600], ours[:1, at + n : at + n + 9600]))
    joins = [round(part.start_ticks * 48_000 / 90_000) for part in joined.parts[1:]]
    assert len(joins) >= 2
    for join in joins:
        for near in (join, join + 48_000):
            window = slice(near - 2048, near + 2048)
            assert _likeness(source[:, window], ours[:, window.start + lag : window.stop + lag]) > 0.99


def test_pictures_follow_each_other_without_a_hole(joined: Joined) -> None:
    with av.open(str(joined.site / "360.m3u8")) as file:
        times = [frame.pts for frame in file.decode(video=0)]
    assert Counter(np.diff(times).tolist()) == {3600: SECONDS * 25 - 1}


def test_all_parts_share_their_headers(joined: Joined) -> None:
    for name in (*hls.renditions(joined.encoded), hls.AUDIO):
        assert len({hls.track(part, name).init_sha256 for part in joined.encoded}) == 1


def test_a_small_picture_is_not_enlarged(joined: Joined) -> None:
    assert hls.renditions(joined.encoded) == ["360"]
    assert "RESOLUTION=120x360" in hls.master_playlist(joined.encoded, "fi")


def test_tracks_are_as_described(joined: Joined) -> None:
    for part in joined.encoded:
        for track in part.tracks:
            data = (joined.site / f"{track.name}-{part.number}.mp4").read_bytes()
            assert digests.of_bytes(data) == track.sha256
            assert all(data[f.offset + 4 : f.offset + 8] == b"moof" for f in track.fragments)
            assert abs(sum(f.duration_ms for f in track.fragments) - (part.end_ms - part.start_ms)) < 50
