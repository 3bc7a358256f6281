"""Speech models that are known by a name: where they lie in the state folder, and how they come there from the hub."""

import re
import shutil
from pathlib import Path

from core.errors import DiskFull, ModelDamaged, writing

FOLDER = "models"
NAMES = {
    "tiny": "Systran/faster-whisper-tiny",
    "base": "Systran/faster-whisper-base",
    "small": "Systran/faster-whisper-small",
    "medium": "Systran/faster-whisper-medium",
    "large-v1": "Systran/faster-whisper-large-v1",
    "large-v2": "Systran/faster-whisper-large-v2",
    "large-v3": "Systran/faster-whisper-large-v3",
    "large-v3-turbo": "mobiuslabsgmbh/faster-whisper-large-v3-turbo",
    "turbo": "mobiuslabsgmbh/faster-whisper-large-v3-turbo",
}
"""The multilingual models under the names that faster-whisper 1.2 gives them."""
NEEDED = ("model.bin", "config.json", "tokenizer.json")
"""Without its tokenizer faster-whisper would ask the hub for one when it loads the model."""
FILES = (*NEEDED, "preprocessor_config.json", "vocabulary.*")
"""What faster-whisper reads of a model."""
_REPOSITORY = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]+")


def repository(name: str) -> str | None:
    """The hub's id of a model, by that or by a short name; None when it is neither."""
    return NAMES.get(name) or (name if _REPOSITORY.fullmatch(name) else None)


def folder(name: str, state: Path) -> Path:
    """Where a model of the hub lies: ``STATE/models/large-v3`` or ``STATE/models/Org--name``."""
    return state / FOLDER / name.replace("/", "--")


def name(folder: Path) -> str | None:
    """The name of a model that lies where one of the hub does; None for another folder."""
    found = folder.name.replace("--", "/", 1)
    return found if folder.parent.name == FOLDER and repository(found) else None


def how_to_get(name: str, target: Path) -> str:
    """What to do for it, on this machine or on one that has a network."""
    return (
        f"With a network run `hf download {repository(name)} --local-dir {target}` (hf is in .venv/bin). "
        f"Without one run it on another machine, and copy the folder to {target}."
    )


def fetch(name: str, target: Path) -> None:
    """Bring a model from the hub into the folder ``target``, all of it or nothing. Begun downloads go on.

    Raises:
        ModelDamaged: it cannot be had; says how to get it otherwise.
        DiskFull: there is no room.
    """
    # Slow to import, and only needed here.
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import EntryNotFoundError, HfHubHTTPError

    partial = target.with_name(f"{target.name}.partial")
    try:
        with writing(target.parent):
            snapshot_download(repository(name) or name, local_dir=partial, allow_patterns=list(FILES))
            _keep(partial, target)
    except DiskFull:
        raise
    except (OSError, ValueError, RuntimeError, EntryNotFoundError, HfHubHTTPError) as error:
        if target.exists():
            return  # Another process was faster.
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise ModelDamaged(
            f"The speech model {name} cannot be fetched ({reason}).", how_to_get(name, target)
        ) from error


def _keep(partial: Path, target: Path) -> None:
    """Without a network the hub's client takes the beginning of a download for the whole."""
    if missing := [name for name in NEEDED if not (partial / name).exists()]:
        raise FileNotFoundError(f"{', '.join(missing)} did not come")
    shutil.rmtree(partial / ".cache", ignore_errors=True)
    partial.rename(target)
