"""A speech server with OpenAI's protocol, for tests: faster-whisper with the bundled weights behind it."""

import io
import json
import threading
import wave
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import numpy as np

from core.speech.engines.base import Heard, Hints, Setup
from core.speech.engines.faster import Faster
from core.speech.windows import Stretch
from tests.core.server import Answer

MODEL = "whisper-base"
KEY = "secret-of-the-server"


class SpeechServer:
    """Listens on a free port while it is entered. ``instead`` is answered in place of what was recognised."""

    def __init__(self, setup: Setup, instead: Answer | None = None) -> None:
        self.instead = instead
        self.asked: list[dict[str, list[str]]] = []
        self._engine, self._one = Faster(setup), threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (_Handler,), {"owner": self}))

    @property
    def url(self) -> str:
        """Up to ``/v1``."""
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def transcribed(self, body: bytes, kind: str) -> dict[str, Any]:
        """What the protocol answers to a form with a WAV file."""
        fields, file = _form(body, kind)
        self.asked.append(fields)
        with wave.open(io.BytesIO(file)) as source:
            assert (source.getframerate(), source.getnchannels(), source.getsampwidth()) == (16_000, 1, 2)
            samples = np.frombuffer(source.readframes(source.getnframes()), "<i2").astype(np.float32) / 32768
        hints = Hints(fields["language"][0], tuple(fields.get("prompt", [""])[0].removesuffix(".").split(", ")))
        whole = [Stretch(0, len(samples) / 16_000)]
        with self._one:
            heard = list(self._engine.decode(samples, whole, hints, float(fields["temperature"][0])))
        return _verbose(heard)


class _Handler(BaseHTTPRequestHandler):
    owner: SpeechServer

    def do_GET(self) -> None:
        self._answer(Answer(json.dumps({"object": "list", "data": [{"id": MODEL}]}).encode(), "application/json"))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.owner.instead:
            self._answer(self.owner.instead)
        elif self.headers["Authorization"] != f"Bearer {KEY}":
            self._answer(Answer(b"Invalid API key.", status=401))
        elif self.path != "/v1/audio/transcriptions":
            self._answer(Answer(b"Not found.", status=404))
        else:
            said = self.owner.transcribed(body, self.headers["Content-Type"])
            self._answer(Answer(json.dumps(said).encode(), "application/json"))

    def _answer(self, answer: Answer) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.kind)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, format: str, *args: object) -> None:
        pass


def _form(body: bytes, kind: str) -> tuple[dict[str, list[str]], bytes]:
    message = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + body)
    fields: dict[str, list[str]] = {}
    file = b""
    for part in message.iter_parts():
        assert isinstance(part, Message)
        name, data = part.get_param("name", header="content-disposition"), part.get_payload(decode=True)
        if part.get_filename():
            file = data
        else:
            fields.setdefault(str(name), []).append(data.decode())
    return fields, file


def _verbose(heard: list[Heard]) -> dict[str, Any]:
    words = [{"word": word.text, "start": word.start, "end": word.end} for each in heard for word in each.words]
    segments = [
        {
            "start": each.words[0].start,
            "end": each.words[-1].end,
            "avg_logprob": each.avg_logprob,
            "compression_ratio": each.compression_ratio,
            "no_speech_prob": each.no_speech,
        }
        for each in heard
        if each.words
    ]
    return {"text": "".join(word["word"] for word in words), "words": words, "segments": segments}
