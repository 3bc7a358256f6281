"""The real S3 server of the embedded stack, on a folder of its own, to be killed and started again."""

import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from config import stores
from config.settings import load
from core.errors import Misconfigured
from maaseutu import ports, processes, services

if TYPE_CHECKING:
    import subprocess

START_SECONDS = 60.0
TURN_SECONDS = 0.2


class Store:
    """Started and with its buckets made when the context is entered. Only one thread may kill and start it.

    It ends with the thread that started it last.
    """

    def __init__(self, state: Path) -> None:
        """``state`` is made; it keeps what is stored."""
        state.mkdir(parents=True)
        taken: list[int] = []
        for _ in services.STORAGE_PORTS:
            taken.append(ports.pick(taken=taken, paired=True))
        numbers = dict(zip(services.STORAGE_PORTS, taken, strict=True))
        self.settings = services.with_storage(load(state=state), numbers["s3"])
        self.settings.logs.mkdir(parents=True, exist_ok=True)
        self._program = services.storage(self.settings, numbers, f"chaos-{state.name}")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it answers.

        Raises:
            Misconfigured: it does not.
        """
        self._process = processes.launch(self._program)
        waited = 0.0
        while not self._program.ready():
            if waited > START_SECONDS or self._process.poll() is not None:
                raise Misconfigured("The S3 server does not start.", f"Look at {self._program.log}.")
            threading.Event().wait(TURN_SECONDS)
            waited += TURN_SECONDS

    def kill(self) -> None:
        """End it as a power cut would end the process."""
        if self._process:
            self._process.kill()
            self._process.wait()

    def hang(self) -> None:
        """Let it answer nothing, and keep all connections."""
        if self._process:
            self._process.send_signal(signal.SIGSTOP)

    def wake(self) -> None:
        """Let it go on."""
        if self._process:
            self._process.send_signal(signal.SIGCONT)

    def __enter__(self) -> "Store":
        self.start()
        stores.create(self.settings)
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
