"""faster-whisper, on the processor or with CUDA: the default.

On the processor each stretch is decoded alone by one thread, and stretches are shared out over the threads: two threads
that each decode one are faster than two that decode one together, and what is found never depends on company. The
encoder hears a stretch and a second of silence after it, not the 30 s that it was trained on: a third less work, and on
generated meetings the words are as right, within what sentences drawn anew differ by (docs/decisions.md).
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache, partial
from itertools import takewhile
from math import ceil
from pathlib import Path
from typing import Any

import ctranslate2
import numpy as np
from faster_whisper import BatchedInferencePipeline, WhisperModel
from faster_whisper.audio import pad_or_trim
from faster_whisper.tokenizer import Tokenizer

from core.errors import Misconfigured, ModelDamaged
from core.media import sound
from core.speech import model
from core.speech.engines.base import About, Heard, HeardWord, Hints, Samples, Setup
from core.speech.languages import UNDETERMINED
from core.speech.windows import Stretch

NAME = "faster-whisper"
MB = 1 << 20
FRAMES_PER_SECOND = 100
SILENCE_SECONDS = 1
"""After the stretch, as in what the model was trained on: without it the last word is often left out."""
LANGUAGE_SECONDS = 8
"""Less sound does not tell the language: the base model takes five seconds of Finnish for Basque."""
LANGUAGE_PARTS = 2
"""So many parts, at least, are asked. Of the whole it cannot be: where some Finnish is spoken all is taken for it."""
FEWEST_FRAMES = 4
LEAST = 1e-9
"""The probability of a token that has none."""
SEED = 2026
"""Where chance begins, so that a run that was interrupted and begun again gives the same words."""


def device() -> str:
    """Where it calculates: ``cuda`` if there is such a card, else ``cpu``."""
    return "cuda" if ctranslate2.get_cuda_device_count() else "cpu"


def compute_type(wanted: str) -> str:
    """The type in which it calculates; ``auto`` is int8 on the processor and float16 with CUDA.

    Raises:
        Misconfigured: this machine cannot calculate in it.
    """
    where = device()
    if wanted == "auto":
        return "float16" if where == "cuda" else "int8"
    able = ctranslate2.get_supported_compute_types(where)
    if wanted not in able:
        cure = f"Set MAASEUTU_COMPUTE_TYPE to auto, or to one of {', '.join(sorted(able))}."
        raise Misconfigured(f"This machine ({where}) cannot calculate in {wanted}.", cure)
    return wanted


SPARE = 3
"""Windows of live text need not wait for a Part's, nor a glimpse of what is said just now for these. 50 MB each."""


@lru_cache(maxsize=1)
def load(folder: Path, threads: int, compute: str) -> WhisperModel:
    """The model, once a process, for ``threads`` stretches at a time of a Part, and of live text beside it.

    Raises:
        ModelDamaged: the files are not a model.
        Misconfigured: this machine cannot calculate in that type.
    """
    return _loaded(folder, compute, workers=threads + SPARE)


def _loaded(folder: Path, compute: str, *, workers: int = 1) -> WhisperModel:
    kind = compute_type(compute)
    try:
        return WhisperModel(str(folder), device=device(), compute_type=kind, cpu_threads=1, num_workers=workers)
    except Exception as error:  # The tokenizer's errors are of no other class.
        what = f"The speech model in {folder} cannot be loaded: {error}."
        raise ModelDamaged(what, model.cure(folder)) from error


