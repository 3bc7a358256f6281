"""openai-whisper, the authors' own, in PyTorch: the reference, several times slower than the default on a processor.

It is the extra ``openai-whisper`` of the installation, two gigabytes and more; nothing of it is imported before it is
used. The parts of it that are used here are those of the pinned version.
"""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from pickle import UnpicklingError
from types import ModuleType
from typing import Any

from core.errors import Misconfigured, ModelDamaged, writing
from core.media import sound
from core.speech import model
from core.speech.engines.base import About, Heard, HeardWord, Hints, Samples, Setup
from core.speech.windows import Stretch

NAME = "openai-whisper"
FOLDER = "openai-whisper"
STANDARD = "base"
ALIASES = {"": STANDARD, "large": "large-v3", "turbo": "large-v3-turbo"}
COMPUTE = ("float32", "float16")
FRAMES = 3000
"""Frames of 10 ms in the 30 s that the model hears at a time."""
MB = 1 << 20
INSTALL = (
    "Run `.venv/bin/pip install --constraint constraints.txt openai-whisper torch` in our folder "
    "(the extra maaseutu-live[openai-whisper])."
)
_UNREADABLE = (UnpicklingError, RuntimeError, ValueError, TypeError, KeyError, EOFError, OSError)


def _package(name: str) -> ModuleType:
    try:
        return import_module(name)
    except ImportError as error:
        what = f"MAASEUTU_ENGINE is {NAME}, but a package of it is not installed ({error})."
        raise Misconfigured(what, INSTALL) from error


def locate(configured: str, state: Path) -> Path:
    """The file of a model: ``configured`` is one, or a name such as ``large-v3``; empty is ``base``.

    Raises:
        ModelDamaged: there is none.
        Misconfigured: there is no model of that name, or the package is not installed.
    """
    path = _path(configured, state)
    if not path.is_file():
        raise ModelDamaged(f"The speech model {path} is not here.", _how_to_get(path))
    return path


def fetch(configured: str, state: Path) -> None:
    """Bring a model that is known by its name into ``state``, unless it is there; its digest is checked.

    Raises:
        ModelDamaged: it cannot be fetched; says how to get it otherwise.
        Misconfigured: as ``locate``.
        DiskFull: there is no room.
    """
    path = _path(configured, state)
    if path.exists() or path.parent != _folder(state):
        return
    whisper = _package("whisper")
    try:
        with writing(path.parent):
            path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(prefix=f".{path.stem}-", dir=path.parent) as partial:
                whisper.load_model(path.stem, device="cpu", download_root=partial)
                shutil.move(Path(partial) / path.name, path)
    except (OSError, RuntimeError) as error:
        raise ModelDamaged(f"The speech model {path.stem} cannot be fetched ({error}).", _how_to_get(path)) from error


def _folder(state: Path) -> Path:
    return state / "models" / FOLDER


def _path(configured: str, state: Path) -> Path:
    name = ALIASES.get(configured, configured)
    if name.endswith(".pt") or Path(name).expanduser().is_file():
        return Path(name).expanduser()
    known = _package("whisper").available_models()
    if name not in known:
        cure = f"Set MAASEUTU_MODEL to a .pt file, or to one of {', '.join(known)}."
        raise Misconfigured(f"{NAME} has no model {configured}.", cure)
    return _folder(state) / f"{name}.pt"


def _how_to_get(path: Path) -> str:
    if path.parent.name != FOLDER:
        return "Correct MAASEUTU_MODEL."
    code = f"import whisper; whisper.load_model('{path.stem}', download_root='.')"
    return (
        f'It comes by itself where there is a network. Else run `python -c "{code}"` where {NAME} is installed and a '
        f"network is, and copy {path.name} to {path.parent}."
    )


@lru_cache(maxsize=1)
def load(path: Path, threads: int, compute: str) -> Any:
    """The model, once a process, of the class ``whisper.model.Whisper``.

    Raises:
        ModelDamaged: the file is not a model.
        Misconfigured: the package is not installed, or this machine cannot calculate in that type.
    """
    torch, whisper = _package("torch"), _package("whisper")
    kind = compute_type(compute)
    torch.set_num_threads(threads)
    try:
        loaded = whisper.load_model(str(path), device=_device())
    except _UNREADABLE as error:
        what = f"The speech model {path} cannot be loaded: {error}."
        raise ModelDamaged(what, "Correct MAASEUTU_MODEL, or delete the file if it was fetched.") from error
    # A file brings no word which of its heads tell times; for those of the published models it is known.
    with suppress(KeyError):
        loaded.set_alignment_heads(whisper._ALIGNMENT_HEADS[path.stem])
    return loaded.half() if kind == "float16" else loaded


