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

VERSION = "speech-1"
UNCLEAR_LOGPROB = -1.0
UNCLEAR_COMPRESSION = 2.4
BATCH = 4
VAD = {"threshold": 0.3, "min_silence_duration_ms": 500, "speech_pad_ms": 200}


class Options(NamedTuple):
    """What the result depends on beside the Part. ``vocabulary`` are names to listen for."""

    model: Path
    language: str
    vocabulary: tuple[str, ...] = ()
    beam_size: int = 5
    threads: int = 2

    @property
    def engine(self) -> str:
        """What the transcript says of its origin."""
        return f"faster-whisper {self.model.name} int8, beam {self.beam_size}"


def key(part: Part, options: Options) -> str:
    """The digest under which the result is kept: same content and options, same key."""
    return digests.of_records(
        VERSION, part.content, options.engine, options.language, *options.vocabulary, str(options.threads)
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
    passages = tuple(_passages(decoded.cut(start, end)[0], offset_ms, options))
    return Transcript(language=options.language, engine=options.engine, passages=passages)


def _passages(samples: Any, offset_ms: int, options: Options) -> Iterator[Passage]:
    """Stretches of speech are decoded apart, up to 30 s each: in one run the decoder can skip half a minute unseen.

    Without fallback temperatures the same sound always gives the same words.
    """
    found, _ = BatchedInferencePipeline(load(options.model, options.threads)).transcribe(
        samples,
        batch_size=BATCH,
        language=options.language,
        beam_size=options.beam_size,
        temperature=0.0,
        word_timestamps=True,
        vad_filter=True,
        vad_parameters=VAD,
        hotwords=", ".join(options.vocabulary) or None,
    )
    for segment in found:
        unclear = segment.avg_logprob < UNCLEAR_LOGPROB or segment.compression_ratio > UNCLEAR_COMPRESSION
        words = [_word(word, offset_ms) for word in segment.words or ()]
        for passage in transcript.passages(words):
            yield passage.model_copy(update={"unclear": unclear})


def _word(word: Any, offset_ms: int) -> Word:
    return Word(
        start_ms=offset_ms + round(word.start * 1000),
        end_ms=offset_ms + round(word.end * 1000),
        text=word.word.strip(),
        probability=round(float(word.probability), 3),
    )
