"""The engines that recognise speech, by the name that MAASEUTU_ENGINE gives."""

from collections.abc import Callable

from core.errors import Misconfigured
from core.speech.engines import faster
from core.speech.engines.base import Engine, Setup

__all__ = ["DEFAULT", "ENGINES", "Engine", "Setup", "engine"]

DEFAULT = faster.NAME
ENGINES: dict[str, Callable[[Setup], Engine]] = {faster.NAME: faster.Faster}


def engine(setup: Setup) -> Engine:
    """The engine of this setup.

    Raises:
        Misconfigured: there is no such engine.
    """
    if setup.kind not in ENGINES:
        raise Misconfigured(f"There is no engine {setup.kind}.", f"Set MAASEUTU_ENGINE to {', '.join(ENGINES)}.")
    return ENGINES[setup.kind](setup)
