"""The editor of a transcript: its page, and the API under /studio/api/episodes/ID/ that the page asks.

Every change is an action (archive.actions) that says what its person saw. When another one was there before, the
answer is 409 with how it stands now, and nothing is stored.
"""

import logging
import re
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from core import identifiers
from core.archive.recordings import RecordingStore
from core.bucket import Bucket
from core.duties import withdrawals
from core.duties.withdrawals import Withdrawal
from core.errors import InvalidInput, MaaseutuError, ObjectMissing
from core.media import hls
from core.models import Broadcast, EncodedTrack, Passage
from core.planning import plans
from core.review.editing import Desk, Present
from core.text import captions, everywhere
from web import problems, serving
from web.studio import asked, pages, told
from web.studio.audit import Audit
from web.studio.people import spoken, who
from web.studio.publishing import Run, Runs

LARGEST = 8 << 20
"""Bytes of what is asked for: every Passage of four hours at once."""
STATES = {ObjectMissing: 404, InvalidInput: 422}
"""HTTP's words for our errors; others are the store's, or another server's: 503."""

WRITTEN = ("text", "replace")
"""Kinds of edits with a text for the transcript."""

Handler = Callable[[Request], Awaitable[Response]]
Analyse = Callable[[Iterable[str]], object]
_log = logging.getLogger(__name__)


def routes(archive: Bucket, runs: Runs, analyse: Analyse, *, style: captions.Style = captions.STYLE) -> list[BaseRoute]:
    """The routes, whose paths begin after /studio.

    ``runs`` are those of the flow that publishes. ``analyse`` is given what persons wrote, once it is saved.
    """
    editor = Editor(archive, runs, style, analyse)
    api = "/api/episodes/{id}"
    return [
        Route("/jaksot/{id}/", editor.page),
        Route(api, _answered(editor.read)),
        Route(f"{api}/changes", _answered(editor.changes)),
        Route(f"{api}/actions", _answered(editor.act), methods=["POST"]),
        Route(f"{api}/passages/{{passage}}/history", _answered(editor.history)),
        Route(f"{api}/passages/{{passage}}/captions", _answered(editor.captions)),
        Route(f"{api}/chapters", _answered(editor.chapters)),
        Route(f"{api}/found", _answered(editor.found)),
        Route(f"{api}/media/{{name}}.m3u8", _answered(editor.playlist)),
        Route(f"{api}/media/{{sha256}}.mp4", _answered(editor.media)),
        Route(f"{api}/media/poster.jpg", _answered(editor.poster)),
        Route(f"{api}/runs", _answered(editor.publish), methods=["POST"]),
        Route(f"{api}/runs/{{run:uuid}}", _answered(editor.run)),
    ]


def _answered(handler: Handler) -> Handler:
    """The handler, whose errors are answered as problems."""

    async def answer(request: Request) -> Response:
        try:
            return await handler(request)
        except MaaseutuError as error:
            status = next((status for kind, status in STATES.items() if isinstance(error, kind)), 503)
            return problems.response(status, str(error))

    return answer


