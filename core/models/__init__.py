"""The words of the system as frozen records. No behaviour beyond what a record can say of itself.

Wall-clock times are timezone-aware UTC. Media times are integer milliseconds on the recording's own timeline, which
starts at the first frame captured and does not advance in a gap. Ticks are the 90 kHz clock of MPEG (ISO/IEC 13818-1).
"""

from core.models.base import TICKS_PER_MS, TICKS_PER_SECOND, Record
from core.models.broadcast import AgendaItem, Broadcast, Programme
from core.models.episode import Change, Episode, EpisodeCard, SearchDocument
from core.models.media import EncodedPart, EncodedTrack, Fragment, Rung, Thumbnail
from core.models.mentions import EpisodeMentions, Mention, Quote
from core.models.notes import Chapter, NoteLine, Notes, NoteSection, RefusedLine
from core.models.recording import Gap, Hidden, Mark, Moment, Part, Recording, Segment, Totals
from core.models.speech import Edit, EditKind, Kept, Passage, Tail, TailPassage, Transcript, Word, WordForms, Written

__all__ = [
    "AgendaItem",
    "Broadcast",
    "Change",
    "Chapter",
    "Edit",
    "EditKind",
    "EncodedPart",
    "EncodedTrack",
    "Episode",
    "EpisodeCard",
    "EpisodeMentions",
    "Fragment",
    "Gap",
    "Hidden",
    "Kept",
    "Mark",
    "Mention",
    "Moment",
    "NoteLine",
    "NoteSection",
    "Notes",
    "Part",
    "Passage",
    "Programme",
    "Quote",
    "Record",
    "Recording",
    "RefusedLine",
    "Rung",
    "SearchDocument",
    "Segment",
    "TICKS_PER_MS",
    "TICKS_PER_SECOND",
    "Tail",
    "TailPassage",
    "Thumbnail",
    "Totals",
    "Transcript",
    "Word",
    "WordForms",
    "Written",
]
