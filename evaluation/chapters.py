"""How well the chapters of a broadcast are found: ``python -m evaluation.chapters``.

Meetings of which it is known where each item begins (evaluation.meetings), as written, with much talk of other things,
and with errors of recognition made by rule; evaluation.aloud has some as voices read them. Beside
ours stand two simple ways: the agenda spread evenly over the broadcast, and a new item at every formula of the chair's.

- ``off``: how far the beginning of an item is from the nearest chapter of its name, median and P90, of those found.
- ``within 10 s``: of all beginnings. ``placed``: the share of items of which a chapter covers at least half, and is
  for at least half of its own length that item.
- ``false``: chapters that never cover their item, of all.
- Pk (Beeferman, Berger & Lafferty 1999, "Statistical Models for Text Segmentation") and WindowDiff (Pevzner & Hearst
  2002, "A Critique and Improvement of an Evaluation Metric for Text Segmentation"), with seconds as units and a window
  of half a mean item: lower is better.
"""

import statistics
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from core.language.cues import Cues
from core.language.finnish import Analyser
from core.meeting import chapters
from core.meeting.announcing import Spoken
from core.models import Chapter
from evaluation import meetings
from evaluation.meetings import Start, Timed
from evaluation.notes import LEXICON

NEAR_MS = 10_000
HALF = 0.5
OPENING = "Avaus"

Starts = Sequence[Start]
Way = Callable[[Timed], Starts]


class Score(NamedTuple):
    """Of one broadcast: how far found beginnings are off (ms), and counts."""

    off: tuple[int, ...]
    near: int
    placed: int
    wanted: int
    false: int
    told: int
    pk: float
    windowdiff: float


def score(meeting: Timed, found: Starts) -> Score:
    """The figures of the chapters found."""
    right = [start for start in meeting.starts if start.title]
    told = [start for start in found if start.title]
    off = [distance for start in right if (distance := _nearest(start, told)) is not None]
    stretches, own = _stretches(meeting.starts, meeting.duration_ms), _stretches(found, meeting.duration_ms)
    placed = sum(any(_covers(each, other) for other in own) for each in stretches if each[0].title)
    return Score(
        off=tuple(off),
        near=sum(each <= NEAR_MS for each in off),
        placed=placed,
        wanted=len(right),
        false=sum(not any(_touches(item, each) for item in stretches) for each in own if each[0].title),
        told=len(told),
        pk=_differing(meeting, found, _is_apart),
        windowdiff=_differing(meeting, found, _borders),
    )


def _nearest(start: Start, told: Iterable[Start]) -> int | None:
    return min((abs(each.at_ms - start.at_ms) for each in told if each.title == start.title), default=None)


_Stretch = tuple[Start, int]


def _stretches(starts: Starts, duration_ms: int) -> list[_Stretch]:
    ends = [start.at_ms for start in starts[1:]] + [duration_ms]
    return list(zip(starts, ends, strict=True))


def _shared(one: _Stretch, other: _Stretch) -> int:
    return max(0, min(one[1], other[1]) - max(one[0].at_ms, other[0].at_ms))


def _covers(item: _Stretch, chapter: _Stretch) -> bool:
    return item[0].title == chapter[0].title and _shared(item, chapter) >= HALF * max(_length(item), _length(chapter))


def _touches(item: _Stretch, chapter: _Stretch) -> bool:
    return item[0].title == chapter[0].title and _shared(item, chapter) > 0


def _length(stretch: _Stretch) -> int:
    return stretch[1] - stretch[0].at_ms


def _differing(meeting: Timed, found: Starts, unlike: Callable[[Starts, int, int], int]) -> float:
    """The share of windows whose ends the two ways of cutting judge differently."""
    seconds = meeting.duration_ms // 1000
    window = max(2, round(seconds / len(meeting.starts) / 2))
    places = range(0, max(1, seconds - window))
    return statistics.fmean(
        unlike(meeting.starts, at * 1000, (at + window) * 1000) != unlike(found, at * 1000, (at + window) * 1000)
        for at in places
    )


