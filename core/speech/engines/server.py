"""A server that speaks OpenAI's protocol: ``POST /v1/audio/transcriptions``. The sound leaves this machine.

The address is the operator's, like that of the S3 store; no producer and no source can name one.
"""

import io
import wave
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from core.errors import Misconfigured, RecogniserAway
from core.media import sound
from core.names import shown
from core.speech import model
from core.speech.engines.base import About, Heard, HeardWord, Hints, Samples, Setup
from core.speech.windows import Stretch

NAME = "server"
CONNECT_SECONDS, ANSWER_SECONDS = 10.0, 300.0
"""A processor takes a minute for 29 s with a large model, and others may wait before us."""
LOOK_SECONDS = 10.0
CURES = {
    401: "Correct MAASEUTU_SPEECH_SERVER_KEY.",
    403: "Correct MAASEUTU_SPEECH_SERVER_KEY, or let it use this model.",
    404: "Correct MAASEUTU_SPEECH_SERVER (its end is mostly /v1), and MAASEUTU_MODEL.",
    413: "Let it, or the proxy before it, take requests of 1 MB: 29 s of sound are 928 044 bytes.",
}
MEASURES = ("avg_logprob", "compression_ratio", "no_speech_prob")
AGAIN = (408, 425, 429)
"""Answers that mean: later."""
WITHOUT_TIMES = (
    "Use a server and a model that answer response_format=verbose_json with timestamp_granularities[]=word, "
    "such as a server of faster-whisper, or whisper-1; times are not made up here."
)


def locate(configured: str, _: Path) -> str:
    """The name that the server has for the model.

    Raises:
        Misconfigured: none is named.
    """
    if not configured:
        what = f"MAASEUTU_ENGINE is {NAME}, but no model is named."
        raise Misconfigured(what, "Set MAASEUTU_MODEL to the name that the server has for it, such as whisper-1.")
    return configured


class Server:
    """The engine: the server ``setup.service``, with the model that it calls ``setup.model``."""

    def __init__(self, setup: Setup) -> None:
        self._model = str(setup.model)
        self._service = setup.service
        self._shown = shown(setup.service.url)

    @property
    def name(self) -> str:
        """As of the protocol. What it calculates in, and how wide it searches, is the server's matter."""
        return f"{NAME}, model {self._model}"

    def about(self) -> About:
        """As of the protocol. Asks for the list of models; not every server has one, and then nothing is known."""
        with self._client(LOOK_SECONDS) as client:
            answer = self._asked(client, "GET", "models")
        if answer.status_code != httpx.codes.NOT_FOUND:
            self._require_well(answer)
            self._require_listed(answer)
        return About(f"{self._model} at {self._shown}", None, "the server's", None, None)

    def _require_listed(self, answer: httpx.Response) -> None:
        data = _json(answer).get("data")
        known = [str(each.get("id")) for each in data if isinstance(each, dict)] if isinstance(data, list) else []
        if known and self._model not in known:
            what = f"The speech server {self._shown} does not list the model {self._model}."
            raise Misconfigured(what, f"Set MAASEUTU_MODEL to one of {', '.join(known[:20])}.")

    def require(self, language: str) -> None:
        """As of the protocol, by the model's name."""
        model.require_language(self._model, language, multilingual=True)

    def likelihoods(self, samples: Samples, texts: Sequence[str], language: str) -> list[float] | None:
        """As of the protocol: it does not tell."""
        return None

    def decode(
        self, samples: Samples, stretches: Sequence[Stretch], hints: Hints, temperature: float = 0.0
    ) -> Iterator[Heard]:
        """As of the protocol. Some servers raise the temperature by themselves when they doubt what they heard."""
        if not stretches:
            return
        self.require(hints.language)
        fields = {
            "model": self._model,
            "language": hints.language,
            "temperature": str(temperature),
            "response_format": "verbose_json",
            "timestamp_granularities[]": ["word", "segment"],
        }
        if hints.prompt:
            fields["prompt"] = hints.prompt
        with self._client(ANSWER_SECONDS) as client:
            for stretch in stretches:
                first, last = (round(seconds * sound.SPEECH_RATE) for seconds in stretch)
                part = {"file": ("speech.wav", wav(samples[first:last]), "audio/wav")}
                answer = self._asked(client, "POST", "audio/transcriptions", data=fields, files=part)
                self._require_well(answer)
                yield from self._heard(_json(answer), stretch)

    def _client(self, seconds: float) -> httpx.Client:
        if not _is_url(self._service.url):
            what = f"MAASEUTU_ENGINE is {NAME}, but MAASEUTU_SPEECH_SERVER is not the URL of one."
            raise Misconfigured(what, "Set it, for example to http://127.0.0.1:8000/v1.")
        headers = {"Authorization": f"Bearer {self._service.key}"} if self._service.key else {}
        return httpx.Client(headers=headers, timeout=httpx.Timeout(seconds, connect=CONNECT_SECONDS))

    def _asked(self, client: httpx.Client, method: str, path: str, **content: Any) -> httpx.Response:
        try:
            return client.request(method, f"{self._service.url.rstrip('/')}/{path}", **content)
        except httpx.HTTPError as error:
            what = f"The speech server {self._shown} does not answer ({type(error).__name__}: {error})."
            raise RecogniserAway(what, "Look whether it runs, and at MAASEUTU_SPEECH_SERVER.") from error

    def _require_well(self, answer: httpx.Response) -> None:
        status = answer.status_code
        if answer.is_success:
            return
        what = f"The speech server {self._shown} answers {status}: {shown(answer.text.strip()[:200]) or 'nothing'}"
        if status >= httpx.codes.INTERNAL_SERVER_ERROR or status in AGAIN:
            raise RecogniserAway(f"{what}.", "Look at its log.")
        raise Misconfigured(f"{what}.", CURES.get(status, "Look at its log, and at what it can do."))

    def _heard(self, answer: dict[str, Any], stretch: Stretch) -> Iterator[Heard]:
        segments = [each for each in _listed(answer, "segments") if isinstance(each, dict)]
        # OpenAI gives the words beside the segments, others in them.
        words = _listed(answer, "words") or [word for segment in segments for word in _listed(segment, "words")]
        if str(answer.get("text") or "").strip() and not words:
            what = f"The speech server {self._shown} gives no times of words with the model {self._model}."
            raise Misconfigured(what, WITHOUT_TIMES)
        try:
            timed = sorted(_word(word, stretch) for word in words)
            ends = [stretch.start + float(segment["end"]) for segment in segments]
        except (KeyError, TypeError, ValueError) as error:
            what = f"The speech server {self._shown} gives words or segments without times ({error!r})."
            raise Misconfigured(what, WITHOUT_TIMES) from error
        yield from _together(timed, segments, ends)


