"""What the API answers, as records. Times are ms on the recording's own timeline; moments are UTC; links are whole."""

from typing import Generic, Literal, TypeVar

from pydantic import AwareDatetime, Field

from core.models import Chapter, Gap, Hidden, Notes, Record
from core.search.entries import Kind

T = TypeVar("T")


class Page(Record, Generic[T]):
    """A page of a list. ``total`` counts all pages; ``next`` is the address of the next one."""

    total: int
    items: tuple[T, ...]
    next: str | None = None


class FoundPassage(Record):
    """A passage that answers, or a title, a chapter or a line of the notes, by its ``kind``.

    ``url`` opens it where the first matching word is said, at ``start_ms``.
    """

    episode: str
    title: str
    programme: str
    starts_at: AwareDatetime
    start_ms: int
    passage_start_ms: int
    end_ms: int
    text: str
    highlights: tuple[tuple[int, int], ...] = Field(
        description="Ranges [from, to) of characters (Unicode code points) of text that match."
    )
    kind: Kind
    url: str


class Found(Page[FoundPassage]):
    """The answer of a search. ``relaxed``: no passage has all the words, so some have only some of them.

    ``suggestion`` is the query with words that occur, where it has words that do not.
    """

    query: str
    relaxed: bool = False
    suggestion: str = ""


class Suggestion(Record):
    """What could be meant by the beginning of a word; ``query`` is what to search for."""

    kind: Literal["municipality", "episode", "word"]
    query: str
    url: str | None = None


class Suggestions(Record):
    """At most ten of them, the likeliest first."""

    items: tuple[Suggestion, ...]


class NamedMunicipality(Record):
    """A municipality that an episode names, and how often."""

    code: str
    name: str
    mentions: int


class EpisodeSummary(Record):
    """An episode as lists show it. ``live``: on the air now, and growing."""

    id: str
    title: str
    programme: str
    starts_at: AwareDatetime
    duration_ms: int
    live: bool
    summary: str
    municipalities: tuple[NamedMunicipality, ...]
    poster: str | None
    url: str
    details: str


class Line(Record):
    """A passage of the transcript.

    ``unclear``: the engine's own measures doubt it. ``checked``: a person wrote or confirmed it. Not ``recognised``:
    somebody speaks, and no word of it is known.
    """

    id: str
    start_ms: int
    end_ms: int
    text: str
    unclear: bool
    checked: bool
    recognised: bool
    url: str


class Spoken(Record):
    """A municipality named at a moment, in the words said. ``own``: by somebody who seems to speak for it."""

    code: str
    name: str
    own: bool
    episode: str
    title: str
    starts_at: AwareDatetime
    at_ms: int
    said: str
    url: str


class Audio(Record):
    """The sound of an episode as one file: where, bytes, media type."""

    url: str
    size: int
    type: str


class Media(Record):
    """What can be played. ``hls`` is a master playlist, or that of the sound where there is no picture."""

    hls: str | None = None
    audio: Audio | None = None
    poster: str | None = None
    thumbnails: str | None = None
    embed: str


class Texts(Record):
    """The texts as files. None of what there is not."""

    captions_vtt: str | None = None
    captions_srt: str | None = None
    transcript_txt: str | None = None
    words_json: str | None = None
    chapters_vtt: str | None = None
    notes_md: str | None = None
    notes_html: str | None = None
    notes_docx: str | None = None
    notes_json: str | None = None


class EpisodeDetails(Record):
    """Everything that is public of an episode. ``engine`` is the program, model and options of speech recognition."""

    id: str
    version: str
    title: str
    programme: str
    starts_at: AwareDatetime
    duration_ms: int
    live: bool
    language: str
    engine: str
    url: str
    media: Media
    texts: Texts
    chapters: tuple[Chapter, ...]
    notes: Notes
    mentions: tuple[Spoken, ...]
    gaps: tuple[Gap, ...]
    withdrawn: tuple[Hidden, ...] = ()
    transcript: tuple[Line, ...]


class MunicipalityAnswer(Record):
    """A municipality of Finland: code, names and region as Statistics Finland has them, residents of 2025.

    ``mentions`` counts the moments, ``episodes`` the episodes in which it is named.
    """

    code: str
    name_fi: str
    name_sv: str
    region: str
    population: int
    mentions: int
    episodes: int
