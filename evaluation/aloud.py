"""Chapters of meetings as voices read them and as they were recognised: ``python -m evaluation.aloud``."""

import random
import sys
from collections.abc import Iterator

from config.settings import Settings, load
from core.language.cues import Cues
from core.language.finnish import Analyser
from core.models import Word
from evaluation import chapters, meetings, sets
from evaluation.meetings import Meeting, Said, Start, Timed
from evaluation.notes import LEXICON
from evaluation.ways import Recogniser
from sample import script

READ = {meetings.TUNING: ("committee", "mixed"), meetings.HELD_OUT: ("board", "hopping")}
"""The meetings that are read."""


def heard(meeting: Meeting, recogniser: Recogniser) -> Timed:
    """The meeting as two voices read it and it was recognised, the way of the flows.

    Raises:
        CannotMake: a voice is missing; the message says what to install.
    """
    spoken = sets.aloud([script.Line(_speaker(said), said.text) for said in meeting.said])
    _, found = next(recogniser.recognise(spoken.samples))
    words = [
        Word(start_ms=round(w.start * 1000), end_ms=round(w.end * 1000), text=w.text, probability=0.9) for w in found
    ]
    starts, at = [Start(0, "")], 0
    for said in meeting.said:
        if said.item and said.item != starts[-1].title:
            starts.append(Start(round(spoken.words[at].start * 1000) if at else 0, said.item))
        at += len(said.text.split())
    return meetings.whole(meeting._replace(name=f"{meeting.name}, heard"), words, starts, round(spoken.seconds * 1000))


def _speaker(said: Said) -> str:
    """One of two, the same always: most sentences are of the guest's."""
    return script.CHAIR if random.Random(said.text).random() < meetings.TURNS else script.GUEST


def recognised(settings: Settings) -> Iterator[tuple[str, str]]:
    """The same of meetings that voices read. What was recognised before is not decoded again."""
    cues = Cues.load(LEXICON.read_text(encoding="utf-8"))
    settings.vocabulary.parent.mkdir(parents=True, exist_ok=True)
    with Analyser(settings.vocabulary) as analyser:
        way = chapters.ours(analyser, cues)
        recogniser = Recogniser(settings, analyser, None)
        for part, names in READ.items():
            known = [heard(each, recogniser) for each in meetings.known(part) if each.name in names]
            yield f"{part}, recognised, ours", chapters.line([chapters.score(each, way(each)) for each in known])


def main() -> None:
    """Print the figures."""
    for name, value in recognised(load()):
        sys.stdout.write(f"{name:<40} {value}\n")


if __name__ == "__main__":
    main()
