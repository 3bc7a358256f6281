"""What the notes of a long broadcast cost: four hours of speech, by the extractive maker, on one core."""

import random
import tempfile
import time
from datetime import date
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.process import peak_bytes
from config import catalogue
from core.language.cues import Cues
from core.language.finnish import Analyser
from core.meeting.drafting import Material, made
from core.models import Chapter, Passage, Transcript
from core.text.transcript import spaced
from evaluation.sets import TEXTS

HOURS = 4
PASSAGE_MS = 4_000
CHAPTERS = 12
GOAL_S, GOAL_BYTES = 10.0, 500e6
TEXT_NAMES = ("council", "district", "development", "meeting", "coast")


def run() -> list[Figure]:
    """The figures."""
    said = long_transcript()
    cues = Cues.load((catalogue.HERE / "lexicon.toml").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder, Analyser(Path(folder) / "vocabulary.sqlite") as analyser:
        forms = analyser.dictionary(passage.text for passage in said.passages)
        material = Material(said, _chapters(), forms, date(2026, 11, 24), analyser.forms)
        began = time.process_time()
        found = made(material, cues)
        took = time.process_time() - began
    lines = sum(len(section.lines) for section in found.sections) + len(found.summary)
    words = sum(len(spaced(passage.text)) for passage in said.passages)
    return [
        Figure(f"notes: {HOURS} h, {len(said.passages)} passages, {words} words", f"{lines} lines"),
        Figure("notes: lines refused", f"{len(found.refused)}", "0", not found.refused),
        Figure("notes: processor time", f"{took:.1f} s", f"< {GOAL_S:.0f} s", took < GOAL_S),
        Figure(
            "notes: process memory, at most",
            f"{peak_bytes() / 1e6:.0f} MB",
            f"< {GOAL_BYTES / 1e6:.0f} MB",
            peak_bytes() < GOAL_BYTES,
        ),
    ]


def long_transcript() -> Transcript:
    """The texts of the project again and again, each time in another order, a passage every PASSAGE_MS."""
    said = [line for name in TEXT_NAMES for line in (TEXTS / f"{name}.txt").read_text().splitlines() if line]
    marked = [line for line in (TEXTS / "notes.txt").read_text().splitlines() if line[:2] in {"- ", "D ", "A ", "Q "}]
    said += [line[2:].partition(" | ")[0] for line in marked]
    chance = random.Random(409)
    passages: list[Passage] = []
    while len(passages) * PASSAGE_MS < HOURS * 3_600_000:
        for text in chance.sample(said, len(said)):
            start = len(passages) * PASSAGE_MS
            passages.append(Passage(start_ms=start, end_ms=start + 3_800, text=text, id=f"p{len(passages)}"))
    kept = tuple(passages[: HOURS * 3_600_000 // PASSAGE_MS])
    return Transcript(language="fi", engine="text", passages=kept)


def _chapters() -> tuple[Chapter, ...]:
    step = HOURS * 3_600_000 // CHAPTERS
    return tuple(Chapter(start_ms=at * step, end_ms=(at + 1) * step, title=f"Kohta {at + 1}") for at in range(CHAPTERS))
