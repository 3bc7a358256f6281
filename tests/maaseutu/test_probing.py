"""``maaseutu record --probe`` on real files and streams: what it says is what they are."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

import sample
from core.capture.examine import Examination, Options, examine
from core.errors import InvalidMedia, SourceMissing
from core.media import ffmpeg
from maaseutu import cli, probing
from sample.live_source import LiveSource
from tests.core.made_media import make
from tests.core.server import LOCAL
from tests.core.sources.senders import KEY, RtmpCalls, SrtCalled

pytestmark = pytest.mark.slow

SINE_MEAN_DB = -21.1
"""A sine of lavfi has the amplitude 1/8: -18.06 dBFS at most, 3.01 dB less on average."""


@pytest.fixture
def options(tmp_path: Path) -> Options:
    """A folder of the test's own."""
    folder = tmp_path / "sample"
    folder.mkdir()
    return Options(folder, ffmpeg.program(), 1080, wait_seconds=30, rules=LOCAL)


@pytest.fixture
def live(tmp_path: Path) -> Iterator[LiveSource]:
    """A stream of 24 s, keyframes 2 s apart."""
    film = make(tmp_path / "film.mp4", seconds=24, options=("-g", "50"))
    with LiveSource(film, tmp_path / "live", speed=8, window=4) as source:
        source.wait_until_live()
        yield source


def _examined(address: str, options: Options) -> Examination:
    return examine(address, options, lambda _: None)


def _is_the_test_picture(found: Examination) -> None:
    assert found.video
    assert (found.video.codec, found.video.width, found.video.height, found.video.rate) == ("h264", 160, 90, 25)
    assert found.sound
    assert (found.sound.stream.codec, found.sound.stream.rate, found.sound.stream.channels) == ("aac", 44100, 1)
    assert found.sound.mean_db == pytest.approx(SINE_MEAN_DB, abs=0.5)
    assert found.bits_per_second > 50_000


def test_a_file(options: Options, tmp_path: Path) -> None:
    found = _examined(str(make(tmp_path / "kokous.mp4", seconds=15)), options)
    _is_the_test_picture(found)
    assert (found.kind, found.going_on) == ("a file", "finished, 15 s")
    assert found.seconds == pytest.approx(10, abs=0.5)
    assert found.keyframe_seconds == pytest.approx(1)
    assert probing.warnings(found, 1080) == []


def test_a_live_playlist_and_the_same_when_it_has_ended(live: LiveSource, options: Options) -> None:
    found = _examined(live.url, options)
    _is_the_test_picture(found)
    assert found.kind == "an HLS stream"
    assert found.going_on.startswith("live, the last ")
    assert found.keyframe_seconds == pytest.approx(2, abs=0.1)
    while live.now_ms < live.segments[-1].end_ms:
        threading.Event().wait(0.05)
    assert _examined(live.url, options).going_on == "finished, 8 s"


@pytest.mark.parametrize("kind", [RtmpCalls, SrtCalled])
def test_a_sender(kind: type[RtmpCalls], options: Options, tmp_path: Path) -> None:
    sender = kind(make(tmp_path / "film.mp4", seconds=40), tmp_path)
    sender.start()
    try:
        found = _examined(sender.address, options)
    finally:
        sender.close()
    _is_the_test_picture(found)
    assert found.going_on == "live"
    assert found.seconds > 7
    assert found.keyframe_seconds == pytest.approx(1, abs=0.1)


def test_a_sender_of_few_bits_is_heard_out(options: Options) -> None:
    sender = RtmpCalls(Path(sample.__file__).with_name("broadcast.mp4"), options.folder.parent)
    sender.start()
    try:
        assert _examined(sender.address, options).seconds > 7
    finally:
        sender.close()


def test_a_sender_that_does_not_come(options: Options, tmp_path: Path) -> None:
    sender = RtmpCalls(tmp_path / "none.mp4", tmp_path)
    with pytest.raises(SourceMissing, match="Nothing came from rtmp://.* in 1 s") as raised:
        _examined(sender.address, options._replace(wait_seconds=1))
    assert KEY not in raised.value.what


def test_warnings_in_plain_words(options: Options, tmp_path: Path) -> None:
    path = make(tmp_path / "kokous.mp4", seconds=11, options=("-g", "250", "-af", "volume=0"))
    found = _examined(str(path), options)
    assert probing.warnings(found, 80) == [
        "Keyframes are 10 s apart: whatever is cut is cut that coarsely. Set the encoder to 2 s.",
        "The picture has 90 lines, more than the 80 of MAASEUTU_TALLEST.",
        "The sound is silent. Check the microphones, the mixer and the encoder's input.",
    ]


@pytest.mark.parametrize(("lacking", "said"), [("sound", "No sound."), ("picture", "No picture.")])
def test_what_is_lacking(lacking: str, said: str, options: Options, tmp_path: Path) -> None:
    path = make(tmp_path / "half.mp4", seconds=3, sound=lacking != "sound", picture=lacking != "picture")
    assert probing.warnings(_examined(str(path), options), 1080)[0].startswith(said)


def test_what_is_no_media(options: Options, tmp_path: Path) -> None:
    (tmp_path / "text.mp4").write_text("not media")
    with pytest.raises(InvalidMedia, match="is not media that can be read"):
        _examined(str(tmp_path / "text.mp4"), options)


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(["record", "--probe", str(make(tmp_path / "kokous.mp4", seconds=3))]) == 0
    said = capsys.readouterr().out
    assert "It is a file: finished, 3 s." in said
    assert "h264, 160x90, 25 frames a second" in said
    assert said.endswith("Nothing speaks against recording it.\n")
    assert cli.main(["record", "--probe", str(make(tmp_path / "mute.mp4", seconds=3, sound=False))]) == 1
    assert "WARNING: No sound." in capsys.readouterr().out
    assert {path.name for path in tmp_path.iterdir()} == {"kokous.mp4", "mute.mp4"}
