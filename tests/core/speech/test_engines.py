"""The contract of all engines, with faster-whisper and with a server; and what each of the two refuses."""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from core.errors import MaaseutuError, Misconfigured, ModelDamaged, RecogniserAway
from core.speech import engines, whisper
from core.speech.engines import faster, original, server
from core.speech.engines.base import Engine, Hints, Samples, Service, Setup
from core.speech.windows import Stretch
from tests.core.server import Answer
from tests.core.speech import contract
from tests.core.speech.contract import Contract, heard, samples
from tests.core.speech.openai_server import KEY, MODEL, SpeechServer

__all__ = ["heard", "samples"]

SOUND = np.zeros(16_000, dtype=np.float32)
STRETCH = [Stretch(0.0, 1.0)]
HINTS = Hints("fi")


@pytest.fixture(scope="module")
def recogniser(bundled: Path) -> Iterator[SpeechServer]:
    """A speech server that works."""
    with SpeechServer(Setup(faster.NAME, bundled)) as running:
        yield running


@pytest.fixture(scope="module", params=[faster.NAME, server.NAME])
def kind(request: pytest.FixtureRequest) -> str:
    """The name of the engine."""
    return str(request.param)


@pytest.fixture(scope="module")
def engine(kind: str, bundled: Path, recogniser: SpeechServer) -> Engine:
    """The engine."""
    if kind == faster.NAME:
        return engines.engine(Setup(kind, bundled))
    return engines.engine(Setup(kind, MODEL, service=Service(recogniser.url, KEY)))


class TestContract(Contract):
    """Each engine keeps it."""


def asked(url: str, key: str = KEY, name: str = MODEL) -> Engine:
    """The engine that asks a server."""
    return engines.engine(Setup(server.NAME, name, service=Service(url, key)))


def refused(engine: Engine) -> MaaseutuError:
    """The error with which it does not recognise a second of silence."""
    with pytest.raises(MaaseutuError) as raised:
        list(engine.decode(SOUND, STRETCH, HINTS))
    assert raised.value.cure
    return raised.value


def test_an_engine_that_does_not_exist() -> None:
    with pytest.raises(Misconfigured, match="no engine parrot") as raised:
        engines.engine(Setup("parrot", "base"))
    assert all(name in raised.value.cure for name in engines.ENGINES)


def test_a_name_tells_what_the_result_depends_on(bundled: Path) -> None:
    assert whisper.Options(bundled, "fi").engine == "faster-whisper whisper-base int8, beam 5"
    assert whisper.Options(bundled, "fi", beam_size=1, compute="float32").engine.endswith("float32, beam 1")


def test_a_type_in_which_the_machine_cannot_calculate(bundled: Path) -> None:
    error = refused(engines.engine(Setup(faster.NAME, bundled, "int5")))
    assert isinstance(error, Misconfigured)
    assert "cannot calculate in int5" in error.what
    assert "int8" in error.cure


def test_words_depend_neither_on_company_nor_on_threads(bundled: Path, samples: Samples) -> None:
    together, alone = (engines.engine(Setup(faster.NAME, bundled, threads=threads)) for threads in (3, 1))
    found = list(together.decode(samples, contract.STRETCHES, HINTS))
    assert found == [each for one in contract.STRETCHES for each in alone.decode(samples, [one], HINTS)]
    assert len(found) == len(contract.STRETCHES)


def test_what_faster_whisper_would_work_with(bundled: Path) -> None:
    about = engines.engine(Setup(faster.NAME, bundled, threads=3)).about()
    assert about.model == str(bundled)
    assert about.megabytes == 141
    assert (about.threads, about.multilingual) == (3, True)


def test_an_english_model_is_refused_by_its_vocabulary(bundled: Path, tmp_path: Path) -> None:
    folder = tmp_path / "base.en"
    folder.mkdir()
    for path in bundled.iterdir():
        os.link(path, folder / path.name)
    (folder / "vocabulary.txt").unlink()
    kept = (bundled / "vocabulary.txt").read_text(encoding="utf-8").splitlines(keepends=True)[:-1]
    (folder / "vocabulary.txt").write_text("".join(kept), encoding="utf-8")
    english = engines.engine(Setup(faster.NAME, folder))
    assert english.about().multilingual is False
    contract.refuses_finnish(english)
    # CTranslate2 tells it by the same number.
    with pytest.raises((Misconfigured, ModelDamaged)):
        list(english.decode(SOUND, STRETCH, HINTS))


def test_an_english_model_of_a_server_is_refused_by_its_name() -> None:
    contract.refuses_finnish(asked("http://127.0.0.1:1/v1", name="base.en"))


def test_a_package_that_is_not_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    # None in sys.modules is how Python itself says that there is no such module.
    for name in ("whisper", "torch"):
        monkeypatch.setitem(sys.modules, name, None)
    for use in (original.locate, original.fetch):
        with pytest.raises(Misconfigured, match="not installed") as raised:
            use("base", tmp_path)
        assert "[openai-whisper]" in raised.value.cure


