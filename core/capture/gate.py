"""A gate before ffmpeg's RTMP server, which lets anyone in: here the stream key is asked for before any media passes.

RTMP (Adobe, version 1.0): after a handshake both sides send messages in chunks, commands in AMF0. The gate reads what
the sender says up to the command ``publish`` with the right key; from then on it only passes bytes on.
"""

import contextlib
import hmac
import logging
import socket
import threading
import time
from types import TracebackType
from typing import Self

from core.errors import Misconfigured

HANDSHAKE_BYTES = 1 + 1536 + 1536
FIRST_CHUNK = 128
LONGEST_MESSAGE = 1 << 14
HEADERS = (11, 7, 3, 0)
EXTENDED = 0xFFFFFF
SET_CHUNK_SIZE, COMMAND = 1, 20
CONTROL = (2, 3, 4, 5, 6)
HARMLESS = ("connect", "createStream", "_checkbw", "FCUnpublish", "deleteStream")
NAMING = ("releaseStream", "FCPublish", "publish")
PIECE = 1 << 16
SECONDS_TO_TELL = 15.0
SECONDS_TO_CONNECT = 5.0
LOOK_SECONDS = 0.2

_log = logging.getLogger(__name__)


class Refused(Exception):
    """The sender is not who should send. Its text is for the log, and holds nothing that was sent."""


class _Message:
    """A message whose chunks are arriving on one chunk stream."""

    def __init__(self, length: int, kind: int, *, extended: bool) -> None:
        self.length = length
        self.kind = kind
        self.extended = extended
        self.body = bytearray()


class Dialogue:
    """What a sender has said; ``admitted`` after it has said the right ``key``."""

    def __init__(self, key: str) -> None:
        self.admitted = False
        self._key = key.encode()
        self._handshake = HANDSHAKE_BYTES
        self._data = bytearray()
        self._chunk = FIRST_CHUNK
        self._messages: dict[int, _Message] = {}

    def hear(self, data: bytes) -> None:
        """Take in what it says next.

        Raises:
            Refused: it says another key, sends media first, or speaks no RTMP that we know.
        """
        self._data += data
        skipped = min(self._handshake, len(self._data))
        self._handshake -= skipped
        del self._data[:skipped]
        while not self._handshake and not self.admitted and self._next():
            pass

    def _next(self) -> bool:
        """Read one chunk; False when it is not all here."""
        data = self._data
        if len(data) < 3:
            return False
        shape, stream, at = data[0] >> 6, data[0] & 63, 1
        if stream < 2:
            stream, at = (64 + data[1], 2) if stream == 0 else (64 + data[1] + 256 * data[2], 3)
        header = data[at : at + HEADERS[shape]]
        at += HEADERS[shape]
        if len(header) < HEADERS[shape]:
            return False
        message = self._message(shape, stream, header)
        at += 4 if message.extended else 0
        end = at + min(self._chunk, message.length - len(message.body))
        if len(data) < end:
            return False
        message.body += data[at:end]
        self._messages[stream] = message
        del data[:end]
        if len(message.body) == message.length:
            self._understand(message.kind, bytes(message.body))
            message.body.clear()
        return True

    def _message(self, shape: int, stream: int, header: bytes | bytearray) -> _Message:
        before = self._messages.get(stream)
        extended = int.from_bytes(header[:3]) == EXTENDED
        if shape == 3 and before:
            return before
        if before and before.body:
            raise Refused("it breaks a message off")
        if shape < 2:
            length, kind = int.from_bytes(header[3:6]), header[6]
        elif before:
            length, kind = before.length, before.kind
        else:
            raise Refused("it speaks no RTMP")
        if length > LONGEST_MESSAGE:
            raise Refused("it sends too much before it says its stream key")
        return _Message(length, kind, extended=extended)

    def _understand(self, kind: int, body: bytes) -> None:
        if kind == SET_CHUNK_SIZE:
            self._chunk = max(1, int.from_bytes(body[:4]) & 0x7FFFFFFF)
        elif kind == COMMAND:
            self._obey(body)
        elif kind not in CONTROL:
            raise Refused("it sends media before it says its stream key")

    def _obey(self, body: bytes) -> None:
        name, rest = _string(body)
        if name in (word.encode() for word in NAMING):
            # A number of nine bytes and a null of one stand between the name and the key.
            if not hmac.compare_digest(_string(rest[10:])[0], self._key):
                raise Refused("its stream key is wrong")
            self.admitted = name == b"publish"
        elif name not in (word.encode() for word in HARMLESS):
            raise Refused("it does not want to publish")