def _is_url(text: str) -> bool:
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL:
        return False
    return url.scheme in ("http", "https") and bool(url.host)


def _together(words: list[HeardWord], segments: list[dict[str, Any]], ends: list[float]) -> Iterator[Heard]:
    """Each word with the measures of the segment in which it begins; the last one has what comes after it, too."""
    left = list(words)
    for number, (segment, end) in enumerate(zip(segments, ends, strict=True)):
        last = number == len(segments) - 1
        mine = [word for word in left if last or word.start < end]
        left = left[len(mine) :]
        logprob, compression, no_speech = (_number(segment, name) for name in MEASURES)
        yield Heard(tuple(mine), logprob, compression, no_speech)
    if left:
        yield Heard(tuple(left), None, None, None)


def _listed(answer: dict[str, Any], name: str) -> list[Any]:
    found = answer.get(name)
    return found if isinstance(found, list) else []


def _number(segment: dict[str, Any], name: str) -> float | None:
    value = segment.get(name)
    return float(value) if isinstance(value, int | float) else None


def _word(word: dict[str, Any], stretch: Stretch) -> HeardWord:
    """On the time axis of the samples. A time beyond the sound that was sent is brought back to its end."""
    start, end = (min(max(0.0, float(word[name])), stretch.end - stretch.start) for name in ("start", "end"))
    # OpenAI tells no probability, others do.
    return HeardWord(stretch.start + start, stretch.start + end, str(word["word"]), _number(word, "probability"))


def _json(answer: httpx.Response) -> dict[str, Any]:
    try:
        found = answer.json()
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Misconfigured(f"What {shown(str(answer.url))} answers is not what a speech server says.", CURES[404])
    return found


def wav(samples: Samples) -> bytes:
    """The samples (n,) at 16 kHz, each from -1 to 1, as a WAV file of 16 bits."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(sound.SPEECH_RATE)
        out.writeframes((np.clip(samples, -1, 1) * 32767).round().astype("<i2").tobytes())
    return file.getvalue()
