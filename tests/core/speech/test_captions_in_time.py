"""Captions as they are published, beside the sound as it is published: each is shown when its words are heard.

When they are heard is found in the decoded HLS: by its first sound, and by its likeness with the sample, of which it is
known when its words are said.
"""

import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import av
import imageio_ffmpeg
import m3u8
import numpy as np
import pytest
from rapidfuzz.distance import Levenshtein

from core.media import encode, hls
from core.media.sound import SPEECH_RATE, Samples
from core.models import EncodedPart, Rung, Transcript
from core.speech import whisper
from core.speech.whisper import Options
from core.text.captions import STYLE, Caption
from core.text.transcript import join
from evaluation import sample
from maaseutu import demo as played
from tasks import pages
from tests.core.speech import odd
from tests.core.speech.odd import Odd, hole, late
from tests.core.text.test_captionfiles import read_srt, read_vtt
from tests.web import demo
from web import strings

SECONDS = 20
EARLY_S = 0.25
"""The engine takes words to begin up to so much before the voice does."""
PART_MS = 10_000
LADDER = encode.Options((Rung(height=90, video_kbps=100),), 2)
AUDIBLE = 0.02
LIKENESS_S = 0.8
"""A piece of sound so long is like no other."""


class Case(NamedTuple):
    """An odd sound, how late its words are, and the seconds of the sample that are not heard."""

    odd: Odd
    late: float = 0
    lost: tuple[float, float] = (0, 0)
    seconds: float = SECONDS


QUIET = 6.0
"""What is before the first word when there shall be room for a hole of five seconds."""
DELAYED = Odd(after=("-af", f"adelay={QUIET:.0f}s:all=1"))
CASES = {
    "as it is": Case(Odd()),
    "late": Case(late(3), 3, seconds=SECONDS + 3),
    "later than a Segment is long": Case(late(5, "-ar", "44100"), 5, seconds=SECONDS + 5),
    "0.6 s missing before the first word": Case(hole(0.6, 1.2)),
    "5 s missing before the first word": Case(hole(1, 6, DELAYED), QUIET, seconds=SECONDS + QUIET),
    "0.6 s missing within speech": Case(hole(7, 7.6), lost=(7, 7.6)),
    "5 s missing within speech": Case(hole(7, 12), lost=(7, 12)),
    "a whole Part missing within speech": Case(hole(9.5, 20.5), lost=(9.5, 20.5), seconds=SECONDS + 8),
    "late, and a hole": Case(hole(10, 10.6, late(3)), 3, (7, 7.6), SECONDS + 3),
}


class Published(NamedTuple):
    """What a viewer gets: captions of both files, those of the HLS, and the sound of the HLS from 0 s of its clock."""

    vtt: tuple[Caption, ...]
    srt: tuple[Caption, ...]
    hls: tuple[Caption, ...]
    sound: Samples
    first_picture_s: float


@pytest.fixture(scope="module")
def options(bundled: Path) -> Options:
    return Options(bundled, "fi")


@pytest.fixture(scope="module")
def original() -> Samples:
    return _decoded(sample.FILE, "-t", str(2 * SECONDS))


@pytest.fixture(scope="module")
def said() -> dict[str, float]:
    """When each word is said first in the sample, in seconds."""
    words = [word for sentence in played.about()["sentences"] for word in sentence["words"]]
    early = [word for word in words if word["start_ms"] < 1000 * (SECONDS + 5)]
    return {_plain(word["text"]): word["start_ms"] / 1000 for word in reversed(early)}


def _plain(text: str) -> str:
    return text.strip(".,?!").lower()


def _alike(heard: str, words: Iterable[str]) -> str:
    """The word that was heard so, or nearly so; empty if there is none."""
    near = [word for word in words if Levenshtein.distance(word, heard) <= 1]
    return min(near, key=lambda word: word != heard, default="")


def _decoded(address: Path, *arguments: str) -> Samples:
    """The sound by the file's own clock, which begins at 0, as ffmpeg decodes it; (n,) at 16 kHz."""
    argv = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-copyts", "-i", str(address), *arguments, "-map", "0:a"]
    argv += ["-af", "aresample=async=1:first_pts=0", "-ac", "1", "-ar", str(SPEECH_RATE), "-f", "f32le", "-"]
    return np.frombuffer(subprocess.run(argv, capture_output=True, check=True).stdout, np.float32)


