"""Speech to words: what is given to an engine, and what is made of what it gives."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np

from core import digests
from core.media import sound
from core.models import TICKS_PER_MS, Part, Passage, Segment, Transcript, Word
from core.speech import engines, windows
from core.speech.engines.base import Heard, HeardWord, Hints, Samples, Service, Setup
from core.speech.windows import Stretch
from core.text import transcript

VERSION = "speech-8"
UNCLEAR_LOGPROB = -1.0
UNCLEAR_COMPRESSION = 2.4
TEMPERATURES = (0.0, 0.2, 0.4, 0.6)
"""What is tried in turn where the engine doubts itself, as in openai-whisper; at 0 each half by itself."""
SLOT_SECONDS, LEAD_SECONDS = 40, 10
"""Where windows lie for the engine. faster-whisper shortens a long first word after a pause of four median words, which
it takes for 0.7 s at most: so there has to be more silence before each than 2.8 s."""
ROUNDED = 0.02
"""Times are told to a hundredth of a second: so much before its stretch a word may seem to begin."""
OTHER_LANGUAGE = 0.98
"""So sure the engine has to be, in every part of a stretch, that it is not in the broadcast's language. Of generated
Finnish it has never been surer than 0.97 (docs/speech.md)."""
SURE = 0.5
"""Silero's own threshold: fewer sounds are taken for speech than at the one by which nothing quiet is missed."""
SPOKEN_SECONDS = 0.6
"""The shortest word lasts a fifth of a second, and the detector's stretches begin and end that much beside it."""


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
    """The digest under which a Part's result is kept: same content and options, same key."""
    return digests.of_records(
        VERSION,
        part.speech_content,
        options.engine,
        options.language,
        *options.vocabulary,
        options.lexicon,
        options.written,
    )


def window_key(samples: Samples, options: Options, way: str = "") -> str:
    """The digest under which what is recognised in a window is kept: same sound, asked in the same way, same key."""
    asked = options.engine, options.language, *options.vocabulary
    return digests.of_text(f"{VERSION}{way}", digests.of_bytes(samples.tobytes()), *asked)


def recognised(sounds: Sequence[Samples], options: Options) -> list[Transcript]:
    """What is said in each window of at most 29 s, (n,) at 16 kHz; times begin with the window.

    Nothing of it depends on the other windows. The speech of each is decoded; what the engine doubts is decoded again,
    in halves and at other temperatures. The decoder can leave out half a window without any sign of it, so speech
    without a word is decoded once more, alone. What has no words then either, or only the same ones again and again, is
    marked, and so is what is surely spoken in another language.
    """
    spoken = [windows.speech(samples) for samples in sounds]
    found = _decoded(sounds, [windows.phrases(stretches) for stretches in spoken], options)
    heard = [
        [better for each in first for better in _best(samples, each, options)]
        for samples, first in zip(sounds, found, strict=True)
    ]
    missed = [windows.unheard(every, _spans(known)) for every, known in zip(spoken, heard, strict=True)]
    again = _decoded(sounds, missed, options)
    return [_transcript(*each, options) for each in zip(sounds, heard, again, missed, strict=True)]


Recognise = Callable[[Sequence[Samples], Options], list[Transcript]]


def transcribe_part(
    part: Part, files: Mapping[Segment, Path], options: Options, recognise: Recognise = recognised
) -> Transcript:
    """What is said in the windows that end in ``part``, with times on the recording's timeline.

    Silence gives no Passages. ``files`` holds ``part.heard``. ``recognise`` may know what some windows hold.
    """
    cut = windows.of_part(part, files)
    places = [place_ms(part, window.start) for window in cut]
    return joined(recognise([window.samples for window in cut], options), places, options)


def place_ms(part: Part, tick: int) -> int:
    """The millisecond on the recording's timeline of a tick by the clock of the Part's files."""
    return (part.start_ticks - part.start_pts + tick) // TICKS_PER_MS