class Editor:
    """The handlers. Blocking work is done in threads."""

    def __init__(self, archive: Bucket, runs: Runs, style: captions.Style, analyse: Analyse) -> None:
        self._archive, self._runs, self._style, self._analyse = archive, runs, style, analyse
        self._desk = Desk(archive)
        self._audit = Audit(archive)

    async def page(self, request: Request) -> Response:
        """The editor of an episode. What it says comes from the API."""
        name, strings = _name(request), spoken(request)
        broadcast, withdrawn = await run_in_threadpool(self._described, name)
        api = f"../../api/episodes/{name}"
        values: dict[str, Any] = {"broadcast": broadcast, "withdrawn": withdrawn, "api": api}
        text = pages.rendered("editor.html", strings, f"jaksot/{name}/", person=who(request), **values)
        return HTMLResponse(text)

    def _described(self, name: str) -> tuple[Broadcast, Withdrawal | None]:
        """The broadcast, and what withdrew the whole of it."""
        broadcast = RecordingStore(self._archive, name).broadcast()
        decided = withdrawals.read(self._archive, name)
        return decided.described(broadcast), decided.whole

    async def read(self, request: Request) -> Response:
        """All of an episode: Passages with the machine's words, the last actions, the notes, known speakers."""
        found = await self._present(request)
        return await run_in_threadpool(self._whole, found, who(request).name)

    def _whole(self, found: Present, me: str) -> Response:
        broadcast = found.machine.broadcast
        planned = plans.find(self._archive, broadcast.id)
        named = [speaker.name for speaker in planned.speakers] if planned else []
        given = [passage.speaker for passage in found.passages if passage.speaker]
        more = {
            "me": me,
            "speakers": list(dict.fromkeys([*named, *given])),
            "picture": bool(hls.renditions(found.machine.parts)),
            "poster": found.machine.poster is not None,
        }
        return _json(told.present(found) | more)

    async def changes(self, request: Request) -> Response:
        """What is another since the action ``since``."""
        name, since = _name(request), request.query_params.get("since", "")
        return await run_in_threadpool(self._changes, name, since)

    def _changes(self, name: str, since: str, status: int = 200, **more: Any) -> Response:
        now = self._desk.present(name)
        return _json(told.changes(self._desk.before(name, since), now) | more, status)

    async def act(self, request: Request) -> Response:
        """Do an action, and tell what is another since the action ``since``: 409 where a person was there before."""
        body = await request.body()
        if len(body) > LARGEST:
            return problems.response(413, "This is more than a broadcast holds.")
        try:
            wanted = asked.ActionAsked.model_validate_json(body)
        except ValidationError as error:
            return problems.response(422, "This is no action.", errors=asked.faults(error))
        since = request.query_params.get("since", "")
        answer = await run_in_threadpool(self._act, request, wanted, since)
        # Publishing would wait for the lexicon otherwise, which takes seconds to load when a word is new.
        answer.background = BackgroundTask(self._learn, [edit.after for edit in wanted.edits if edit.kind in WRITTEN])
        return answer

    def _learn(self, texts: list[str]) -> None:
        try:
            self._analyse(texts)
        except MaaseutuError as error:
            _log.warning("Words of a correction are not analysed yet: %s", error)

    def _act(self, request: Request, action: asked.ActionAsked, since: str) -> Response:
        name, person = _name(request), who(request)
        wanted = asked.wanted(action, person.name, datetime.now(UTC))
        outcome = self._desk.act(name, wanted, person.name)
        if outcome.is_new:
            self._audit(person, "edit", f"{name} {wanted.id}")
        return self._changes(name, since, 200 if outcome.done else 409, done=bool(outcome.done))

    async def history(self, request: Request) -> Response:
        """What persons did with a Passage."""
        found, passage = await self._passage(request)
        return _json({"edits": told.history(found, passage)})

    async def captions(self, request: Request) -> Response:
        """The captions of a Passage as viewers will see them."""
        found, passage = await self._passage(request)
        return _json({"captions": await run_in_threadpool(told.shown_captions, found, passage, self._style)})

    async def chapters(self, request: Request) -> Response:
        """The chapters as they were found, and what persons did with them."""
        return _json(told.chapters(await self._present(request)))

    async def found(self, request: Request) -> Response:
        """Where ``words`` stand, and what is said there with ``instead`` in their place."""
        words, instead = (request.query_params.get(name, "") for name in ("words", "instead"))
        if not 0 < len(words.split()) <= everywhere.MOST_WORDS:
            return problems.response(422, f"Give one to {everywhere.MOST_WORDS} words.")
        present = await self._present(request)
        found = everywhere.found(present.text.transcript.passages, words, instead)
        return _json({"places": told.places(found), "teaches": everywhere.names(instead)})

    async def playlist(self, request: Request) -> Response:
        """An HLS playlist of the recording, in the archive: it is heard before it is published."""
        found, name = await self._present(request), request.path_params["name"]
        parts = found.machine.parts
        if name == "master":
            text = hls.master_playlist(parts, found.machine.broadcast.language)
        elif name in (hls.AUDIO, *hls.renditions(parts)):
            text = hls.media_playlist(parts, name, lambda track: f"{track.sha256}.mp4")
        else:
            return problems.response(404, "There is no such rendition.")
        return Response(text, media_type="application/vnd.apple.mpegurl")

    async def media(self, request: Request) -> Response:
        """A file of it, or a range of that."""
        found, sha256 = await self._present(request), request.path_params["sha256"]
        track = next((track for track in _tracks(found) if track.sha256 == sha256), None)
        if track is None:
            return problems.response(404, "There is no such file.")
        return await self._kept(request, track.key)

    async def poster(self, request: Request) -> Response:
        """The picture that stands for the recording."""
        poster = (await self._present(request)).machine.poster
        return await self._kept(request, poster.key) if poster else problems.response(404, "It has no picture.")

    async def _kept(self, request: Request, key: str) -> Response:
        """An object of the archive, for this site alone."""
        answer = await run_in_threadpool(serving.answer, self._archive, key, request.headers)
        del answer.headers["Access-Control-Allow-Origin"]
        return answer

    async def publish(self, request: Request) -> Response:
        """Begin to publish the episode as it stands now."""
        found = await self._present(request)
        run = await run_in_threadpool(self._runs.start, found.machine.broadcast.id)
        await run_in_threadpool(self._audit, who(request), "publish", found.machine.broadcast.id)
        return _json(_run(run), 202)

    async def run(self, request: Request) -> Response:
        """How far that is."""
        return _json(_run(await run_in_threadpool(self._runs.find, str(request.path_params["run"]))))

    async def _present(self, request: Request) -> Present:
        return await run_in_threadpool(self._desk.present, _name(request))

    async def _passage(self, request: Request) -> tuple[Present, Passage]:
        found, name = await self._present(request), request.path_params["passage"]
        passage = next((each for each in found.text.transcript.passages if each.id == name), None)
        if passage is None:
            raise ObjectMissing(f"There is no passage {name} any more.", "Load the page again.")
        return found, passage


def _name(request: Request) -> str:
    name: str = request.path_params["id"]
    if not re.fullmatch(identifiers.PATTERN, name):
        raise ObjectMissing(f"There is no episode {name}.", "Check the address.")
    return name


def _tracks(found: Present) -> list[EncodedTrack]:
    return [track for part in found.machine.parts for track in part.tracks]


def _json(told: dict[str, Any], status: int = 200) -> Response:
    return JSONResponse(told, status, {"Cache-Control": "no-store"})


def _run(run: Run) -> dict[str, Any]:
    return run._asdict()
