"""From recognised words to Passages, and from the Parts' Passages to one transcript. Pure; loses or doubles no word."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from core.errors import InvalidInput
from core.language.morphology import fold
from core.models import Gap, Hidden, Passage, Transcript, Word

MAX_MS = 15_000
PAUSE_MS = 700
PARAGRAPH_MS = 60_000
PARAGRAPH_PAUSE_MS = 2_000
SENTENCE_END = (".", "!", "?", "…")
CLAUSE_END = (",", ";", ":")
NOT_RECOGNISED = "…"
"""The text of a Passage in which somebody speaks and no word was recognised."""


class Marks(NamedTuple):
    """What stands before words that are doubted, in place of words that were not recognised, and of withdrawn ones."""

    unclear: str
    not_recognised: str
    withdrawn: str


MARKS = {
    "fi": Marks("[epäselvää]", "[ei tunnistettu]", "[poistettu]"),
    "sv": Marks("[oklart]", "[inte igenkänt]", "[borttaget]"),
    "en": Marks("[unclear]", "[not recognised]", "[withdrawn]"),
}
"""By the language that is spoken: they stand among its words. Other languages have the English ones."""


def marks(language: str) -> Marks:
    """The marks among words of a language."""
    return MARKS.get(language, MARKS["en"])


QUOTES = "\"'”’»)]"


def passages(words: Iterable[Word], *, max_ms: int = MAX_MS, pause_ms: int = PAUSE_MS) -> tuple[Passage, ...]:
    """Cut words into Passages: after a sentence, at a pause of ``pause_ms``, and where ``max_ms`` would be exceeded.

    The limits were set for this project: a Passage is what one listens to from a search result.
    """
    return tuple(passage(piece) for piece in _pieces(list(words), max_ms, pause_ms))


def passage(words: Sequence[Word], *, unclear: bool = False) -> Passage:
    """The Passage of some words (at least one)."""
    text = " ".join(word.text for word in words)
    end = max(word.end_ms for word in words)
    return Passage(start_ms=words[0].start_ms, end_ms=end, text=text, words=tuple(words), unclear=unclear)


def surety(words: Iterable[Word]) -> float | None:
    """The probability of words that become one: the least; None where one of them has none."""
    told = [word.probability for word in words]
    known = [probability for probability in told if probability is not None]
    return min(known) if known and len(known) == len(told) else None


def is_end(text: str, following: str = "") -> bool:
    """Whether a sentence ends with ``text``. A full stop before a small letter is an ordinal (``3. joulukuuta``)."""
    text = text.rstrip(QUOTES)
    return text.endswith(SENTENCE_END) and not (text.endswith(".") and following[:1].islower())


def _pieces(words: list[Word], max_ms: int, pause_ms: int) -> Iterator[list[Word]]:
    piece: list[Word] = []
    for word in words:
        if piece and (word.start_ms - piece[-1].end_ms >= pause_ms or is_end(piece[-1].text, word.text)):
            yield from _shortened(piece, max_ms)
            piece = []
        piece.append(word)
    if piece:
        yield from _shortened(piece, max_ms)


def _shortened(words: list[Word], max_ms: int) -> Iterator[list[Word]]:
    if len(words) < 2 or words[-1].end_ms - words[0].start_ms <= max_ms:
        yield words
        return
    at = _best_cut(words)
    yield from _shortened(words[:at], max_ms)
    yield from _shortened(words[at:], max_ms)


def _best_cut(words: list[Word]) -> int:
    """The cut in the middle third at the longest pause, a comma counting as half a second."""
    low, high = len(words) // 3, max(len(words) * 2 // 3, len(words) // 3 + 1)

    def weight(at: int) -> int:
        comma = 500 if words[at - 1].text.endswith(CLAUSE_END) else 0
        return words[at].start_ms - words[at - 1].end_ms + comma

    return max(range(max(low, 1), max(high, 2)), key=weight)


def join(pieces: Iterable[Sequence[Passage]]) -> tuple[Passage, ...]:
    """One transcript of the Parts' Passages: a sentence that goes on across a border becomes one Passage again.

    An unclear Passage stays by itself, so that its mark tells of nothing else.
    """
    joined: list[Passage] = []
    for piece in pieces:
        rest = list(piece)
        if joined and rest and goes_on(joined[-1], rest[0]):
            both = [*joined.pop().words, *rest.pop(0).words]
            joined += passages(both)
        joined += rest
    return tuple(joined)


def goes_on(before: Passage, after: Passage) -> bool:
    """Whether the sentence of one Passage continues in the next: no end of sentence and no pause between them."""
    if before.unclear or after.unclear or not (before.words and after.words) or is_end(before.text, after.text):
        return False
    return after.start_ms - before.end_ms < PAUSE_MS


def spaced(text: str) -> list[str]:
    """The words of a text, by its spaces. A no-break space divides none: ``2 300`` is one (core.speech.figures)."""
    return re.findall(r"(?:\S|\u00a0)+", text)


def timed_words(passage: Passage) -> tuple[Word, ...]:
    """The words of the Passage's text with times in ms, also where a person corrected the text since.

    Words that were recognised keep their times; others share the time between these by their number of characters.
    """
    texts = spaced(passage.text)
    if texts == [word.text for word in passage.words]:
        return passage.words
    anchors = _anchors(passage, texts)
    words, at = [], 0
    for text in texts:
        start, end = _time_of(anchors, at), _time_of(anchors, at + len(text))
        words.append(Word(start_ms=start, end_ms=max(start, end), text=text, probability=0))
        at += len(text)
    return tuple(words)


class _Anchor(NamedTuple):
    """A known moment: so many characters of the text had been said by then."""

    at: int
    ms: int


def _anchors(passage: Passage, texts: Sequence[str]) -> list[_Anchor]:
    places = [0]
    for text in texts:
        places.append(places[-1] + len(text))
    said = [fold(word.text) for word in passage.words]
    anchors = [_Anchor(0, passage.start_ms)]
    for block in SequenceMatcher(None, [fold(text) for text in texts], said, autojunk=False).get_matching_blocks():
        for i in range(block.size):
            word = passage.words[block.b + i]
            anchors += [_Anchor(places[block.a + i], word.start_ms), _Anchor(places[block.a + i + 1], word.end_ms)]
    return [*anchors, _Anchor(places[-1], passage.end_ms)]


def _time_of(anchors: Sequence[_Anchor], at: int) -> int:
    after = min(bisect_right(anchors, at, key=lambda anchor: anchor.at), len(anchors) - 1)
    low, high = anchors[after - 1], anchors[after]
    share = (at - low.at) / (high.at - low.at) if high.at > low.at else 1
    return round(low.ms + share * (high.ms - low.ms))


def plain_text(transcript: Transcript, gaps: Iterable[Gap] = (), hidden: Iterable[Hidden] = ()) -> str:
    """A paragraph a minute, a long pause or a speaker, each headed by its time; ``[?]`` stands before unclear speech.

    Speech without a word is told by a mark. A gap has a paragraph of its own with the seconds that are missing, and so
    has what was withdrawn.
    """
    lost = sorted(gaps, key=lambda gap: gap.at_ms)
    told = marks(transcript.language)
    blocks = [(p[0].start_ms, 1, _paragraph(p, told.not_recognised)) for p in _paragraphs(transcript.passages, lost)]
    blocks += [(gap.at_ms, 0, f"[{clock(gap.at_ms)}]\n[– {round(gap.lost_ms / 1000)} s –]\n") for gap in lost]
    blocks += [(h.start_ms, 0, f"[{clock(h.start_ms)}–{clock(h.end_ms)}]\n{told.withdrawn}\n") for h in hidden]
    return "\n".join(text for _, _, text in sorted(blocks))


def _paragraph(piece: Sequence[Passage], unknown: str) -> str:
    text = " ".join(unknown if p.text == NOT_RECOGNISED else f"{'[?] ' * p.unclear}{p.text}" for p in piece)
    who = f"{piece[0].speaker}: " if piece[0].speaker else ""
    return f"[{clock(piece[0].start_ms)}]\n{who}{text}\n"


def _paragraphs(passages: Iterable[Passage], gaps: Sequence[Gap]) -> Iterator[list[Passage]]:
    piece: list[Passage] = []
    for passage in passages:
        if piece and (_is_pause(piece, passage) or any(piece[0].start_ms < g.at_ms <= passage.start_ms for g in gaps)):
            yield piece
            piece = []
        piece.append(passage)
    if piece:
        yield piece


def _is_pause(piece: Sequence[Passage], after: Passage) -> bool:
    is_full = after.end_ms - piece[0].start_ms > PARAGRAPH_MS and is_end(piece[-1].text)
    is_full = is_full or after.speaker != piece[-1].speaker
    return is_full or after.start_ms - piece[-1].end_ms >= PARAGRAPH_PAUSE_MS


def clock(ms: int) -> str:
    """Milliseconds as 1.02.03, the Finnish way."""
    minutes, seconds = divmod(max(ms, 0) // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}.{minutes:02}.{seconds:02}"


def moment(text: str) -> int:
    """A place of an episode in ms: ``1.02.03`` or ``2:03`` as pages show it, or seconds ``83.4`` as links do.

    Raises:
        InvalidInput: it is none.
    """
    if re.fullmatch(r"\d+([.,]\d|[.,]\d{3}|,\d\d)?", text):
        return round(float(text.replace(",", ".")) * 1000)
    found = re.fullmatch(r"(?:(\d+)[.:])?(\d{1,2})[.:](\d{2})", text)
    if not found or int(found[3]) > 59 or (found[1] and int(found[2]) > 59):
        raise InvalidInput(
            f"{text!r} is not a place of an episode.", "Write 1.02.03, or 2.03, as the page shows it; 2:03 will do."
        )
    return (int(found[1] or 0) * 3600 + int(found[2]) * 60 + int(found[3])) * 1000
