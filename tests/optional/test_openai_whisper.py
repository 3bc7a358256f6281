"""The contract of all engines with openai-whisper, which has an environment of its own (.ci/run).

Its weights are the bundled ones, made into a file of PyTorch's by a tool that lies beside the checkout.
"""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from core.errors import Misconfigured, ModelDamaged
from core.speech import engines, model
from core.speech.engines import original
from core.speech.engines.base import Engine, Hints, Setup
from core.speech.windows import Stretch
from tests.core.speech import contract
from tests.core.speech.contract import Contract, heard, samples

__all__ = ["heard", "samples"]

TOOL = Path(__file__).parents[3] / "shared" / "tools" / "whisper_ct2_to_openai.py"
pytest.importorskip("whisper", reason="NOT TESTED: openai-whisper is not installed; .ci/run makes its environment")


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled weights as openai-whisper reads them."""
    if not TOOL.exists():
        pytest.skip(f"NOT TESTED: {TOOL} is missing, so there are no weights for openai-whisper")
    folder = tmp_path_factory.mktemp("weights")
    path = folder / "base.pt"
    subprocess.run([sys.executable, str(TOOL), str(model.locate("", folder)), str(path)], check=True)
    return path


@pytest.fixture(scope="module")
def kind() -> str:
    """The name of the engine."""
    return original.NAME


@pytest.fixture(scope="module")
def engine(kind: str, checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """The engine, greedy, which is enough for the contract and saves minutes."""
    found = engines.kind(kind).locate(str(checkpoint), tmp_path_factory.getbasetemp())
    return engines.engine(Setup(kind, found, beam_size=1))


class TestContract(Contract):
    """It keeps it."""


def test_what_it_would_work_with(engine: Engine, checkpoint: Path) -> None:
    about = engine.about()
    assert about.model == str(checkpoint)
    assert about.megabytes == checkpoint.stat().st_size >> 20
    assert about.compute.startswith("float")
    assert about.multilingual


def test_a_model_that_is_not_here_and_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(ModelDamaged, match="is not here") as raised:
        original.locate("large", tmp_path)
    assert "whisper.load_model('large-v3'" in raised.value.cure
    assert str(tmp_path / "models") in raised.value.cure


def test_a_name_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="no model enormous") as raised:
        original.locate("enormous", tmp_path)
    assert "large-v3" in raised.value.cure


def test_an_english_model_is_refused(tmp_path: Path) -> None:
    contract.refuses_finnish(engines.engine(Setup(original.NAME, tmp_path / "base.en.pt")))


@pytest.mark.parametrize("data", [b"", b"not a model", b"PK\x03\x04" + bytes(100)])
def test_a_damaged_file(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "base.pt"
    path.write_bytes(data)
    damaged = engines.engine(Setup(original.NAME, path))
    with pytest.raises(ModelDamaged, match="cannot be loaded") as raised:
        list(damaged.decode(np.zeros(16_000, dtype=np.float32), [Stretch(0.0, 1.0)], Hints("fi")))
    assert raised.value.cure


def test_a_type_in_which_it_does_not_calculate(checkpoint: Path) -> None:
    with pytest.raises(Misconfigured, match="cannot calculate in int8"):
        engines.engine(Setup(original.NAME, checkpoint, "int8")).about()
