"""What the commands ask of the flows: pure functions from arguments to parameters."""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from core import names
from core.capture.orders import Action
from core.errors import InvalidInput
from core.helsinki import HELSINKI
from core.identifiers import PATTERN, RECORDER

UNTITLED = "Lähetys"
CAPTURE, IMPORT, SWEEP = "capture_broadcast/capture", "import_recording/import", "sweep/sweep"
STEER = "steer_capture/steer"
PUBLISH = "publish_episode/publish"
ON_MEMBERS = ("import", "export", "remove", "preview")
"""What can be done with the list of members."""


def checked_id(text: str) -> str:
    """An id that a person gave.

    Raises:
        InvalidInput: it cannot stand in an address.
    """
    if not re.fullmatch(PATTERN, text):
        raise InvalidInput(f"{text!r} cannot be the name of a broadcast.", "Use a-z, 0-9 and hyphens, 3 to 80 of them.")
    return text


def checked_recorder(name: str, broadcast_id: str) -> str:
    """The name of a further recorder, or nothing.

    Raises:
        InvalidInput: it cannot be one, or it is not said which broadcast it records.
    """
    if name and not re.fullmatch(RECORDER, name):
        raise InvalidInput(f"{name!r} cannot be the name of a recorder.", "Use a-z, 0-9 and hyphens: b.")
    if name and not broadcast_id:
        raise InvalidInput("A second recorder needs the broadcast that it records.", "Give it with --broadcast.")
    return name


def checked_minutes(minutes: int | None) -> int:
    """How many minutes a recording shall go on; 0 when that was not asked.

    Raises:
        InvalidInput: none, or more than a day.
    """
    if minutes is not None and not 0 < minutes <= 24 * 60:
        raise InvalidInput(f"A recording cannot go on for {minutes} minutes.", "Give 1 to 1440; --stop ends it now.")
    return minutes or 0


def checked_mark(text: str | None) -> str:
    """The title of a chapter; empty when no mark was asked.

    Raises:
        InvalidInput: there is nothing in it.
    """
    if text is not None and not names.title(text):
        raise InvalidInput("A mark needs a text.", "Give the title of the chapter that begins now.")
    return names.title(text or "")


def moment(text: str) -> datetime:
    """A date, or a date and time, as Helsinki says it.

    Raises:
        InvalidInput: it is neither.
    """
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(f"{text!r} is not a date.", "Write 2026-11-24 or 2026-11-24T09:00.") from error
    return found if found.tzinfo else found.replace(tzinfo=HELSINKI)


def is_url(source: str) -> bool:
    """Whether a source is an address and not a file."""
    return "://" in source


def checked_source(source: str) -> str:
    """The address as it is, or the absolute path of a file that has something in it.

    Raises:
        InvalidInput: there is no such file, it is a folder, or it is empty.
    """
    if is_url(source):
        return source
    path = Path(source).expanduser().absolute()
    if not path.is_file():
        raise InvalidInput(f"There is no file {path}.", "Check the path, or give an address that begins with https://.")
    if path.stat().st_size == 0:
        raise InvalidInput(f"The file {path} is empty.", "Copy it again from where it came.")
    return str(path)


def checked_url(source: str) -> str:
    """An address as it is.

    Raises:
        InvalidInput: it is not one.
    """
    if not is_url(source):
        raise InvalidInput(
            f"{names.shown(source)!r} is not an address.", "Give one that begins with https://; files: maaseutu import."
        )
    return source


def title_of(source: str) -> str:
    """A title for a source without one: its file name in words. The last word of an RTMP address is a stream key."""
    if source.lower().startswith(("rtmp://", "rtmps://", "srt://")):
        return UNTITLED
    name = source.rstrip("/").rsplit("/", 1)[-1].split("?", 1)[0]
    words = names.title(Path(name).stem.replace("_", " "))
    return words[:1].upper() + words[1:] or UNTITLED


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What a person says of a broadcast. What is not given is left to the flow."""

    title: str
    broadcast: str
    programme: str = ""
    agenda: Sequence[str] = ()
    vocabulary: Sequence[str] = ()


def capture(
    url: str, about: Description, *, minutes: int = 0, wait_minutes: int = 0, recorder: str = ""
) -> dict[str, Any]:
    """Parameters of capture_broadcast."""
    asked = {"source_url": url, "minutes": minutes, "wait_minutes": wait_minutes, "recorder": recorder}
    return _given(about, asked)


def import_recording(source: str, about: Description, *, starts_at: datetime | None = None) -> dict[str, Any]:
    """Parameters of import_recording."""
    return _given(about, {"source": source, "starts_at": starts_at.isoformat() if starts_at else None})


def steer(
    broadcast: str, *, minutes: int = 0, stop: bool = False, mark: str = "", recorder: str = ""
) -> dict[str, Any]:
    """Parameters of steer_capture; just one of ``minutes``, ``stop`` and ``mark`` is given."""
    action = Action.STOP if stop else Action.MARK if mark else Action.GO_ON
    asked = {"broadcast": broadcast, "action": action.value, "minutes": minutes, "text": mark, "recorder": recorder}
    return {name: value for name, value in asked.items() if value}


def _given(about: Description, asked: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in (asdict(about) | asked).items() if value}
