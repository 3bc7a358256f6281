"""Pages and the feed as text. Pure: what is given decides every character, so the same input is the same page.

All links are relative, so that any static host or CDN can serve the site under any address.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import quote, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markdown_it import MarkdownIt
from markupsafe import Markup, escape

from config import catalogue
from core import keys
from core.archive import cards
from core.duties.compliance import Evidence
from core.duties.signing import Signing
from core.media import hls
from core.models import Broadcast, Episode, EpisodeCard
from core.planning.planned import Planned
from core.text import mentions
from core.text.transcript import NOT_RECOGNISED
from web import feeds, minutes, oembed, views
from web.links import Links
from web.strings import LOCALES, Strings

HERE = Path(__file__).parent
TEMPLATES = HERE / "templates"
STATIC = HERE / "static"
TEXTS = ("tietoa", "saavutettavuus", "tietosuoja")
"""Pages of prose, each a file of Markdown in each language."""
TO_ROOT = "../../../"
"""From the folder of a version to the root of the site."""


def episode_page(
    episode: Episode,
    version: str,
    strings: Strings,
    *,
    base_url: str = "",
    thumbnails: bool = False,
    contact: str = "",
    signed: Signing | None = None,
) -> str:
    """The page of ``jaksot/ID/index.html``, which refers to the files of ``version``.

    ``base_url`` is the site's address, for the previews other services show; ``thumbnails`` says that
    ``VERSION/thumbs.vtt`` exists; errors in the text are reported to ``contact``, if that is an e-mail address. Who
    stands behind the text is told by ``signed``, which what is on the air has not.
    """
    broadcast = episode.broadcast
    path = f"{keys.EPISODES}{broadcast.id}/"
    return rendered(
        "episode.html",
        strings,
        path,
        episode=episode,
        version=version,
        files=(f"{_up(f'{strings.folder}{path}')}{quote(path)}" if strings.folder else "") + quote(version),
        media=("master.m3u8" if views.has_video(episode) else "audio.m3u8") if episode.plays else "",
        has_video=views.has_video(episode),
        lacks_media=views.lacks_media(episode),
        heights=views.heights(episode),
        thumbnails=thumbnails,
        start_before_ms=hls.LIVE_START_SECONDS * 1000,
        blocks=views.transcript(episode),
        chapters=views.chapters(episode),
        towns=views.towns(episode.mentions),
        summary=cards.summary(episode),
        has_captions=episode.live or bool(episode.transcript.passages),
        has_unclear=any(p.unclear and p.text != NOT_RECOGNISED for p in episode.transcript.passages),
        has_lost=any(p.text == NOT_RECOGNISED for p in episode.transcript.passages),
        not_recognised=NOT_RECOGNISED,
        checked_percent=views.checked_percent(episode),
        signed=signed,
        address=f"{base_url}/jaksot/{quote(broadcast.id)}/" if base_url else "",
        quote=strings(
            "quote.text", **_about(episode, strings), words="{words}", speaker="{speaker}", at="{at}", link="{link}"
        ),
        frame_code=oembed.frame(Links(base_url), broadcast.id, broadcast.title) if base_url and episode.parts else "",
        report=_report(episode, strings, contact) if "@" in contact else None,
    )


def _about(episode: Episode, strings: Strings) -> dict[str, str]:
    broadcast = episode.broadcast
    programme = _programmes().get(broadcast.programme, strings("site.title"))
    return {"title": broadcast.title, "programme": programme, "date": strings.date(broadcast.starts_at)}


def _report(episode: Episode, strings: Strings, contact: str) -> views.Report:
    about = _about(episode, strings)
    subject = strings("quote.report_subject", **about)
    body = strings("quote.report_body", **about, words="{words}", at="{at}", link="{link}")
    return views.Report(f"mailto:{quote(contact, safe='@')}?subject={quote(subject)}", body)


@cache
def _programmes() -> dict[str, str]:
    return {slug: each.title for slug, each in catalogue.programmes().items()}


def coming_page(planned: Planned, strings: Strings, base_url: str = "") -> str:
    """The page of ``jaksot/ID/index.html`` before the broadcast: when it begins, and what it is about."""
    return rendered(
        "coming.html",
        strings,
        f"{keys.EPISODES}{planned.id}/",
        planned=planned,
        address=f"{base_url}/jaksot/{quote(planned.id)}/" if base_url else "",
    )


def checking_page(broadcast: Broadcast, strings: Strings, *, is_rejected: bool = False) -> str:
    """The page of ``jaksot/ID/index.html`` before a person has released its text, or after one has rejected that.

    What was rejected is not called by its title.
    """
    told = {"broadcast": broadcast, "is_rejected": is_rejected}
    return rendered("checking.html", strings, f"{keys.EPISODES}{broadcast.id}/", **told)


def withdrawn_page(broadcast_id: str, starts_at: datetime, withdrawn_at: datetime, note: str, strings: Strings) -> str:
    """The page of ``jaksot/ID/index.html`` of an episode that was withdrawn: neither its title nor anything of it."""
    told = {"starts_at": starts_at, "withdrawn_at": withdrawn_at, "note": note}
    return rendered("withdrawn.html", strings, f"{keys.EPISODES}{broadcast_id}/", **told)


def notes_page(episode: Episode, version: str, strings: Strings) -> str:
    """The page of ``jaksot/ID/VERSION/muistio.html``: the notes alone, to be printed."""
    checked = views.checked_percent(episode)
    path = keys.asset(episode.broadcast.id, version, "muistio.html")
    return rendered("notes.html", strings, path, episode=episode, version=version, checked_percent=checked)


def evidence_page(shown: Evidence, strings: Strings) -> str:
    """The page of ``jaksot/ID/selvitys/``: what was published when, and who stands behind its text, to be printed."""
    return rendered("evidence.html", strings, keys.evidence_page(shown.episode).removesuffix("index.html"), e=shown)


def front_page(
    cards: Iterable[EpisodeCard],
    strings: Strings,
    programmes: Mapping[str, str] = MappingProxyType({}),
    coming: Sequence[Planned] = (),
) -> str:
    """The page of ``index.html``: what is on the air, then what is to come, then the newest broadcasts, newest first.

    ``programmes``: slug → title.
    """
    ordered = views.newest_first(cards)
    live, over = [card for card in ordered if card.live], [card for card in ordered if not card.live]
    newest, earlier = (over[:1], over[1:]) if not live else ([], over)
    return rendered(
        "front.html",
        strings,
        "",
        live=live,
        coming=coming,
        newest=newest,
        earlier=earlier[: views.EARLIER],
        others=len(earlier) > views.EARLIER,
        programmes=views.programmes(ordered, programmes),
        towns=views.lately(ordered),
        topics=views.topics(ordered),
    )


def feed(cards: Iterable[EpisodeCard], strings: Strings, base_url: str = "") -> str:
    """The Atom feed of ``syote.xml``. Without ``base_url`` its links are relative, which Atom allows."""
    return feeds.atom(cards, strings, base_url)


def message_page(kind: str, strings: Strings, root: str = "") -> str:
    """A page that only says something: ``missing`` (404) or ``unreachable`` (503)."""
    return rendered("message.html", strings, "", root=f"{root}{strings.folder}", base=root, languages=(), kind=kind)


def missing_page(strings: Strings, base_url: str) -> str:
    """The page of ``404.html``, which a static host shows at any address: so its links begin at the site's root."""
    return message_page("missing", strings, f"{urlsplit(base_url).path.rstrip('/')}/")


