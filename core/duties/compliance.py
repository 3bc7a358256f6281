"""What shows, of one episode, when it was published, who stands behind its text, and what the captions cover. Pure."""

from collections.abc import Iterable
from typing import Literal

from pydantic import AwareDatetime

from core.duties import deadlines, signing
from core.duties.signing import Signing, State, Step
from core.models import Episode, Gap, Hidden, Passage, Record
from core.text.transcript import NOT_RECOGNISED

TOLD = ("published", "checked", "signed")
"""Steps that everyone may know."""


class Stretch(Record):
    """Speech without words. ``language`` when another one than the broadcast's seems to be spoken."""

    start_ms: int
    end_ms: int
    language: str = ""


class Event(Record):
    """A step of the text: ``machine`` names what the machine wrote, ``text`` is the digest of the words as shown.

    ``chapters`` is that of the chapters. Who corrected what is published is not told to everyone.
    """

    at: AwareDatetime
    kind: str
    by: str
    machine: str
    text: str
    chapters: str = ""


class Evidence(Record):
    """All of it. ``captioned_ms`` of ``spoken_ms`` of speech have words; ``checked`` Passages a person went through.

    ``changed_at`` when other words were published after a person had stood behind the text; ``changed`` says whether
    words were changed, or chapters alone. ``withdrawn`` tells where something was, when, and why as viewers read it.
    """

    format: Literal["maaseutu-evidence-1"] = "maaseutu-evidence-1"
    episode: str
    title: str
    language: str
    starts_at: AwareDatetime
    duration_ms: int
    version: str
    published_at: AwareDatetime
    due_at: AwareDatetime
    state: State
    by: str = ""
    at: AwareDatetime | None = None
    changed_at: AwareDatetime | None = None
    changed: Literal["", "text", "chapters"] = ""
    machine: str
    engine: str
    text: str
    passages: int
    checked: int
    unclear: int
    spoken_ms: int
    captioned_ms: int
    not_recognised: tuple[Stretch, ...]
    gaps: tuple[Gap, ...]
    withdrawn: tuple[Hidden, ...] = ()
    history: tuple[Event, ...]

    @property
    def captioned_percent(self) -> int:
        """How many per cent of the speech have words: 100 only for all."""
        return 100 * self.captioned_ms // self.spoken_ms if self.spoken_ms else 100


def evidence(episode: Episode, version: str, signed: Signing) -> Evidence:
    """What is known of an episode as it is published now."""
    passages, settled = episode.transcript.passages, signed.settled
    lost = [passage for passage in passages if passage.text == NOT_RECOGNISED]
    spoken_ms = _length(passages)
    published_at = signed.published_at
    assert published_at, "it is noted before anything is shown"
    return Evidence(
        episode=episode.broadcast.id,
        title=episode.broadcast.title,
        language=episode.transcript.language,
        starts_at=episode.broadcast.starts_at,
        duration_ms=episode.duration_ms,
        version=version,
        published_at=published_at,
        due_at=deadlines.due(published_at),
        state=signed.state,
        by=settled.by if settled else "",
        at=settled.at if settled else None,
        changed_at=signed.changed.at if signed.changed else None,
        changed=_changed(signed),
        machine=signed.machine,
        engine=episode.transcript.engine,
        text=signing.text_of(episode),
        passages=len(passages),
        checked=sum(passage.checked for passage in passages),
        unclear=sum(passage.unclear for passage in passages if passage.text != NOT_RECOGNISED),
        spoken_ms=spoken_ms,
        captioned_ms=spoken_ms - _length(lost),
        not_recognised=tuple(Stretch(start_ms=p.start_ms, end_ms=p.end_ms, language=p.language) for p in lost),
        gaps=episode.gaps,
        withdrawn=episode.hidden,
        history=tuple(_event(step) for step in signed.steps if step.kind in TOLD),
    )


def _changed(signed: Signing) -> Literal["", "text", "chapters"]:
    if signed.changed is None:
        return ""
    return "text" if signed.is_reworded else "chapters"


def _length(passages: Iterable[Passage]) -> int:
    return sum(passage.end_ms - passage.start_ms for passage in passages)


def _event(step: Step) -> Event:
    by = "" if step.kind == "published" else step.by
    return Event(at=step.at, kind=step.kind, by=by, machine=step.machine, text=step.text, chapters=step.chapters)
