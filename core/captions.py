"""Captions: what stands on the screen for a moment. Pure.

Measures: two lines of 37 characters at most, the upper one the shorter (Finnish recommendations for subtitling, AV-
käännösten laatusuositukset, 2020); at most seven seconds, two frames (80 ms) between captions, lines broken after
punctuation and before conjunctions (Netflix Timed Text Style Guide, General Requirements). The least time is one second
where Netflix has 5/6 s. ``READING`` is our choice; it only stretches a caption into the silence that follows it.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from html import escape
from itertools import pairwise

from core.models import Chapter, Passage, Record, Word
from core.transcript import CLAUSE_END, PAUSE_MS, is_end, timed_words

LINE = 37
MIN_MS = 1000
MAX_MS = 7000
GAP_MS = 80
READING = 14
"""Characters a second."""
UNCLEAR = "[epäselvää]"
CONJUNCTIONS = frozenset(
    ("ja", "sekä", "tai", "eli", "mutta", "vaan", "että", "jotta", "kun", "koska", "jos", "vaikka", "kuin")
    + ("joka", "jotka", "jonka", "jossa")
)


class Caption(Record):
    """One or two lines from ``start_ms`` to ``end_ms``."""

    start_ms: int
    end_ms: int
    lines: tuple[str, ...]


def cues(passages: Iterable[Passage], *, mark: str = UNCLEAR) -> tuple[Caption, ...]:
    """The captions of a transcript, in order, at least GAP_MS apart, with all its words.

    ``mark`` is shown before unclear speech: the words are what the engine made of it. Each caption stays
    for MIN_MS to MAX_MS; words that come faster are shown a little late rather than too shortly. A word longer than a
    line is not cut.
    """
    pieces = [piece for run in _runs(passages, mark) for piece in _pieces(run)]
    return tuple(_timed(pieces))


def _runs(passages: Iterable[Passage], mark: str) -> Iterator[list[Word]]:
    """Words that may share a caption: up to a pause, and clear ones apart from unclear ones."""
    run: list[Word] = []
    was_unclear = False
    for passage in passages:
        words = list(timed_words(passage))
        if passage.unclear:
            words.insert(0, Word(start_ms=passage.start_ms, end_ms=passage.start_ms, text=mark, probability=0))
        if run and words and (was_unclear or passage.unclear or words[0].start_ms - run[-1].end_ms >= PAUSE_MS):
            yield run
            run = []
        run += words
        was_unclear = passage.unclear
    if run:
        yield run


def _pieces(words: Sequence[Word]) -> Iterator[Sequence[Word]]:
    """Cut a run where it costs least in all (Bellman 1957)."""
    costs, cuts = [0.0], [0]
    for end in range(1, len(words) + 1):
        border = _border(words, end)
        ways = [(costs[start] + border + _inside(words, start, end), start) for start in _starts(words, end)]
        cost, start = min(ways)
        costs.append(cost)
        cuts.append(start)
    ends = [len(words)]
    while ends[-1]:
        ends.append(cuts[ends[-1]])
    ends.reverse()
    yield from (words[start:end] for start, end in pairwise(ends))


def _starts(words: Sequence[Word], end: int) -> Iterator[int]:
    """Where a caption that ends before ``end`` may begin: at its last word, or earlier if all fits on the screen."""
    yield end - 1
    for start in range(end - 2, -1, -1):
        if words[end - 1].end_ms - words[start].start_ms > MAX_MS:
            return
        if not _fits(tuple(word.text for word in words[start:end])):
            return
        yield start


@cache
def _fits(texts: tuple[str, ...]) -> bool:
    whole = " ".join(texts)
    if len(whole) > 2 * LINE + 1:
        return False
    return len(whole) <= LINE or any(True for _ in _halves(texts))


def _halves(texts: Sequence[str]) -> Iterator[tuple[str, str]]:
    halves = ((" ".join(texts[:i]), " ".join(texts[i:])) for i in range(1, len(texts)))
    return (pair for pair in halves if max(map(len, pair)) <= LINE)


def _border(words: Sequence[Word], end: int) -> float:
    """What a cut before ``end`` costs: more the deeper it goes into a phrase."""
    if end == len(words) or is_end(words[end - 1].text, words[end].text):
        return 0.2
    return 1.0 if _is_phrase_border(words[end - 1].text, words[end].text) else 2.0


def _inside(words: Sequence[Word], start: int, end: int) -> float:
    """What a caption of these words costs: by sentences it mixes, emptiness, and haste.

    Haste is the time that it lacks to MIN_MS; to lack a quarter of a second is as bad as to mix two sentences.
    """
    sentences = sum(is_end(a.text, b.text) for a, b in pairwise(words[start:end]))
    empty = 1 - sum(len(word.text) + 1 for word in words[start:end]) / (2 * LINE)
    until = words[end].start_ms - GAP_MS if end < len(words) else words[end - 1].end_ms + PAUSE_MS
    haste = max(0, MIN_MS - (until - words[start].start_ms)) / 250
    return sentences + empty * empty + haste


def _is_phrase_border(before: str, after: str) -> bool:
    return before.endswith((*CLAUSE_END, ".", "!", "?")) or after.lower() in CONJUNCTIONS


def _lines(texts: Sequence[str]) -> tuple[str, ...]:
    """One line if it fits, else two that are even, broken at a phrase border, the upper one the shorter."""
    whole = " ".join(texts)
    halves = list(_halves(texts))
    if len(whole) <= LINE or not halves:
        return (whole,)

    def weight(pair: tuple[str, str]) -> int:
        upper, lower = pair
        at_border = _is_phrase_border(upper.rsplit(" ", 1)[-1], lower.split(" ", 1)[0])
        return abs(len(lower) - len(upper)) + 4 * (len(upper) > len(lower)) - 10 * at_border

    return min(halves, key=weight)


def _timed(pieces: Sequence[Sequence[Word]]) -> Iterator[Caption]:
    free_from = 0
    for at, piece in enumerate(pieces):
        lines = _lines([word.text for word in piece])
        start = max(piece[0].start_ms, free_from)
        following = pieces[at + 1][0].start_ms if at + 1 < len(pieces) else None
        wanted = max(word.end_ms for word in piece), start + sum(map(len, lines)) * 1000 // READING
        end = _end(start, max(wanted), following)
        yield Caption(start_ms=start, end_ms=end, lines=lines)
        free_from = end + GAP_MS


def _end(start: int, wanted: int, following: int | None) -> int:
    until = wanted if following is None else min(wanted, following - GAP_MS)
    return min(max(until, start + MIN_MS), start + MAX_MS)


class _Writer(ABC):
    """A format: what separates seconds from milliseconds, and the head of the file."""

    separator: str
    head: str

    def write(self, captions: Iterable[Caption]) -> str:
        """The whole file."""
        return self.head + "\n\n".join(self._cue(i, c) for i, c in enumerate(captions, 1)) + "\n"

    def _cue(self, number: int, caption: Caption) -> str:
        times = f"{self.stamp(caption.start_ms)} --> {self.stamp(caption.end_ms)}"
        return "\n".join([str(number), times, *(self.text(line) for line in caption.lines)])

    def stamp(self, ms: int) -> str:
        """Milliseconds as the format writes them."""
        seconds, ms = divmod(ms, 1000)
        return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{self.separator}{ms:03}"

    @abstractmethod
    def text(self, line: str) -> str:
        """A line with everything escaped that the format would read as its own."""


class _WebVtt(_Writer):
    separator = "."
    head = "WEBVTT\n\n"

    def text(self, line: str) -> str:
        return escape(line, quote=False)


class _Srt(_Writer):
    separator = ","
    head = ""

    def text(self, line: str) -> str:
        return line.replace("-->", "->")


def webvtt(captions: Iterable[Caption]) -> str:
    """A WebVTT file (W3C, WebVTT 4.2): ``&``, ``<`` and ``>`` are escaped, and so is any ``-->``."""
    return _WebVtt().write(captions)


def srt(captions: Iterable[Caption]) -> str:
    """A SubRip file. It has no escapes, so an arrow in the text is shortened."""
    return _Srt().write(captions)


def chapters_vtt(chapters: Iterable[Chapter]) -> str:
    """A WebVTT file of chapters for the player."""
    return webvtt(_shown(c.start_ms, c.end_ms, c.title) for c in chapters)


def thumbnails_vtt(stills: Iterable[tuple[int, int, str]]) -> str:
    """A WebVTT file of stills (start, end, file) that the player shows on its time line."""
    return webvtt(_shown(*still) for still in stills)


def _shown(start_ms: int, end_ms: int, line: str) -> Caption:
    return Caption(start_ms=start_ms, end_ms=max(end_ms, start_ms + 1), lines=(" ".join(line.split()),))
