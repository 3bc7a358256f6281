"""The engines that recognise speech, by the name that MAASEUTU_ENGINE gives."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from core.errors import Misconfigured
from core.speech import model
from core.speech.engines import faster, original, server
from core.speech.engines.base import Engine, Setup

__all__ = ["DEFAULT", "ENGINES", "Engine", "Kind", "Setup", "engine", "kind"]


class Kind(NamedTuple):
    """How an engine is made; which model a setting means, given the state folder; how that is fetched, if it can be.

    ``is_local`` when the model is on this machine.
    """

    make: Callable[[Setup], Engine]
    locate: Callable[[str, Path], Path | str]
    fetch: Callable[[str, Path], None] = lambda _, __: None
    is_local: bool = True


DEFAULT = faster.NAME
ENGINES: dict[str, Kind] = {
    faster.NAME: Kind(faster.Faster, model.locate, model.fetch),
    original.NAME: Kind(original.Original, original.locate, original.fetch),
    server.NAME: Kind(server.Server, server.locate, is_local=False),
}


def kind(name: str) -> Kind:
    """What is known of an engine.

    Raises:
        Misconfigured: there is no such engine.
    """
    if name not in ENGINES:
        raise Misconfigured(f"There is no engine {name}.", f"Set MAASEUTU_ENGINE to {', '.join(ENGINES)}.")
    return ENGINES[name]


def engine(setup: Setup) -> Engine:
    """The engine of this setup.

    Raises:
        Misconfigured: as ``kind``.
    """
    return kind(setup.kind).make(setup)
