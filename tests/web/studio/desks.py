"""Persons of the tests' studio, how they sign in, and an episode in its buckets."""

from datetime import datetime

from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from core import keys
from core.bucket import Bucket
from core.duties import compliance, signing
from core.duties.signing import Kind, Signing, Step
from core.models import Episode
from tests.web import demo

PRODUCER, ADMIN = "Anna Korhonen", "Eero Mäki"
PASSWORD = "puro virtaa hiljaa kotiin"


def browser(studio: Starlette, **headers: str) -> TestClient:
    """A browser at a studio, which is mounted where the web application has it."""
    sent = headers or {"Sec-Fetch-Site": "same-origin"}
    return TestClient(Starlette(routes=[Mount("/studio", studio)]), headers=sent, follow_redirects=False)


def sign_in(client, name=PRODUCER, password=PASSWORD, back=""):
    """What the form of the sign-in sends."""
    return client.post(f"/studio/kirjaudu{back and f'?next={back}'}", data={"name": name, "password": password})


def put(
    archive: Bucket, site: Bucket | None, name: str, steps: list[tuple[Kind, str, datetime]], *, title: str = ""
) -> Episode:
    """An episode whose text has come so far; without a ``site`` it is not published."""
    shown = demo.episode(title=title or name)
    broadcast = shown.broadcast.model_copy(update={"id": name})
    shown = shown.model_copy(update={"broadcast": broadcast, "machine": "m1"})
    archive.put_record(keys.episode(name), shown)
    noted = tuple(Step(at=at, kind=kind, by=by, machine="m1") for kind, by, at in steps)
    for number, step in enumerate(noted):
        assert signing.append(archive, name, noted[:number], step)
    if site:
        site.put_record(keys.card(name), demo.card(shown))
        site.put_record(keys.evidence(name), compliance.evidence(shown, demo.VERSION, Signing("m1", noted)))
    return shown
