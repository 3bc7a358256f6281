"""Speech to words: what is given to an engine, and what is made of what it gives."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from core import digests, sound, transcript
from core.models import TICKS_PER_MS, Part, Passage, Segment, Transcript, Word
from core.speech import engines, windows
from core.speech.engines.base import HeardWord, Hints, Service, Setup
from core.speech.windows import Stretch

VERSION = "speech-4"
UNCLEAR_LOGPROB = -1.0
UNCLEAR_COMPRESSION = 2.4
TEMPERATURES = (0.0, 0.2, 0.4, 0.6)
"""What is tried in turn where the engine doubts itself, as in openai-whisper; at 0 each half by itself."""
SLOT_SECONDS = 30
SURE = 0.5
"""Silero's own threshold: fewer sounds are taken for speech than at the one by which nothing quiet is missed."""


class Options(NamedTuple):
    """What the result depends on beside the Part.

    ``vocabulary`` are names to listen for; ``lexicon`` names that by which words are mended afterwards, if they are,
    and ``written`` that by which they are then written as a reader expects.
    """

    model: Path | str
    language: str
    vocabulary: tuple[str, ...] = ()
    beam_size: int = 5
    threads: int = 2
    lexicon: str = ""
    kind: str = engines.DEFAULT
    compute: str = "auto"
    service: Service = Service()
    written: str = ""

    @property
    def setup(self) -> Setup:
        """What the engine is made of."""
        return Setup(self.kind, self.model, self.compute, self.beam_size, self.threads, self.service)

    @property
    def engine(self) -> str:
        """What the transcript says of its origin."""
        return engines.engine(self.setup).name


def key(part: Part, options: Options) -> str:
    """The digest under which the result is kept: same content and options, same key."""
    return digests.of_records(
        VERSION,
        part.speech_content,
        options.engine,
        options.language,
        *options.vocabulary,
        str(options.threads),
        options.lexicon,
        options.written,
    )


