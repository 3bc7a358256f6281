"""Makes ``sample/broadcast.mp4`` and its reference ``sample/broadcast.json``.

    python -m sample.make_broadcast

The result is committed, so this runs only when the script of the broadcast changes. It needs Festival with the
Suopuhe voices LJ and MV, and the DejaVu fonts. The word times in the reference come from the synthesis itself.
"""

import json
import logging
import shutil
import subprocess
import tempfile
import wave
from dataclasses import dataclass, replace
from pathlib import Path

import imageio_ffmpeg
import numpy as np
from numpy.typing import NDArray

from sample import script
from sample.slides import filter_graph, find_fonts

log = logging.getLogger(__name__)

RATE = 48_000
VOICES = {script.CHAIR: "voice_suo_fi_lj_diphone", script.GUEST: "voice_hy_fi_mv_diphone"}

LEAD_SECONDS = 1.6
SENTENCE_PAUSE = 0.6
TURN_PAUSE = 0.75
SECTION_PAUSE = 1.5
TAIL_SECONDS = 2.5
EDGE_SECONDS = 0.04
FADE_SECONDS = 0.02

SPEECH_RMS = 0.09
SPEECH_PEAK = 0.85
# A studio is never digitally silent; the seed keeps the noise the same in every run.
ROOM_RMS = 0.0003
ROOM_SEED = 20261124

Samples = NDArray[np.float64]


class CannotMake(Exception):
    """The sample cannot be made here; the message says what to install."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word as written and when it sounds, in seconds."""

    text: str
    start: float
    end: float

    def later(self, seconds: float) -> "Word":
        """The same word on a time line that began ``seconds`` earlier."""
        return replace(self, start=self.start + seconds, end=self.end + seconds)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A spoken sentence: 48 kHz mono samples within -1..1, and its words on the samples' own clock."""

    line: script.Line
    words: tuple[Word, ...]
    samples: Samples


@dataclass(frozen=True, slots=True)
class Placed:
    """A sentence on the clock of the broadcast; ``section`` counts ``script.SECTIONS``."""

    section: int
    line: script.Line
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Broadcast:
    """The whole sound, every sentence in it, and the second at which each section's slide appears."""

    samples: Samples
    sentences: tuple[Placed, ...]
    section_starts: tuple[float, ...]

    @property
    def seconds(self) -> float:
        """How long the broadcast is."""
        return len(self.samples) / RATE


def festival_program(lines: list[script.Line], folder: Path) -> str:
    """The Scheme text that speaks each line to ``NUMBER.wav`` and prints ``NUMBER start end`` for its words."""
    parts = []
    for number, line in enumerate(lines):
        target = folder / f"{number}.wav"
        parts.append(
            f"({VOICES[line.speaker]})\n"
            f"(Parameter.set 'Duration_Stretch {line.pace})\n"
            f'(set! u (utt.synth (Utterance Text "{line.text}")))\n'
            f"(mapcar (lambda (w) (format t \"{number} %f %f\\n\" (item.feat w 'word_start) (item.feat w 'word_end)))"
            f" (utt.relation.items u 'Word))\n"
            f'(utt.save.wave u "{target}" \'riff)\n'
        )
    return "".join(parts)


def run_festival(program: Path) -> str:
    """What Festival prints. Raises CannotMake when Festival or a voice is missing."""
    festival = shutil.which("festival")
    if festival is None:
        raise CannotMake("Festival is missing: install festival, festvox-suopuhe-lj and festvox-suopuhe-mv.")
    result = subprocess.run([festival, "-b", str(program)], capture_output=True, check=False)
    if result.returncode:
        said = result.stderr.decode("latin-1").strip()
        raise CannotMake(f"Festival failed; are festvox-suopuhe-lj and festvox-suopuhe-mv installed? {said}")
    return result.stdout.decode("latin-1")


def word_times(printed: str, line_count: int) -> list[list[tuple[float, float]]]:
    """The start and end of each line's words, in seconds, from what the Scheme program printed."""
    times: list[list[tuple[float, float]]] = [[] for _ in range(line_count)]
    for row in printed.splitlines():
        number, start, end = row.split()
        times[int(number)].append((float(start), float(end)))
    return times


def named_words(line: script.Line, times: list[tuple[float, float]]) -> list[Word]:
    """The line's words with their times. Raises CannotMake when Festival spoke another number of words."""
    texts = line.text.split()
    if len(texts) != len(times):
        raise CannotMake(f"Festival read {len(times)} words in {line.text!r}: write numbers and signs as words.")
    return [Word(text, start, end) for text, (start, end) in zip(texts, times, strict=True)]


