"""The live source: what a playlist says at every moment, and a real stream over a real socket."""

import subprocess
import threading
import urllib.error
import urllib.request
from datetime import UTC, datetime
from pathlib import Path

import av
import imageio_ffmpeg
import pytest

from sample.live_source import CannotPlay, LiveSource, Reply, Segment, available, listed, playlist, published, repeated

STARTS_AT = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
FIVE = [
    Segment(f"{number:06d}.ts", Path(f"{number:06d}.ts"), number * 2000, number * 2000 + 2000) for number in range(5)
]


class HandClock:
    """A clock that moves only when told."""

    def __init__(self):
        self.seconds = 100.0

    def __call__(self):
        return self.seconds


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """Ten seconds of test picture and tone with a keyframe every second."""
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    subprocess.run(
        [
            *(imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", "-f", "lavfi"),
            *("-i", "testsrc=size=160x120:rate=25:duration=10", "-f", "lavfi", "-i", "sine=duration=10"),
            *("-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-pix_fmt", "yuv420p", "-c:a", "aac", str(path)),
        ],
        check=True,
    )
    return path


@pytest.fixture
def clock():
    return HandClock()


@pytest.fixture
def held(film, tmp_path, clock):
    """A started source whose time stands still until the test moves it."""
    with LiveSource(film, tmp_path, window=2, starts_at=STARTS_AT, clock=clock) as source:
        yield source


def get(url):
    """The status and the body of a request."""
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def beside(source, name):
    return source.url.rpartition("/")[0] + "/" + name


def test_a_segment_appears_when_its_last_moment_is_over():
    assert [published(FIVE, now) for now in (0, 1999, 2000, 9999, 10_000, 99_999)] == [0, 0, 1, 4, 5, 5]


def test_the_playlist_in_the_middle_of_the_broadcast():
    assert playlist(FIVE, 8500, 2, STARTS_AT) == (
        "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:2\n"
        "#EXT-X-PROGRAM-DATE-TIME:2026-11-24T07:00:04.000+00:00\n#EXTINF:2.000,\n000002.ts\n"
        "#EXT-X-PROGRAM-DATE-TIME:2026-11-24T07:00:06.000+00:00\n#EXTINF:2.000,\n000003.ts\n"
    )


def test_the_playlist_before_the_window_is_full():
    text = playlist(FIVE, 4000, 6)
    assert "#EXT-X-MEDIA-SEQUENCE:0\n" in text
    assert text.endswith("000000.ts\n#EXTINF:2.000,\n000001.ts\n")


def test_the_last_window_stays_when_the_broadcast_has_ended():
    text = playlist(FIVE, 10_000, 2)
    assert text.endswith("000004.ts\n#EXT-X-ENDLIST\n")
    assert "#EXT-X-MEDIA-SEQUENCE:3\n" in text
    assert playlist(FIVE, 1e9, 2) == text


def test_the_target_duration_is_of_the_longest_segment_from_the_start():
    long = [*FIVE[:4], Segment("000004.ts", Path("000004.ts"), 8000, 11_400)]
    assert "#EXT-X-TARGETDURATION:4\n" in playlist(long, 2000, 2)


def test_segments_outlive_the_playlist_by_one_window():
    assert [segment.name for segment in available(FIVE, 10_000, 2)] == [f"{number:06d}.ts" for number in (1, 2, 3, 4)]


def test_a_loop_is_one_long_stream_with_discontinuities():
    twice = repeated(FIVE, 2)
    assert [segment.name for segment in twice] == [f"{number:06d}.ts" for number in range(10)]
    assert [segment.discontinuity for segment in twice] == [False] * 5 + [True] + [False] * 4
    assert (twice[5].start_ms, twice[9].end_ms, twice[9].file) == (10_000, 20_000, FIVE[4].file)
    assert "#EXT-X-DISCONTINUITY\n#EXTINF:2.000,\n000005.ts\n" in playlist(twice, 12_000, 2)
    assert "#EXT-X-DISCONTINUITY-SEQUENCE:1\n" in playlist(twice, 16_000, 2)


def test_a_finished_playlist_is_read_without_rounding_drift(tmp_path):
    text = "#EXTM3U\n" + "".join(f"#EXTINF:1.999600,\n{number}.ts\n" for number in range(1000)) + "#EXT-X-ENDLIST\n"
    segments = listed(text, tmp_path)
    assert (len(segments), segments[-1].end_ms) == (1000, 1_999_600)


def test_a_file_that_is_no_media_is_refused(tmp_path):
    file = tmp_path / "notes.txt"
    file.write_text("Ei mediaa.", encoding="utf-8")
    with pytest.raises(CannotPlay):
        LiveSource(file, tmp_path / "work")


def test_the_server_follows_the_clock(held, clock):
    assert get(held.url) == (404, b"")
    clock.seconds += 2.1
    assert b"000000.ts\n" in get(held.url)[1]
    assert get(beside(held, "000000.ts"))[0] == 200
    assert get(beside(held, "000001.ts"))[0] == 404
    clock.seconds += 4
    assert b"#EXT-X-MEDIA-SEQUENCE:1\n" in get(held.url)[1]
    assert get(beside(held, "000000.ts"))[0] == 200
    clock.seconds += 4
    assert get(beside(held, "000000.ts"))[0] == 404


def test_the_end_is_told_once_the_playlist_with_it_was_served(held, clock):
    clock.seconds += 60
    assert not held.ended.is_set()
    assert held.ended_at is None
    assert get(held.url)[1].endswith(b"#EXT-X-ENDLIST\n")
    assert held.ended.is_set()
    assert held.ended_at
    assert held.ended_at.tzinfo
    assert held.ends_at < held.ended_at


def test_it_may_be_ended_before_the_file_is(held, clock):
    assert get(held.url) == (404, b"")
    clock.seconds += 4.1
    assert not get(held.url)[1].endswith(b"#EXT-X-ENDLIST\n")
    held.end()
    clock.seconds += 1
    assert get(held.url)[1].endswith(b"\n000001.ts\n#EXT-X-ENDLIST\n")
    assert held.ended.is_set()


def test_an_outage_refuses_everything_while_the_broadcast_goes_on(held, clock):
    clock.seconds += 4
    held.fail(3)
    assert get(held.url)[0] == get(beside(held, "000000.ts"))[0] == 503
    clock.seconds += 3
    status, body = get(held.url)
    assert status == 200
    assert b"#EXT-X-MEDIA-SEQUENCE:1\n" in body


def test_a_fault_sees_every_reply(held, clock):
    clock.seconds += 4
    held.faults.append(lambda path, reply: Reply(200, body=b"garbage") if path.endswith(".ts") else reply)
    assert get(beside(held, "000000.ts")) == (200, b"garbage")
    assert get(held.url)[1].startswith(b"#EXTM3U")


def test_nothing_outside_of_the_stream_is_served(held, clock):
    clock.seconds += 60
    assert get(beside(held, "whole.m3u8"))[0] == get(beside(held, "../film.mp4"))[0] == 404


def test_a_second_start_does_not_move_the_clock(held, clock):
    clock.seconds += 5
    held.start()
    assert held.now_ms == pytest.approx(5000)


def test_a_broadcast_may_begin_when_somebody_asks(film, tmp_path, clock):
    with LiveSource(film, tmp_path, when_asked=True, clock=clock) as source:
        clock.seconds += 60
        assert source.now_ms == 0
        assert get(source.url)[0] == 404
        clock.seconds += 5
        assert source.now_ms == pytest.approx(5000)


def test_a_closed_source_answers_no_more(film, tmp_path):
    with LiveSource(film, tmp_path) as source:
        pass
    source.close()
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(source.url, timeout=5)


def test_a_player_gets_the_whole_broadcast_in_real_time(film, tmp_path):
    with LiveSource(film, tmp_path / "live", segment_seconds=1, speed=20) as source:
        got, pause = {}, threading.Event()
        while not source.ended.is_set():
            for name in get(source.url)[1].decode().splitlines():
                if name.endswith(".ts") and name not in got:
                    got[name] = get(beside(source, name))[1]
            pause.wait(0.01)
        assert source.now_ms >= 10_000
    whole = tmp_path / "whole.ts"
    whole.write_bytes(b"".join(got[name] for name in sorted(got)))
    with av.open(str(whole)) as media:
        assert sum(1 for _ in media.decode(video=0)) == 250


def test_ffmpeg_plays_it_as_a_live_stream(film, tmp_path):
    copy = tmp_path / "copy.mkv"
    with LiveSource(film, tmp_path / "live", segment_seconds=1, speed=10, window=20) as source:
        source.wait_until_live()
        command = ["-loglevel", "error", "-live_start_index", "0", "-i", source.url, "-c", "copy", str(copy)]
        subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), *command], check=True, timeout=60)
        assert source.ended.is_set()
    with av.open(str(copy)) as media:
        assert sum(1 for _ in media.decode(video=0)) == 250