def transcribe_part(part: Part, files: Mapping[Segment, Path], options: Options) -> Transcript:
    """What is said in the windows that end in ``part``, with times on the recording's timeline.

    Silence gives no Passages. ``files`` holds ``part.heard``.
    """
    origin = part.start_ticks - part.start_pts
    return _transcribed(
        [(w.samples, (origin + w.start) // TICKS_PER_MS) for w in windows.of_part(part, files)], options
    )


def transcribe(samples: sound.Samples, options: Options, offset_ms: int = 0) -> Transcript:
    """What is said in ``samples`` (n,) at 16 kHz, which begin at ``offset_ms`` of the recording."""
    cut = [[round(edge * sound.SPEECH_RATE) for edge in window] for window in windows.of_samples(samples)]
    return _transcribed([(samples[a:b], offset_ms + 1000 * a // sound.SPEECH_RATE) for a, b in cut], options)


class _Heard(NamedTuple):
    """Words that belong together, and the engine's own measures of them, where it tells them. Times in seconds."""

    words: list[HeardWord]
    logprob: float | None
    compression: float | None

    @property
    def spans(self) -> list[Stretch]:
        """When each word is said."""
        return [Stretch(word.start, word.end) for word in self.words]

    @property
    def loops(self) -> bool:
        """Whether it repeats itself as no speaker does."""
        return self.compression is not None and self.compression > UNCLEAR_COMPRESSION

    @property
    def unclear(self) -> bool:
        """Whether the measures doubt it."""
        return self.loops or (self.logprob is not None and self.logprob < UNCLEAR_LOGPROB)


def _transcribed(found: Sequence[tuple[sound.Samples, int]], options: Options) -> Transcript:
    """What is said in windows of at most 29 s, each with its place in milliseconds.

    Each lies in a slot of half a minute of one long sound: the engine rounds times to a hundredth of a second, and so
    it rounds alike whatever stands before. The speech of each window is decoded apart. What the engine doubts is
    decoded again, in halves and at other temperatures. The decoder can leave out half a window without any sign of it,
    so speech without a word is decoded once more, alone. What has no words then either, or only the same ones again and
    again, is marked.
    """
    samples = np.zeros(len(found) * SLOT_SECONDS * sound.SPEECH_RATE, np.float32)
    for slot, (data, _) in enumerate(found):
        samples[slot * SLOT_SECONDS * sound.SPEECH_RATE :][: len(data)] = data
    slots = [Stretch(i * SLOT_SECONDS, i * SLOT_SECONDS + len(d) / sound.SPEECH_RATE) for i, (d, _) in enumerate(found)]
    offsets = [at - 1000 * SLOT_SECONDS * slot for slot, (_, at) in enumerate(found)]
    heard, lost = _heard(samples, slots, options)
    made = [passage for each in heard for passage in _of(each, offsets)]
    made += [_mark(stretch, offsets) for stretch in lost]
    passages = tuple(sorted(made, key=lambda passage: passage.start_ms))
    return Transcript(language=options.language, engine=options.engine, passages=passages)


def _heard(samples: sound.Samples, slots: Sequence[Stretch], options: Options) -> tuple[list[_Heard], list[Stretch]]:
    """The words, and the speech that has none."""
    spoken = windows.spoken(samples, slots, windows.SPEECH_PROBABILITY)
    tried = [stretch for stretches in spoken for stretch in windows.phrases(stretches)]
    heard = [better for each in _decoded(samples, tried, options) for better in _best(samples, each, options)]
    every = [stretch for stretches in spoken for stretch in stretches]
    missed = windows.unheard(every, _spans(heard))
    heard += [each for each in _decoded(samples, missed, options) if not each.unclear]
    # What only the patient detector takes for speech may be music.
    sure = windows.spoken(samples, slots, SURE) if missed or any(each.loops for each in heard) else []
    heard = [each for each in heard if not each.loops]
    return heard, windows.unheard((stretch for stretches in sure for stretch in stretches), _spans(heard))


def _spans(heard: Iterable[_Heard]) -> list[Stretch]:
    return [span for each in heard for span in each.spans]


def _best(samples: sound.Samples, heard: _Heard, options: Options) -> list[_Heard]:
    """It, or the first of the other tries that is not doubted; else that which is doubted least."""
    if not heard.unclear:
        return [heard]
    whole = Stretch(heard.words[0].start, heard.words[-1].end)
    tries = [[heard]]
    for temperature in TEMPERATURES:
        stretches = windows.halves(samples, whole) if temperature == 0 else [whole]
        again = list(_decoded(samples, stretches, options, temperature))
        if again and not any(each.unclear for each in again):
            return again
        tries += [again] if again else []
    return max(tries, key=lambda each: (not any(one.loops for one in each), min(one.logprob or 0.0 for one in each)))


def _decoded(
    samples: sound.Samples, stretches: Sequence[Stretch], options: Options, temperature: float = 0.0
) -> Iterator[_Heard]:
    """The same sound always gives the same words."""
    hints = Hints(options.language, options.vocabulary)
    for found in engines.engine(options.setup).decode(samples, stretches, hints, temperature):
        # A token of nothing but a space is a word to the engine.
        if words := [word for word in found.words if word.text.strip()]:
            yield _Heard(words, found.avg_logprob, found.compression_ratio)


def _of(heard: _Heard, offsets: Sequence[int]) -> Iterator[Passage]:
    for passage in transcript.passages([_word(word, offsets) for word in heard.words]):
        yield passage.model_copy(update={"unclear": heard.unclear})


def _mark(stretch: Stretch, offsets: Sequence[int]) -> Passage:
    """A Passage that says: here somebody speaks, and it was not recognised."""
    start, end = _placed(stretch, offsets)
    return Passage(start_ms=start, end_ms=end, text=transcript.NOT_RECOGNISED, unclear=True)


def _word(word: HeardWord, offsets: Sequence[int]) -> Word:
    start, end = _placed(Stretch(word.start, word.end), offsets)
    probability = None if word.probability is None else round(word.probability, 3)
    return Word(start_ms=start, end_ms=end, text=word.text.strip(), probability=probability)


def _placed(stretch: Stretch, offsets: Sequence[int]) -> tuple[int, int]:
    """Its first and last millisecond on the recording's timeline."""
    offset = offsets[int(stretch.start // SLOT_SECONDS)]
    return offset + round(stretch.start * 1000), offset + round(stretch.end * 1000)
