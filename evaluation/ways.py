"""The ways of recognising that are compared: ours, and others with the same weights and the same beam.

What a way makes of a sound is kept in the state folder, by a key of the sound, the way and its versions, so that a
table can be made again without decoding hours of sound anew. Nothing kept is used for speeds.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from faster_whisper import WhisperModel

from config import catalogue, recognition
from config.catalogue import MUNICIPALITIES
from config.settings import Settings
from core import digests, mentions, transcript
from core.finnish import Analyser
from core.models import Transcript
from core.speech import model, repair, sounding, whisper, writing
from core.speech.engines import faster, original
from evaluation.sounds import Samples

OURS, BARE, PLAIN, ORIGINAL = "ours", "ours, not mended", "faster-whisper", "openai-whisper"
FOLDER = "evaluation"


class Timed(NamedTuple):
    """A word as it was recognised, in seconds."""

    text: str
    start: float
    end: float

    @property
    def is_mark(self) -> bool:
        """Whether it says that speech was not recognised, and is no word."""
        return self.text == transcript.NOT_RECOGNISED


class Recogniser:
    """All ways, with one model for ours and faster-whisper. ``weights`` are for openai-whisper, if it takes part."""

    def __init__(self, settings: Settings, analyser: Analyser, weights: Path | None, *, again: bool = False) -> None:
        self._weights = weights
        self._again = again
        self._folder = settings.state / FOLDER
        self._options = whisper.Options(
            model.locate(settings.model, settings.state), "fi", (), settings.beam_size, recognition.threads(settings)
        )
        self._model = digests.of_file(Path(self._options.model) / "model.bin")
        self._analyser = analyser
        self._terms = catalogue.terms()
        places = mentions.municipalities(MUNICIPALITIES)
        self._names = sounding.Names(analyser.inflected(place.name_fi for place in places))

    def recognise(self, samples: Samples) -> Iterator[tuple[str, list[Timed]]]:
        """What each way makes of it."""
        heard = Transcript.model_validate_json(
            self._kept(samples, (BARE, whisper.VERSION, self._options.engine), lambda: self._ours(samples))
        )
        yield OURS, timed(writing.written(repair.mended(heard, self._analyser.weights, self._names), self._terms))
        yield BARE, timed(heard)
        yield PLAIN, self._words(samples, (PLAIN, version("faster-whisper")), self._plain)
        if self._weights:
            versions = ORIGINAL, "20250625", digests.of_file(self._weights)
            yield ORIGINAL, self._words(samples, versions, self._original)

    def _ours(self, samples: Samples) -> str:
        return whisper.transcribe(samples, self._options).model_dump_json()

    def _words(self, samples: Samples, way: Iterable[str], make: Callable[[Samples], list[Timed]]) -> list[Timed]:
        return [Timed(*word) for word in json.loads(self._kept(samples, way, lambda: json.dumps(make(samples))))]

    def _kept(self, samples: Samples, way: Iterable[str], make: Callable[[], str]) -> str:
        sound = digests.of_bytes(samples.tobytes())
        key = digests.of_records(*way, self._model, str(self._options.beam_size), sound)
        file = self._folder / f"{key}.json"
        if self._again or not file.exists():
            made = make()
            self._folder.mkdir(parents=True, exist_ok=True)
            partial = file.with_suffix(".partial")
            partial.write_text(made, encoding="utf-8")
            partial.rename(file)
        return file.read_text(encoding="utf-8")

    def _plain(self, samples: Samples) -> list[Timed]:
        options = self._options
        kind = faster.compute_type(options.compute)
        loaded = WhisperModel(str(options.model), compute_type=kind, cpu_threads=options.threads)
        found, _ = loaded.transcribe(
            samples, language=options.language, beam_size=options.beam_size, word_timestamps=True, vad_filter=True
        )
        return [Timed(word.word.strip(), word.start, word.end) for each in found for word in each.words or ()]

    def _original(self, samples: Samples) -> list[Timed]:
        assert self._weights
        options = self._options
        loaded = original.load(self._weights, options.threads, options.compute)
        found = loaded.transcribe(
            samples, language=options.language, beam_size=options.beam_size, word_timestamps=True, fp16=False
        )
        words = (word for segment in found["segments"] for word in segment["words"])
        return [Timed(word["word"].strip(), float(word["start"]), float(word["end"])) for word in words]


def timed(heard: Transcript) -> list[Timed]:
    """All words of a transcript, and the marks in it."""
    words = (word for passage in heard.passages for word in transcript.timed_words(passage))
    return [Timed(word.text, word.start_ms / 1000, word.end_ms / 1000) for word in words]