def _string(data: bytes) -> tuple[bytes, bytes]:
    """A string of AMF0, and what follows it."""
    if data[:1] != b"\x02":
        raise Refused("it speaks no RTMP")
    end = 3 + int.from_bytes(data[1:3])
    return data[3:end], data[end:]


class Gate:
    """Listens on ``host`` and ``port``; passes one admitted sender at a time on to ``inner``, a port of this machine.

    Raises:
        Misconfigured: it cannot listen there.
    """

    def __init__(self, host: str, port: int, key: str) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        try:
            self._listening = socket.create_server((host, port), family=family)
        except OSError as error:
            what = f"We cannot listen on port {port} of {host} ({error.strerror})."
            raise Misconfigured(what, "Is it in use? Choose another, here and in the encoder.") from error
        self.inner = 0
        self.refused = ""
        self._key = key
        self._closed = threading.Event()
        self._listening.settimeout(LOOK_SECONDS)
        self._thread = threading.Thread(target=self._serve, name="gate", daemon=True)

    def new_inner(self) -> int:
        """Another port to pass on to: ffmpeg opens it later, and something else may have taken the last one."""
        self.inner = _free_port()
        return self.inner

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closed.set()
        self._thread.join()
        self._listening.close()

    def _serve(self) -> None:
        while not self._closed.is_set():
            with contextlib.suppress(TimeoutError):
                sender, _ = self._listening.accept()
                with sender:
                    self._admit(sender)

    def _admit(self, sender: socket.socket) -> None:
        try:
            with self._connected() as ffmpeg:
                back = threading.Thread(target=_pass_on, args=(ffmpeg, sender), daemon=True)
                back.start()
                try:
                    self._listen_to(sender, ffmpeg)
                finally:
                    for end in (ffmpeg, sender):
                        with contextlib.suppress(OSError):
                            end.shutdown(socket.SHUT_RDWR)
                    back.join()
        except Refused as error:
            self.refused = str(error)
            _log.warning("A sender was refused: %s", error)
        except OSError as error:
            _log.info("A sender's connection ended: %s", error)

    def _listen_to(self, sender: socket.socket, ffmpeg: socket.socket) -> None:
        dialogue, until = Dialogue(self._key), time.monotonic() + SECONDS_TO_TELL
        sender.settimeout(LOOK_SECONDS)
        while not self._closed.is_set():
            try:
                data = sender.recv(PIECE)
            except TimeoutError:
                data = None
            if data == b"":
                return
            if not dialogue.admitted:
                dialogue.hear(data or b"")
                self.refused = "" if dialogue.admitted else self.refused
                if time.monotonic() > until:
                    raise Refused("it does not say its stream key")
            ffmpeg.sendall(data or b"")

    def _connected(self) -> socket.socket:
        """A connection to ffmpeg, which may just be starting."""
        until = time.monotonic() + SECONDS_TO_CONNECT
        while True:
            try:
                return socket.create_connection(("127.0.0.1", self.inner), timeout=SECONDS_TO_CONNECT)
            except ConnectionRefusedError:
                if time.monotonic() > until or self._closed.wait(LOOK_SECONDS):
                    raise


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    source.settimeout(None)
    with contextlib.suppress(OSError):
        while data := source.recv(PIECE):
            target.sendall(data)
        target.shutdown(socket.SHUT_RDWR)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