def _published(case: Case, film: Path, folder: Path, options: Options) -> Published:
    cut = odd.recorded(case.odd, folder, seconds=case.seconds, target_ms=PART_MS, film=film)
    assert len(cut.parts) >= 2
    heard = [whisper.transcribe_part(part, cut.files, options) for part in cut.parts]
    site = folder / "site"
    site.mkdir()
    encoded = [_encoded(number, cut, folder) for number in range(len(cut.parts))]
    assert len({hls.track(part, hls.AUDIO).init_sha256 for part in encoded}) == 1
    episode = demo.episode().model_copy(
        update={
            "parts": tuple(encoded),
            "duration_ms": encoded[-1].end_ms,
            "transcript": Transcript(language="fi", engine="x", passages=join([each.passages for each in heard])),
            "forms": {},
        }
    )
    written = pages.version_files(episode, "v1", strings.load("fi"), STYLE)
    names = {track.sha256: f"{folder}/{part.number}/{track.name}.mp4" for part in encoded for track in part.tracks}
    for name in ("audio", "90"):
        (site / f"{name}.m3u8").write_text(hls.media_playlist(encoded, name, lambda track: names[track.sha256]))
    pieces = [written[piece] for piece in m3u8.loads(written["captions.m3u8"]).files]
    return Published(
        read_vtt(written["captions.vtt"]),
        read_srt(written["captions.srt"]),
        tuple(dict.fromkeys(caption for piece in pieces for caption in read_vtt(piece))),
        _decoded(site / "audio.m3u8"),
        _first_picture(site / "90.m3u8"),
    )


def _encoded(number: int, cut: odd.Cut, folder: Path) -> EncodedPart:
    target = folder / str(number)
    target.mkdir()
    return encode.encode_part(cut.parts[number], cut.files, target, LADDER)


def _first_picture(address: Path) -> float:
    """When the first picture is shown: as it is decoded, since composition offsets are negative (core.media.ffmpeg).

    FFmpeg itself tells presentation times of such files by the depth of reordering too late.
    """
    with av.open(str(address)) as file:
        packet = next(file.demux(video=0))
        assert packet.dts is not None
        return float(packet.dts * file.streams.video[0].time_base)


def _is_lost(case: Case, at: float, length: float = 0.0) -> bool:
    return at < case.lost[1] + 0.1 and at + length > case.lost[0] - 0.1


def _heard_at(original: Samples, published: Samples, at: float, reach: float = 8.0) -> float:
    """When the piece of the sample from ``at`` is heard in what is published."""
    piece = original[round(at * SPEECH_RATE) :][: round(LIKENESS_S * SPEECH_RATE)]
    low = max(0, round((at - reach) * SPEECH_RATE))
    around = published[low : round((at + reach) * SPEECH_RATE) + len(piece)]
    size = 1 << (len(around) + len(piece)).bit_length()
    alike = np.fft.irfft(np.fft.rfft(around, size) * np.conj(np.fft.rfft(piece, size)), size)
    loud = np.cumsum(np.concatenate([[0], around.astype(float) ** 2]))
    count = len(around) - len(piece) + 1
    loudness = np.sqrt(loud[len(piece) :] - loud[: -len(piece)]) + AUDIBLE
    return (low + int(np.argmax(alike[:count] / loudness))) / SPEECH_RATE


@pytest.mark.parametrize("name", CASES)
def test_captions_are_shown_when_their_words_are_heard(
    name: str, said: dict[str, float], original: Samples, options: Options, small_film: Path, tmp_path: Path
) -> None:
    case = CASES[name]
    found = _published(case, small_film, tmp_path, options)
    assert found.vtt == found.srt == found.hls
    assert abs(found.first_picture_s) < 0.05

    places = [at for at in said.values() if at < SECONDS - 2 and not _is_lost(case, at, LIKENESS_S)]
    shifts = [_heard_at(original, found.sound, at) - at for at in places]
    assert np.abs(np.array(shifts) - case.late).max() < 0.03, dict(zip(places, shifts, strict=True))

    first = np.flatnonzero(np.abs(found.sound) > AUDIBLE)[0] / SPEECH_RATE
    assert abs(found.vtt[0].start_ms / 1000 - first) < 0.25

    # Letters, and the time of a word beside lost sound, differ a little among processors.
    off = {}
    for caption in found.vtt:
        word = _alike(_plain(caption.lines[0].split(" ")[0]), said)
        if word and not _is_lost(case, said[word]):
            off[word] = caption.start_ms / 1000 - case.late - said[word]
    assert len(off) >= 3, found.vtt
    assert abs(np.median(list(off.values()))) < EARLY_S, off
    assert sum(abs(each) > 0.5 for each in off.values()) <= 1, off
