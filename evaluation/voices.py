"""Synthetic voices that read a text: Festival's two Finnish ones, which tell when each word sounds, and espeak-ng's."""

import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from sample import script
from sample.make_broadcast import CannotMake, Sentence, faded, level, read_wave, speak

LOUD = 0.01
"""Of the peak: what espeak-ng puts around a sentence is digital silence."""
ESPEAK_PACE = "150"
"""Words a minute: somewhat slower than its own 175, which no Finnish reader keeps up."""


def by_festival(lines: list[script.Line]) -> list[Sentence]:
    """Every line as the chair's or the guest's voice reads it.

    Raises:
        CannotMake: Festival or one of its Finnish voices is missing; the message says what to install.
    """
    with tempfile.TemporaryDirectory(prefix="maaseutu-voices-") as folder:
        return speak(lines, Path(folder))


def by_espeak(lines: list[script.Line], language: str = "fi") -> list[Sentence]:
    """Every line as espeak-ng reads it, in the language's one voice. It does not tell when words sound.

    Raises:
        CannotMake: espeak-ng is missing.
    """
    program = shutil.which("espeak-ng")
    if program is None:
        raise CannotMake("espeak-ng is missing: install it.")
    with tempfile.TemporaryDirectory(prefix="maaseutu-voices-") as folder:
        files = [Path(folder) / f"{number}.wav" for number in range(len(lines))]
        return [_spoken(program, line, file, language) for line, file in zip(lines, files, strict=True)]


def _spoken(program: str, line: script.Line, file: Path, language: str) -> Sentence:
    subprocess.run([program, "-v", language, "-s", ESPEAK_PACE, "-w", str(file), line.text], check=True)
    samples = read_wave(file)
    loud = np.flatnonzero(np.abs(samples) > LOUD * np.abs(samples).max())
    return Sentence(line, (), faded(level(samples[loud[0] : loud[-1] + 1])))
