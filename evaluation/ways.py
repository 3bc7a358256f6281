"""The ways of recognising that are compared: ours, and others with the same weights and the same beam.

What a way makes of a sound is kept in the state folder, by a key of the sound, the way and its versions, so that a
table can be made again without decoding hours of sound anew. Nothing kept is used for speeds.
"""

import json
from collections.abc import Callable, Iterator, Sequence
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
from core.speech import model, repair, sounding, terms, whisper, writing
from core.speech.biasing import Biased
from core.speech.engines import faster, original
from core.speech.whisper import Options
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
        self._terms = catalogue.terms()
        self._weigh = terms.known(analyser.weights, self._terms)
        places = mentions.municipalities(MUNICIPALITIES)
        self._names = sounding.Names(analyser.inflected(place.name_fi for place in places))

    def recognise(self, samples: Samples) -> Iterator[tuple[str, list[Timed]]]:
        """What each way makes of it."""
        biased = Biased(self._first, self._second, self._weigh, self._names)
        heard = whisper.transcribe(samples, self._options, recognise=biased.recognised)
        yield OURS, timed(writing.written(repair.mended(heard, self._weigh, self._names), self._terms))
        yield BARE, timed(whisper.transcribe(samples, self._options, recognise=self._first))
        yield PLAIN, self._words(samples, (PLAIN, version("faster-whisper")), self._plain)
        if self._weights:
            versions = ORIGINAL, "20250625", digests.of_file(self._weights)
            yield ORIGINAL, self._words(samples, versions, self._original)

    def _first(self, sounds: Sequence[Samples], options: Options) -> list[Transcript]:
        """As ``whisper.recognised``, kept."""
        ways = [(BARE, whisper.VERSION, options.engine)] * len(sounds)
        return self._each(sounds, ways, lambda some: whisper.recognised([sounds[at] for at in some], options))

    def _second(
        self, sounds: Sequence[Samples], options: Options, hints: Sequence[tuple[str, ...]]
    ) -> list[Transcript]:
        """As ``whisper.hinted``, kept."""
        ways = [(BARE, whisper.VERSION, whisper.expecting(options, words).engine, *words) for words in hints]
        return self._each(
            sounds, ways, lambda some: whisper.hinted([sounds[at] for at in some], options, [hints[at] for at in some])
        )

    def _each(
        self, sounds: Sequence[Samples], ways: Sequence[Sequence[str]], make: Callable[[list[int]], list[Transcript]]
    ) -> list[Transcript]:
        """What was kept, and together what was not."""
        files = [self._file(*each) for each in zip(sounds, ways, strict=True)]
        missing = [at for at, file in enumerate(files) if self._again or not file.exists()]
        for at, made in zip(missing, make(missing) if missing else [], strict=True):
            self._keep(files[at], made.model_dump_json())
        return [Transcript.model_validate_json(file.read_text(encoding="utf-8")) for file in files]

    def _words(self, samples: Samples, way: Sequence[str], make: Callable[[Samples], list[Timed]]) -> list[Timed]:
        return [Timed(*word) for word in json.loads(self._kept(samples, way, lambda: json.dumps(make(samples))))]

    def _kept(self, samples: Samples, way: Sequence[str], make: Callable[[], str]) -> str:
        file = self._file(samples, way)
        if self._again or not file.exists():
            self._keep(file, make())
        return file.read_text(encoding="utf-8")

    def _file(self, samples: Samples, way: Sequence[str]) -> Path:
        sound = digests.of_bytes(samples.tobytes())
        return self._folder / f"{digests.of_records(*way, self._model, str(self._options.beam_size), sound)}.json"

    def _keep(self, file: Path, made: str) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        partial = file.with_suffix(".partial")
        partial.write_text(made, encoding="utf-8")
        partial.rename(file)

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
