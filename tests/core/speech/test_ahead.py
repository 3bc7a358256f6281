"""Text ahead of the Parts: the same windows as theirs, heard once, and a glimpse of what comes after."""

from itertools import pairwise
from pathlib import Path

import pytest

from core import digests
from core.archive import segments
from core.models import Passage, Segment, Transcript, Word
from core.speech import whisper
from core.speech.ahead import Ahead
from core.speech.engines.base import Samples
from core.speech.whisper import Options

pytestmark = pytest.mark.slow

OPTIONS = Options("none", "fi")
TARGET_MS = 20_000


class _Engine:
    """Writes for each window the digest of its sound, and counts."""

    def __init__(self) -> None:
        self.asked = 0
        self.glimpsed: list[int] = []

    def recognise(self, sounds: list[Samples], options: Options) -> list[Transcript]:
        self.asked += len(sounds)
        return [_written(samples) for samples in sounds]

    def glimpse(self, samples: Samples, options: Options) -> Transcript:
        self.glimpsed.append(len(samples))
        return _written(samples)


def _written(samples: Samples) -> Transcript:
    text = f"S{digests.of_bytes(samples.tobytes())[:12]}."
    word = Word(start_ms=0, end_ms=len(samples) // 16, text=text, probability=1.0)
    passage = Passage(start_ms=0, end_ms=word.end_ms, text=text, words=(word,))
    return Transcript(language="fi", engine="", passages=(passage,))


def _heard(engine: _Engine, recorded: dict[Segment, Path], steps: list[int], *, sealed: bool) -> Ahead:
    """Whoever listened when there were so many Segments."""
    ahead = Ahead(engine.recognise, engine.glimpse)
    for step in steps:
        there = list(recorded)[:step]
        over = sealed and step == len(recorded)
        closed = segments.parts(there, target_ms=TARGET_MS, sealed=over)
        growing = segments.growing(there, closed)
        for part in closed:
            ahead.hear(part, recorded, OPTIONS, grows=False)
        if growing:
            ahead.hear(growing, recorded, OPTIONS, grows=True)
        _settle(ahead)
    return ahead


def _settle(ahead: Ahead) -> None:
    waiting = ahead.waiting
    ahead.settle(waiting, ahead.decode(waiting, OPTIONS), OPTIONS)


def _of_parts(recorded: dict[Segment, Path], count: int, *, sealed: bool) -> list[Transcript]:
    parts = segments.parts(list(recorded)[:count], target_ms=TARGET_MS, sealed=sealed)
    return [whisper.transcribe_part(part, recorded, OPTIONS, _Engine().recognise) for part in parts]


@pytest.mark.parametrize("by", [1, 100])
def test_it_says_what_the_parts_will_say_and_hears_each_window_once(recorded: dict[Segment, Path], by: int) -> None:
    steps = sorted({*range(by, len(recorded), by), len(recorded)})
    engine = _Engine()
    ahead = _heard(engine, recorded, steps, sealed=True)
    wanted = _of_parts(recorded, len(recorded), sealed=True)
    assert ahead.complete(OPTIONS) == wanted
    assert engine.asked == sum(len(each.passages) for each in wanted) == 5


def test_what_comes_after_the_complete_windows_is_provisional(recorded: dict[Segment, Path]) -> None:
    engine = _Engine()
    ahead = _heard(engine, recorded, [2, 4, 9], sealed=False)
    [certain] = [passage for each in ahead.complete(OPTIONS) for passage in each.passages]
    [guessed] = ahead.provisional(OPTIONS).passages
    assert abs(guessed.start_ms - certain.end_ms) <= 1
    known = segments.duration_ms(list(recorded)[:9])
    assert abs(guessed.end_ms - known) <= 1
    assert len(engine.glimpsed) == 3


class _Sentences(_Engine):
    """Glimpses a sentence in each two seconds, which is named by its sound's digest."""

    def glimpse(self, samples: Samples, options: Options) -> Transcript:
        self.glimpsed.append(len(samples))
        pieces = [samples[at : at + 32_000] for at in range(0, len(samples), 32_000)]
        found = [whisper.joined([_written(piece[:30_000])], [2000 * at], OPTIONS) for at, piece in enumerate(pieces)]
        return whisper.joined(found, [0] * len(found), OPTIONS)


def test_of_a_growing_window_only_what_comes_after_a_pause_is_heard_again(recorded: dict[Segment, Path]) -> None:
    engine, once = _Sentences(), _Sentences()
    ahead = _heard(engine, recorded, [1, 2, 3, 4], sealed=False)
    whole = _heard(once, recorded, [4], sealed=False)
    assert len(once.glimpsed) == 1
    assert sum(engine.glimpsed[1:]) < 2 * once.glimpsed[0]
    assert max(engine.glimpsed) < once.glimpsed[0]
    seeming, wanted = (each.provisional(OPTIONS).passages for each in (ahead, whole))
    assert all(a.end_ms <= b.start_ms <= a.end_ms + 200 for a, b in pairwise(seeming))
    assert (seeming[0].start_ms, seeming[-1].end_ms) == pytest.approx((wanted[0].start_ms, wanted[-1].end_ms), abs=200)


def test_news_of_nothing_is_not_heard_again(recorded: dict[Segment, Path]) -> None:
    engine = _Engine()
    _heard(engine, recorded, [9, 9, 9], sealed=False)
    assert (engine.asked, len(engine.glimpsed)) == (1, 1)


def test_other_segments_in_place_of_known_ones_are_heard(recorded: dict[Segment, Path]) -> None:
    engine = _Engine()
    ahead = Ahead(engine.recognise, engine.glimpse)
    there = list(recorded)[:5]
    growing = segments.growing(there, [])
    assert growing
    ahead.hear(growing, recorded, OPTIONS, grows=True)
    assert ahead.heard(growing, grows=True) == 5
    other = there[4].model_copy(update={"sha256": "0" * 64})
    another = segments.growing([*there[:4], other], [])
    assert another
    assert ahead.heard(another, grows=True) == 0


def test_what_a_page_has_is_forgotten(recorded: dict[Segment, Path]) -> None:
    ahead = _heard(_Engine(), recorded, [len(recorded)], sealed=True)
    every = ahead.complete(OPTIONS)
    ahead.keep({2, 3})
    assert ahead.complete(OPTIONS) == every[2:4]


def test_what_seemed_to_be_said_in_a_window_stays_until_it_is_decoded(recorded: dict[Segment, Path]) -> None:
    engine = _Engine()
    ahead = _heard(engine, recorded, [4], sealed=False)
    [before] = ahead.provisional(OPTIONS).passages
    growing = segments.growing(list(recorded)[:9], [])
    assert growing
    ahead.hear(growing, recorded, OPTIONS, grows=True)
    assert len(ahead.waiting) == 1
    assert engine.asked == 0
    seeming, guessed = ahead.provisional(OPTIONS).passages
    assert seeming == before
    assert guessed.start_ms > seeming.end_ms
    _settle(ahead)
    assert ahead.waiting == ()
    assert ahead.provisional(OPTIONS).passages == (guessed,)
    assert [len(each.passages) for each in ahead.complete(OPTIONS)] == [1]


def test_what_is_heard_while_a_window_is_decoded_stays(recorded: dict[Segment, Path]) -> None:
    busy, quick = (Ahead(engine.recognise, engine.glimpse) for engine in (_Engine(), _Engine()))
    _hear(busy, recorded, 9)
    first = busy.waiting
    _hear(busy, recorded, 15)
    assert len(busy.waiting) > len(first) == 1
    before = busy.provisional(OPTIONS).passages
    busy.settle(first, busy.decode(first, OPTIONS), OPTIONS)
    [certain] = [passage for each in busy.complete(OPTIONS) for passage in each.passages]
    after = busy.provisional(OPTIONS).passages
    # What the decoded window seemed to hold is gone, and nothing else.
    assert after == before[-len(after) :]
    assert all(passage.start_ms >= certain.end_ms - 1 for passage in after)
    _settle(busy)
    for count in (9, 15):
        _hear(quick, recorded, count)
        _settle(quick)
    assert busy.complete(OPTIONS) == quick.complete(OPTIONS)
    assert busy.provisional(OPTIONS) == quick.provisional(OPTIONS)


def _hear(ahead: Ahead, recorded: dict[Segment, Path], count: int) -> None:
    growing = segments.growing(list(recorded)[:count], [])
    assert growing
    ahead.hear(growing, recorded, OPTIONS, grows=True)


def test_a_window_that_was_forgotten_while_it_was_decoded_stays_forgotten(recorded: dict[Segment, Path]) -> None:
    engine = _Engine()
    ahead = Ahead(engine.recognise, engine.glimpse)
    _hear(ahead, recorded, 9)
    waiting = ahead.waiting
    found = ahead.decode(waiting, OPTIONS)
    ahead.keep(set())
    ahead.settle(waiting, found, OPTIONS)
    assert ahead.complete(OPTIONS) == []
    assert ahead.waiting == ()
