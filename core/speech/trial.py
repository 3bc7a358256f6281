"""A speech model is tried before it is needed: loaded, and a second of silence decoded.

In a child, since damaged weights may crash what calculates with them, and since their memory is free again afterwards.
"""

import json
import os
import signal
import sys
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import numpy as np

from core.child import Child
from core.errors import ChildFailed, MaaseutuError, Misconfigured, ModelDamaged
from core.media import sound
from core.speech import engines, model
from core.speech.engines.base import Hints, Setup
from core.speech.windows import Stretch

TIMEOUT_SECONDS = 600.0
"""The largest model, three gigabytes, comes from a slow disk in less."""
CRASHES = (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL)
LANGUAGE = "en"
"""Every model knows it."""
REFUSED = 3
"""The child's exit code when its last line is an error of ours, as JSON."""
KINDS = {kind.__name__: kind for kind in (ModelDamaged, Misconfigured)}


def tried(setup: Setup) -> None:
    """Try the model in the folder or file ``setup.model``.

    Raises:
        ModelDamaged: it cannot be loaded or cannot decode, or it crashes the engine.
        Misconfigured: the engine cannot work with the setup.
        ChildFailed: the child was killed, or was not ready in time: nothing is known of the model.
    """
    asked = json.dumps([setup.kind, str(setup.model), setup.compute, setup.beam_size])
    root = str(Path(__file__).parents[2])
    paths = os.pathsep.join([root, *filter(None, [os.environ.get("PYTHONPATH")])])
    with tempfile.TemporaryDirectory(prefix="maaseutu-trial-") as folder:
        argv = [sys.executable, "-m", __name__, asked]
        with Child(argv, Path(folder) / "log", env={**os.environ, "PYTHONPATH": paths}, bound=True) as child:
            code = child.wait(TIMEOUT_SECONDS)
            if code:
                raise _error(code, child.tail(), Path(setup.model))
            if code is None:
                what = f"The speech model {setup.model} was not ready in {TIMEOUT_SECONDS:.0f} s."
                raise ChildFailed(what, "Look at what else this machine does, or set MAASEUTU_MODEL to a smaller one.")


def _error(code: int, said: str, path: Path) -> MaaseutuError:
    last = (said.splitlines() or ["it said nothing"])[-1]
    if code == REFUSED:
        with suppress(ValueError, KeyError, TypeError):
            kind, what, cure = json.loads(last)
            return KINDS[kind](what, cure)
    if code < 0 and -code not in CRASHES:
        what = f"The trial of the speech model {path} was killed ({signal.Signals(-code).name})."
        return ChildFailed(what, "If memory was short, set MAASEUTU_MODEL to a smaller one.")
    reason = f"the engine crashed with {signal.Signals(-code).name}" if code < 0 else last
    return ModelDamaged(f"The speech model in {path} cannot be used: {reason}.", model.cure(path))


def main(arguments: Iterable[str]) -> int:
    """The child."""
    [asked] = arguments
    kind, path, compute, beam_size = json.loads(asked)
    engine = engines.engine(Setup(kind, Path(path), compute, beam_size, threads=1))
    silence = np.zeros(sound.SPEECH_RATE, np.float32)
    try:
        for _ in engine.decode(silence, [Stretch(0, 1)], Hints(LANGUAGE)):
            pass
    except MaaseutuError as error:
        sys.stderr.write(f"\n{json.dumps([type(error).__name__, error.what, error.cure])}\n")
        return REFUSED
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
