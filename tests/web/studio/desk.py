"""The editor for tests: an episode with sound in the archive, and a tiny application in place of the sign-in."""

import subprocess
import uuid
from pathlib import Path
from typing import NamedTuple

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from config import stores
from config.settings import Settings
from core import digests, keys
from core.archive.recordings import RecordingStore
from core.media import ffmpeg, fmp4
from core.models import AgendaItem, EncodedPart, EncodedTrack, Passage, Thumbnail
from core.text.anchors import named
from tests.web import demo
from web import problems, render
from web.api import SecurityHeaders
from web.serving import Compressed
from web.strings import Strings
from web.studio.editor import routes
from web.studio.people import Person
from web.studio.publishing import Run

SECONDS = 60
POSTER = b"\xff\xd8\xff\xdb a picture"
RUN = "6a1c8c0e-6f0b-4f3e-9b57-0d9b1c9a7f10"
DOUBTFUL = {3: 4, 9: 1}
"""Passage and word of which the machine was not sure."""
AGENDA = ("Kyläkoulujen tulevaisuus", "Yhteinen kannanotto", "Valokuitu ja etätyö", "Muut asiat")
"""Of the second and the last the machine has found nothing."""


class Signed:
    """What the sign-in does: says who asks, and refuses who is nobody. ``people`` are by the value of a cookie."""

    def __init__(self, app: ASGIApp, people: dict[str, Person], strings: dict[str, Strings]) -> None:
        self._app, self._people, self._strings = app, people, strings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] == "http" and scope["path"].startswith("/studio/"):
            cookies = dict(scope["headers"]).get(b"cookie", b"").decode()
            query = scope["query_string"].decode()
            scope["strings"] = self._strings[next((lang for lang in self._strings if f"kieli={lang}" in query), "fi")]
            scope["person"] = self._people.get(cookies.removeprefix("who="))
            if scope["person"] is None:
                await problems.response(401, "Sign in.")(scope, receive, send)
                return
        await self._app(scope, receive, send)


class Publisher:
    """Runs whose next steps are those of ``ahead``; without any they are over, and well."""

    def __init__(self) -> None:
        self.started: list[str] = []
        self.ahead: list[Run] = []

    def start(self, broadcast_id: str) -> Run:
        """As of Runs."""
        self.started.append(broadcast_id)
        return Run(RUN, "Scheduled", "", is_over=False, is_bad=False)

    def find(self, run_id: str) -> Run:
        """As of Runs."""
        done = Run(run_id, "Completed", "It is published.", is_over=True, is_bad=False, outcome="published")
        return self.ahead.pop(0) if self.ahead else done


class Studio(NamedTuple):
    """The application, who is signed in by the value of the cookie ``who``, what was published, and texts that were
    given to be analysed."""

    app: Starlette
    people: dict[str, Person]
    publisher: Publisher
    analysed: list[str]


def studio(settings: Settings, strings: dict[str, Strings]) -> Studio:
    """All of it, with Anna and Olli signed in."""
    people = {"anna": Person("Anna Korhonen", "producer"), "olli": Person("Olli Niemi", "producer")}
    publisher = Publisher()
    analysed: list[str] = []
    editor = routes(stores.archive(settings), publisher, analysed.extend)
    app = Starlette(
        routes=[
            Mount("/studio", routes=editor),
            Mount(f"/static/{render.digest()}", StaticFiles(directory=render.STATIC)),
        ],
        middleware=[
            Middleware(SecurityHeaders),
            Middleware(Compressed),
            Middleware(Signed, people=people, strings=strings),
        ],
    )
    return Studio(app, people, publisher, analysed)


def sound(folder: Path) -> bytes:
    """A minute of a tone, as encoding makes it."""
    path = folder / "audio.mp4"
    source = ["-f", "lavfi", "-i", f"sine=frequency=330:duration={SECONDS}", "-c:a", "aac"]
    cut = ["-movflags", "+frag_keyframe+empty_moov+default_base_moof", "-frag_duration", "4000000"]
    subprocess.run([ffmpeg.program(), "-v", "error", "-y", *source, *cut, str(path)], check=True)
    return path.read_bytes()


def track(data: bytes, key: str) -> EncodedTrack:
    """The same as a track of a Part."""
    found = fmp4.layout(data, SECONDS * 90_000, 90_000)
    return EncodedTrack(
        name="audio",
        key=key,
        sha256=digests.of_bytes(data),
        size=len(data),
        init_length=found.init_length,
        init_sha256=found.init_sha256,
        codecs=found.codecs,
        bandwidth=100_000,
        fragments=found.fragments,
    )


def prepared(settings: Settings, data: bytes) -> RecordingStore:
    """The example, as it was prepared under a name of its own, with its plan."""
    archive = stores.archive(settings)
    store = RecordingStore(archive, f"test-{uuid.uuid4().hex[:12]}")
    key = archive.put(f"prepared/encode/{store.id}/audio.mp4", data).key
    made = demo.episode(video=False)
    part = EncodedPart(number=0, take=1, start_ms=0, end_ms=SECONDS * 1000, tracks=(track(data, key),))
    still = Thumbnail(at_ms=0, key=f"prepared/encode/{store.id}/poster.jpg", sha256="0" * 64, width=640, height=360)
    archive.put(still.key, POSTER)
    agenda = tuple(AgendaItem(title=title) for title in AGENDA)
    broadcast = made.broadcast.model_copy(update={"id": store.id, "programme": f"p-{store.id}", "agenda": agenda})
    store.announce(broadcast)
    spoken = named(made.transcript)
    passages = tuple(_doubted(passage, DOUBTFUL.get(at)) for at, passage in enumerate(spoken.passages))
    transcript = spoken.model_copy(update={"passages": passages})
    changed = {"broadcast": broadcast, "parts": (part,), "transcript": transcript, "poster": still}
    archive.put_record(keys.episode(store.id), made.model_copy(update=changed))
    archive.put_record(keys.planned(store.id), demo.planned(store.id))
    return store


def _doubted(passage: Passage, at: int | None) -> Passage:
    words = list(passage.words)
    if at is not None:
        words[at] = words[at].model_copy(update={"probability": 0.2})
    return passage.model_copy(update={"words": tuple(words)})
