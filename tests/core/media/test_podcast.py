"""The sound of Parts as one file, of sound that was encoded as ever."""

from pathlib import Path

import av
import numpy as np
import pytest

from core.errors import InvalidMedia
from core.media import fmp4, podcast, sound
from core.models import TICKS_PER_SECOND

SECONDS = 3
HERTZ = 440


def part(folder: Path, number: int, rate: int = 48_000) -> Path:
    """The sound of a Part of three seconds: its share of one long tone."""
    start = number * SECONDS * TICKS_PER_SECOND
    at = np.arange((SECONDS + 2) * rate) / rate + number * SECONDS - 1
    tone = np.tile(0.5 * np.sin(2 * np.pi * HERTZ * at), (2, 1)).astype(np.float32)
    whole = sound.Sound(tone, start - TICKS_PER_SECOND, rate)
    path = folder / f"{number}-{rate}.mp4"
    sound.encode(whole, 0, sound.grid(start, start + SECONDS * TICKS_PER_SECOND, rate), 96, path)
    return path


def packets(path: Path) -> list[tuple[int, bytes]]:
    with av.open(str(path)) as file:
        return [(packet.pts, bytes(packet)) for packet in file.demux(audio=0) if packet.dts is not None]


def test_packets_are_those_of_the_parts_at_their_times(tmp_path: Path) -> None:
    parts = [part(tmp_path, number) for number in range(3)]
    whole = podcast.assemble(parts, tmp_path / "whole.m4a")
    found = packets(whole)
    assert found == [packet for path in parts for packet in packets(path)]
    assert {later - earlier for (earlier, _), (later, _) in zip(found, found[1:], strict=False)} == {sound.FRAME}
    with av.open(str(whole)) as file:
        assert abs(file.duration / av.time_base - 3 * SECONDS) < 0.05
        assert file.streams.audio[0].codec_context.name == "aac"


def test_it_sounds_without_a_seam(tmp_path: Path) -> None:
    whole = podcast.assemble([part(tmp_path, number) for number in range(3)], tmp_path / "whole.m4a")
    heard = sound.decode([whole], 48_000, "stereo").samples[0]
    middle = heard[48_000 : 8 * 48_000]
    at = np.arange(len(middle)) / 48_000
    wave = np.exp(2j * np.pi * HERTZ * at)
    amplitude = 2 * np.vdot(wave, middle) / len(middle)
    assert abs(abs(amplitude) - 0.5) < 0.02
    assert np.max(np.abs(middle - np.real(amplitude * wave))) < 0.05


def test_it_plays_while_it_loads(tmp_path: Path) -> None:
    whole = podcast.assemble([part(tmp_path, 0)], tmp_path / "whole.m4a").read_bytes()
    kinds = [box.kind for box in fmp4.boxes(whole)]
    assert kinds.index(b"moov") < kinds.index(b"mdat")
    assert b"moof" not in kinds


def test_the_same_parts_make_the_same_file(tmp_path: Path) -> None:
    parts = [part(tmp_path, number) for number in range(2)]
    first, second = (podcast.assemble(parts, tmp_path / name).read_bytes() for name in ("a.m4a", "b.m4a"))
    assert first == second


def test_sound_of_two_rates_cannot_be_one_file(tmp_path: Path) -> None:
    with pytest.raises(InvalidMedia, match="from 48000 to 44100"):
        podcast.assemble([part(tmp_path, 0), part(tmp_path, 1, 44_100)], tmp_path / "whole.m4a")
