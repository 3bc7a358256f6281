"""Real sound and pictures, made on the spot, measured; and the whole watch on real faults."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.capture.watching.alarms import Alarm, Kind
from core.capture.watching.measures import Measurer, Measures
from core.capture.watching.watch import Watch
from core.errors import InvalidMedia
from tests.core.made_media import faulty, segments_of

pytestmark = pytest.mark.slow

NOON = datetime(2026, 11, 24, 10, tzinfo=UTC)


def measured(folder: Path, **given: str) -> list[Measures]:
    """The measures of a stream, Segment by Segment."""
    measurer, at, found = Measurer(), NOON, []
    for path in segments_of(faulty(folder / "whole.ts", **given), folder):
        found.append(measurer.measure(path, at))
        at = found[-1].ends_at
    return found


def watched(folder: Path, **given: str) -> list[Alarm]:
    watch = Watch()
    return [alarm for one in measured(folder, **given) for alarm in watch.hear(one, one.ends_at, 1)]


def test_a_tone_and_a_moving_picture(tmp_path: Path) -> None:
    first, second = measured(tmp_path, seconds="8")
    assert second.seconds == pytest.approx(4, abs=0.05)
    assert second.size > 10_000
    assert all(len(sound.rms) == 2 and -30 < sound.rms[0] < -15 for sound in second.sounds)
    assert max(sound.clipped for sound in second.sounds) == 0
    assert first.looks[0].changed is None
    [look] = second.looks
    assert look.changed is not None
    assert look.changed > 0.01
    assert look.dark < 0.3
    assert look.aspect == pytest.approx(16 / 9)


def test_digital_silence_is_the_bottom(tmp_path: Path) -> None:
    [one] = measured(tmp_path, seconds="4", sound="anullsrc=r=48000:cl=stereo")
    assert all(sound.rms == (-120.0, -120.0) for sound in one.sounds)


def test_a_clipped_tone(tmp_path: Path) -> None:
    [one] = measured(tmp_path, seconds="4", audio="volume=30dB")
    assert all(sound.clipped > 0.01 for sound in one.sounds[1:4])


def test_pixels_that_are_not_square(tmp_path: Path) -> None:
    [one] = measured(tmp_path, seconds="4", picture="testsrc=size=180x144:rate=25", video="setsar=64/45")
    assert one.looks[0].aspect == pytest.approx(16 / 9)


@pytest.mark.parametrize("pixels", ["yuv420p", "yuvj420p", "yuv444p", "yuv420p10le"])
def test_black_is_black_in_every_pixel_format(tmp_path: Path, pixels: str) -> None:
    black, white = (
        measured(tmp_path, seconds="4", picture=f"color={color}:size=160x90:rate=25", pixels=pixels)[0]
        for color in ("black", "white")
    )
    assert (black.looks[0].dark, white.looks[0].dark) == (1.0, 0.0)


def test_a_damaged_segment_is_measured_as_far_as_it_goes(tmp_path: Path) -> None:
    [path] = segments_of(faulty(tmp_path / "whole.ts", seconds="4"), tmp_path)
    data = bytearray(path.read_bytes())
    data[len(data) // 4 : len(data) // 2] = bytes(len(data) // 2 - len(data) // 4)
    path.write_bytes(data)
    assert len(Measurer().measure(path, NOON).sounds) >= 3


def test_what_is_no_media(tmp_path: Path) -> None:
    path = tmp_path / "000001.ts"
    path.write_bytes(b"nothing" * 1000)
    with pytest.raises(InvalidMedia, match=r"000001\.ts is not media"):
        Measurer().measure(path, NOON)


FROM_24 = "enable='gte(t,24)'"
FAULTS: dict[Kind, dict[str, str]] = {
    Kind.SILENT: {"audio": f"volume=0:{FROM_24}"},
    Kind.ONE_SIDED: {"audio": f"stereotools=mutel=1:{FROM_24}"},
    Kind.CLIPPING: {"audio": f"volume=30dB:{FROM_24}"},
    Kind.BLACK: {"video": f"drawbox=t=fill:c=black:{FROM_24}"},
    Kind.FROZEN: {"video": "trim=duration=24,tpad=stop_mode=clone:stop=-1"},
}


@pytest.mark.parametrize("kind", FAULTS)
def test_a_real_fault_is_told_within_thirty_seconds(kind: Kind, tmp_path: Path) -> None:
    [raised] = watched(tmp_path, seconds="56", **FAULTS[kind])
    assert raised.kind is kind
    assert abs((raised.began_at - NOON).total_seconds() - 24) <= 4.1
    assert raised.known_at - NOON <= timedelta(seconds=24 + 30)


def test_a_4_to_3_picture_is_told(tmp_path: Path) -> None:
    [raised] = watched(tmp_path, seconds="16", picture="testsrc=size=160x120:rate=25")
    assert (raised.kind, raised.detail) == (Kind.ASPECT, "Its width is 1.33 times its height; 16:9 is 1.78.")


def test_a_bitrate_that_collapses_is_told(tmp_path: Path) -> None:
    [raised] = watched(tmp_path, seconds="56", video="noise=alls=60:allf=t:enable='lt(t,24)'")
    assert raised.kind is Kind.BITRATE
    assert (raised.known_at - NOON).total_seconds() <= 24 + 30


def test_a_slide_with_a_voice_is_left_alone(tmp_path: Path) -> None:
    slide = "drawbox=t=fill:c=white:enable='gte(t,24)',drawbox=x=20:y=20:w=60:h=8:c=navy:t=fill:enable='gte(t,24)'"
    assert watched(tmp_path, seconds="72", video=slide) == []
