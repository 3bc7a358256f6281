"""An episode without what was withdrawn of it. Pure. What is found in words is found anew in those that are left."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from core.media.ffmpeg import POSTER_AT_SECONDS
from core.meeting.chapter_edits import Beginning
from core.meeting.marks import place
from core.meeting.note_edits import NoteEdit
from core.models import EncodedPart, Hidden, Mark, Moment, NoteLine, Passage, Thumbnail, Transcript, Word
from core.text.captions import Caption
from core.text.transcript import timed_words

MARGIN_MS = 100
"""Sound is encoded in frames of 21 to 32 ms that overlap: those of a neighbouring Part hold some of a withdrawn one."""


def redacted(transcript: Transcript, hidden: Iterable[Hidden]) -> Transcript:
    """The transcript without every word of which anything is said while something is hidden.

    A Passage that goes on after that is two.
    """
    passages = transcript.passages
    for gone in hidden:
        passages = tuple(left for passage in passages for left in _left(passage, gone))
    return transcript.model_copy(update={"passages": passages})


def _left(passage: Passage, gone: Hidden) -> Iterator[Passage]:
    if not _touches(passage.start_ms, passage.end_ms, gone):
        yield passage
        return
    said = timed_words(passage)
    for suffix, is_kept in (("", _is_before(gone)), ("-after", _is_after(gone))):
        if words := [word for word in said if is_kept(word)]:
            yield passage.model_copy(
                update={
                    "id": f"{passage.id}{suffix}",
                    "start_ms": words[0].start_ms,
                    "end_ms": max(word.end_ms for word in words),
                    "text": " ".join(word.text for word in words),
                    "words": tuple(word for word in passage.words if is_kept(word)),
                }
            )


def taken(transcript: Transcript, hidden: Iterable[Hidden]) -> list[str]:
    """What ``redacted`` takes out of a transcript, text by text."""
    return [
        " ".join(word.text for word in words)
        for gone in hidden
        for passage in transcript.passages
        if _touches(passage.start_ms, passage.end_ms, gone)
        and (words := [w for w in timed_words(passage) if not _is_before(gone)(w) and not _is_after(gone)(w)])
    ]


def _is_before(gone: Hidden) -> Callable[[Word], bool]:
    return lambda word: word.start_ms < gone.start_ms and word.end_ms <= gone.start_ms


def _is_after(gone: Hidden) -> Callable[[Word], bool]:
    return lambda word: word.start_ms >= gone.end_ms


def _touches(start_ms: int, end_ms: int, gone: Hidden) -> bool:
    return start_ms < gone.end_ms and max(end_ms, start_ms + 1) > gone.start_ms


def marks(found: Iterable[Mark], clock: Sequence[Moment], hidden: Sequence[Hidden]) -> list[Mark]:
    """The moments that producers marked, without those while something is hidden: their words may tell what it was."""
    return [mark for mark in found if not any(h.start_ms <= place(mark.at, clock) < h.end_ms for h in hidden)]


def lines(edits: Iterable[NoteEdit], transcript: Transcript, hidden: Sequence[Hidden]) -> list[NoteEdit]:
    """The lines that persons wrote into the notes, without those that rest on Passages of which something is hidden.

    ``transcript`` is the whole one, before anything was taken out.
    """
    gone = {p.id for p in transcript.passages if any(_touches(p.start_ms, p.end_ms, each) for each in hidden)}
    return [
        edit.model_copy(update={"after": None}) if edit.after and _rests(edit.after, gone, hidden) else edit
        for edit in edits
    ]


def chapters(shown: Iterable[Beginning], hidden: Sequence[Hidden]) -> tuple[Beginning, ...]:
    """The chapters without those in a person's words that begin while something is hidden."""
    return tuple(
        each
        for each in shown
        if not each.by
        or each.title == each.item
        or not any(_touches(each.start_ms, each.start_ms + 1, gone) for gone in hidden)
    )


def _rests(line: NoteLine, gone: set[str], hidden: Iterable[Hidden]) -> bool:
    return not gone.isdisjoint(line.passages) or any(_touches(line.at_ms, line.at_ms + 1, each) for each in hidden)


def captions(shown: Sequence[Caption], hidden: Iterable[Hidden], text: str) -> tuple[Caption, ...]:
    """The captions with one that says ``text`` where something is hidden, as soon as none of them is shown any more."""
    told = list(shown)
    for gone in hidden:
        start = max([gone.start_ms, *(each.end_ms for each in told if each.start_ms < gone.end_ms)])
        if start < gone.end_ms:
            told.append(Caption(start_ms=start, end_ms=gone.end_ms, lines=(text,)))
    return tuple(sorted(told, key=lambda each: each.start_ms))


def covers(part: EncodedPart, hidden: Iterable[Hidden]) -> list[Hidden]:
    """What is hidden of a Part, or so near to it that its sound holds some of it."""
    return [each for each in hidden if _touches(part.start_ms - MARGIN_MS, part.end_ms + MARGIN_MS, each)]


def poster(parts: Sequence[EncodedPart], hidden: Sequence[Hidden]) -> Thumbnail | None:
    """The poster of the Parts as they are now; where that is a plain card, the first still that is none."""
    first = parts[0]
    at_ms = first.start_ms + min(POSTER_AT_SECONDS * 1000, (first.end_ms - first.start_ms) // 2)
    stills = [still for part in parts for still in part.thumbnails if not _is_hidden(still.at_ms, hidden)]
    return stills[0] if _is_hidden(at_ms, hidden) and stills else first.poster


def _is_hidden(at_ms: int, hidden: Iterable[Hidden]) -> bool:
    return any(_touches(at_ms - MARGIN_MS, at_ms + MARGIN_MS, each) for each in hidden)
