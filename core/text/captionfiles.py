"""The files that captions, chapters and recognised words are written to. Pure.

Unclear speech is marked in each: by ``core.text.transcript.MARKS`` in captions, by ``unclear`` in JSON.
"""

import json
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import groupby
from typing import Literal

from pydantic import Field

from core.models import Chapter, EncodedPart, Episode, Gap, Passage, Record, Word
from core.text.captions import Caption, showing
from core.text.transcript import NOT_RECOGNISED

MAP_SECONDS = 10
TIMESTAMP_MAP = f"X-TIMESTAMP-MAP=LOCAL:00:00:{MAP_SECONDS}.000,MPEGTS:{MAP_SECONDS * 90_000}"
"""Second 0 of the captions is timestamp 0 of the media, in every Take (RFC 8216, 3.5; core/media/encode.py).

It is said of second 10, since hls.js 1.7.4 takes ``MPEGTS:0`` after a discontinuity for the time of that.
"""

FOR_EVER = 1 << 62


class WordEntry(Record):
    """One word: when it was said (ms), what was recognised, the engine's own probability (0 to 1), if it tells one.

    ``heard`` is what the engine wrote there, if that was mended.
    """

    start_ms: int
    end_ms: int
    text: str
    probability: float | None = None
    heard: str | None = None


class PassageEntry(Record):
    """A sentence or so. ``unclear``: the engine's own measures doubt it. Not ``recognised``: somebody speaks, no word.

    ``words`` are what was recognised; ``text`` differs from them where a person corrected it.
    """

    start_ms: int
    end_ms: int
    text: str
    unclear: bool = False
    recognised: bool = True
    words: tuple[WordEntry, ...] = ()


class WordsFile(Record):
    """All words of an episode. Times are ms on the recording's timeline, which does not advance in a gap."""

    format: Literal["maaseutu-words-1"] = "maaseutu-words-1"
    episode: str
    title: str
    language: str
    engine: str = Field(description="Program, model and options of speech recognition.")
    duration_ms: int
    gaps: tuple[Gap, ...] = ()
    passages: tuple[PassageEntry, ...] = ()


class _Writer(ABC):
    """A format: what separates seconds from milliseconds, and the head of the file."""

    separator: str
    head: str
    numbered = True

    def write(self, captions: Iterable[Caption]) -> str:
        """The whole file."""
        return self.head + "\n\n".join(self._cue(i, c) for i, c in enumerate(captions, 1)) + "\n"

    def _cue(self, number: int, caption: Caption) -> str:
        times = f"{self.stamp(caption.start_ms)} --> {self.stamp(caption.end_ms)}"
        return "\n".join([*[str(number)] * self.numbered, times, *(self.text(line) for line in caption.lines)])

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


class _HlsWebVtt(_WebVtt):
    """Without numbers, which would have to be the same wherever a caption is shown again."""

    head = f"WEBVTT\n{TIMESTAMP_MAP}\n\n"
    numbered = False


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


def segments(captions: Sequence[Caption], parts: Sequence[EncodedPart]) -> list[str]:
    """A WebVTT file for each Part, for HLS (RFC 8216, 3.5). What is shown across a border is in both files.

    Between Takes it is shared out instead: players know by its times that they have a caption already, and after a
    discontinuity times can differ by a rounding.
    """
    return [_HlsWebVtt().write(_within(captions, span, take)) for span, take in _spans(parts)]


def _spans(parts: Sequence[EncodedPart]) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Of each Part: its own beginning and end, and those of its Take. Nothing is after the last."""
    for _, group in groupby(parts, key=lambda part: part.take):
        of_take = list(group)
        for part in of_take:
            yield (part.start_ms, _end(part, parts)), (of_take[0].start_ms, _end(of_take[-1], parts))


def _end(part: EncodedPart, parts: Sequence[EncodedPart]) -> int:
    return FOR_EVER if part == parts[-1] else part.end_ms


def _within(captions: Sequence[Caption], span: tuple[int, int], take: tuple[int, int]) -> Iterator[Caption]:
    for caption in showing(captions, *span):
        times = {"start_ms": max(caption.start_ms, take[0]), "end_ms": min(caption.end_ms, take[1])}
        yield caption.model_copy(update=times)


def words_json(episode: Episode) -> str:
    """All recognised words with times, probabilities and what was heard, as ``WordsFile`` (docs/words.schema.json)."""
    transcript = episode.transcript
    file = WordsFile(
        episode=episode.broadcast.id,
        title=episode.broadcast.title,
        language=transcript.language,
        engine=transcript.engine,
        duration_ms=episode.duration_ms,
        gaps=episode.gaps,
        passages=tuple(_entry(passage) for passage in transcript.passages),
    )
    return file.model_dump_json(exclude_none=True) + "\n"


def _entry(passage: Passage) -> PassageEntry:
    return PassageEntry(
        start_ms=passage.start_ms,
        end_ms=passage.end_ms,
        text=passage.text,
        unclear=passage.unclear,
        recognised=passage.text != NOT_RECOGNISED,
        words=tuple(map(_word, passage.words)),
    )


def _word(word: Word) -> WordEntry:
    return WordEntry(
        start_ms=word.start_ms,
        end_ms=word.end_ms,
        text=word.text,
        probability=word.probability,
        heard=word.heard or None,
    )


def chapters_vtt(chapters: Iterable[Chapter]) -> str:
    """A WebVTT file of chapters for the player."""
    return webvtt(_shown(c.start_ms, c.end_ms, c.title) for c in chapters)


def thumbnails_vtt(stills: Iterable[tuple[int, int, str]]) -> str:
    """A WebVTT file of stills (start, end, file) that the player shows on its time line."""
    return webvtt(_shown(*still) for still in stills)


def _shown(start_ms: int, end_ms: int, line: str) -> Caption:
    return Caption(start_ms=start_ms, end_ms=max(end_ms, start_ms + 1), lines=(" ".join(line.split()),))


if __name__ == "__main__":
    sys.stdout.write(json.dumps(WordsFile.model_json_schema(), indent=2, ensure_ascii=False) + "\n")
