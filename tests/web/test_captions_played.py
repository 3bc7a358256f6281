"""Captions as a browser shows them: of a recording with two Takes, encoded and published as ever."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from config import catalogue
from core import child, keys
from core.archive import segments
from core.capture.storer import Closed, describe, files
from core.media import encode, ffmpeg, hls
from core.models import EncodedPart, Episode, Segment
from core.text import captions
from tasks import pages
from tests.core.transcripts import spoken
from tests.web import demo
from tests.web.host import served
from tests.web.test_accessible import REFUSALS
from web import render, strings
from web.api import SecurityHeaders

pytestmark = pytest.mark.slow

FLAGS = ["--no-sandbox", "--disable-gpu", "--autoplay-policy=no-user-gesture-required"]
SOUND, ON_AIR = "aani", "suora"
TAKE_S = 10
COLOURS = f"gradients=s=160x90:r=25:d={TAKE_S}:speed=0.02:c0=0x12362c:c1=0x3f8f73:c2=0xe9e4cf:c3=0x2a6f8f:n=4"
SAID = spoken(
    (0.5, 3.2, "Hyvää huomenta ja tervetuloa Maaseutu LIVE -lähetykseen."),
    (3.4, 6.2, "Tänään mukana ovat Vieremä, Kuhmoinen ja Utajärvi."),
    (7.4, 9.9, "Hanke maksaa 20 000 euroa vuodessa."),
    (11.0, 13.8, "Päätettiin, että verkosto tekee yhteisen kannanoton."),
    (14.6, 18.0, "Luonnoksen valmistelee Anna Korhonen 3. joulukuuta mennessä."),
)
SHOWN = """() => [...document.querySelector("video").textTracks]
  .filter((track) => ["captions", "subtitles"].includes(track.kind))
  .map((track) => ({ mode: track.mode, label: track.label, language: track.language,
    cues: [...(track.cues ?? [])].map((cue) => ({ start: cue.startTime, end: cue.endTime, text: cue.text })),
    active: [...(track.activeCues ?? [])].map((cue) => cue.text) }))"""
ARRIVED = """(seconds) => {
  const video = document.querySelector("video");
  return !video.seeking && video.readyState > 2 && Math.abs(video.currentTime - seconds) < 0.1
    && [...video.textTracks].some((track) => track.mode === "showing" && track.activeCues?.length);
}"""
WHILE_PLAYING = """(seconds) => {
  const video = document.querySelector("video");
  const active = [...video.textTracks].filter((track) => track.mode === "showing")
    .flatMap((track) => [...(track.activeCues ?? [])].map((cue) => cue.text));
  return video.currentTime > seconds + 0.5 && { at: video.currentTime, active };
}"""


class Site(NamedTuple):
    """What was published, and where."""

    episode: Episode
    captions: tuple[captions.Caption, ...]
    url: str


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An episode of two Takes of several Parts on a server that knows ranges."""
    folder = tmp_path_factory.mktemp("site")
    parts = _encoded(folder)
    shown = demo.episode().model_copy(
        update={"parts": tuple(parts), "transcript": SAID, "duration_ms": parts[-1].end_ms, "chapters": (), "gaps": ()}
    )
    heard = [part.model_copy(update={"tracks": (hls.track(part, hls.AUDIO),)}) for part in parts]
    _publish(folder, shown)
    _publish(folder, demo.older(SOUND, shown).model_copy(update={"parts": tuple(heard), "poster": None}))
    _publish(folder, demo.older(ON_AIR, shown).model_copy(update={"live": True}))
    for name, path in render.static_files():
        target = folder / keys.static(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    files = Mount("/", StaticFiles(directory=folder, html=True))
    with served(Starlette(routes=[files], middleware=[Middleware(SecurityHeaders)])) as url:
        yield Site(shown, captions.cues(SAID.passages), f"{url}/{keys.EPISODES}{demo.ID}/")


def _publish(folder: Path, shown: Episode) -> None:
    name, text, version = shown.broadcast.id, strings.load("fi"), keys.LIVE if shown.live else demo.VERSION
    growing = pages.watched_files(shown, version, captions.cues(SAID.passages), hls.Growth(60)) if shown.live else {}
    for file, content in (growing or pages.version_files(shown, version, text, captions.STYLE)).items():
        _write(folder, keys.asset(name, version, file), content)
    _write(folder, keys.page(name), render.episode_page(shown, version, text))
    for track in (track for part in shown.parts for track in part.tracks):
        target = folder / keys.media(name, track.sha256)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((folder / track.sha256).read_bytes())


def _encoded(folder: Path) -> list[EncodedPart]:
    paths: dict[Segment, Path] = {}
    for take in (1, 2):
        place = folder / f"take-{take:03}"
        place.mkdir()
        source = folder / f"{take}.mp4"
        tone = f"sine=frequency={220 * take}:duration={TAKE_S}:sample_rate=48000"
        argv = [ffmpeg.program(), "-f", "lavfi", "-i", COLOURS, "-f", "lavfi", "-i", tone, "-g", "50"]
        child.run([*argv, "-c:v", "libx264", "-preset", "ultrafast", str(source)], folder / "log", timeout=120)
        argv = ffmpeg.segmenter(ffmpeg.program(), str(source), place, "ts", seconds=4, options={})
        child.run(argv, folder / "log", timeout=60)
        paths |= {describe(Closed(path, take, captured_at=datetime.now(UTC))): path for path in files(place)}
    options = encode.Options(catalogue.ladder(), 2)
    return [_published(part, paths, folder, options) for part in segments.parts(paths, target_ms=4000, sealed=True)]


def _published(part: Any, paths: dict[Segment, Path], folder: Path, options: encode.Options) -> EncodedPart:
    place = folder / f"part-{part.number}"
    place.mkdir()
    made = encode.encode_part(part, paths, place, options)
    for track in made.tracks:
        (place / f"{track.name}.mp4").rename(folder / track.sha256)
    return made


def _write(folder: Path, key: str, text: str) -> None:
    path = folder / key
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def chromium(browser: str) -> Iterator[Browser]:
    with sync_playwright() as play:
        yield play.chromium.launch(executable_path=browser, args=FLAGS)


@contextmanager
def _playing(chromium: Browser, url: str) -> Iterator[Page]:
    """The page there, playing without sound, of which the policy refuses nothing."""
    context = chromium.new_context(viewport={"width": 1200, "height": 800})
    page = context.new_page()
    page.add_init_script(REFUSALS)
    page.goto(url)
    page.evaluate("() => { const v = document.querySelector('video'); v.muted = true; v.play() }")
    page.wait_for_function("() => document.querySelector('video').currentTime > 0.6", timeout=60_000)
    yield page
    assert page.evaluate("window.refused") == []
    context.close()


@pytest.fixture
def page(chromium: Browser, site: Site) -> Iterator[Page]:
    """The episode's page."""
    with _playing(chromium, site.url) as page:
        yield page


def _seen(page: Page, seconds: float) -> list[str]:
    """The captions that are on the screen at a moment."""
    page.evaluate("(at) => { const v = document.querySelector('video'); v.pause(); v.currentTime = at }", seconds)
    page.wait_for_function(ARRIVED, arg=seconds, timeout=60_000)
    (track,) = page.evaluate(SHOWN)
    assert track["mode"] == "showing"
    return [text.replace("\n", " ") for text in track["active"]]


def test_the_recording_is_two_takes_of_parts(site: Site) -> None:
    assert [part.take for part in site.episode.parts] == [1, 1, 1, 2, 2, 2]


def test_the_right_words_are_shown_at_their_second(page: Page, site: Site) -> None:
    """Once each, also where a caption spans two Parts, and after the border between the Takes."""
    for caption in site.captions:
        middle = (caption.start_ms + caption.end_ms) / 2000
        assert _seen(page, middle) == [" ".join(caption.lines)]
    (track,) = page.evaluate(SHOWN)
    assert (track["label"], track["language"]) == ("Suomi", "fi")
    assert page.locator("track[kind=captions]").count() == 0
    read = [(cue["start"], cue["end"], cue["text"]) for cue in track["cues"]]
    border = next(part.start_ms for part in site.episode.parts if part.take == 2)
    wanted = [time for c in site.captions for time in _pieces(c, border)]
    assert [text for *_, text in read] == [text for *_, text in wanted]
    for (start, end, _), (begins, ends, _) in zip(read, wanted, strict=True):
        assert abs(start - begins) < 0.05
        assert abs(end - ends) < 0.05


def _pieces(caption: captions.Caption, border: int) -> list[tuple[float, float, str]]:
    cuts = [caption.start_ms, *[border] * (caption.start_ms < border < caption.end_ms), caption.end_ms]
    return [(a / 1000, b / 1000, "\n".join(caption.lines)) for a, b in zip(cuts, cuts[1:], strict=False)]


def test_the_right_words_are_shown_while_it_plays_over_the_border(page: Page, site: Site) -> None:
    after = site.captions[3]
    start = after.start_ms / 1000
    _seen(page, site.captions[2].start_ms / 1000 + 2)
    page.evaluate("() => document.querySelector('video').play()")
    seen = page.wait_for_function(WHILE_PLAYING, arg=start, timeout=60_000).json_value()
    shown = captions.showing(site.captions, round(seen["at"] * 1000), round(seen["at"] * 1000) + 1)
    assert [text.replace("\n", " ") for text in seen["active"]] == [" ".join(c.lines) for c in shown]


def test_captions_are_turned_off_and_on(page: Page, site: Site) -> None:
    page.keyboard.press("c")
    assert [track["mode"] for track in page.evaluate(SHOWN)] == ["disabled"]
    page.keyboard.press("c")
    last = site.captions[-1]
    assert _seen(page, (last.start_ms + last.end_ms) / 2000) == [" ".join(last.lines)]


def test_without_script_the_page_has_captions_of_its_own(chromium: Browser, site: Site) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site.url)
    track = page.locator("track[kind=captions]")
    assert track.get_attribute("src") == f"{demo.VERSION}/captions.vtt"
    assert track.get_attribute("default") is not None
    context.close()


def test_sound_alone_keeps_the_captions_of_the_page(chromium: Browser, site: Site) -> None:
    """It has no master playlist, which would name others."""
    with _playing(chromium, site.url.replace(demo.ID, SOUND)) as page:
        last = site.captions[-1]
        assert _seen(page, (last.start_ms + last.end_ms) / 2000) == [" ".join(last.lines)]


def test_a_broadcast_on_the_air_can_be_seen_from_its_beginning(chromium: Browser, site: Site) -> None:
    page = chromium.new_page()
    page.goto(site.url.replace(demo.ID, ON_AIR) + "#t=12")
    page.keyboard.press("k")
    there = "() => { const v = document.querySelector('video'); return v.currentTime >= 12 && !v.seeking }"
    page.wait_for_function(there, timeout=60_000)
    page.get_by_role("link", name="Alusta").press("Enter")
    begun = "() => { const t = document.querySelector('video').currentTime; return t > 0.3 && t < 10 }"
    page.wait_for_function(begun, timeout=60_000)
    assert page.evaluate("() => document.querySelector('video').seekable.start(0)") == 0
    assert page.evaluate("() => location.hash") == "#t=0"
    page.close()
