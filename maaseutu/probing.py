"""``maaseutu record --probe``: says what a source is, in plain words, before anything is recorded."""

import tempfile
from pathlib import Path

from config.settings import Settings
from core.capture.examine import Examination, Options, examine
from core.media import ffmpeg
from core.outside import addresses
from maaseutu.console import say

QUIET_DB = -40.0
SILENT_DB = -70.0
CLIPPED_DB = -0.1
FAR_KEYFRAMES_SECONDS = 5.0


def run(settings: Settings, address: str) -> bool:
    """Examine a source and say what it is; whether nothing speaks against recording it.

    Raises:
        MaaseutuError: it cannot be read.
    """
    with tempfile.TemporaryDirectory(prefix="maaseutu-") as folder:
        options = Options(
            Path(folder),
            ffmpeg.program(settings.ffmpeg),
            settings.tallest,
            wait_seconds=settings.give_up_seconds,
            rules=addresses.parse(settings.private_sources),
            spare=settings.min_free_mb << 20,
        )
        found = examine(address, options, lambda text: say(f"{text} …"))
    for line in lines(found):
        say(line)
    wrong = warnings(found, settings.tallest)
    for line in wrong:
        say(f"  WARNING: {line}")
    say("Nothing speaks against recording it." if not wrong else "It can be recorded, but look at the warnings first.")
    return not wrong


def lines(found: Examination) -> list[str]:
    """What was found, a line each."""
    told = [f"It is {found.kind}: {found.going_on}.", f"  measured  {found.seconds:.1f} s, {_rate(found)}"]
    if video := found.video:
        rate = f"{float(video.rate):g} frames a second"
        told.append(f"  picture   {video.codec}, {video.width}x{video.height}, {rate}")
        told.append(f"  keyframes {found.keyframe_seconds:.1f} s apart")
    if found.sound:
        stream = found.sound.stream
        told.append(f"  sound     {stream.codec}, {stream.rate} Hz, {stream.channels} channels")
        told.append(f"  level     {found.sound.mean_db:.1f} dBFS on average, {found.sound.peak_db:.1f} dBFS at most")
    return told


def warnings(found: Examination, tallest: int) -> list[str]:
    """What speaks against recording it as it is."""
    return [*_of_picture(found, tallest), *_of_sound(found)]


def _of_picture(found: Examination, tallest: int) -> list[str]:
    if found.video is None:
        return ["No picture. A recording needs one: send a still."]
    told = []
    if found.keyframe_seconds > FAR_KEYFRAMES_SECONDS:
        apart = f"Keyframes are {found.keyframe_seconds:.0f} s apart"
        told.append(f"{apart}: whatever is cut is cut that coarsely. Set the encoder to 2 s.")
    if found.video.height > tallest:
        told.append(f"The picture has {found.video.height} lines, more than the {tallest} of MAASEUTU_TALLEST.")
    return told


def _of_sound(found: Examination) -> list[str]:
    if found.sound is None:
        return ["No sound. A recording needs it: choose the source that carries the speech."]
    if found.sound.peak_db < SILENT_DB:
        return ["The sound is silent. Check the microphones, the mixer and the encoder's input."]
    if found.sound.mean_db < QUIET_DB:
        return ["The sound is very quiet: speech will be recognised worse. Raise it by 20 dB, or wait for speech."]
    if found.sound.peak_db > CLIPPED_DB:
        return ["The sound is as loud as it can be and may be distorted. Lower it by 6 dB."]
    return []


def _rate(found: Examination) -> str:
    return f"{found.bits_per_second / 1000:.0f} kbit/s"
