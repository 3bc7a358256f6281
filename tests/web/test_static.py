"""The public bucket on a plain static host: all but the search works, with no process of ours."""

import io
import json
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import feedparser
import pytest
from docx import Document
from playwright.sync_api import Browser, Page
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from config import stores
from config.settings import Settings
from core import keys
from core.bucket import Bucket
from core.models import Episode
from maaseutu.stack import Stack
from tasks import pages, signing
from tests.web import demo
from tests.web import test_captions_played as played
from tests.web.host import served

chromium = played.chromium

PLAYS = "() => { const v = document.querySelector('video'); v.muted = true; v.play(); }"
PLAYED = "() => document.querySelector('video').currentTime > 0.6"


class Host(NamedTuple):
    """A static host with the whole bucket, and the one that has a page of others which frames ours."""

    url: str
    folder: Path
    episode: Episode


@pytest.fixture(scope="module")
def host(storage: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """An episode is published as ever; then every object is copied into a folder, and only that is served."""
    folder, media = tmp_path_factory.mktemp("host"), tmp_path_factory.mktemp("media")
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        site = _published(_settings(storage.settings, url, media), media)
        for stored in site[0].list():
            target = folder / stored.key
            target.parent.mkdir(parents=True, exist_ok=True)
            site[0].download(stored.key, target)
        with served(Starlette(routes=[Mount("/", StaticFiles(directory=folder, html=True))]), listening):
            yield Host(url, folder, site[1])


def _settings(settings: Settings, url: str, media: Path) -> Settings:
    return settings.model_copy(
        update={"site_bucket": "static-site", "archive_bucket": "static-archive", "public_url": url, "state": media}
    )


def _published(settings: Settings, media: Path) -> tuple[Bucket, Episode]:
    stores.create(settings)
    archive, site = stores.archive(settings), stores.site(settings)
    parts = tuple(played._encoded(media))
    for part in parts:
        for track in part.tracks:
            archive.put_file(track.key, media / track.sha256)
        for still in (*part.thumbnails, *([part.poster] if part.poster else [])):
            archive.put_file(still.key, media / f"part-{part.number}" / Path(still.key).name)
    shown = demo.episode().model_copy(
        update={
            "parts": parts,
            "transcript": played.SAID,
            "duration_ms": parts[-1].end_ms,
            "poster": parts[0].poster,
            "gaps": (),
        }
    )
    version = pages.version_of(settings, shown)
    pages.copy_media(archive, site, shown, ())
    pages.publish_version.fn(settings, shown, version, ())
    pages.flip_pointer.fn(settings, shown, version, signing.publish(settings, shown))
    pages.write_lists(site, settings)
    return site, shown


@pytest.fixture
def page(chromium: Browser, host: Host) -> Iterator[Page]:
    """The front page; whatever a page loads and the host lacks fails the test."""
    context = chromium.new_context(viewport={"width": 1200, "height": 800})
    page = context.new_page()
    missing: list[str] = []
    page.on("response", lambda answer: missing.append(answer.url) if answer.status >= 400 else None)
    page.goto(f"{host.url}/")
    yield page
    context.close()
    assert missing == []


def _opened(url: str) -> bytes:
    with urlopen(url, timeout=30) as answer:
        return bytes(answer.read())


def _read(url: str) -> str:
    return _opened(url).decode()


def test_an_episode_is_found_and_plays_with_captions(page: Page, host: Host) -> None:
    page.get_by_role("link", name=re.compile("Kyläkoulut, valokuitu")).first.click()
    page.wait_for_url(f"{host.url}/jaksot/{demo.ID}/")
    page.evaluate(PLAYS)
    page.wait_for_function(PLAYED, timeout=60_000)
    page.evaluate("() => { const v = document.querySelector('video'); v.pause(); v.currentTime = 12 }")
    page.wait_for_function(played.ARRIVED, arg=12, timeout=60_000)
    (track,) = page.evaluate(played.SHOWN)
    assert [" ".join(text.split()) for text in track["active"]] == [
        "Päätettiin, että verkosto tekee yhteisen kannanoton."
    ]


def test_notes_and_downloads_open(page: Page, host: Host) -> None:
    page.goto(f"{host.url}/jaksot/{demo.ID}/")
    links = page.eval_on_selector_all("a[href]", "all => all.map(a => a.href)")
    files = {link.split("#")[0] for link in links if link.startswith(f"{host.url}/jaksot/")}
    assert any(file.endswith("muistio.html") for file in files)
    assert all(_opened(file) for file in files)
    (memo,) = [file for file in files if file.endswith("muistio.docx")]
    assert Document(io.BytesIO(_opened(memo))).paragraphs[1].text == host.episode.broadcast.title


def test_search_says_that_it_is_away_and_the_rest_goes_on(page: Page, host: Host) -> None:
    page.fill("#q", "kunta")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Haku ei ole nyt käytössä").wait_for()
    page.get_by_role("link", name="Etusivu").first.click()
    page.wait_for_url(f"{host.url}/")


def test_every_address_of_the_podcast_is_there(host: Host) -> None:
    read = feedparser.parse(_opened(f"{host.url}/podcast.xml"))
    (entry,) = read.entries
    enclosure = entry.enclosures[0]
    assert len(_opened(enclosure.href)) == int(enclosure.length)
    assert json.loads(_opened(entry.podcast_chapters["url"]))["chapters"]
    assert _opened(entry.podcast_transcript["url"])
    assert _opened(entry.link)
    assert _opened(entry.image.href if "image" in entry else f"{host.url}/podcast.xml")


def test_the_sound_file_plays(page: Page, host: Host) -> None:
    (entry,) = feedparser.parse(_opened(f"{host.url}/podcast.xml")).entries
    seconds = page.evaluate(
        "url => new Promise((done, failed) => { const a = new Audio(url); a.muted = true; a.onerror = failed;"
        " a.ontimeupdate = () => { if (a.currentTime > 0.5) done(a.duration) }; a.play() })",
        entry.enclosures[0].href,
    )
    assert abs(seconds - host.episode.duration_ms / 1000) < 0.1


def test_lists_for_programs_are_there(host: Host) -> None:
    assert len(json.loads(_opened(f"{host.url}/syote.json"))["items"]) == 1
    assert b"BEGIN:VEVENT" in _opened(f"{host.url}/kalenteri.ics")
    assert feedparser.parse(_opened(f"{host.url}/syote.xml")).entries
    for address in re.findall(
        r"<(?:loc|video:player_loc|video:thumbnail_loc)>([^<]+)<", _opened(f"{host.url}/sitemap.xml").decode()
    ):
        assert _opened(address)
    (card,) = json.loads(_opened(f"{host.url}/jaksot.json"))["cards"]
    told = json.loads(_opened(f"{host.url}/jaksot/{demo.ID}/{card['version']}/episode.json"))
    assert _opened(told["media"]["hls"])
    assert len(_opened(told["media"]["audio"]["url"])) == told["media"]["audio"]["size"]
    named = [url for url in told["texts"].values() if url]
    assert len(named) == 9
    assert all(_opened(url) for url in named)


def test_the_store_itself_lets_other_sites_play(host: Host, storage: Stack) -> None:
    site = stores.site(_settings(storage.settings, host.url, host.folder))
    asked = Request(f"{site.endpoint}/{site.name}/{keys.CARDS}", headers={"Origin": "https://kunta.example"})
    with urlopen(asked, timeout=30) as answer:
        assert answer.headers["Access-Control-Allow-Origin"] in {"*", "https://kunta.example"}


def test_another_site_shows_the_player_in_a_frame(chromium: Browser, host: Host) -> None:
    told = json.loads(_opened(f"{host.url}/jaksot/{demo.ID}/oembed.json"))

    async def other(_: object) -> HTMLResponse:
        return HTMLResponse(f"<!doctype html><title>Kunta</title>{told['html']}")

    with served(Starlette(routes=[Route("/", other)])) as url:
        context = chromium.new_context()
        page = context.new_page()
        requests: list[str] = []
        page.on("request", lambda request: requests.append(request.url))
        page.goto(url)
        frame = page.frame_locator("iframe")
        video = frame.locator("video")
        video.wait_for()
        page.wait_for_timeout(500)
        assert not [each for each in requests if urlsplit(each).path.endswith(".mp4")]
        video.evaluate("v => { v.muted = true; v.play() }")
        inner = page.frames[1]
        inner.wait_for_function(PLAYED, timeout=60_000)
        assert frame.locator("h1 a").get_attribute("href") == f"{host.url}/jaksot/{demo.ID}/"
        context.close()
