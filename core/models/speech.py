"""What is said: words, Passages, transcripts, what persons change in them, and text that is live."""

from typing import Literal

from pydantic import AwareDatetime, Field

from core.models.base import Record


class Word(Record):
    """One recognised word with its times and the engine's own probability, if it tells one.

    ``heard`` is what the engine wrote there, if that was mended (core.speech.repair).
    """

    start_ms: int
    end_ms: int
    text: str
    probability: float | None
    heard: str = ""


class Passage(Record):
    """A sentence or so: the unit of search and of links. ``unclear`` when the engine's own measures say so.

    ``id`` is its name in an episode, also when the transcript is made again (text.anchors). ``checked`` when a person
    wrote or confirmed the text; ``words`` are the machine's all the same. ``language`` (``sv``, or ``und``) is where
    nothing is written because another one than the broadcast's seems to be spoken. ``speaker`` is the name that a
    person gave to who speaks.
    """

    start_ms: int
    end_ms: int
    text: str
    words: tuple[Word, ...] = ()
    unclear: bool = False
    id: str = ""
    checked: bool = False
    language: str = ""
    speaker: str = ""


class Transcript(Record):
    """All that was recognised, in order. ``engine`` names program, model and options."""

    language: str
    engine: str
    passages: tuple[Passage, ...] = ()


class Kept(Record):
    """A transcript as the machine made it. ``model`` is the SHA-256 of the model's weights, if they are on a disk."""

    at: AwareDatetime
    model: str = ""
    transcript: Transcript


EditKind = Literal["text", "delete", "confirm", "replace", "split", "merge", "speaker"]


class Edit(Record):
    """What a person did with the Passage ``passage``, which then said ``before`` from ``start_ms`` to ``end_ms``.

    They wrote ``after`` instead, deleted it, or confirmed it as it was; had words of it replaced without reading it, so
    that it says ``after``; split it before the word number ``at_word``,
    counted from 0; merged it with the next one, whose words begin there in ``before``; or named its ``speaker``
    ``after``, where it was ``was``.
    """

    passage: str
    at: AwareDatetime
    author: str
    start_ms: int
    end_ms: int
    before: str
    after: str = ""
    kind: EditKind = "text"
    at_word: int = 0
    was: str = ""

    @property
    def wanted(self) -> str:
        """What the Passage says by this person; nothing where it was deleted."""
        return {"text": self.after, "replace": self.after, "delete": ""}.get(self.kind, self.before)


class TailPassage(Record):
    """A Passage of a broadcast on the air. ``provisional``: its window is not complete, and its end may change."""

    id: str
    start_ms: int
    end_ms: int
    text: str
    unclear: bool = False
    provisional: bool = False


class Tail(Record):
    """What is said in a broadcast on the air after ``after_ms``, up to which its page has the text.

    ``known_ms``: the sound is known up to there; ``made_at`` is when this was written (UTC).
    """

    format: Literal["maaseutu-tail-1"] = "maaseutu-tail-1"
    made_at: AwareDatetime
    after_ms: int
    known_ms: int
    passages: tuple[TailPassage, ...] = ()
    forms: dict[str, "WordForms"] = Field(default_factory=dict)


class WordForms(Record):
    """What one written word can be: its base forms, and the base forms of its compound parts."""

    bases: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()


class Written(Record):
    """What the pages that are made of many episodes were last made from: key → digest of that, and the store's ETag."""

    pages: dict[str, tuple[str, str]] = Field(default_factory=dict)
