"""The text of a recording that grows, before its Parts are prepared: window by window, and what seems to come after.

What comes new is heard in the windows of the Parts. So what is said of a complete window is what its Part will say.
Of a window that grows only what comes after a pause is heard again.
"""

from collections.abc import Callable, Container, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from core.archive import segments
from core.models import TICKS_PER_MS, Part, Segment, Transcript
from core.speech import whisper, windows
from core.speech.engines.base import Samples
from core.speech.whisper import Options, Recognise
from core.speech.windows import Span, Window
from core.text import transcript

STEADY_MS = 3000
"""What was said so long before the end of the sound, and ended with a pause, seems no other when more is heard."""

Glimpse = Callable[[Samples, Options], Transcript]


class _Heard(NamedTuple):
    """What is known of a Part: the Segments that were heard, and its complete windows with the tick of each."""

    segments: tuple[Segment, ...] = ()
    starts: tuple[int, ...] = ()
    found: tuple[Transcript, ...] = ()
    over: bool = False


class Waiting(NamedTuple):
    """A complete window that is not decoded yet, and its place in ms."""

    part: int
    window: Window
    at: int


class _Growing(NamedTuple):
    """What seems to be said in the window that begins at a tick, and from which tick on it is heard again."""

    start: int
    again: int
    seeming: Transcript


class Ahead:
    """The windows of the Parts that nobody has prepared yet, and what seems to be said after them.

    ``hear`` is quick, so that what is said just now can be shown. ``decode`` is for the windows that have become
    complete, of which the words that seemed to be said are known until it is settled.
    """

    def __init__(self, recognise: Recognise, glimpse: Glimpse = whisper.glimpse) -> None:
        self._recognise = recognise
        self._glimpse = glimpse
        self._heard: dict[int, _Heard] = {}
        self._waiting: list[Waiting] = []
        self._borders: windows.Borders = {}
        self._seeming: Transcript | None = None
        self._growing: _Growing | None = None

    def heard(self, part: Part, *, grows: bool) -> int:
        """How many of the Part's Segments need not be heard again; the last one is, when a Take has ended with it."""
        known = self._heard.get(part.number, _Heard())
        if known.segments != part.segments[: len(known.segments)]:
            return 0
        ends = not grows and part.after is None and not known.over
        return min(len(known.segments), len(part.segments) - ends)

    def hear(self, part: Part, files: Mapping[Segment, Path], options: Options, *, grows: bool) -> None:
        """Hear what is new in a Part; ``files`` holds what ``segments.since(part, self.heard(part))`` has.

        One that ``grows`` goes on after its Segments: what comes after its last complete window is only glimpsed at.
        """
        count = self.heard(part, grows=grows)
        if count == len(part.segments):
            return
        piece = segments.since(part, count)
        spans = windows.spans(piece, files, self._borders)
        rest = spans.pop() if grows and spans else None
        before = self._heard[part.number] if count else _Heard()
        fresh = [span for span in spans if span.start not in before.starts]
        new = [Window(span.start, windows.cut(piece, files, span)) for span in fresh]
        starts = (*before.starts, *(window.start for window in new))
        self._heard[part.number] = _Heard(part.segments, starts, before.found, over=not grows)
        self._waiting = [each for each in self._waiting if count or each.part != part.number]
        self._waiting += [Waiting(part.number, window, whisper.place_ms(piece, window.start)) for window in new]
        if new:
            self._seeming = self.provisional(options)
        self._growing = self._glimpsed(piece, files, rest, options) if rest else None

    def _glimpsed(self, piece: Part, files: Mapping[Segment, Path], rest: Span, options: Options) -> _Growing:
        known = self._growing if self._growing and self._growing.start == rest.start else None
        again = known.again if known else rest.start
        found = self._glimpse(windows.cut(piece, files, Span(again, rest.end)), options)
        at = whisper.place_ms(piece, again)
        steady = _until(known.seeming, at) if known else found.model_copy(update={"passages": ()})
        seeming = whisper.joined([steady, found], [0, at], options)
        pause = _pause(found, (rest.end - again) // TICKS_PER_MS - STEADY_MS)
        return _Growing(rest.start, again + pause * TICKS_PER_MS, seeming)

    @property
    def waiting(self) -> tuple[Waiting, ...]:
        """The complete windows that are not decoded yet."""
        return tuple(self._waiting)

    def decode(self, waiting: Sequence[Waiting], options: Options) -> list[Transcript]:
        """What is said in them. It may be asked in another thread, while what comes next is heard."""
        return self._recognise([each.window.samples for each in waiting], options)

    def settle(self, waiting: Sequence[Waiting], found: Sequence[Transcript], options: Options) -> None:
        """Put what was decoded in its place; windows that were forgotten meanwhile are left out."""
        for each, text in zip(waiting, found, strict=True):
            if (known := self._heard.get(each.part)) and any(each is other for other in self._waiting):
                placed = whisper.joined([text], [each.at], options)
                self._heard[each.part] = known._replace(found=(*known.found, placed))
        self._waiting = [each for each in self._waiting if not any(each is other for other in waiting)]
        if self._seeming:
            self._seeming = _since(self._seeming, self._waiting[0].at) if self._waiting else None

    def complete(self, options: Options) -> list[Transcript]:
        """The decoded windows of each Part, joined as the Part will join them."""
        return [
            whisper.joined(heard.found, [0] * len(heard.found), options) for _, heard in sorted(self._heard.items())
        ]

    def provisional(self, options: Options) -> Transcript:
        """What seems to be said after these."""
        growing = self._growing.seeming if self._growing else None
        glimpses = [each for each in (self._seeming, growing) if each]
        if len(glimpses) == 2 and glimpses[1].passages:
            glimpses[0] = _until(glimpses[0], glimpses[1].passages[0].start_ms)
        return whisper.joined(glimpses, [0] * len(glimpses), options)

    def keep(self, numbers: Container[int]) -> None:
        """Forget all Parts but these: somebody has them, or another recorder's Segments came late."""
        self._heard = {number: heard for number, heard in self._heard.items() if number in numbers}
        self._waiting = [each for each in self._waiting if each.part in numbers]


def _since(found: Transcript, start_ms: int) -> Transcript:
    """The words that are said from a moment on."""
    words = [word for passage in found.passages for word in passage.words if word.start_ms >= start_ms]
    return found.model_copy(update={"passages": transcript.passages(words)})


def _pause(found: Transcript, before_ms: int) -> int:
    """The middle of the last pause between two Passages that is before a moment; 0 without one."""
    pauses = [(a.end_ms + b.start_ms) // 2 for a, b in pairwise(found.passages)]
    return max((at for at in pauses if at <= before_ms), default=0)


def _until(found: Transcript, end_ms: int) -> Transcript:
    """The words that are said before a moment."""
    words = [word for passage in found.passages for word in passage.words if word.end_ms <= end_ms]
    return found.model_copy(update={"passages": transcript.passages(words)})
