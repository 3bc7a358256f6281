"""Pages that say one thing, and the page of the player alone. Pure, as web.render."""

from urllib.parse import quote

from core import keys
from core.models import Episode
from web import render, views
from web.links import Links
from web.strings import Strings


def notice(title: str, text: str, strings: Strings, root: str = "") -> str:
    """A page that only says something, with the way to the front page."""
    return render._page("notice.html", strings, root, title=title, text=text)


def search_away(strings: Strings) -> str:
    """The page of ``haku/`` on a static host, which has no search."""
    return notice(strings("away.search_title"), strings("away.search"), strings, "../")


def embedded(episode: Episode, version: str, strings: Strings, links: Links) -> str:
    """The page of ``embed/ID/``: nothing but the player and a link to the episode's page."""
    broadcast = episode.broadcast
    folder = f"{render.TO_ROOT}{keys.EPISODES}{quote(broadcast.id)}/"
    return render._page(
        "embed.html",
        strings,
        render.TO_ROOT,
        b=broadcast,
        page=links.episode(broadcast.id) if links.base else folder,
        files=f"{folder}{quote(version)}",
        media=("master.m3u8" if views.has_video(episode) else "audio.m3u8") if episode.parts else "",
        poster=bool(episode.poster),
        has_captions=episode.live or bool(episode.transcript.passages),
        language=episode.transcript.language or broadcast.language,
    )