class Faster:
    """The engine, with the model in the folder ``setup.model``."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._folder = Path(setup.model)

    @property
    def name(self) -> str:
        """As of the protocol."""
        kind = compute_type(self._setup.compute)
        return f"{NAME} {self._folder.name} {kind}, beam {self._setup.beam_size}"

    def about(self) -> About:
        """As of the protocol. Reads all files, but does not load them."""
        model.verify(self._folder)
        size = sum(path.stat().st_size for path in self._folder.iterdir() if path.is_file())
        kind = f"{compute_type(self._setup.compute)} on {device()}"
        return About(
            str(self._folder), size // MB, kind, self._setup.threads, multilingual=model.is_multilingual(self._folder)
        )

    def require(self, language: str) -> None:
        """As of the protocol."""
        model.require_language(self._folder.name, language, multilingual=model.is_multilingual(self._folder))

    def decode(
        self, samples: Samples, stretches: Sequence[Stretch], hints: Hints, temperature: float = 0.0
    ) -> Iterator[Heard]:
        """As of the protocol."""
        if not stretches:
            return
        loaded = load(self._folder, self._setup.threads, self._setup.compute)
        model.require_language(self._folder.name, hints.language, multilingual=loaded.model.is_multilingual)
        options = {
            "language": hints.language,
            "temperature": temperature,
            "word_timestamps": True,
            "vad_filter": False,
            "hotwords": hints.prompt or None,
        }
        if temperature:
            # Its chance is seeded when the threads of a model begin, so only a model of its own draws the same again.
            ctranslate2.set_random_seed(SEED)
            yield from _drawn(_loaded(self._folder, self._setup.compute), samples, stretches, options)
            return
        options["beam_size"] = self._setup.beam_size
        alone = partial(_alone, loaded, samples, options=options, tells=model.tells_languages(self._folder))
        threads = ThreadPoolExecutor(max(1, self._setup.threads))
        try:
            for found in threads.map(alone, stretches):
                yield from found
        finally:
            threads.shutdown(cancel_futures=True)

    def likelihoods(self, samples: Samples, texts: Sequence[str], language: str) -> list[float] | None:
        """As of the protocol. The texts are decoded together, by one thread."""
        if not texts:
            return []
        loaded = load(self._folder, self._setup.threads, self._setup.compute)
        told = Tokenizer(loaded.hf_tokenizer, loaded.model.is_multilingual, task="transcribe", language=language)
        features = loaded.feature_extractor(samples)[..., :-1]
        frames = 2 * ceil((len(samples) / sound.SPEECH_RATE + SILENCE_SECONDS) * FRAMES_PER_SECOND / 2)
        encoded = np.array(_on_processor(loaded.encode(pad_or_trim(features)[..., :frames])))
        every = ctranslate2.StorageView.from_array(np.ascontiguousarray(np.repeat(encoded, len(texts), axis=0)))
        tokens = [told.encode(f" {text}") for text in texts]
        # Where the words are is not asked, so the fewest frames will do for aligning.
        found = loaded.model.align(every, told.sot_sequence, tokens, [FEWEST_FRAMES] * len(texts))
        return [float(np.sum(np.log(np.maximum(each.text_token_probs, LEAST)))) for each in found]


class _Pipeline(BatchedInferencePipeline):
    """One that hears no more than it is given, and a little silence; it tells what seems to be spoken, if it is asked.

    For one stretch: it remembers when it last heard speech, and corrects times by it.
    """

    def __init__(self, loaded: WhisperModel, asked: str, *, tells: bool) -> None:
        super().__init__(loaded)
        self._asked = asked
        self._tells = tells
        self._seconds = 0.0
        self.language: str | None = None
        self.probability: float | None = None

    def forward(self, features: Any, tokenizer: Any, chunks_metadata: Any, options: Any) -> Any:
        self._seconds = max(chunk["duration"] for chunk in chunks_metadata)
        frames = 2 * ceil((self._seconds + SILENCE_SECONDS) * FRAMES_PER_SECOND / 2)
        return super().forward(features[..., :frames], tokenizer, chunks_metadata, options)

    def generate_segment_batched(self, features: Any, tokenizer: Any, options: Any) -> Any:
        encoded, output = super().generate_segment_batched(features, tokenizer, options)
        count = int(self._seconds // LANGUAGE_SECONDS)
        if self._tells and count >= LANGUAGE_PARTS:
            self._tell(_parts(encoded, round(self._seconds * FRAMES_PER_SECOND / 2), count))
        return encoded, output

    def _tell(self, parts: Iterator[ctranslate2.StorageView]) -> None:
        """What is spoken in the parts: one in which the language that was asked for is the likeliest is enough."""
        sums, least = Counter[str](), 1.0
        for part in parts:
            [found] = self.model.model.detect_language(part)
            likely = {token.strip("<|>"): probability for token, probability in found}
            if max(likely, key=lambda code: likely[code]) == self._asked:
                self.language, self.probability = self._asked, likely[self._asked]
                return
            least = min(least, 1 - likely.get(self._asked, 0.0))
            sums.update(likely)
        del sums[self._asked]
        [(language, most)] = sums.most_common(1)
        self.language, self.probability = language if most > sums.total() / 2 else UNDETERMINED, least


def _parts(encoded: ctranslate2.StorageView, frames: int, count: int) -> Iterator[ctranslate2.StorageView]:
    """The sound cut into equal parts after it was encoded as a whole, without the silence after it."""
    whole = np.array(_on_processor(encoded))[:, :frames]
    for part in np.array_split(whole, count, axis=1):
        yield ctranslate2.StorageView.from_array(np.ascontiguousarray(part))


def _on_processor(encoded: ctranslate2.StorageView) -> ctranslate2.StorageView:
    return encoded if encoded.device == "cpu" else encoded.to_device(ctranslate2.Device.cpu)


def _alone(
    loaded: WhisperModel, samples: Samples, stretch: Stretch, options: dict[str, Any], *, tells: bool
) -> list[Heard]:
    clip = {"start": stretch.start, "end": stretch.end}
    pipeline = _Pipeline(loaded, options["language"], tells=tells)
    found, _ = pipeline.transcribe(samples, batch_size=1, clip_timestamps=[clip], **options)
    heard = [_recognised(segment, 0.0) for segment in found]
    return [each._replace(language=pipeline.language, language_probability=pipeline.probability) for each in heard]


def _drawn(
    loaded: WhisperModel, samples: Samples, stretches: Sequence[Stretch], options: dict[str, Any]
) -> Iterator[Heard]:
    """One stretch after the other: in batches faster-whisper draws nothing, whatever the temperature."""
    for stretch in stretches:
        first, last = (round(seconds * sound.SPEECH_RATE) for seconds in stretch)
        found, _ = loaded.transcribe(
            samples[first:last],
            without_timestamps=True,
            condition_on_previous_text=False,
            no_speech_threshold=None,
            log_prob_threshold=None,
            compression_ratio_threshold=None,
            **options,
        )
        # It would decode what comes after the last word once more, as if it were another window.
        for segment in takewhile(lambda each: each.seek == 0, found):
            yield _recognised(segment, first / sound.SPEECH_RATE)


def _recognised(segment: Any, offset: float) -> Heard:
    words = (
        HeardWord(offset + float(word.start), offset + float(word.end), word.word, float(word.probability))
        for word in segment.words or ()
    )
    return Heard(tuple(words), segment.avg_logprob, segment.compression_ratio, segment.no_speech_prob)
