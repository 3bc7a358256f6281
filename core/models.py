"""The words of the system as frozen records. No behaviour beyond what a record can say of itself.

Wall-clock times are timezone-aware UTC. Media times are integer milliseconds on the recording's own timeline, which
starts at the first frame captured and does not advance in a gap. Ticks are the 90 kHz clock of MPEG (ISO/IEC 13818-1).
"""

from datetime import date, datetime, timedelta
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

TICKS_PER_SECOND = 90_000
TICKS_PER_MS = 90


class Record(BaseModel):
    """Base of all records: immutable, and unknown fields are an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class AgendaItem(Record):
    """A planned topic. ``cues`` are words that announce it when spoken, beside its own title."""

    title: str
    cues: tuple[str, ...] = ()


class Programme(Record):
    """A series of broadcasts: what every broadcast of it inherits."""

    slug: str
    title: str
    language: str = "fi"
    agenda: tuple[AgendaItem, ...] = ()
    vocabulary: tuple[str, ...] = ()


class Broadcast(Record):
    """One planned, running or past transmission. ``id`` is its name in every key and address.

    ``learned`` are names that persons' corrections of earlier ones taught, the newest last (core.learning).
    """

    id: str
    programme: str
    title: str
    starts_at: AwareDatetime
    language: str = "fi"
    source: str = ""
    agenda: tuple[AgendaItem, ...] = ()
    vocabulary: tuple[str, ...] = ()
    learned: tuple[str, ...] = ()

    @property
    def day(self) -> date:
        """The broadcast's date in UTC, for feeds; pages show Helsinki time."""
        return self.starts_at.date()


class Segment(Record):
    """A few seconds of original media. Its file name (core.segments) holds every field up to ``suffix``.

    ``pts`` is its first timestamp as stored in the file, in ticks; ``duration`` is in ticks too.
    ``state`` is ``partial`` when the source broke off inside it. ``recorder`` names whose it is, where a broadcast has
    more than one. ``skipped`` and ``unused`` (ticks) are not shown of its beginning and end, since the timeline has
    that time from another recorder (core.weaving).
    """

    take: int
    number: int
    captured_at: AwareDatetime
    pts: int
    duration: int
    state: Literal["full", "partial"] = "full"
    sha256: str
    suffix: str = "ts"
    size: int = 0
    recorder: str = ""
    skipped: int = 0
    unused: int = 0

    @property
    def first_tick(self) -> int:
        """The first tick that is shown."""
        return self.pts + self.skipped

    @property
    def ended_at(self) -> datetime:
        """When its last frame was captured."""
        return self.captured_at + timedelta(seconds=self.duration / TICKS_PER_SECOND)

    @property
    def end_tick(self) -> int:
        """The tick after the last that is shown."""
        return self.pts + self.duration - self.unused


class Gap(Record):
    """Media that was lost between two Takes: where on the timeline, how long by the clock, and why.

    ``doubtful`` when only the recorder's own clock tells how long: the source may have stood still meanwhile.
    """

    at_ms: int
    lost_ms: int
    reason: str
    doubtful: bool = False


class Hidden(Record):
    """A stretch of an episode that was withdrawn: no picture, no sound, no words. ``note`` tells everyone why."""

    start_ms: int
    end_ms: int
    note: str = ""


class Totals(Record):
    """A recording in milliseconds: what should be there, what is, what is missing, and what is not certain of that."""

    expected_ms: int = 0
    captured_ms: int = 0
    missing_ms: int = 0
    doubtful_ms: int = 0


class Recording(Record):
    """What was captured. ``sealed`` means that nothing more will come. ``digest`` is over all Segments and gaps."""

    broadcast: str
    totals: Totals = Totals()
    digest: str = ""
    segments: tuple[Segment, ...] = ()
    gaps: tuple[Gap, ...] = ()
    sealed: bool = False
    original: str = ""


class Mark(Record):
    """A moment that a producer marked while it was recorded: by the clock, and what begins there."""

    at: AwareDatetime
    text: str


class Moment(Record):
    """A stretch of an episode's timeline and the clock at its beginning; in between both go on evenly."""

    start_ms: int
    end_ms: int
    captured_at: AwareDatetime