def text_page(name: str, strings: Strings, contact: str = "") -> str:
    """The page of ``tietoa/`` and other ``TEXTS``. ``contact`` is an e-mail address or a URL."""
    written = (LOCALES / f"{name}.{strings.lang}.md").read_text(encoding="utf-8")
    whom = strings("contact.address", address=f"<{contact}>") if contact else strings("contact.unknown")
    html = MarkdownIt("commonmark").render(written.replace("{contact}", whom))
    title = written.partition("\n")[0].removeprefix("# ")
    return rendered("text.html", strings, f"{name}/", title=title, text=Markup(html))


def programme_page(series: views.Series, strings: Strings) -> str:
    """The page of ``ohjelmat/SLUG/``: all its broadcasts."""
    return rendered("programme.html", strings, f"{keys.PROGRAMMES}{series.slug}/", series=series)


def static_files() -> Iterator[tuple[str, Path]]:
    """Names and files of what the pages load, for ``keys.static``. The names hold the design's digest: never reused."""
    for path in _files(STATIC):
        yield f"{digest()}/{path.relative_to(STATIC).as_posix()}", path


@cache
def digest() -> str:
    """Digest of templates, static files and texts: a page rendered with another one looks different."""
    hasher = hashlib.sha256()
    for path in [*_files(TEMPLATES), *_files(STATIC), *_files(LOCALES)]:
        hasher.update(f"{path.relative_to(HERE).as_posix()}\0".encode())
        hasher.update(hashlib.sha256(path.read_bytes()).digest())
    return hasher.hexdigest()[:12]


def called(name: str, lang: str) -> str:
    """A municipality's name in a language of the pages: its Swedish one in Swedish, the Finnish one elsewhere."""
    return _swedish().get(name, name) if lang == "sv" else name


@cache
def _swedish() -> dict[str, str]:
    return {each.name_fi: each.name_sv for each in mentions.municipalities(catalogue.MUNICIPALITIES)}


def highlighted(text: str, highlights: Sequence[tuple[int, int]]) -> Markup:
    """``text`` escaped, with the spans ``(start, end)`` in ``<mark>``. Spans may touch but not overlap."""
    pieces, at = [], 0
    for start, end in sorted(highlights):
        pieces += [escape(text[at:start]), Markup("<mark>"), escape(text[start:end]), Markup("</mark>")]
        at = end
    return Markup("").join([*pieces, escape(text[at:])])


def _files(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.is_file())


def rendered(template: str, strings: Strings, path: str, **values: Any) -> str:
    """A page of the address ``path`` within its language.

    Its links are relative: ``root`` leads to the language's front page, ``base`` to the root of the site.
    """
    base = _up(f"{strings.folder}{path}")
    given = {
        "s": strings,
        "root": _up(path),
        "base": base,
        "languages": [(lang, name, f"{base}{folder}{quote(path)}") for lang, name, folder in strings.siblings],
    } | values
    return _environment().get_template(template).render(given, assets=f"{given['base']}static/{digest()}")


def _up(path: str) -> str:
    return "../" * path.count("/")


def compile_all() -> None:
    """Compile all templates, for whoever is forked from this process: else each does it anew."""
    for name in _environment().list_templates():
        _environment().get_template(name)


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"seconds": views.seconds, "by_kind": views.by_kind, "towns": views.towns, "part": quote}
    made.filters |= {"slug": keys.slug, "called": called, "deadline": minutes.deadline}
    made.globals["highlighted"] = highlighted
    return made