def _device() -> str:
    return "cuda" if _package("torch").cuda.is_available() else "cpu"


def compute_type(wanted: str) -> str:
    """``float32``, or ``float16`` with CUDA; ``auto`` is whichever is faster.

    Raises:
        Misconfigured: another type is wanted, or the package is not installed.
    """
    where = _device()
    able = COMPUTE if where == "cuda" else COMPUTE[:1]
    if wanted == "auto":
        return able[-1]
    if wanted not in able:
        what = f"{NAME} on this machine ({where}) cannot calculate in {wanted}."
        raise Misconfigured(what, f"Set MAASEUTU_COMPUTE_TYPE to auto or {' or '.join(able)}.")
    return wanted


class Original:
    """The engine, with the model in the file ``setup.model``."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._path = Path(setup.model)

    @property
    def name(self) -> str:
        """As of the protocol."""
        setup = self._setup
        # PyTorch shares sums out over its threads, so that another number of them may round otherwise.
        kind = f"{compute_type(setup.compute)}, beam {setup.beam_size}, {setup.threads} threads"
        return f"{NAME} {self._path.stem} {kind}"

    def about(self) -> About:
        """As of the protocol. Loads the model: its file tells nothing otherwise."""
        loaded = self._loaded()
        kind = f"{compute_type(self._setup.compute)} on {_device()}"
        size = self._path.stat().st_size // MB
        return About(str(self._path), size, kind, self._setup.threads, multilingual=bool(loaded.is_multilingual))

    def require(self, language: str) -> None:
        """As of the protocol, by the file's name; ``decode`` asks the model itself."""
        model.require_language(self._path.stem, language, multilingual=True)

    def likelihoods(self, samples: Samples, texts: Sequence[str], language: str) -> list[float] | None:
        """As of the protocol: it does not tell."""
        return None

    def decode(
        self, samples: Samples, stretches: Sequence[Stretch], hints: Hints, temperature: float = 0.0
    ) -> Iterator[Heard]:
        """As of the protocol."""
        if not stretches:
            return
        loaded = self._loaded()
        model.require_language(self._path.stem, hints.language, multilingual=loaded.is_multilingual)
        drawn = {"best_of": 5} if temperature else {"beam_size": self._setup.beam_size}
        options = _package("whisper").DecodingOptions(
            language=hints.language,
            temperature=temperature,
            prompt=hints.prompt or None,
            without_timestamps=True,
            fp16=compute_type(self._setup.compute) == "float16",
            **drawn,
        )
        for stretch in stretches:
            first, last = (round(seconds * sound.SPEECH_RATE) for seconds in stretch)
            yield _decoded(loaded, samples[first:last], options, first / sound.SPEECH_RATE)

    def _loaded(self) -> Any:
        return load(self._path, self._setup.threads, self._setup.compute)


def _decoded(loaded: Any, samples: Samples, options: Any, offset: float) -> Heard:
    """Decoded once, as one window: ``whisper.transcribe`` would decode what follows the last word as another one."""
    whisper, timing, tokenizers = (_package(f"whisper{name}") for name in ("", ".timing", ".tokenizer"))
    mel = whisper.log_mel_spectrogram(samples, loaded.dims.n_mels, device=loaded.device)
    frames = min(mel.shape[-1], FRAMES)
    mel = whisper.pad_or_trim(mel, FRAMES).to(next(loaded.parameters()).dtype)
    found = whisper.decode(loaded, mel, options)
    tokenizer = tokenizers.get_tokenizer(
        loaded.is_multilingual, num_languages=loaded.num_languages, language=options.language, task="transcribe"
    )
    segment = {"seek": 0, "start": 0.0, "end": frames / 100, "tokens": found.tokens, "words": []}
    timing.add_word_timestamps(
        segments=[segment], model=loaded, tokenizer=tokenizer, mel=mel, num_frames=frames, last_speech_timestamp=0.0
    )
    words = (
        HeardWord(offset + float(word["start"]), offset + float(word["end"]), word["word"], float(word["probability"]))
        for word in segment["words"]
    )
    return Heard(tuple(words), found.avg_logprob, found.compression_ratio, found.no_speech_prob)
