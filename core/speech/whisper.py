"""Speech to words with faster-whisper."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from faster_whisper import BatchedInferencePipeline, WhisperModel

from core import digests, sound, transcript
from core.errors import ModelDamaged
from core.models import TICKS_PER_MS, Part, Passage, Segment, Transcript, Word
from core.speech import windows
from core.speech.windows import Stretch

VERSION = "speech-2"
UNCLEAR_LOGPROB = -1.0
UNCLEAR_COMPRESSION = 2.4
BATCH = 4
SURE = 0.5
"""Silero's own threshold: fewer sounds are taken for speech than at the one by which nothing quiet is missed."""


class Options(NamedTuple):
    """What the result depends on beside the Part.

    ``vocabulary`` are names to listen for; ``lexicon`` names that by which words are mended afterwards, if they are,
    and ``written`` that by which they are then written as a reader expects.
    """

    model: Path
    language: str
    vocabulary: tuple[str, ...] = ()
    beam_size: int = 5
    threads: int = 2
    lexicon: str = ""
    written: str = ""

    @property
    def engine(self) -> str:
        """What the transcript says of its origin."""
        return f"faster-whisper {self.model.name} int8, beam {self.beam_size}"


def key(part: Part, options: Options) -> str:
    """The digest under which the result is kept: same content and options, same key."""
    return digests.of_records(
        VERSION,
        part.content,
        options.engine,
        options.language,
        *options.vocabulary,
        str(options.threads),
        options.lexicon,
        options.written,
    )


@lru_cache(maxsize=1)
def load(folder: Path, threads: int) -> WhisperModel:
    """The model, once a process.

    Raises:
        ModelDamaged: the files are not a model.
    """
    try:
        return WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=threads)
    except (RuntimeError, ValueError, OSError) as error:
        cure = "Correct MAASEUTU_MODEL, or delete the folder if it is the bundled model."
        raise ModelDamaged(f"The speech model in {folder} cannot be loaded: {error}.", cure) from error


def transcribe_part(part: Part, files: Mapping[Segment, Path], options: Options) -> Transcript:
    """What is said in ``part``, with times on the recording's timeline. Silence gives no Passages.

    ``files`` holds the Part's Segments and their neighbours.
    """
    start, end = windows.bounds(part, dict(files))
    decoded = sound.decode([files[segment] for segment in part.needed], sound.SPEECH_RATE, "mono")
    offset_ms = (start - part.start_pts + part.start_ticks) // TICKS_PER_MS
    return transcribe(decoded.cut(start, end)[0], options, offset_ms)


class _Heard(NamedTuple):
    """Words that belong together, and whether the engine's own measures doubt them. Times in seconds."""

    words: list[Any]
    unclear: bool

    @property
    def spans(self) -> list[Stretch]:
        """When each word is said."""
        return [Stretch(word.start, word.end) for word in self.words]


def transcribe(samples: sound.Samples, options: Options, offset_ms: int = 0) -> Transcript:
    """What is said in ``samples`` (n,) at 16 kHz, which begin at ``offset_ms`` of the recording.

    Windows of speech are decoded apart, up to 29 s each. The decoder can leave out half a window without any sign of
    it, so speech without a word is decoded once more, alone. What has no word then either is marked.
    """
    spoken = windows.speech(samples)
    heard = list(_decoded(samples, windows.packed(spoken), options))
    missed = windows.unheard(spoken, [span for each in heard for span in each.spans])
    again = [each for each in _decoded(samples, missed, options) if not each.unclear]
    # What only the patient detector takes for speech may be music.
    sure = windows.speech(samples, SURE) if missed else []
    lost = windows.unheard(sure, [span for each in (*heard, *again) for span in each.spans])
    found = [passage for each in (*heard, *again) for passage in _of(each, offset_ms)]
    found += [_mark(stretch, offset_ms) for stretch in lost]
    passages = tuple(sorted(found, key=lambda passage: passage.start_ms))
    return Transcript(language=options.language, engine=options.engine, passages=passages)


def _decoded(samples: Any, stretches: list[Stretch], options: Options) -> Iterator[_Heard]:
    """Without fallback temperatures the same sound always gives the same words."""
    if not stretches:
        return
    found, _ = BatchedInferencePipeline(load(options.model, options.threads)).transcribe(
        samples,
        batch_size=BATCH,
        language=options.language,
        beam_size=options.beam_size,
        temperature=0.0,
        word_timestamps=True,
        vad_filter=False,
        clip_timestamps=[{"start": each.start, "end": each.end} for each in stretches],
        hotwords=", ".join(options.vocabulary) or None,
    )
    for segment in found:
        unclear = segment.avg_logprob < UNCLEAR_LOGPROB or segment.compression_ratio > UNCLEAR_COMPRESSION
        # A token of nothing but a space is a word to the engine.
        if words := [word for word in segment.words or () if word.word.strip()]:
            yield _Heard(words, unclear)


def _of(heard: _Heard, offset_ms: int) -> Iterator[Passage]:
    for passage in transcript.passages([_word(word, offset_ms) for word in heard.words]):
        yield passage.model_copy(update={"unclear": heard.unclear})


def _mark(stretch: Stretch, offset_ms: int) -> Passage:
    """A Passage that says: here somebody speaks, and it was not recognised."""
    start, end = (offset_ms + round(seconds * 1000) for seconds in stretch)
    return Passage(start_ms=start, end_ms=end, text=transcript.NOT_RECOGNISED, unclear=True)


def _word(word: Any, offset_ms: int) -> Word:
    return Word(
        start_ms=offset_ms + round(word.start * 1000),
        end_ms=offset_ms + round(word.end * 1000),
        text=word.word.strip(),
        probability=round(float(word.probability), 3),
    )
