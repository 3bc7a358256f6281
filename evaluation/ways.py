"""The ways of recognising that are compared: ours, and others with the same weights and the same beam.

What a way makes of a sound is kept in the state folder, by a key of the sound, the way and its versions, so that a
table can be made again without decoding hours of sound anew. Nothing kept is used for speeds.
"""

from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from faster_whisper import WhisperModel
from pydantic import BaseModel

from config import catalogue, recognition
from config.catalogue import MUNICIPALITIES
from config.settings import Settings
from core import digests, keys
from core.errors import ObjectMissing
from core.language.finnish import Analyser
from core.models import Transcript
from core.speech import model, repair, sounding, terms, towns, whisper, writing
from core.speech.cases import naming
from core.speech.engines import faster, original
from core.speech.kept import Kept
from core.text import mentions, transcript
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


class _Words(BaseModel):
    """What another way makes of a sound."""

    words: list[Timed]


class _Folder:
    """A folder as the store of what was decoded; of what is made ``again`` nothing is there that was made before."""

    def __init__(self, path: Path, *, again: bool) -> None:
        self._path = path
        self._again = again
        self._made: set[str] = set()

    def get(self, key: str) -> bytes:
        file = self._file(key)
        if not file.exists() or (self._again and key not in self._made):
            raise ObjectMissing(f"{key} was not decoded yet.")
        return file.read_bytes()

    def put_record(self, key: str, record: BaseModel) -> None:
        file = self._file(key)
        file.parent.mkdir(parents=True, exist_ok=True)
        partial = file.with_suffix(".partial")
        partial.write_text(record.model_dump_json(), encoding="utf-8")
        partial.rename(file)
        self._made.add(key)

    def _file(self, key: str) -> Path:
        return self._path / f"{key.removeprefix(keys.WINDOWS).removesuffix('.json')}.json"


class Recogniser:
    """All ways, with one model for ours and faster-whisper. ``weights`` are for openai-whisper, if it takes part.

    ``names`` are those that ours listens for.
    """

    def __init__(self, settings: Settings, analyser: Analyser, weights: Path | None, *, again: bool = False) -> None:
        self._weights = weights
        self._options = whisper.Options(
            model.locate(settings.model, settings.state), "fi", (), settings.beam_size, recognition.threads(settings)
        )
        by_model = digests.of_file(Path(self._options.model) / "model.bin")
        self._folder = _Folder(settings.state / FOLDER / by_model[:12], again=again)
        self._kept = Kept(self._folder)
        self._terms = catalogue.terms()
        self._weigh = terms.known(analyser.weights, self._terms)
        places = mentions.municipalities(MUNICIPALITIES)
        self.names = sounding.Names(towns.forms(analyser, places))

    def recognise(self, samples: Samples) -> Iterator[tuple[str, list[Timed]]]:
        """What each way makes of it."""
        recognise = naming(self._kept.recognised, self._kept.hinted, self._weigh, self.names)
        heard = whisper.transcribe(samples, self._options, recognise=recognise)
        yield OURS, timed(writing.written(repair.mended(heard, self._weigh, self.names), self._terms))
        yield BARE, timed(whisper.transcribe(samples, self._options, recognise=self._kept.recognised))
        yield PLAIN, self._words(samples, (PLAIN, version("faster-whisper")), self._plain)
        if self._weights:
            versions = ORIGINAL, "20250625", digests.of_file(self._weights)
            yield ORIGINAL, self._words(samples, versions, self._original)

    def _words(self, samples: Samples, way: Sequence[str], make: Callable[[Samples], list[Timed]]) -> list[Timed]:
        key = digests.of_records(*way, str(self._options.beam_size), digests.of_bytes(samples.tobytes()))
        try:
            return _Words.model_validate_json(self._folder.get(key)).words
        except ObjectMissing:
            made = _Words(words=make(samples))
            self._folder.put_record(key, made)
            return made.words

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
