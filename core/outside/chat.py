"""A language model behind a server with OpenAI's protocol: ``POST /v1/chat/completions``, such as Ollama and vLLM have.

The address is the operator's, like that of the speech server; no producer and no source can name one. What was said
leaves this machine.
"""

import json
import time
from collections.abc import Iterator, Mapping
from threading import Event
from typing import Any, NamedTuple

import httpx

from core.errors import Misconfigured, WriterFailed
from core.names import MASK, shown

CONNECT_SECONDS = 10.0
WAITS = (1.0, 4.0)
"""Seconds before a server that failed is asked again."""
MOST_BYTES = 1_000_000
AGAIN = (408, 425, 429)
"""Answers that mean: later."""
WITHOUT_SCHEMA = (400, 404, 415, 422, 501)
"""With these a server may mean that it knows no ``json_schema``; it is then asked without."""
CURES = {
    401: "Correct MAASEUTU_NOTES_SERVER_KEY.",
    403: "Correct MAASEUTU_NOTES_SERVER_KEY, or let it use this model.",
    404: "Correct MAASEUTU_NOTES_SERVER (its end is mostly /v1), and MAASEUTU_NOTES_MODEL.",
}


class Server(NamedTuple):
    """Where the model is: URL up to ``/v1``, the key if it wants one, the model's name, and how long an answer takes.

    ``tokens`` are the most that one question and its answer may have together.
    """

    url: str
    model: str
    key: str = ""
    seconds: float = 180.0
    tokens: int = 8_000
    waits: tuple[float, ...] = WAITS

    def __repr__(self) -> str:
        """Without secrets: options are shown in logs and in errors."""
        return f"Server({shown(self.url)!r}, {self.model!r})"


class _NoSchema(Exception):
    """The server refused the question, perhaps for its schema."""


class Chat:
    """Asks one server. Whether it knows schemas is found out once."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._knows_schemas = True

    def asked(self, messages: list[dict[str, str]], schema: Mapping[str, Any], tokens: int) -> dict[str, Any]:
        """The JSON object that the model answers, of at most so many tokens. What it holds is for the caller to judge.

        Raises:
            WriterFailed: the server does not answer in time, fails, or answers no JSON object.
            Misconfigured: it refuses the question.
        """
        for wait in self.server.waits:
            try:
                return self._asked(messages, schema, tokens)
            except WriterFailed as error:
                if not error.is_passing:
                    raise
            Event().wait(wait)
        return self._asked(messages, schema, tokens)

    def _asked(self, messages: list[dict[str, str]], schema: Mapping[str, Any], tokens: int) -> dict[str, Any]:
        body = {"model": self.server.model, "messages": messages, "temperature": 0, "seed": 0, "max_tokens": tokens}
        kind = {"type": "json_schema", "json_schema": {"name": "notes", "strict": True, "schema": schema}}
        if self._knows_schemas:
            try:
                return _object(self._answer(body | {"response_format": kind}))
            except _NoSchema:
                self._knows_schemas = False
        wanted = f"Answer with nothing but a JSON object of this schema:\n{json.dumps(schema, ensure_ascii=False)}"
        return _object(self._answer(body | {"messages": [*messages, {"role": "user", "content": wanted}]}))

    def _answer(self, body: dict[str, Any]) -> str:
        """What the model wrote."""
        data = b"".join(self._pieces(body))
        try:
            choice = json.loads(data)["choices"][0]
            content, reason = choice["message"]["content"], choice.get("finish_reason")
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
            raise WriterFailed(f"What {shown(self.server.url)} answers is no answer of a language model.") from error
        if reason == "length":
            raise WriterFailed("The answer of the language model was cut: it has too many tokens.")
        return content if isinstance(content, str) else ""

    def _pieces(self, body: dict[str, Any]) -> Iterator[bytes]:
        until, size = time.monotonic() + self.server.seconds, 0
        limits = httpx.Timeout(self.server.seconds, connect=CONNECT_SECONDS)
        headers = {"Authorization": f"Bearer {self.server.key}"} if self.server.key else {}
        url = f"{self.server.url.rstrip('/')}/chat/completions"
        try:
            with httpx.stream("POST", url, json=body, headers=headers, timeout=limits) as answer:
                if not answer.is_success:
                    self._refuse(answer, "response_format" in body)
                for piece in answer.iter_bytes():
                    size += len(piece)
                    if size > MOST_BYTES or time.monotonic() > until:
                        what = f"The answer of {shown(self.server.url)} did not end: {size} bytes."
                        cure = "Look at its log, or allow more with MAASEUTU_NOTES_SECONDS."
                        raise WriterFailed(what, cure, is_late=True)
                    yield piece
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            what = f"The language model's server {shown(self.server.url)} does not answer ({type(error).__name__})."
            cure = "Look whether it runs, and at MAASEUTU_NOTES_SERVER."
            is_late = isinstance(error, httpx.ReadTimeout)
            raise WriterFailed(what, cure, is_passing=not is_late, is_late=is_late) from error

    def _refuse(self, answer: httpx.Response, has_schema: bool) -> None:
        status = answer.status_code
        if has_schema and status in WITHOUT_SCHEMA:
            raise _NoSchema
        text = next(answer.iter_bytes(200), b"").decode(errors="replace").strip()
        # Some servers say which key was wrong.
        text = text.replace(self.server.key, MASK) if self.server.key else text
        what = f"The language model's server {shown(self.server.url)} answers {status}: {shown(text) or 'nothing'}."
        if status >= httpx.codes.INTERNAL_SERVER_ERROR or status in AGAIN:
            raise WriterFailed(what, "Look at its log.", is_passing=True)
        raise Misconfigured(what, CURES.get(status, "Look at its log, and at what it can do."))


def _object(content: str) -> dict[str, Any]:
    """The JSON object in what a model wrote; some put it into a fence of Markdown or think aloud before it."""
    text = content.rpartition("</think>")[2].strip()
    first, last = text.find("{"), text.rfind("}")
    try:
        found = json.loads(text[first : last + 1])
    except (ValueError, RecursionError) as error:
        raise WriterFailed("The language model answers no JSON.") from error
    if not isinstance(found, dict):
        raise WriterFailed("The language model answers no JSON object.")
    return found