def transcribe(samples: Samples, options: Options, offset_ms: int = 0, recognise: Recognise = recognised) -> Transcript:
    """What is said in ``samples`` (n,) at 16 kHz, which begin at ``offset_ms`` of the recording."""
    cut = [[round(edge * sound.SPEECH_RATE) for edge in window] for window in windows.of_samples(samples)]
    places = [offset_ms + 1000 * first // sound.SPEECH_RATE for first, _ in cut]
    return joined(recognise([samples[a:b] for a, b in cut], options), places, options)


def glimpse(samples: Samples, options: Options) -> Transcript:
    """What seems to be said in a window that is not complete: decoded once, whatever the engine doubts."""
    [heard] = _decoded([samples], [windows.phrases(windows.speech(samples))], options)
    sure = windows.speech(samples, SURE) if any(each.unclear for each in heard) else []
    return _made([passage for each in _trusted(heard, sure) for passage in _of(each)], options)


def hinted(sounds: Sequence[Samples], options: Options, hints: Sequence[tuple[str, ...]]) -> list[Transcript]:
    """What seems to be said in each sound, each decoded once, greedily, by an engine that expects these words in it."""
    asked = [expecting(options, words) for words in hints]
    with ThreadPoolExecutor(max(1, options.threads)) as threads:
        return list(threads.map(glimpse, sounds, asked))


def expecting(options: Options, words: Sequence[str]) -> Options:
    """The options of a hearing that expects these words. A wider beam would hear no more of them, at twice the cost.

    They stand without commas: after a list of one word each the engine writes a list, too.
    """
    told = [" ".join(words)] if words else []
    return options._replace(vocabulary=(*options.vocabulary, *told), beam_size=1)


def likelihoods(
    sounds: Sequence[Samples], options: Options, texts: Sequence[Sequence[str]]
) -> list[list[float]] | None:
    """How likely each of its texts is, given each sound; None where the engine does not tell."""
    engine = engines.engine(options.setup)
    with ThreadPoolExecutor(max(1, options.threads)) as threads:
        told = list(threads.map(lambda data, some: engine.likelihoods(data, some, options.language), sounds, texts))
    found = [each for each in told if each is not None]
    return found if len(found) == len(told) else None


def warm(options: Options) -> None:
    """Load the model before somebody waits for it."""
    _decoded([np.zeros(sound.SPEECH_RATE, np.float32)], [[Stretch(0, 1)]], options)


def joined(found: Sequence[Transcript], places: Sequence[int], options: Options) -> Transcript:
    """One transcript of consecutive windows, each at its place in ms."""
    placed = [_placed(each, at) for each, at in zip(found, places, strict=True)]
    return _made(transcript.join(placed), options)


def _placed(found: Transcript, at: int) -> list[Passage]:
    return [
        passage.model_copy(
            update={
                "start_ms": at + passage.start_ms,
                "end_ms": at + passage.end_ms,
                "words": tuple(
                    word.model_copy(update={"start_ms": at + word.start_ms, "end_ms": at + word.end_ms})
                    for word in passage.words
                ),
            }
        )
        for passage in found.passages
    ]


def _made(passages: Iterable[Passage], options: Options) -> Transcript:
    return Transcript(language=options.language, engine=options.engine, passages=tuple(passages))


class _Heard(NamedTuple):
    """Words that belong together, and the engine's own measures of them, where it tells them. Times in seconds.

    ``other`` is the language of the ``stretch`` in which they seem to be said, if it is surely not the broadcast's.
    """

    words: list[HeardWord]
    logprob: float | None
    compression: float | None
    stretch: Stretch
    other: str

    @property
    def spans(self) -> list[Stretch]:
        """When each word is said; all of what is not written."""
        return [self.stretch] if self.other else [Stretch(word.start, word.end) for word in self.words]

    @property
    def said(self) -> Stretch:
        """From the first of its words to the last."""
        return Stretch(self.words[0].start, self.words[-1].end)

    @property
    def loops(self) -> bool:
        """Whether it repeats itself as no speaker does."""
        return not self.other and self.compression is not None and self.compression > UNCLEAR_COMPRESSION

    @property
    def unclear(self) -> bool:
        """Whether the measures doubt it. Those of words in the wrong language say nothing."""
        return self.loops or (not self.other and self.logprob is not None and self.logprob < UNCLEAR_LOGPROB)


def _transcript(
    samples: Samples, heard: list[_Heard], again: list[_Heard], missed: list[Stretch], options: Options
) -> Transcript:
    """What a window holds: words that are no loops, and a mark where surely somebody speaks and no word is known."""
    heard = heard + [each for each in again if not each.unclear]
    # What only the patient detector takes for speech may be music.
    is_asked = missed or any(each.unclear or each.other for each in heard)
    sure = windows.speech(samples, SURE) if is_asked else []
    heard = [each if _meets(each.stretch, sure) else each._replace(other="") for each in heard]
    kept = _trusted(heard, sure)
    made = [passage for each in kept for passage in _of(each)]
    made += [_mark(stretch) for stretch in windows.unheard(sure, _spans(kept))]
    return _made(sorted(made, key=lambda passage: passage.start_ms), options)


def _trusted(heard: Iterable[_Heard], sure: list[Stretch]) -> list[_Heard]:
    """What is no loop, and not doubted where hardly anybody speaks: a chord may pass for speech for a moment."""
    long = [each for each in sure if each.end - each.start >= SPOKEN_SECONDS]
    return [each for each in heard if not each.loops and (not each.unclear or _meets(each.said, long))]


def _meets(stretch: Stretch, sure: list[Stretch]) -> bool:
    return any(each.start < stretch.end and each.end > stretch.start for each in sure)


def _spans(heard: Iterable[_Heard]) -> list[Stretch]:
    return [span for each in heard for span in each.spans]


def _best(samples: Samples, heard: _Heard, options: Options) -> list[_Heard]:
    """It, or the first of the other tries that is not doubted; else that which is doubted least."""
    if not heard.unclear:
        return [heard]
    tries = [[heard]]
    for temperature in TEMPERATURES:
        stretches = windows.halves(samples, heard.said) if temperature == 0 else [heard.said]
        [again] = _decoded([samples], [stretches], options, temperature)
        if again and not any(each.unclear for each in again):
            return again
        tries += [again] if again else []
    return max(tries, key=lambda each: (not any(one.loops for one in each), min(one.logprob or 0.0 for one in each)))


def _decoded(
    sounds: Sequence[Samples], stretches: Sequence[Sequence[Stretch]], options: Options, temperature: float = 0.0
) -> list[list[_Heard]]:
    """The words in the stretches of each sound, which are decoded together.

    Each sound lies in a slot of its own of one long sound: what stands before it is always the same silence, after
    which the engine corrects times alike.
    """
    samples = np.zeros(len(sounds) * SLOT_SECONDS * sound.SPEECH_RATE, np.float32)
    asked = []
    for slot, (data, inside) in enumerate(zip(sounds, stretches, strict=True)):
        place = slot * SLOT_SECONDS + LEAD_SECONDS
        samples[place * sound.SPEECH_RATE :][: len(data)] = data
        asked += [Stretch(_moment(place + each.start), _moment(place + each.end)) for each in inside]
    found: list[list[_Heard]] = [[] for _ in sounds]
    hints = Hints(options.language, options.vocabulary)
    for each in engines.engine(options.setup).decode(samples, asked, hints, temperature):
        # A token of nothing but a space is a word to the engine.
        if words := [word for word in each.words if word.text.strip()]:
            slot = int(words[0].start // SLOT_SECONDS)
            place = slot * SLOT_SECONDS + LEAD_SECONDS
            begins = words[0].start - place + ROUNDED
            stretch = max((one for one in stretches[slot] if one.start <= begins), default=stretches[slot][0])
            measures = each.avg_logprob, each.compression_ratio, stretch, _other(each, options.language)
            found[slot].append(_Heard([_moved(w, -place) for w in words], *measures))
    return found


def _other(heard: Heard, asked: str) -> str:
    """The language that is surely spoken in place of the one asked for; else empty."""
    is_sure = heard.language_probability is not None and heard.language_probability >= OTHER_LANGUAGE
    return heard.language if is_sure and heard.language and heard.language != asked else ""


def _moment(seconds: float) -> float:
    """The time of a sample, a quarter of one later: every engine then finds the same sample, also after rounding."""
    return (round(seconds * sound.SPEECH_RATE) + 0.25) / sound.SPEECH_RATE


def _moved(word: HeardWord, by: int) -> HeardWord:
    # Times are told to a hundredth of a second, or are rounded to a thousandth later.
    return word._replace(start=round(word.start + by, 3), end=round(word.end + by, 3))


def _of(heard: _Heard) -> Iterator[Passage]:
    if heard.other:
        yield _mark(heard.stretch, heard.other)
        return
    for passage in transcript.passages([_word(word) for word in heard.words]):
        yield passage.model_copy(update={"unclear": heard.unclear})


def _mark(stretch: Stretch, language: str = "") -> Passage:
    """A Passage that says: here somebody speaks, in another ``language`` if it is known, and it was not recognised."""
    start, end = _ms(stretch.start), _ms(stretch.end)
    return Passage(start_ms=start, end_ms=end, text=transcript.NOT_RECOGNISED, unclear=True, language=language)


def _word(word: HeardWord) -> Word:
    probability = None if word.probability is None else round(word.probability, 3)
    return Word(start_ms=_ms(word.start), end_ms=_ms(word.end), text=word.text.strip(), probability=probability)


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