def speak(lines: list[script.Line], folder: Path) -> list[Sentence]:
    """Every line as sound; ``folder`` holds the work. Raises CannotMake as ``run_festival`` does."""
    program = folder / "speak.scm"
    program.write_text(festival_program(lines, folder), encoding="latin-1")
    times = word_times(run_festival(program), len(lines))
    return [
        trimmed(line, named_words(line, spoken), level(read_wave(folder / f"{number}.wav")))
        for number, (line, spoken) in enumerate(zip(lines, times, strict=True))
    ]


def read_wave(path: Path) -> Samples:
    """The mono 16-bit file as samples at 48 kHz."""
    with wave.open(str(path), "rb") as file:
        rate = file.getframerate()
        samples = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2") / 32768
    return resampled(samples, rate)


def resampled(samples: Samples, rate: int) -> Samples:
    """The samples at 48 kHz: the spectrum is padded with silence, which neither moves nor colours the sound."""
    wanted = round(len(samples) * RATE / rate)
    result: Samples = np.fft.irfft(np.fft.rfft(samples), wanted) * (wanted / len(samples))
    return result


def level(samples: Samples) -> Samples:
    """The same sound at the loudness of all the others, and never clipping."""
    gain = SPEECH_RMS / float(np.sqrt(np.mean(samples**2)))
    return samples * min(gain, SPEECH_PEAK / float(np.abs(samples).max()))


def faded(samples: Samples) -> Samples:
    """The sound with soft edges: the voices carry a noise of their own, and cutting it off would click."""
    slope = np.linspace(0, 1, round(FADE_SECONDS * RATE))
    result = samples.copy()
    result[: len(slope)] *= slope
    result[-len(slope) :] *= slope[::-1]
    return result


def trimmed(line: script.Line, words: list[Word], samples: Samples) -> Sentence:
    """The sentence without the silence Festival puts around it; pauses are ours to set."""
    start = max(0.0, words[0].start - EDGE_SECONDS)
    end = words[-1].end + EDGE_SECONDS
    kept = samples[round(start * RATE) : round(end * RATE)]
    return Sentence(line, tuple(word.later(-start) for word in words), faded(kept))


def pause_before(section_changes: bool, speaker_changes: bool) -> float:
    """Seconds of silence before a sentence."""
    if section_changes:
        return SECTION_PAUSE
    return TURN_PAUSE if speaker_changes else SENTENCE_PAUSE


def assemble(sections: tuple[script.Section, ...], spoken: list[Sentence]) -> Broadcast:
    """The sentences one after another, with pauses, on one clock."""
    numbers = [number for number, section in enumerate(sections) for _ in section.lines]
    sounds, placed, starts = [silence(LEAD_SECONDS)], [], [0.0]
    for at, (number, sentence) in enumerate(zip(numbers, spoken, strict=True)):
        if at:
            changes = number != numbers[at - 1]
            pause = pause_before(changes, sentence.line.speaker != spoken[at - 1].line.speaker)
            if changes:
                starts.append(seconds_of(sounds) + pause / 2)
            sounds.append(silence(pause))
        now = seconds_of(sounds)
        placed.append(Placed(number, sentence.line, tuple(word.later(now) for word in sentence.words)))
        sounds.append(sentence.samples)
    return Broadcast(with_room(np.concatenate([*sounds, silence(TAIL_SECONDS)])), tuple(placed), tuple(starts))


def silence(seconds: float) -> Samples:
    """No sound for that long."""
    return np.zeros(round(seconds * RATE))


def seconds_of(sounds: list[Samples]) -> float:
    """How long the pieces are together."""
    return sum(map(len, sounds)) / RATE


def with_room(samples: Samples) -> Samples:
    """The sound with the faint noise of a room."""
    return samples + np.random.default_rng(ROOM_SEED).normal(0, ROOM_RMS, len(samples))


def write_wave(path: Path, samples: Samples) -> None:
    """Writes the samples as 48 kHz stereo, 16 bits, the same on both sides."""
    whole = np.round(np.clip(samples, -1, 1) * 32767).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(np.repeat(whole, 2).tobytes())


