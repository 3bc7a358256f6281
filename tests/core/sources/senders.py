"""Real senders of every kind: what a source must do is asked of all of them alike."""

import contextlib
import random
import socket
import subprocess
import threading
import time
from abc import ABC, abstractmethod
from pathlib import Path

import imageio_ffmpeg

from core.archive import segments
from core.models import Recording
from core.sources import Source, resolve
from sample.live_source import LiveSource
from tests.core.server import LOCAL

KEY = "avain-1234567"
PASSPHRASE = "salainen+lause 1"
ESCAPED = "salainen%2Blause%201"
WINDOW = 2
NOT_GIVEN_BY_CHANCE = (12_000, 30_000)
"""Below what Linux gives to connections, 32 768 and up."""


def free_port(kind: socket.SocketKind) -> int:
    """A port of the loopback interface that nobody listens on, and that no connection is given by chance."""
    while True:
        with socket.socket(socket.AF_INET, kind) as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", random.randrange(*NOT_GIVEN_BY_CHANCE)))
            return int(probe.getsockname()[1])


class Sender(ABC):
    """Plays ``file`` in real time, where ``address`` says."""

    address: str

    def __init__(self, file: Path, work: Path) -> None:
        self.file = file
        self.work = work

    @property
    def source(self) -> Source:
        """What the product makes of its address."""
        return resolve(self.address, LOCAL)

    @abstractmethod
    def start(self) -> None:
        """Go on the air."""

    @abstractmethod
    def away(self, seconds: float) -> None:
        """Go off the air for so long, then come back."""

    @abstractmethod
    def lost_seconds(self, recording: Recording, heard_at: float) -> tuple[float, float]:
        """The least and the most that must be marked as lost in a recording that saw it go away once.

        At ``heard_at`` (of ``time.monotonic``) it had come back.
        """

    @abstractmethod
    def close(self) -> None:
        """Go off the air for good."""


class Hls(Sender):
    """A live playlist that forgets soon."""

    def __init__(self, file: Path, work: Path, window: int = WINDOW) -> None:
        super().__init__(file, work)
        self._live = LiveSource(file, work / "live", segment_seconds=1, window=window)
        self.address = self._live.url

    @property
    def source(self) -> Source:
        return Source(self.address, live=True)

    def start(self) -> None:
        self._live.start()

    def away(self, seconds: float) -> None:
        self._live.fail(seconds)

    def lost_seconds(self, recording: Recording, heard_at: float) -> tuple[float, float]:
        lost = (self._live.segments[-1].end_ms - segments.duration_ms(recording.segments)) / 1000
        return lost - 0.3, lost + 0.3

    def close(self) -> None:
        self._live.close()


class Sent(Sender):
    """An ffmpeg that calls us, or that we call. As OBS does, it tries again while nobody answers."""

    container = "flv"
    output: tuple[str, ...] = ()

    def __init__(self, file: Path, work: Path, key: str = "") -> None:
        super().__init__(file, work)
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._gone_at = 0.0
        self._back_at = 0.0
        self.address, self.target = self.addresses(key)

    @abstractmethod
    def addresses(self, key: str) -> tuple[str, str]:
        """Ours and the sender's; the sender's with another ``key`` than ours, if one is given."""

    def start(self) -> None:
        self._closed.clear()
        self._thread = threading.Thread(target=self._send)
        self._thread.start()

    def _send(self) -> None:
        program = imageio_ffmpeg.get_ffmpeg_exe()
        command = [program, "-nostdin", "-loglevel", "error", "-re", "-i", str(self.file), "-c", "copy"]
        command += ["-f", self.container, *self.output, self.target]
        with (self.work / "sender.log").open("ab") as log:
            while True:
                with self._lock:
                    if self._closed.is_set():
                        return
                    self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=log)
                if self._process.wait() == 0:
                    return
                self._closed.wait(0.1)

    def away(self, seconds: float) -> None:
        self._gone_at = time.monotonic()
        self.close()
        threading.Event().wait(seconds)
        self._back_at = time.monotonic()
        self.start()

    def lost_seconds(self, recording: Recording, heard_at: float) -> tuple[float, float]:
        return self._back_at - self._gone_at - 0.5, heard_at - self._gone_at + 0.5

    def close(self) -> None:
        with self._lock:
            self._closed.set()
            if self._process:
                self._process.kill()
        if self._thread:
            self._thread.join()


class RtmpCalls(Sent):
    """OBS with a server and a stream key."""

    def addresses(self, key: str) -> tuple[str, str]:
        base = f"rtmp://127.0.0.1:{free_port(socket.SOCK_STREAM)}/live/"
        return f"{base}{KEY}?mode=listener", base + (key or KEY)


class RtmpCalled(Sent):
    """An RTMP server."""

    output = ("-listen", "1")

    def addresses(self, key: str) -> tuple[str, str]:
        address = f"rtmp://127.0.0.1:{free_port(socket.SOCK_STREAM)}/live/{KEY}"
        return address, address


class SrtCalls(Sent):
    """An encoder with a passphrase."""

    container = "mpegts"

    def addresses(self, key: str) -> tuple[str, str]:
        self.output = ("-passphrase", key or PASSPHRASE)
        base = f"srt://127.0.0.1:{free_port(socket.SOCK_DGRAM)}"
        return f"{base}?mode=listener&passphrase={ESCAPED}", base


class SrtCalled(Sent):
    """An encoder that waits for us."""

    container = "mpegts"

    def addresses(self, key: str) -> tuple[str, str]:
        self.output = ("-mode", "listener", "-passphrase", key or PASSPHRASE)
        base = f"srt://127.0.0.1:{free_port(socket.SOCK_DGRAM)}"
        return f"{base}?passphrase={ESCAPED}", base


ALL = (Hls, RtmpCalls, RtmpCalled, SrtCalls, SrtCalled)
"""Every kind of live source."""
SOME = (Hls, RtmpCalled, SrtCalls)
"""One of each protocol, among them one that we call and one that calls us: for what takes long."""