class TestServer:
    """What is sent to a server, and what is refused of it."""

    def test_the_form_is_that_of_the_protocol(self, recogniser: SpeechServer, samples: Samples) -> None:
        options = whisper.Options(
            MODEL, "fi", ("Savukoski", "Ii"), kind=server.NAME, service=Service(recogniser.url, KEY)
        )
        found = whisper.transcribe(samples[: 9 * 16_000], options)
        assert found.engine == f"server, model {MODEL}"
        assert [passage.unclear for passage in found.passages] == [False] * len(found.passages)
        assert all(word.probability is None for passage in found.passages for word in passage.words)
        form = recogniser.asked[-1]
        assert form["model"] == [MODEL]
        assert form["language"] == ["fi"]
        assert form["prompt"] == ["Savukoski, Ii."]
        assert form["response_format"] == ["verbose_json"]
        assert form["timestamp_granularities[]"] == ["word", "segment"]

    def test_its_key_is_not_shown(self) -> None:
        service = Service("http://anna:salaisuus@127.0.0.1:1/v1", KEY)
        options = whisper.Options(MODEL, "fi", kind=server.NAME, service=service)
        told = repr(options) + repr(options.setup) + options.engine + str(refused(engines.engine(options.setup)))
        assert "127.0.0.1" in told
        assert KEY not in told
        assert "salaisuus" not in told

    def test_nobody_is_there(self) -> None:
        error = refused(asked("http://127.0.0.1:1/v1"))
        assert isinstance(error, RecogniserAway)
        assert "does not answer" in error.what

    @pytest.mark.parametrize("url", ["", "127.0.0.1:8000", "ftp://example.org/v1", "http://[1/v1", "http://a\nb/v1"])
    def test_an_address_that_is_none(self, url: str) -> None:
        error = refused(asked(url))
        assert "MAASEUTU_SPEECH_SERVER" in error.what + error.cure

    def test_no_model_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(Misconfigured, match="no model is named"):
            engines.kind(server.NAME).locate("", tmp_path)

    def test_a_wrong_key(self, recogniser: SpeechServer) -> None:
        error = refused(asked(recogniser.url, key="wrong"))
        assert "401" in error.what
        assert "MAASEUTU_SPEECH_SERVER_KEY" in error.cure

    def test_an_address_without_v1(self, recogniser: SpeechServer) -> None:
        assert "/v1" in refused(asked(recogniser.url.removesuffix("/v1"))).cure

    def test_a_model_that_it_does_not_have(self, recogniser: SpeechServer) -> None:
        with pytest.raises(Misconfigured, match="does not list the model large-v9") as raised:
            asked(recogniser.url, name="large-v9").about()
        assert MODEL in raised.value.cure

    @pytest.mark.parametrize(
        ("status", "error", "cure"),
        [
            (403, Misconfigured, "MAASEUTU_SPEECH_SERVER_KEY"),
            (413, Misconfigured, "1 MB"),
            (422, Misconfigured, "log"),
            (429, RecogniserAway, "log"),
            (500, RecogniserAway, "log"),
            (503, RecogniserAway, "log"),
        ],
    )
    def test_it_refuses(self, bundled: Path, status: int, error: type[MaaseutuError], cure: str) -> None:
        with SpeechServer(Setup(faster.NAME, bundled), Answer(b"No.", status=status)) as refusing:
            found = refused(asked(refusing.url))
        assert type(found) is error
        assert f"answers {status}: No." in found.what
        assert cure in found.cure

    @pytest.mark.parametrize(
        "said",
        [
            {"text": "Hyvää huomenta."},
            {"text": "Hyvää huomenta.", "segments": [{"start": 0, "end": 1, "text": "Hyvää huomenta."}]},
            {"text": "Hyvää huomenta.", "words": [{"word": "Hyvää"}, {"word": "huomenta"}]},
        ],
    )
    def test_times_are_not_made_up(self, bundled: Path, said: dict[str, object]) -> None:
        with SpeechServer(Setup(faster.NAME, bundled), Answer(json.dumps(said).encode())) as untimed:
            found = refused(asked(untimed.url))
        assert isinstance(found, Misconfigured)
        assert "timestamp_granularities" in found.cure

    @pytest.mark.parametrize("body", [b"<html>Welcome</html>", b"[]", b"\xff\x00"])
    def test_something_else_answers(self, bundled: Path, body: bytes) -> None:
        with SpeechServer(Setup(faster.NAME, bundled), Answer(body)) as other:
            assert "not what a speech server says" in refused(asked(other.url)).what

    def test_words_inside_segments_and_beyond_the_sound(self, bundled: Path) -> None:
        words = [{"word": " Hyvää", "start": 0.1, "end": 0.6, "probability": 0.5}]
        words += [{"word": " huomenta", "start": 0.7, "end": 1.4, "probability": 0.25}]
        said = {"text": "Hyvää huomenta", "segments": [{"start": 0.1, "end": 1.4, "words": words}]}
        with SpeechServer(Setup(faster.NAME, bundled), Answer(json.dumps(said).encode())) as nested:
            (found,) = asked(nested.url).decode(np.concatenate([SOUND, SOUND]), [Stretch(0.5, 1.5)], HINTS)
        assert [(word.start, word.end, word.probability) for word in found.words] == [(0.6, 1.1, 0.5), (1.2, 1.5, 0.25)]
        assert found[1:] == (None,) * 5

    def test_nothing_is_said(self, bundled: Path) -> None:
        with SpeechServer(Setup(faster.NAME, bundled), Answer(b'{"text": " ", "segments": []}')) as silent:
            assert list(asked(silent.url).decode(SOUND, STRETCH, HINTS)) == []
