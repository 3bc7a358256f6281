"""What the chapters of a long broadcast cost: four hours of speech with 30 items, on one core."""

import tempfile
import time
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.notes import HOURS, long_transcript
from config import catalogue
from core.language.cues import Cues
from core.language.finnish import Analyser
from core.meeting import chapters
from core.models import AgendaItem
from evaluation import meetings

ITEMS = 30
GOAL_S = 5.0


def run() -> list[Figure]:
    """The figures."""
    said, duration_ms = long_transcript(), HOURS * 3_600_000
    cues = Cues.load((catalogue.HERE / "lexicon.toml").read_text(encoding="utf-8"))
    planned = [
        item for part in (meetings.TUNING, meetings.HELD_OUT) for each in meetings.known(part) for item in each.agenda
    ]
    agenda = tuple(planned[:ITEMS])
    with tempfile.TemporaryDirectory() as folder, Analyser(Path(folder) / "vocabulary.sqlite") as analyser:
        forms = analyser.dictionary(_texts(agenda) + [passage.text for passage in said.passages])
    began = time.process_time()
    chapters.chapters(said, agenda, forms, duration_ms, cues=cues.agenda, stopwords=cues.stopwords)
    took = time.process_time() - began
    return [
        Figure(f"chapters: {HOURS} h, {len(agenda)} items", f"{took:.1f} s", f"< {GOAL_S:.0f} s", took < GOAL_S),
    ]


def _texts(agenda: tuple[AgendaItem, ...]) -> list[str]:
    return [text for item in agenda for text in (item.title, *item.cues)]
