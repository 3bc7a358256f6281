"""Notes by the maker that the settings name; answers of a language model are kept in the archive."""

import pytest
from prefect import flow
from pydantic import SecretStr

from config import stores
from core import keys
from core.language.cues import Cues
from core.models import Broadcast, Episode, Notes
from maaseutu.stack import Stack
from tasks import notetaking
from tasks.assembly import LEXICON
from tests.core.model_server import KEY, MODEL, ModelServer, Said, lines
from tests.core.transcripts import spoken
from tests.web import demo

SAID = "Nyt päätettiin, että verkosto tekee yhteisen lausunnon."
GOOD = lines({"kind": "decision", "text": "Verkosto tekee lausunnon.", "passages": [1]})
LIE = lines({"kind": "decision", "text": "Kunta lakkautetaan.", "passages": [1]})
CUES = Cues.load(LEXICON.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def episode(analyser) -> Episode:
    (passage,) = spoken((1, SAID)).passages
    transcript = spoken().model_copy(update={"passages": (passage.model_copy(update={"id": "p1"}),)})
    broadcast = Broadcast(id="kokous", programme="maaseutu-live", title="Kokous", starts_at=demo.STARTS_AT)
    forms = analyser.dictionary([SAID])
    return Episode(broadcast=broadcast, duration_ms=9_000, parts=(), transcript=transcript, forms=forms)


def noted(storage: Stack, server: ModelServer, episode: Episode):
    reached = server.server()
    changed = {"notes_server": reached.url, "notes_server_key": SecretStr(KEY), "notes_model": MODEL}
    return notetaking.noted(storage.settings.model_copy(update=changed), episode, CUES)


def _lines(notes):
    return [line.text for section in notes.sections for line in section.lines]


def test_without_a_server_notes_are_quotes(storage: Stack, episode: Episode) -> None:
    found = notetaking.noted(storage.settings, episode, CUES)
    assert (_lines(found), found.model) == ([SAID], "")


def test_a_model_writes_and_is_asked_once(storage: Stack, episode: Episode) -> None:
    with ModelServer(lambda _: GOOD) as server:
        first = noted(storage, server, episode)
        assert noted(storage, server, episode) == first
    assert (_lines(first), first.model, len(server.asked)) == (["Verkosto tekee lausunnon."], MODEL, 1)
    assert len(list(stores.archive(storage.settings).list(keys.answer("")[: -len(".json")]))) == 1


def test_the_language_model_is_for_finnish(storage: Stack, episode: Episode) -> None:
    broadcast = episode.broadcast.model_copy(update={"language": "sv"})
    with ModelServer(lambda _: GOOD) as server:
        found = noted(storage, server, episode.model_copy(update={"broadcast": broadcast}))
    assert (found.model, server.asked) == ("", [])


def test_a_bad_answer_is_in_the_log_and_not_kept(
    prefect: None, storage: Stack, episode: Episode, caplog: pytest.LogCaptureFixture
) -> None:
    other = episode.transcript.passages[0].model_copy(update={"text": f"{SAID} Kiitos."})
    transcript = episode.transcript.model_copy(update={"passages": (other,)})
    answers = [LIE, Said("…")]

    @flow
    def prepare() -> Notes:
        return noted(storage, server, episode.model_copy(update={"transcript": transcript}))

    with ModelServer(lambda _: answers.pop()) as server:
        assert prepare().remarks == (
            "The broadcast: The language model answers no JSON.",
            "The broadcast: nothing that the model wrote stands; these are quotes.",
        )
        assert [line.text for line in prepare().refused] == ["Kunta lakkautetaan."]
    assert "Notes: The broadcast: The language model answers no JSON." in caplog.text
    assert "a line is refused. Another decision was said there. It was: Kunta lakkautetaan." in caplog.text
