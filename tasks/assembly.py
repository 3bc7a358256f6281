"""From prepared Parts to an Episode."""

from pathlib import Path

from prefect import task

from config import catalogue, stores
from config.settings import Settings
from core import chapters, keys, mentions, notes, transcript
from core.cues import Cues
from core.models import Broadcast, EncodedPart, Episode, Gap, Moment, Transcript
from tasks import lexicon
from tasks.policies import STEP

LEXICON = Path(catalogue.HERE / "lexicon.toml")


@task(name="assemble", task_run_name="assemble {broadcast.id}", **STEP)
def assemble(
    settings: Settings,
    broadcast: Broadcast,
    gaps: tuple[Gap, ...],
    encoded: list[EncodedPart],
    transcripts: list[Transcript],
    moments: tuple[Moment, ...],
) -> Episode:
    """Join the Parts' transcripts, find chapters, notes and mentions, and store the Episode."""
    whole = Transcript(
        language=broadcast.language,
        engine=transcripts[0].engine,
        passages=transcript.join([piece.passages for piece in transcripts]),
    )
    forms = lexicon.analyser(settings.vocabulary).dictionary(_texts(whole, broadcast))
    cues = Cues.load(LEXICON.read_text())
    placed = chapters.chapters(whole, broadcast.agenda, forms, encoded[-1].end_ms, formulas=cues.formulas)
    episode = Episode(
        broadcast=broadcast,
        duration_ms=encoded[-1].end_ms,
        parts=tuple(encoded),
        transcript=whole,
        chapters=placed,
        notes=notes.notes(whole, placed, forms, cues),
        mentions=mentions.mentions(whole, forms, mentions.municipalities(catalogue.MUNICIPALITIES)),
        gaps=gaps,
        moments=moments,
        poster=encoded[0].poster,
        forms=forms,
    )
    archive = stores.archive(settings)
    archive.put_record(keys.episode(broadcast.id), episode)
    return episode


def _texts(whole: Transcript, broadcast: Broadcast) -> list[str]:
    agenda = [text for item in broadcast.agenda for text in (item.title, *item.cues)]
    return [broadcast.title, *agenda, *(passage.text for passage in whole.passages)]
