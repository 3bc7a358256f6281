"""Models that are damaged in every way, own folders and of the hub: found when they are tried, before any broadcast."""

import json
import os
import random
import sys
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path

import pytest

from config import recognition
from config.settings import Settings, load
from core.errors import ChildFailed, MaaseutuError, Misconfigured, ModelDamaged
from core.speech import hub, model, trial
from core.speech.engines import faster, original
from core.speech.engines.base import Setup
from maaseutu import doctor

HUB_NAME = "Org/fine"
Change = Callable[[bytes], bytes]


def _garbled(data: bytes) -> bytes:
    return data[:100] + random.Random(1).randbytes(1900) + data[2000:]


DAMAGED: Mapping[str, tuple[str, Change]] = {
    "cut short": ("model.bin", lambda data: data[: len(data) // 2]),
    "one byte short": ("model.bin", lambda data: data[:-1]),
    "empty": ("model.bin", lambda _: b""),
    "zeros": ("model.bin", lambda data: bytes(len(data))),
    "garbled": ("model.bin", _garbled),
    "tokenizer that is {}": ("tokenizer.json", lambda _: b"{}"),
    "tokenizer that is a list": ("tokenizer.json", lambda _: b"[]"),
    "tokenizer without words": ("tokenizer.json", lambda _: b'{"model": {"type": "BPE", "vocab": {}, "merges": []}}'),
    "config that is a list": ("config.json", lambda _: b"[]"),
    "config that is {}": ("config.json", lambda _: b"{}"),
    "config of another model": (
        "config.json",
        lambda data: json.dumps({**json.loads(data), "alignment_heads": [[99, 99]]}).encode(),
    ),
    "vocabulary cut short": ("vocabulary.txt", lambda data: data[:1000]),
    "preprocessor of another model": ("preprocessor_config.json", lambda _: b'{"feature_size": 128}'),
    "preprocessor that is a list": ("preprocessor_config.json", lambda _: b"[]"),
}
"""Which file is altered, and how."""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The defaults, in a state folder of their own."""
    return load(state=tmp_path / "state", model_threads=1)


def _copied(bundled: Path, folder: Path, damage: str = "") -> Path:
    folder.mkdir(parents=True)
    for path in bundled.iterdir():
        os.link(path, folder / path.name)
    if damage:
        name, change = DAMAGED[damage]
        data = (folder / name).read_bytes() if (folder / name).exists() else b""
        (folder / name).unlink(missing_ok=True)
        (folder / name).write_bytes(change(data))
    return folder


def _refused(settings: Settings) -> ModelDamaged:
    with pytest.raises(ModelDamaged) as raised:
        recognition.ready(settings, "fi")
    return raised.value


def test_a_whole_model_passes(bundled: Path, settings: Settings, tmp_path: Path) -> None:
    own = _copied(bundled, tmp_path / "own")
    assert recognition.ready(settings.model_copy(update={"model": str(own)}), "fi").multilingual


@pytest.mark.parametrize("damage", DAMAGED)
def test_an_own_folder_is_damaged(damage: str, bundled: Path, settings: Settings, tmp_path: Path) -> None:
    own = _copied(bundled, tmp_path / "own", damage)
    error = _refused(settings.model_copy(update={"model": str(own)}))
    assert str(own) in error.what
    assert "MAASEUTU_MODEL" in error.cure


@pytest.mark.parametrize("damage", ["zeros", "config that is a list"])
def test_a_model_of_the_hub_is_damaged(damage: str, bundled: Path, settings: Settings) -> None:
    folder = _copied(bundled, hub.folder(HUB_NAME, settings.state), damage)
    error = _refused(settings.model_copy(update={"model": HUB_NAME}))
    assert str(folder) in error.what
    assert f"Delete {folder}" in error.cure
    assert f"hf download {HUB_NAME} --local-dir {folder}" in error.cure


def test_the_bundled_model_is_damaged(bundled: Path, settings: Settings) -> None:
    folder = _copied(bundled, settings.state / "models" / model.NAME, "tokenizer that is {}")
    error = _refused(settings)
    assert str(folder) in error.what
    assert error.cure == f"Delete {folder}: it is made again."


def test_the_doctor_shows_it(
    bundled: Path, settings: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = _copied(bundled, hub.folder(HUB_NAME, settings.state), "tokenizer that is {}")
    monkeypatch.setattr(doctor, "CHECKS", {"Model": doctor.speech_model})
    assert doctor.run(settings.model_copy(update={"model": HUB_NAME})) == 1
    shown = capsys.readouterr().out
    assert "✗  Model" in shown
    assert f"Delete {folder}" in shown


def _ending(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str) -> MaaseutuError:
    program = tmp_path / "program"
    program.write_text(f"#!{sys.executable}\nimport os, signal\n{how}\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    with pytest.raises(MaaseutuError) as raised:
        trial.tried(Setup(faster.NAME, tmp_path / "own"))
    return raised.value


@pytest.mark.parametrize("name", ["SIGSEGV", "SIGABRT", "SIGBUS"])
def test_a_crash_of_the_engine_is_a_damaged_model(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    error = _ending(tmp_path, monkeypatch, f"os.kill(os.getpid(), signal.{name})")
    assert isinstance(error, ModelDamaged)
    assert name in error.what
    assert str(tmp_path / "own") in error.what


def test_a_child_that_somebody_killed_tells_nothing_of_the_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert isinstance(_ending(tmp_path, monkeypatch, "os.kill(os.getpid(), signal.SIGKILL)"), ChildFailed)


def test_what_is_not_installed_is_no_damage(tmp_path: Path, bundled: Path) -> None:
    with pytest.raises(Misconfigured, match="cannot calculate in int5"):
        trial.tried(Setup(faster.NAME, bundled, "int5"))
    if not find_spec("whisper"):
        with pytest.raises(Misconfigured, match="not installed"):
            trial.tried(Setup(original.NAME, tmp_path / "base.pt"))
