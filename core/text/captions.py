"""Captions: what stands on the screen for a moment. Pure; core/text/breaking.py says where a text may be broken."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import accumulate, pairwise, takewhile
from typing import NamedTuple

from core.models import Passage, Record, Word, WordForms
from core.text import breaking
from core.text.transcript import MARKS, NOT_RECOGNISED, PAUSE_MS, Marks, is_end, timed_words


class Style(Record):
    """The measures of captions.

    ``line`` characters a line: 42 in Netflix's Finnish Timed Text Style Guide, 37 on Finnish television (Vinkit
    laadukkaan tekstityksen tuottamiseen, HAMK). ``lines`` at most: all of them say two. ``speed`` in characters a
    second, spaces counted: the three seconds for a line of HAMK's guide are 12, Netflix's English Template guide has 17
    for adults; 14 between them is our choice. ``shortest_ms`` is never undercut (Netflix, General Requirements: 5/6 s).
    ``comfort_ms`` is wished for: 1.8 s in Samtextin tekstityskäytännöt, from which ``longest_ms`` and the ``gap_ms`` of
    two frames, at 25 a second, are too.
    """

    line: int = 42
    lines: int = 2
    speed: int = 14
    shortest_ms: int = 1000
    comfort_ms: int = 1800
    longest_ms: int = 7000
    gap_ms: int = 80

    def reading_ms(self, characters: int) -> int:
        """How long so many characters should be shown; a caption is not shown longer than ``longest_ms``."""
        return min(max(-(-characters * 1000 // self.speed), self.comfort_ms), self.longest_ms)


STYLE = Style()

RUNS = 8192
"""So many are remembered: a broadcast on the air is captioned anew with each Part, and most of it is as it was."""


class Caption(Record):
    """One or more lines from ``start_ms`` to ``end_ms``."""

    start_ms: int
    end_ms: int
    lines: tuple[str, ...]

    @property
    def speed(self) -> float:
        """Characters a second, with a space for each line break."""
        return len(" ".join(self.lines)) * 1000 / (self.end_ms - self.start_ms)


class _Unit(NamedTuple):
    """Words that are not parted."""

    text: str
    start_ms: int
    end_ms: int
    last: str
    """Its last word."""


class _Run(NamedTuple):
    """Units that may share captions; ``next_ms`` is when the next run begins, None when that is not known."""

    units: tuple[_Unit, ...]
    next_ms: int | None


def cues(
    passages: Iterable[Passage],
    style: Style = STYLE,
    *,
    forms: Mapping[str, WordForms] | None = None,
    marks: Marks = MARKS["fi"],
) -> tuple[Caption, ...]:
    """The captions of a transcript, in order, at least ``gap_ms`` apart, with all its words.

    Of ``marks`` one is shown before unclear speech, where the words are what the engine made of it, and the other in
    place of words where there are none. Each caption stays for
    ``shortest_ms`` to ``longest_ms``; words that come faster are shown a little late rather than too shortly. A word
    longer than a line is cut where its ``forms`` say that it is a compound, else not at all.
    """
    pieces = [piece for run in _runs(passages, marks, style) for piece in _pieces(run, style)]
    return tuple(_timed(pieces, style, forms or {}))


def settled(passages: Iterable[Passage], style: Style = STYLE, *, marks: Marks = MARKS["fi"]) -> int:
    """How many of the first captions of ``cues`` stay as they are, whatever words follow. For text that still grows.

    The last Passage may grow at its end; the others have to be as they will stay. Open are at most the captions since
    the last pause of ``core.text.transcript.PAUSE_MS``, and commonly one or two.
    """
    runs = list(_runs(passages, marks, style))
    if not runs:
        return 0
    before = sum(len(_pieces(run, style)) for run in runs[:-1])
    return before + _Cut(runs[-1], style).settled()


def _runs(passages: Iterable[Passage], marks: Marks, style: Style) -> Iterator[_Run]:
    runs = list(_spoken(passages, marks))
    for at, words in enumerate(runs):
        yield _Run(_units(words, style), runs[at + 1][0].start_ms if at + 1 < len(runs) else None)


def _spoken(passages: Iterable[Passage], marks: Marks) -> Iterator[list[Word]]:
    """Words that may share a caption: up to a pause, and clear ones apart from unclear ones."""
    run: list[Word] = []
    was_unclear = False
    for passage in passages:
        words = list(_said(passage, marks))
        if run and words and (was_unclear or passage.unclear or words[0].start_ms - run[-1].end_ms >= PAUSE_MS):
            yield run
            run = []
        run += words
        was_unclear = passage.unclear
    if run:
        yield run


def _said(passage: Passage, marks: Marks) -> Iterator[Word]:
    """Its words with their mark. The mark in place of words is one word, so that it is not parted."""
    start, end = passage.start_ms, passage.end_ms
    if passage.text == NOT_RECOGNISED:
        yield Word(start_ms=start, end_ms=end, text=marks.not_recognised, probability=0)
        return
    if passage.unclear:
        yield Word(start_ms=start, end_ms=start, text=marks.unclear, probability=0)
    yield from timed_words(passage)


def _units(words: Sequence[Word], style: Style) -> tuple[_Unit, ...]:
    found, at = [], 0
    for size in breaking.units([word.text for word in words], style.line):
        piece = words[at : at + size]
        text = " ".join(word.text for word in piece)
        found.append(_Unit(text, piece[0].start_ms, max(word.end_ms for word in piece), piece[-1].text))
        at += size
    return tuple(found)


@lru_cache(maxsize=RUNS)
def _pieces(run: _Run, style: Style) -> tuple[tuple[_Unit, ...], ...]:
    """The units of each caption."""
    return tuple(_Cut(run, style).pieces())


class _Cut:
    """Where a run is cut so that it costs least in all (Bellman 1957)."""

    def __init__(self, run: _Run, style: Style) -> None:
        self._units, self._next_ms = run
        self._style = style
        self._line_ends = breaking.line_ends([unit.text for unit in self._units], style.line)
        self._ends = list(accumulate((len(unit.text) + 1 for unit in self._units), initial=0))
        mixed = (is_end(a.last, b.text) for a, b in pairwise(self._units))
        self._mixed = list(accumulate(mixed, initial=0))
        self._cuts = [0]
        costs = [0.0]
        for end in range(1, len(self._units) + 1):
            border, until_ms = self._border(end), self._until(end)
            cost, start = min(
                (costs[start] + border + self._inside(start, end, until_ms), start) for start in self._starts(end)
            )
            costs.append(cost)
            self._cuts.append(start)

    def pieces(self) -> Iterator[tuple[_Unit, ...]]:
        """The units of each caption."""
        yield from (self._units[a:b] for a, b in pairwise(self._way(len(self._units))))

    def settled(self) -> int:
        """How many of the pieces stay when units are added, or the last one grows.

        A later caption begins at the last unit, or before it while all still fits; the ways to all these places have
        to agree.
        """
        ways = [self._way(start) for start in self._starts(len(self._units))]
        agreed = takewhile(lambda cuts: len(set(cuts)) == 1, zip(*ways, strict=False))
        return sum(1 for _ in agreed) - 1

    def _way(self, end: int) -> list[int]:
        ends = [end]
        while ends[-1]:
            ends.append(self._cuts[ends[-1]])
        return ends[::-1]

    def _starts(self, end: int) -> Iterator[int]:
        """Where a caption that ends before ``end`` may begin: at its last unit, or earlier while all fits."""
        yield end - 1
        earliest_ms = self._units[end - 1].end_ms - self._style.longest_ms
        for start in range(end - 2, -1, -1):
            if self._units[start].start_ms < earliest_ms or not self._fits(start, end):
                return
            yield start

    def _fits(self, start: int, end: int) -> bool:
        at = start
        for _ in range(self._style.lines):
            at = self._line_ends[at]
            if at >= end:
                return True
        return False

    def _border(self, end: int) -> float:
        """What a cut before ``end`` costs: more the deeper it goes into a phrase."""
        if end == len(self._units):
            return 0.2
        before, after = self._units[end - 1].last, self._units[end].text.split(" ", 1)[0]
        if is_end(before, after):
            return 0.2
        return 1.0 if breaking.is_phrase_border(before, after) else 2.0

    def _inside(self, start: int, end: int, until_ms: int) -> float:
        """What a caption of these units costs, before ``until_ms``: by sentences it mixes, emptiness, and haste.

        To lack a quarter of a second of the shortest time is as bad as to mix two sentences; to lack a second of the
        time for reading too. The lack of many captions is least when fast words share one with slow ones.
        """
        style = self._style
        sentences = self._mixed[end - 1] - self._mixed[start]
        characters = self._ends[end] - self._ends[start] - 1
        empty = 1 - characters / (style.lines * style.line)
        room = until_ms - self._units[start].start_ms
        cost = sentences + empty * empty
        if room >= style.longest_ms:
            return cost
        haste = max(0, style.shortest_ms - room) / 250 + max(0, style.reading_ms(characters) - room) / 1000
        return cost + haste

    def _until(self, end: int) -> int:
        if end < len(self._units):
            return self._units[end].start_ms - self._style.gap_ms
        if self._next_ms is None:
            return self._units[-1].end_ms + PAUSE_MS
        return self._next_ms - self._style.gap_ms


def _timed(pieces: Sequence[Sequence[_Unit]], style: Style, forms: Mapping[str, WordForms]) -> Iterator[Caption]:
    free_from = 0
    for at, piece in enumerate(pieces):
        lines = _lines([unit.text for unit in piece], style, forms)
        start = max(piece[0].start_ms, free_from)
        following = pieces[at + 1][0].start_ms if at + 1 < len(pieces) else None
        wanted = max(*(unit.end_ms for unit in piece), start + style.reading_ms(len(" ".join(lines))))
        end = _end(start, wanted, following, style)
        yield Caption(start_ms=start, end_ms=end, lines=lines)
        free_from = end + style.gap_ms


def _lines(texts: Sequence[str], style: Style, forms: Mapping[str, WordForms]) -> tuple[str, ...]:
    if len(texts) == 1 and len(texts[0]) > style.line:
        return breaking.hyphenated(texts[0], forms, style.line, style.lines)
    return breaking.lines_of(texts, style.line, style.lines)


def _end(start: int, wanted: int, following: int | None, style: Style) -> int:
    until = wanted if following is None else min(wanted, following - style.gap_ms)
    return min(max(until, start + style.shortest_ms), start + style.longest_ms)


def showing(captions: Sequence[Caption], start_ms: int, end_ms: int) -> Sequence[Caption]:
    """Those that are shown at some moment from ``start_ms`` up to, not including, ``end_ms``."""
    first = bisect_left(captions, start_ms + 1, key=lambda caption: caption.end_ms)
    return captions[first : bisect_left(captions, end_ms, key=lambda caption: caption.start_ms)]


def fast(captions: Sequence[Caption], style: Style = STYLE) -> float:
    """The share of captions that ask for faster reading than the style's speed."""
    return sum(caption.speed > style.speed for caption in captions) / max(1, len(captions))
