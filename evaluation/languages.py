"""What the engine takes for another language: of Finnish it must be nothing, of other languages most.

``python -m evaluation.languages`` prints both, and what asking for the language costs.
"""

import argparse
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

from config import recognition, settings
from core.media import sound
from core.speech import engines, whisper, windows
from core.speech.engines.base import Heard, Hints, Samples, Setup
from core.speech.windows import Stretch
from evaluation import sample, sets, sounds, voices
from maaseutu.console import say

COST_SECONDS = 120
FINNISH = ("clean", "noise", "reverberation", "music", "telephone", "overlapping", "agenda", "espeak")
FOREIGN = ("en", "sv", "de", "fr")
"""The same few sentences in each, written for the project."""
WORSE = ("telephone", "noise", "reverberation")
PLAIN = "plain"
"""A folder of no published model's name, with the same weights: it is not asked for the language."""


class Told(NamedTuple):
    """Of the stretches in a sound: how many there are and were judged, which were marked, the surest of others."""

    stretches: int
    judged: int
    marked: list[str]
    surest: float
    language: str


def foreign(language: str) -> Samples:
    """The sentences as espeak-ng reads them.

    Raises:
        CannotMake: espeak-ng is missing.
    """
    file = sets.TEXTS / f"foreign.{language}.txt"
    return sets.spoken(file, reader=partial(voices.by_espeak, language=language)).samples


def finnish(data: Path) -> Iterator[tuple[str, Samples]]:
    """The sample, the generated sets, espeak-ng's voice made worse, and people where they are at hand."""
    yield "sample", sound.speech([sample.FILE]).samples[0]
    yield from ((name, sets.GENERATED[name]().samples) for name in FINNISH)
    spoken = sets.GENERATED["espeak"]().samples
    yield from worse("espeak", spoken)
    yield from ((name, make().samples) for name, make in sets.people(data).items())


def worse(name: str, samples: Samples) -> Iterator[tuple[str, Samples]]:
    """The sound by telephone, under noise, in a hall."""
    yield from ((f"{name}, {each}", sounds.CONDITIONS[each](samples).astype(np.float32)) for each in WORSE)


def told(samples: Samples, setup: Setup, asked: str = "fi") -> Told:
    """What the engine tells of each stretch that is decoded at once."""
    found = list(engines.engine(setup).decode(samples, list(stretches(samples)), Hints(asked)))
    judged = [each for each in found if each.language]
    others = [each for each in judged if each.language != asked]
    surest = max(others, key=_surety, default=None)
    marked = [str(each.language) for each in others if _surety(each) >= whisper.OTHER_LANGUAGE]
    return Told(len(found), len(judged), marked, _surety(surest) if surest else 0.0, str(surest and surest.language))


def _surety(heard: Heard) -> float:
    return heard.language_probability or 0.0


def stretches(samples: Samples) -> Iterator[Stretch]:
    """What is decoded at once, as in a broadcast."""
    for start, end in windows.of_samples(samples):
        inside = samples[round(start * sounds.RATE) : round(end * sounds.RATE)]
        for each in windows.phrases(windows.speech(inside)):
            yield Stretch(start + each.start, start + each.end)


def _seconds(samples: Samples, setup: Setup) -> float:
    asked = list(stretches(samples))
    began = time.process_time()
    list(engines.engine(setup).decode(samples, asked, Hints("fi")))
    return time.process_time() - began


def cost(samples: Samples, setup: Setup, folder: Path, rounds: int = 3) -> tuple[float, float]:
    """The least seconds of a core in which the sound is decoded, asked for the language and not."""
    plain = folder / PLAIN
    plain.mkdir()
    for path in Path(setup.model).iterdir():
        (plain / path.name).symlink_to(path)
    times = []
    for each in (setup, setup._replace(model=plain)):
        _seconds(samples, each)  # Loads it.
        times.append(min(_seconds(samples, each) for _ in range(rounds)))
    return times[0], times[1]


def main() -> None:
    """Print both tables, and the cost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=sets.DATA, help="where people's voices lie")
    setup = recognition.setup(settings.load())._replace(threads=1)
    narrow = setup._replace(beam_size=1)  # The language is asked before words are looked for.
    data = parser.parse_args().data
    say("| Finnish | stretches | judged | marked | surest of another language |\n|---|---:|---:|---:|---:|")
    for name, samples in finnish(data):
        found = told(samples, narrow)
        say(f"| {name} | {found.stretches} | {found.judged} | {len(found.marked)} | {_surest(found)} |")
    say("\n| foreign | stretches | judged | marked as | surest |\n|---|---:|---:|---|---:|")
    for language in FOREIGN:
        spoken = foreign(language)
        for name, samples in ((language, spoken), *worse(language, spoken)):
            found = told(samples, narrow)
            say(f"| {name} | {found.stretches} | {found.judged} | {', '.join(found.marked)} | {_surest(found)} |")
    with tempfile.TemporaryDirectory() as folder:
        asked, plain = cost(sets.spoken().samples[: COST_SECONDS * sounds.RATE], setup, Path(folder))
    more = 100 * (asked / plain - 1)
    say(f"\n{COST_SECONDS} s of speech: {asked:.2f} s of a core, without asking {plain:.2f} s, {more:+.1f} %.")


def _surest(found: Told) -> str:
    return f"{found.surest:.3f} ({found.language})" if found.surest else "none"


if __name__ == "__main__":
    main()
