"""How speech is recognised in a broadcast, by the settings and the tables."""

import os
from collections.abc import Sequence
from pathlib import Path

from config.catalogue import MUNICIPALITIES, WRITING
from config.settings import Settings
from core import digests
from core.language.finnish import ANALYSIS_VERSION
from core.models import Broadcast
from core.speech import biasing, cases, engines, model, repair, towns, trial, whisper, writing
from core.speech.engines.base import About, Service, Setup
from core.speech.whisper import Options

MOST_THREADS = 64
MOST_HINTS = 10
"""So many of the learned names are also listened for: more would make the engine say them unasked."""


def recognition(settings: Settings, broadcast: Broadcast) -> Options:
    """The options. What is mended of the words depends on the lexicon and on the names that are known.

    Raises:
        ModelDamaged: the speech model is not there.
        Misconfigured: there is no such model, or a package of the engine is not installed.
    """
    made = setup(settings)
    return whisper.Options(
        made.model,
        broadcast.language,
        tuple(dict.fromkeys([*broadcast.vocabulary, *broadcast.learned[-MOST_HINTS:]])),
        made.beam_size,
        made.threads,
        _lexicon(broadcast.learned) if settings.repair and broadcast.language == repair.LANGUAGE else "",
        made.kind,
        made.compute,
        made.service,
        _written() if settings.written and broadcast.language == writing.LANGUAGE else "",
    )


def setup(settings: Settings) -> Setup:
    """What the engine is made of.

    Raises:
        ModelDamaged, Misconfigured: as ``recognition``.
    """
    return Setup(
        settings.engine,
        engines.kind(settings.engine).locate(settings.model, settings.state),
        settings.compute_type,
        settings.beam_size,
        threads(settings),
        Service(settings.speech_server, settings.speech_server_key.get_secret_value()),
    )


def weights(settings: Settings) -> str:
    """The SHA-256 of the weights of the model that is set; empty where they are not on this machine's disk."""
    located = Path(setup(settings).model)
    file = located / "model.bin" if located.is_dir() else located
    return digests.of_file(file) if file.is_file() else ""


def threads(settings: Settings) -> int:
    """How many threads recognise: as set, else as many as this process may use cores."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return settings.model_threads or min(cores, MOST_THREADS)


def ready(settings: Settings, language: str) -> About:
    """Make ready to recognise speech of this language: a model that is known by its name is fetched, and tried.

    Raises:
        ModelDamaged: the model is missing and cannot be fetched, or it is altered.
        Misconfigured: it does not know the language, or the engine cannot work with the settings.
        RecogniserAway: the speech server does not answer.
        DiskFull: there is no room for the model.
        ChildFailed: what tried the model was killed, or took too long.
    """
    model.require_language(settings.model, language, multilingual=True)
    engines.kind(settings.engine).fetch(settings.model, settings.state)
    about = checked(settings)
    engines.engine(setup(settings)).require(language)
    return about


def checked(settings: Settings) -> About:
    """What speech is recognised by: looked at, and a model on this machine is tried. Nothing is fetched.

    Raises:
        ModelDamaged, Misconfigured, RecogniserAway, ChildFailed: as ``ready``.
    """
    made = setup(settings)
    about = engines.engine(made).about()
    if engines.kind(made.kind).is_local:
        trial.tried(made)
    return about


def versions() -> str:
    """What recognises, listens for names, mends and writes, by the versions that the keys of what is stored have."""
    return ", ".join((whisper.VERSION, biasing.VERSION, cases.VERSION, towns.VERSION, repair.VERSION, writing.VERSION))


def _lexicon(learned: Sequence[str]) -> str:
    parts = biasing.VERSION, cases.VERSION, repair.VERSION, towns.VERSION, f"lexicon {ANALYSIS_VERSION}"
    known = ", ".join((*parts, f"names {digests.of_file(MUNICIPALITIES)[:12]}"))
    return f"{known}, learned {digests.of_text(*learned)[:12]}" if learned else known


def _written() -> str:
    return f"{writing.VERSION}, table {digests.of_file(WRITING)[:12]}"
