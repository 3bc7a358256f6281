"""A name that a person corrected once is right in the next broadcast."""

import uuid
from datetime import UTC, datetime

import pytest

from config import stores
from config.recognition import recognition
from core.archive.recordings import RecordingStore
from core.models import Broadcast, Edit, Part, Transcript
from core.speech import learning, repair, whisper
from maaseutu.stack import Stack
from tasks import lexicon, recording
from tests.core.transcripts import spoken

AT = datetime(2026, 11, 25, 10, tzinfo=UTC)
PART = Part.model_construct(number=1, take=1, start_ticks=0, segments=(), before=None, after=None)


def _broadcast(programme: str) -> Broadcast:
    name = f"test-{uuid.uuid4().hex[:12]}"
    return Broadcast(id=name, programme=programme, title="Kokous", starts_at=AT, vocabulary=("Kuntaliitto",))


def _mended(storage: Stack, broadcast: Broadcast, heard: Transcript) -> list[str]:
    vocabulary = storage.settings.vocabulary
    names = lexicon.of_broadcast(storage.settings, broadcast)
    found = repair.mended(heard, lexicon.analyser(vocabulary).weights, names)
    return [passage.text for passage in found.passages]


@pytest.mark.parametrize(
    ("before", "after", "heard", "right"),
    [
        ("Puhuu anna hietanijemi.", "Puhuu Anna Hietaniemi.", "Kiitos hietanjemelle.", "Kiitos Hietaniemelle."),
        ("Tämä on perkkampin ajatus.", "Tämä on Bergkampin ajatus.", "Sanoi perkampille.", "Sanoi Bergkampille."),
    ],
)
def test_a_name_corrected_once_is_right_the_next_time(
    storage: Stack, before: str, after: str, heard: str, right: str
) -> None:
    programme = f"series-{uuid.uuid4().hex[:8]}"
    first = recording.announce.fn(storage.settings, _broadcast(programme))
    assert first.learned == ()
    assert _mended(storage, first, spoken((0, heard))) != [right]
    edit = Edit(passage="p0", at=AT, author="Anna", start_ms=0, end_ms=3000, before=before, after=after)
    learning.learn(stores.archive(storage.settings), programme, edit)
    following = recording.announce.fn(storage.settings, _broadcast(programme))
    assert _mended(storage, following, spoken((0, heard))) == [right]
    stored = RecordingStore(stores.archive(storage.settings), following.id).broadcast()
    assert stored.learned == following.learned
    options = [recognition(storage.settings, each) for each in (first, following)]
    assert options[1].vocabulary[0] == "Kuntaliitto"
    assert following.learned[-1] in options[1].vocabulary
    assert whisper.key(PART, options[0]) != whisper.key(PART, options[1]._replace(vocabulary=options[0].vocabulary))
    assert recording.announce.fn(storage.settings, first).learned == following.learned


@pytest.mark.parametrize(
    ("told", "heard", "right"),
    [
        ("Anna Hietaniemi", "Kiitos hietanjemelle.", "Kiitos Hietaniemelle."),
        ("Dennis Bergkamp", "Sanoi perkampille.", "Sanoi Bergkampille."),
    ],
)
def test_the_people_of_a_broadcast_are_known(storage: Stack, told: str, heard: str, right: str) -> None:
    plain = _broadcast("series")
    broadcast = plain.model_copy(update={"vocabulary": ("Kuntaliitto", told)})
    assert _mended(storage, broadcast, spoken((0, heard))) == [right]
    options = [recognition(storage.settings, each) for each in (plain, broadcast)]
    assert whisper.key(PART, options[0]) != whisper.key(PART, options[1])
