"""A synthetic broadcast in which every frame of the picture and every 40 ms of sound tell their number.

The picture carries 20 bits as blocks of 16 by 16 pixels, black or white, and below them the same bits inverted; so a
frame that is not read exactly is not read at all. The sound of a frame is three tones, one for each 4 bits.
"""

import subprocess
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import numpy as np

FPS = 25
FRAME_MS = 1000 // FPS
BLOCK = 16
BITS = 20
COLUMNS = 10
SIZE = (160, 96)
OTHER_SIZE = (192, 96)
RATE = 48_000
WINDOW = RATE // FPS
DIGITS = 3
DIGIT = 16
TONES = (600, 4400, 8200)
"""Hz of the digit 0 of each place; a digit more is ``STEP`` more, eight times what a window of 40 ms can tell."""
STEP = 200
LOUDNESS = 0.25
QUIETER = 0.6
MURMUR_HZ = 400
MURMUR_LOUDNESS = 0.1
QUIET = 0.01
WRAP = 1 << 33
PACKET = 188
QUALITY = {"libx264": ("-preset", "veryfast", "-crf", "20"), "mpeg2video": ("-q:v", "2")}


def picture(number: int, size: tuple[int, int] = SIZE) -> "np.ndarray[Any, np.dtype[np.uint8]]":
    """The luma of a frame, height by width; ``number`` below 2**20."""
    width, height = size
    bits = np.array([number >> bit & 1 for bit in range(BITS)], np.uint8).reshape(2, COLUMNS)
    blocks = np.vstack([bits, 1 - bits]) * 219 + 16
    frame = np.full((height, width), 128, np.uint8)
    rows, columns = blocks.shape
    frame[: rows * BLOCK, : columns * BLOCK] = np.kron(blocks, np.ones((BLOCK, BLOCK), np.uint8))
    return frame


def number_in_picture(luma: Any) -> int | None:
    """The number that a frame carries; None when the bits and the inverted bits differ."""
    area = np.asarray(luma)[: 4 * BLOCK, : COLUMNS * BLOCK]
    means = area.reshape(4, BLOCK, COLUMNS, BLOCK).mean(axis=(1, 3)) > 128
    bits, inverted = means[:2].ravel(), means[2:].ravel()
    if bool((bits == inverted).any()):
        return None
    return sum(int(bit) << place for place, bit in enumerate(bits))


def tones(number: int) -> Any:
    """The samples of one frame's sound as float64, -1 to 1; numbers repeat after 4096 frames."""
    at = np.arange(WINDOW) / RATE
    digits = [number // DIGIT**place % DIGIT for place in range(DIGITS)]
    waves = [np.sin(2 * np.pi * (TONES[place] + STEP * digit) * at) for place, digit in enumerate(digits)]
    return np.sum(waves, axis=0) * LOUDNESS


def murmur(count: int) -> "np.ndarray[Any, np.dtype[np.float64]]":
    """Noise below the tones, never the same twice, as voices are: by it a moment is found in another recording."""
    spectrum = np.fft.rfft(np.random.default_rng(1).standard_normal(count))
    spectrum[round(MURMUR_HZ * count / RATE) :] = 0
    noise = np.fft.irfft(spectrum, count)
    return noise * (MURMUR_LOUDNESS / np.std(noise))


def number_in_sound(samples: Any) -> int | None:
    """The number, modulo 4096, in the samples of one frame; None when it is too quiet to tell."""
    samples = np.asarray(samples, np.float64)
    if len(samples) == 0 or float(np.abs(samples).max()) < QUIET:
        return None
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), 4 * WINDOW))
    number = 0
    for place, lowest in enumerate(TONES):
        wanted = [round((lowest + STEP * digit) * 4 * WINDOW / RATE) for digit in range(DIGIT)]
        number += int(np.argmax(spectrum[wanted])) * DIGIT**place
    return number


def make(
    path: Path, *, seconds: int, size: tuple[int, int] = SIZE, sound: str = "tones", codec: str = "libx264"
) -> Path:
    """Encode the broadcast, a keyframe each second. ``sound`` is ``tones``, ``murmur``, ``silent`` or ``none``."""
    frames = range(seconds * FPS)
    raw, wave = path.with_suffix(".gray"), path.with_suffix(".f32")
    raw.write_bytes(b"".join(picture(number, size).tobytes() for number in frames))
    samples = np.concatenate([tones(number) for number in frames]) * (sound in {"tones", "murmur"})
    if sound == "murmur":
        samples = samples * QUIETER + murmur(len(samples))
    wave.write_bytes(samples.astype("<f4").tobytes())
    argv = [
        *(imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-nostdin", "-loglevel", "error", "-y"),
        *("-f", "rawvideo", "-pix_fmt", "gray", "-s", f"{size[0]}x{size[1]}", "-r", str(FPS), "-i", str(raw)),
        *("-f", "f32le", "-ar", str(RATE), "-ac", "1", "-i", str(wave)),
        *("-map", "0:v", *(() if sound == "none" else ("-map", "1:a", "-c:a", "aac", "-b:a", "128k"))),
        *("-c:v", codec, *QUALITY[codec], "-pix_fmt", "yuv420p", "-bf", "0"),
        *("-g", str(FPS), "-keyint_min", str(FPS), "-sc_threshold", "0", str(path)),
    ]
    subprocess.run(argv, check=True)
    raw.unlink()
    wave.unlink()
    return path


def shifted(data: bytes, ticks: int) -> bytes:
    """An MPEG-TS piece with all its timestamps moved by ``ticks`` of 90 kHz, modulo 2**33."""
    out = bytearray(data)
    for at in range(0, len(out) - PACKET + 1, PACKET):
        payload = at + 4
        if out[at + 3] & 0x20:
            if out[at + 4] and out[at + 5] & 0x10:
                _move_clock(out, at + 6, ticks)
            payload += 1 + out[at + 4]
        if out[at + 1] & 0x40 and out[payload : payload + 3] == b"\0\0\1":
            flags = out[payload + 7]
            for place in range(bool(flags & 0x80) + bool(flags & 0x40)):
                _move_stamp(out, payload + 9 + 5 * place, ticks)
    return bytes(out)


def _move_clock(out: bytearray, at: int, ticks: int) -> None:
    value = int.from_bytes(out[at : at + 6])
    base = ((value >> 15) + ticks) % WRAP
    out[at : at + 6] = (base << 15 | value & 0x7FFF).to_bytes(6)


def _move_stamp(out: bytearray, at: int, ticks: int) -> None:
    a, b, c, d, e = out[at : at + 5]
    value = (a >> 1 & 7) << 30 | b << 22 | c >> 1 << 15 | d << 7 | e >> 1
    value = (value + ticks) % WRAP
    out[at] = a & 0xF1 | (value >> 30) << 1
    out[at + 1] = value >> 22 & 0xFF
    out[at + 2] = (value >> 15 & 0x7F) << 1 | 1
    out[at + 3] = value >> 7 & 0xFF
    out[at + 4] = (value & 0x7F) << 1 | 1