def _borders(starts: Starts, first: int, last: int) -> int:
    return sum(first < start.at_ms <= last for start in starts if start.at_ms)


def _is_apart(starts: Starts, first: int, last: int) -> int:
    return min(1, _borders(starts, first, last))


# Ways


def evenly(meeting: Timed) -> Starts:
    """The agenda spread over the broadcast."""
    step = meeting.duration_ms // max(1, len(meeting.agenda))
    return [Start(number * step, item.title) for number, item in enumerate(meeting.agenda)]


def by_formulas(analyser: Analyser, cues: Cues) -> Way:
    """The next item at every formula of taking up."""

    def way(meeting: Timed) -> Starts:
        forms = analyser.dictionary(passage.text for passage in meeting.transcript.passages)
        passages = meeting.transcript.passages
        marks = Spoken(passages, forms).marks(cues.agenda.formulas)
        places = [passage.start_ms for passage, mark in zip(passages, marks, strict=True) if mark.weight]
        return [Start(0, ""), *(Start(at, item.title) for at, item in zip(places, meeting.agenda, strict=False))]

    return way


def ours(analyser: Analyser, cues: Cues) -> Way:
    """The chapters as the flows find them."""

    def way(meeting: Timed) -> Starts:
        texts = [*(item.title for item in meeting.agenda), *(each.text for each in meeting.transcript.passages)]
        forms = analyser.dictionary(texts)
        found = chapters.chapters(
            meeting.transcript,
            meeting.agenda,
            forms,
            meeting.duration_ms,
            cues=cues.agenda,
            stopwords=cues.stopwords,
        )
        return starts(found)

    return way


def starts(found: Iterable[Chapter]) -> Starts:
    """Chapters as beginnings; the opening is no item."""
    return [Start(each.start_ms, "" if each.title == OPENING else each.title) for each in found] or [Start(0, "")]


# Figures


def line(scores: Sequence[Score]) -> str:
    """The figures of some broadcasts as one text."""
    off = [each / 1000 for one in scores for each in one.off]
    wanted, told = sum(one.wanted for one in scores), sum(one.told for one in scores)
    at = f"{statistics.median(off):.1f} / {np.percentile(off, 90):.1f} s" if off else "–"
    return (
        f"off {at}, within 10 s {sum(one.near for one in scores) / wanted:.0%}, "
        f"placed {sum(one.placed for one in scores) / wanted:.0%}, false {sum(one.false for one in scores)} of {told}, "
        f"Pk {statistics.fmean(one.pk for one in scores):.2f}, "
        f"WindowDiff {statistics.fmean(one.windowdiff for one in scores):.2f}"
    )


def run(
    analyser: Analyser, parts: Iterable[str] = (meetings.TUNING, meetings.DECIDING, meetings.HELD_OUT)
) -> Iterator[tuple[str, str]]:
    """All figures of broadcasts that no voice read, as (name, value)."""
    cues = Cues.load(LEXICON.read_text(encoding="utf-8"))
    ways: dict[str, Way] = {"evenly": evenly, "formulas": by_formulas(analyser, cues), "ours": ours(analyser, cues)}
    for part in parts:
        for variant, known in meetings.variants(part):
            for name, way in ways.items():
                planned = [meeting for meeting in known if meeting.agenda]
                yield f"{part}, {variant}, {name}", line([score(each, way(each)) for each in planned])
    long = meetings.timed(meetings.many())
    yield "agenda of 200, ours", line([score(long, ways["ours"](long))])


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder, Analyser(Path(folder) / "vocabulary.sqlite") as analyser:
        for name, value in run(analyser):
            sys.stdout.write(f"{name:<40} {value}\n")


if __name__ == "__main__":
    main()
