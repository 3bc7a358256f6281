"""How well speech is recognised in the sample broadcast: ``python -m evaluation.speech``.

Its voices are synthetic, so the figures tell whether the way through Parts loses or doubles words, and what happens to
the names; they do not tell how well people are understood.
"""

import sys
import tempfile
from pathlib import Path

from config.settings import load
from core.models import Transcript
from core.speech import whisper
from evaluation import accuracy, sample
from maaseutu.demo import about

Figures = list[tuple[str, str]]


def run() -> Figures:
    """All figures, as (name, value)."""
    said, heard = sample.said(), recognised()
    return [
        ("speech: words said", f"{len(accuracy.words(said))}"),
        ("speech: word error rate", f"{accuracy.word_error_rate(said, heard):.1%}"),
        ("speech: character error rate", f"{accuracy.character_error_rate(said, heard):.1%}"),
        *_names(said, heard),
    ]


def recognised() -> str:
    """The text of the sample, by way of Segments and Parts as in a live broadcast."""
    settings = load()
    with tempfile.TemporaryDirectory(prefix="maaseutu-eval-") as name:
        folder = Path(name)
        options = sample.options(settings, folder)
        parts, files = sample.cut(settings, folder)
        return " ".join(text(whisper.transcribe_part(part, files, options)) for part in parts)


def text(transcript: Transcript) -> str:
    """The words of a Part."""
    return " ".join(passage.text for passage in transcript.passages)


def _names(said: str, heard: str) -> Figures:
    found = accuracy.names(said, heard, about()["vocabulary"])
    right = [name for name in found if name.right]
    wrong = ((f"  heard for {name.said}", name.heard or "nothing") for name in found if not name.right)
    return [("speech: names right", f"{len(right)} of {len(found)}"), *wrong]


def main() -> None:
    """Print the figures."""
    for name, value in run():
        sys.stdout.write(f"{name:<36} {value}\n")


if __name__ == "__main__":
    main()
