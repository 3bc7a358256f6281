"""An episode as a whole, and what lists, feeds and the search have of it."""

from typing import Literal

from pydantic import AwareDatetime, Field

from core.models.base import Record
from core.models.broadcast import Broadcast
from core.models.media import EncodedPart, Thumbnail
from core.models.mentions import Mention
from core.models.notes import Chapter, NoteLine, Notes
from core.models.recording import Gap, Hidden, Moment
from core.models.speech import Passage, Transcript, WordForms


class Episode(Record):
    """The whole that is published: everything a page, a feed and the search index are made from.

    ``moments`` tell where on its timeline a moment of the day is (meeting.marks). ``machine`` names the transcript that
    the machine made, as it is kept (keys.transcript). ``hidden`` is what was withdrawn of it since.
    """

    broadcast: Broadcast
    duration_ms: int
    parts: tuple[EncodedPart, ...]
    transcript: Transcript
    chapters: tuple[Chapter, ...] = ()
    notes: Notes = Notes()
    mentions: tuple[Mention, ...] = ()
    gaps: tuple[Gap, ...] = ()
    moments: tuple[Moment, ...] = ()
    poster: Thumbnail | None = None
    forms: dict[str, WordForms] = Field(default_factory=dict)
    live: bool = False
    machine: str = ""
    hidden: tuple[Hidden, ...] = ()

    @property
    def plays(self) -> bool:
        """Whether there are media of all of it: none of a Part that is encoded anew without what was withdrawn."""
        return bool(self.parts) and all(part.tracks for part in self.parts)


class SearchDocument(Record):
    """What the search index is told of one episode, stored beside its page. ``notes`` are all lines, in order of time.

    What an earlier release stored has neither language nor chapters, notes and mentions.
    """

    episode: str
    version: str
    title: str
    programme: str
    starts_at: AwareDatetime
    passages: tuple[Passage, ...]
    forms: dict[str, WordForms]
    language: str = "fi"
    chapters: tuple[Chapter, ...] = ()
    notes: tuple[NoteLine, ...] = ()
    mentions: tuple[Mention, ...] = ()


class Change(Record):
    """One entry of the change log: an episode was published in a version, or withdrawn.

    ``forgets`` when something of it was withdrawn: nobody may keep what earlier versions said.
    """

    at: AwareDatetime
    kind: Literal["published", "withdrawn"]
    episode: str
    version: str
    forgets: bool = False


class EpisodeCard(Record):
    """What lists and feeds show of an episode. ``chapters`` are those that have a name; old cards have none."""

    id: str
    version: str
    title: str
    programme: str
    starts_at: AwareDatetime
    duration_ms: int
    summary: str = ""
    poster: str = ""
    mentions: tuple[Mention, ...] = ()
    chapters: tuple[Chapter, ...] = ()
    live: bool = False