def encode_arguments(sound: Path, graph: Path, seconds: float, target: Path) -> list[str]:
    """The ffmpeg arguments that put the drawn picture and the sound into one MP4."""
    return [
        *("-hide_banner", "-nostdin", "-loglevel", "error", "-y"),
        *("-i", str(sound), "-/filter_complex", str(graph), "-map", "[picture]", "-map", "0:a"),
        *("-c:v", "libx264", "-preset", "slow", "-crf", "27", "-tune", "stillimage", "-pix_fmt", "yuv420p"),
        *("-g", "50", "-keyint_min", "50", "-sc_threshold", "0", "-flags", "+cgop", "-r", "25", "-threads", "2"),
        *("-c:a", "aac", "-b:a", "80k", "-ar", str(RATE), "-ac", "2"),
        *("-t", f"{seconds:.3f}", "-map_metadata", "-1", "-fflags", "+bitexact", "-flags:a", "+bitexact"),
        *("-movflags", "+faststart", str(target)),
    ]


def milliseconds(seconds: float) -> int:
    """Whole milliseconds, the only unit of the reference."""
    return round(seconds * 1000)


def word_record(word: Word) -> dict[str, object]:
    """One word of the reference."""
    return {"text": word.text, "start_ms": milliseconds(word.start), "end_ms": milliseconds(word.end)}


def sentence_record(placed: Placed) -> dict[str, object]:
    """One sentence of the reference, with its words."""
    return {
        "speaker": placed.line.speaker,
        "start_ms": milliseconds(placed.words[0].start),
        "end_ms": milliseconds(placed.words[-1].end),
        "text": placed.line.text,
        "words": [word_record(word) for word in placed.words],
    }


def municipality_records(sentences: tuple[Placed, ...]) -> list[dict[str, object]]:
    """Every time a municipality is named, in the order it is heard."""
    places = {said: place for place in script.MUNICIPALITIES for said in place.said}
    words = [word for placed in sentences for word in placed.words]
    return [
        {"code": place.code, "name": place.name, "said": word.text, "start_ms": milliseconds(word.start)}
        for word in words
        if (place := places.get(word.text.strip(".,?")))
    ]


def section_records(broadcast: Broadcast) -> list[dict[str, object]]:
    """The sections and when their slides appear."""
    return [
        {"title": section.title, "start_ms": milliseconds(start), "kind": section.kind}
        for section, start in zip(script.SECTIONS, broadcast.section_starts, strict=True)
    ]


def reference(broadcast: Broadcast) -> dict[str, object]:
    """What a perfect transcript and perfect notes of the broadcast would hold."""
    return {
        "title": script.TITLE,
        "programme": script.PROGRAMME,
        "starts_at": script.STARTS_AT,
        "language": "fi",
        "duration_ms": milliseconds(broadcast.seconds),
        "agenda": [{"title": item.title, "cues": list(item.cues)} for item in script.AGENDA],
        "vocabulary": list(script.VOCABULARY),
        "sections": section_records(broadcast),
        "sentences": [sentence_record(placed) for placed in broadcast.sentences],
        "decisions": list(script.DECISIONS),
        "actions": list(script.ACTIONS),
        "municipalities": municipality_records(broadcast.sentences),
        "licence": script.LICENCE,
    }


def compose(folder: Path) -> Broadcast:
    """Speaks the whole script; ``folder`` holds the work. The length is a whole number of frames."""
    lines = [line for section in script.SECTIONS for line in section.lines]
    broadcast = assemble(script.SECTIONS, speak(lines, folder))
    whole_frames = len(broadcast.samples) // (RATE // 25) * (RATE // 25)
    return replace(broadcast, samples=broadcast.samples[:whole_frames])


def make(target: Path) -> None:
    """Writes ``target`` and the .json beside it. Raises CannotMake when a voice or a font is missing."""
    fonts = find_fonts()
    if fonts is None:
        raise CannotMake("The DejaVu fonts are missing: install fonts-dejavu-core.")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        broadcast = compose(folder)
        write_wave(folder / "sound.wav", broadcast.samples)
        graph = folder / "graph.txt"
        turns = [(placed.line.speaker, placed.words[0].start, placed.words[-1].end) for placed in broadcast.sentences]
        graph.write_text(filter_graph(broadcast.section_starts, turns, broadcast.seconds, fonts), encoding="utf-8")
        arguments = encode_arguments(folder / "sound.wav", graph, broadcast.seconds, target)
        subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), *arguments], check=True)
    text = json.dumps(reference(broadcast), ensure_ascii=False, indent=1)
    target.with_suffix(".json").write_text(text + "\n", encoding="utf-8")
    log.info("%s: %.1f s, %.2f MB", target.name, broadcast.seconds, target.stat().st_size / 1e6)


def main() -> None:
    """Makes the committed sample, or says what is missing."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        make(Path(__file__).with_name("broadcast.mp4"))
    except CannotMake as error:
        raise SystemExit(str(error)) from error


if __name__ == "__main__":
    main()
