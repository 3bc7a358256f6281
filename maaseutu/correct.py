"""``maaseutu correct``: what a person writes in place of what the machine heard at a moment."""

import getpass
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal, NamedTuple

from config import stores
from config.settings import Settings
from core import names
from core.archive.recordings import RecordingStore
from core.errors import InvalidInput
from core.models import Episode, Passage
from core.speech import learning
from core.text import anchors, edits
from core.text.edits import Corrected
from core.text.transcript import clock, moment
from maaseutu.console import say

NEAREST = 3
LONGEST_SHOWN = 60
Kind = Literal["text", "delete", "confirm"]


class Correction(NamedTuple):
    """What is asked: at a moment of the episode (ms) the Passage shall say ``text``, or go, or is right."""

    at_ms: int
    kind: Kind
    text: str = ""
    author: str = ""


def asked(at: str, text: str, *, delete: bool, confirm: bool, author: str) -> Correction:
    """The correction that the arguments ask for.

    Raises:
        InvalidInput: it is not said what to do, or the moment is none.
    """
    kind: Kind = "delete" if delete else "confirm" if confirm else "text"
    written = names.line(text)
    if delete + confirm + bool(written) != 1:
        raise InvalidInput(
            "Say what to do with the passage.", "Give its text in quotes, or --confirm, or --delete, and only one."
        )
    return Correction(moment(at), kind, written, names.title(author) or login())


def login() -> str:
    """Who is logged in on this computer; ``?`` where the system does not tell."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "?"


def run(settings: Settings, broadcast_id: str, asked: Correction) -> None:
    """Store the correction, and print what the Passage said and says.

    Raises:
        InvalidInput: there is no such episode, nobody speaks at that moment, or nothing would change.
    """
    store = RecordingStore(stores.archive(settings), broadcast_id)
    episode = _episode(store)
    found = edits.applied(anchors.named(episode.transcript), store.edits())
    passage = _at(found, asked.at_ms)
    edit = edits.of(passage, asked.author, datetime.now(UTC), kind=asked.kind, after=asked.text)
    if passage.checked and edit.wanted == passage.text:
        raise InvalidInput(f"At {clock(passage.start_ms)} it says that already: {passage.text or '(deleted)'}")
    store.correct(edit)
    taught = learning.learn(store.archive, episode.broadcast.programme, edit)
    say(f"{clock(passage.start_ms)}  was: {passage.text or '(deleted)'}")
    say(f"{' ' * len(clock(passage.start_ms))}   is: {edit.wanted or '(deleted)'}")
    if taught:
        say(f"Later broadcasts of {episode.broadcast.programme} will know, in every form: {', '.join(taught)}")
    for each in found.unplaced:
        say(f"Not shown any more: the correction of {each.edit.author} at {clock(each.edit.start_ms)}: {each.reason}")


def _episode(store: RecordingStore) -> Episode:
    episode = store.episode()
    if episode is None:
        raise InvalidInput(
            f"There is no episode {store.id}.", "`maaseutu status` lists them; one must be prepared before."
        )
    return episode


def _at(found: Corrected, at_ms: int) -> Passage:
    """The Passage at a moment; a deleted one only where there is no other.

    A page shows whole seconds: the Passage that begins within this one is meant before one that is not over yet.
    """
    until_ms = at_ms + (1 if at_ms % 1000 else 1000)
    for passages in (found.transcript.passages, found.deleted):
        begun = [passage for passage in passages if at_ms <= passage.start_ms < until_ms]
        meant = begun + [passage for passage in passages if passage.start_ms <= at_ms < passage.end_ms]
        if meant:
            return meant[0]
    near = _nearest([*found.transcript.passages, *found.deleted], at_ms)
    lines = "".join(f"\n  {clock(passage.start_ms)}  {_short(passage.text)}" for passage in near)
    raise InvalidInput(
        f"Nobody speaks at {clock(at_ms)}.", f"The nearest passages:{lines}" if near else "Nothing is said in it."
    )


def _nearest(passages: Sequence[Passage], at_ms: int) -> list[Passage]:
    near = sorted(passages, key=lambda passage: max(passage.start_ms - at_ms, at_ms - passage.end_ms))[:NEAREST]
    return sorted(near, key=lambda passage: passage.start_ms)


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN].rstrip()}…"
