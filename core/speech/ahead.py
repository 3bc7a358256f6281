"""The text of a recording that grows, before its Parts are prepared: window by window, and what seems to come after.

What comes new is heard in the windows of the Parts. So what is said of a complete window is what its Part will say.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from core import segments
from core.models import Part, Segment, Transcript
from core.speech import whisper, windows
from core.speech.engines.base import Samples
from core.speech.whisper import Options, Recognise
from core.speech.windows import Window

Glimpse = Callable[[Samples, Options], Transcript]


class _Heard(NamedTuple):
    """What is known of a Part: the Segments that were heard, and its complete windows with the tick of each."""

    segments: tuple[Segment, ...] = ()
    starts: tuple[int, ...] = ()
    found: tuple[Transcript, ...] = ()
    over: bool = False


class Ahead:
    """The windows of the Parts that nobody has prepared yet, and of what comes after them."""

    def __init__(self, recognise: Recognise, glimpse: Glimpse = whisper.glimpse) -> None:
        self._recognise = recognise
        self._glimpse = glimpse
        self._heard: dict[int, _Heard] = {}
        self.provisional: Transcript | None = None
        """What seems to be said after the last complete window."""

    def heard(self, part: Part, *, grows: bool) -> int:
        """How many of the Part's Segments need not be heard again; the last one is, when a Take has ended with it."""
        known = self._heard.get(part.number, _Heard())
        if known.segments != part.segments[: len(known.segments)]:
            return 0
        ends = not grows and part.after is None and not known.over
        return min(len(known.segments), len(part.segments) - ends)

    def hear(
        self, part: Part, files: Mapping[Segment, Path], options: Options, *, grows: bool, glimpse: bool = True
    ) -> None:
        """Hear what is new in a Part; ``files`` holds what ``segments.since(part, self.heard(part))`` has.

        One that ``grows`` goes on after its Segments: what comes after its last complete window is only glimpsed at.
        """
        count = self.heard(part, grows=grows)
        if count == len(part.segments):
            return
        piece = segments.since(part, count)
        cut = windows.of_part(piece, files)
        rest = cut.pop() if grows and cut else None
        before = self._heard[part.number] if count else _Heard()
        new = [window for window in cut if window.start not in before.starts]
        places = [whisper.place_ms(piece, window.start) for window in new]
        found = self._recognise([window.samples for window in new], options)
        placed = [whisper.joined([each], [at], options) for each, at in zip(found, places, strict=True)]
        starts = (*before.starts, *(window.start for window in new))
        self._heard[part.number] = _Heard(part.segments, starts, (*before.found, *placed), over=not grows)
        self.provisional = self._glimpsed(piece, rest, options) if rest and glimpse else None

    def _glimpsed(self, piece: Part, window: Window, options: Options) -> Transcript:
        return whisper.joined(
            [self._glimpse(window.samples, options)], [whisper.place_ms(piece, window.start)], options
        )

    def complete(self, options: Options) -> list[Transcript]:
        """The complete windows of each Part, joined as the Part will join them."""
        return [
            whisper.joined(heard.found, [0] * len(heard.found), options) for _, heard in sorted(self._heard.items())
        ]

    def forget(self, before: int) -> None:
        """Forget the Parts before one, by its number: somebody has them."""
        for number in [number for number in self._heard if number < before]:
            del self._heard[number]
