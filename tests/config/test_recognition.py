"""From settings to what recognises: by default, by each setting, and what is refused before a broadcast."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from config import recognition
from config.settings import Settings, load
from core.errors import MaaseutuError, Misconfigured, ModelDamaged
from core.models import Broadcast
from core.speech.engines import faster

AT = datetime(2026, 11, 25, tzinfo=UTC)
FINNISH = Broadcast(id="kokous", title="Kokous", programme="kokous", starts_at=AT, vocabulary=("Ii",))


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The defaults, in a state folder of their own."""
    return load(state=tmp_path_factory.mktemp("state"))


def changed(settings: Settings, **values: Any) -> Settings:
    """The settings, some of them otherwise."""
    return settings.model_copy(update=values)


def test_the_defaults(settings: Settings) -> None:
    options = recognition.recognition(settings, FINNISH)
    assert options.engine == f"faster-whisper whisper-base {faster.compute_type('auto')}, beam 5"
    assert options.vocabulary == ("Ii",)
    assert options.threads == len(os.sched_getaffinity(0))
    about = recognition.ready(settings, "fi")
    assert (about.megabytes, about.multilingual) == (141, True)


def test_what_is_set_is_used(settings: Settings) -> None:
    options = recognition.recognition(changed(settings, model_threads=7, compute_type="float32", beam_size=1), FINNISH)
    assert options.threads == 7
    assert options.engine == "faster-whisper whisper-base float32, beam 1"


def test_a_server(settings: Settings) -> None:
    set_so = {"speech_server": "http://10.0.0.5:8000/v1", "speech_server_key": SecretStr("salaisuus")}
    options = recognition.recognition(changed(settings, engine="server", model="large-v3", **set_so), FINNISH)
    assert options.engine == "server, model large-v3"
    assert options.service == ("http://10.0.0.5:8000/v1", "salaisuus")
    assert "salaisuus" not in repr(options)


def test_an_english_model_is_refused_before_it_is_fetched(settings: Settings) -> None:
    with pytest.raises(Misconfigured, match=r"Systran/faster-whisper-base\.en knows only English"):
        recognition.ready(changed(settings, model="Systran/faster-whisper-base.en"), "fi")


@pytest.mark.parametrize(
    ("values", "error", "cure"),
    [
        ({"compute_type": "float128"}, Misconfigured, "MAASEUTU_COMPUTE_TYPE"),
        ({"model": "enormous"}, Misconfigured, "MAASEUTU_MODEL"),
        ({"model": "/no/such/folder"}, ModelDamaged, "MAASEUTU_MODEL"),
        ({"engine": "server"}, Misconfigured, "MAASEUTU_MODEL"),
        ({"engine": "server", "model": "whisper-1"}, Misconfigured, "http://"),
    ],
)
def test_what_cannot_work_is_said_with_its_cure(
    settings: Settings, values: dict[str, str], error: type[MaaseutuError], cure: str
) -> None:
    with pytest.raises(error) as raised:
        recognition.ready(changed(settings, **values), "fi")
    assert cure in raised.value.cure


def test_settings_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="MAASEUTU_ENGINE"):
        load(state=tmp_path, engine="parrot")