class Part(Record):
    """Consecutive Segments of one Take, about a minute: the unit of work. ``take`` counts the timeline's, from 1.

    ``start_ticks`` is its exact place on the recording's timeline. ``before`` and ``after`` are the neighbouring
    Segments of the same Take: their sound is needed to join Parts without a seam. ``lead`` are the Segments of the Take
    before it in which a window of speech may begin that ends in the Part; ``take_pts`` is the Take's first tick, as
    stored in the files.
    """

    number: int
    take: int
    start_ticks: int
    segments: tuple[Segment, ...]
    before: Segment | None = None
    after: Segment | None = None
    lead: tuple[Segment, ...] = ()
    take_pts: int = 0

    @property
    def content(self) -> str:
        """All that encoding depends on, as JSON: the same file imported for another date is not prepared again."""
        when = {"captured_at": True, "recorder": True}
        return self.model_dump_json(
            exclude={"segments": {"__all__": when}, "before": when, "after": when, "lead": True, "take_pts": True}
        )

    @property
    def speech_content(self) -> str:
        """All that recognition depends on, as JSON."""
        when = {"captured_at": True, "recorder": True}
        return self.model_dump_json(exclude={"segments": {"__all__": when}, "before": True, "lead": {"__all__": when}})

    @property
    def start_pts(self) -> int:
        """First tick, as stored in the files."""
        return self.segments[0].first_tick

    @property
    def end_pts(self) -> int:
        """The tick after the last; the next Segment's first when there is one, so that Parts leave no hole."""
        return self.after.pts if self.after else self.segments[-1].end_tick

    @property
    def end_ticks(self) -> int:
        """The tick after the last, on the recording's timeline."""
        return self.start_ticks + self.end_pts - self.start_pts

    @property
    def start_ms(self) -> int:
        """Where it begins on the recording's timeline."""
        return self.start_ticks // TICKS_PER_MS

    @property
    def end_ms(self) -> int:
        """The millisecond after the last, on the recording's timeline."""
        return self.end_ticks // TICKS_PER_MS

    @property
    def needed(self) -> tuple[Segment, ...]:
        """Its Segments with their neighbours, in order: what encoding reads."""
        return tuple(s for s in (self.before, *self.segments, self.after) if s)

    @property
    def heard(self) -> tuple[Segment, ...]:
        """Its Segments after those of its lead, in order: what recognition reads."""
        return (*self.lead, *self.segments)


class Rung(Record):
    """One step of the encoding ladder: picture height in lines, rates in kbit/s."""

    height: int
    video_kbps: int
    audio_kbps: int = 96


class Fragment(Record):
    """One addressable piece of an encoded Part: a byte range of its file, and how long it plays."""

    offset: int
    length: int
    duration_ms: int


class EncodedTrack(Record):
    """One rendition of one Part, or its sound: a fragmented MP4 of which every fragment starts with a keyframe.

    ``name`` is the rendition ("720", "audio"); ``init_length`` is the size of the header at the file's start.
    """

    name: str
    key: str
    sha256: str
    size: int
    init_length: int
    init_sha256: str
    codecs: str
    width: int = 0
    height: int = 0
    bandwidth: int = 0
    fragments: tuple[Fragment, ...]


class Thumbnail(Record):
    """A still of the broadcast."""

    at_ms: int
    key: str
    sha256: str
    width: int
    height: int


class EncodedPart(Record):
    """What encoding one Part made."""

    number: int
    take: int
    start_ms: int
    end_ms: int
    tracks: tuple[EncodedTrack, ...]
    thumbnails: tuple[Thumbnail, ...] = ()
    poster: Thumbnail | None = None


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

    ``id`` is its name in an episode, also when the transcript is made again (core.anchors). ``checked`` when a person
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
    kind: Literal["text", "delete", "confirm", "replace", "split", "merge", "speaker"] = "text"
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


class Chapter(Record):
    """Where an agenda item was really discussed."""

    start_ms: int
    end_ms: int
    title: str


class Mention(Record):
    """A municipality named at a moment: its code (Statistics Finland), its name, and the words said.

    ``own`` when the speaker seems to speak for it (core.mentions).
    """

    code: str
    name: str
    at_ms: int
    said: str
    own: bool = False


class Quote(Record):
    """What was said where a municipality was named; the name is ``text[start:end]``.

    ``speaker`` is the name that a person gave to who says it.
    """

    code: str
    at_ms: int
    text: str
    start: int
    end: int
    own: bool = False
    speaker: str = ""


class EpisodeMentions(Record):
    """Every quote of an episode that names a municipality, stored beside its page. ``language`` is the quotes'."""

    episode: str
    language: str
    quotes: tuple[Quote, ...] = ()


class NoteLine(Record):
    """One line of the notes, which rests on the Passages with the ids ``passages``.

    ``who`` and ``due`` only when said, as they were said; ``by`` is the day that ``due`` means, if that is certain.
    """

    kind: Literal["summary", "decision", "action", "question"]
    at_ms: int
    text: str
    who: str = ""
    due: str = ""
    by: date | None = None
    passages: tuple[str, ...] = ()


class RefusedLine(NoteLine):
    """A line that its Passages do not support, and why (core.evidence). It is shown to no viewer."""

    reason: str


class NoteSection(Record):
    """The notes of one chapter. ``title`` is empty when the broadcast has no agenda."""

    title: str
    start_ms: int
    lines: tuple[NoteLine, ...] = ()


class Notes(Record):
    """Meeting notes: summary, and under each chapter its decisions, actions and questions.

    ``model`` wrote them, where a language model did; else they are quotes. ``remarks`` tell, for a producer, what went
    otherwise than wished.
    """

    summary: tuple[NoteLine, ...] = ()
    sections: tuple[NoteSection, ...] = ()
    refused: tuple[RefusedLine, ...] = ()
    model: str = ""
    remarks: tuple[str, ...] = ()

    @property
    def shown(self) -> "Notes":
        """What viewers are told of them."""
        return self.model_copy(update={"refused": (), "remarks": ()})


class WordForms(Record):
    """What one written word can be: its base forms, and the base forms of its compound parts."""

    bases: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()


class Episode(Record):
    """The whole that is published: everything a page, a feed and the search index are made from.

    ``moments`` tell where on its timeline a moment of the day is (core.marks). ``machine`` names the transcript that
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


class Written(Record):
    """What the pages that are made of many episodes were last made from: key → digest of that, and the store's ETag."""

    pages: dict[str, tuple[str, str]] = Field(default_factory=dict)
