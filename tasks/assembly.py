"""From prepared Parts to an Episode."""

from datetime import UTC, datetime
from pathlib import Path

from prefect import task

from config import catalogue, stores
from config.recognition import weights
from config.settings import Settings
from core import keys
from core.archive.recordings import RecordingStore
from core.language.cues import Cues
from core.meeting import chapters
from core.models import Broadcast, EncodedPart, Episode, Gap, Kept, Moment, Passage, Transcript
from core.text import anchors, mentions, transcript
from tasks import lexicon
from tasks.notetaking import noted
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
    """Join the Parts' transcripts, find chapters, notes and mentions, and store the Episode.

    The transcript is kept beside those that were made before it, and its Passages have the ids of theirs. What persons
    corrected is not in it: that is applied when the episode is published (tasks.corrections).
    """
    store = RecordingStore(stores.archive(settings), broadcast.id)
    whole = joined(broadcast, transcripts)
    whole = whole.model_copy(update={"passages": anchors.identified(whole.passages, _before(store))})
    made = Kept(at=datetime.now(UTC), model=weights(settings), transcript=whole)
    episode = understood(
        settings,
        Episode(
            broadcast=broadcast,
            duration_ms=encoded[-1].end_ms,
            parts=tuple(encoded),
            transcript=whole,
            gaps=gaps,
            moments=moments,
            poster=encoded[0].poster,
            machine=store.keep(made),
        ),
    )
    store.archive.put_record(keys.episode(broadcast.id), episode)
    return episode


def joined(broadcast: Broadcast, transcripts: list[Transcript]) -> Transcript:
    """The transcripts of consecutive Parts as one."""
    passages = transcript.join([piece.passages for piece in transcripts])
    return Transcript(language=broadcast.language, engine=transcripts[0].engine, passages=passages)


def _before(store: RecordingStore) -> tuple[Passage, ...]:
    """The Passages of the transcript that the machine made before."""
    kept, episode = store.last_kept(), store.episode()
    last = kept.transcript if kept else episode.transcript if episode else None
    return last.passages if last else ()


def understood(settings: Settings, episode: Episode) -> Episode:
    """The episode with the chapters, notes and mentions that are found in its transcript."""
    return summed_up(settings, located(settings, episode))


def summed_up(settings: Settings, episode: Episode) -> Episode:
    """The episode with the notes that are found under its chapters."""
    return episode.model_copy(update={"notes": noted(settings, episode, Cues.load(LEXICON.read_text()))})


def located(settings: Settings, episode: Episode) -> Episode:
    """The same without the notes, for a transcript that still grows."""
    broadcast, whole = episode.broadcast, episode.transcript
    forms = lexicon.analyser(settings.vocabulary).dictionary(_texts(whole, broadcast))
    cues = Cues.load(LEXICON.read_text())
    return episode.model_copy(
        update={
            "chapters": chapters.chapters(
                whole,
                broadcast.agenda,
                forms,
                episode.duration_ms,
                cues=cues.agenda,
                stopwords=cues.stopwords,
            ),
            "mentions": mentions.mentions(whole, forms, mentions.municipalities(catalogue.MUNICIPALITIES)),
            "forms": forms,
        }
    )


def _texts(whole: Transcript, broadcast: Broadcast) -> list[str]:
    agenda = [text for item in broadcast.agenda for text in (item.title, *item.cues)]
    return [broadcast.title, *agenda, *(passage.text for passage in whole.passages)]
