"""The embedded stack of a state folder, without a web application, until it is told to stop.

python -m chaos.stand STATE
"""

import signal
import sys
import threading
from pathlib import Path

from config.settings import load
from maaseutu import state as left
from maaseutu.stack import Stack

GIVE_UP_SECONDS = 20
SERVICES = ("storage", "prefect", "worker")


def main(state: Path) -> None:
    """Start it, and stop it at SIGTERM."""
    told = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told.set())
    # As `maaseutu up` does: what a killed stack told of itself points at servers that are gone.
    left.forget_environment(state)
    with Stack(load(state=state, private_sources="127.0.0.1", give_up_seconds=GIVE_UP_SECONDS), services=SERVICES):
        told.wait()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
