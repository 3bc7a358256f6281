"""Pages that say one thing, and the page of the player alone. Pure, as web.render."""

from urllib.parse import quote

from core import keys
from core.models import Episode
from web import render, views
from web.links import Links
from web.strings import Strings


def notice(title: str, text: str, strings: Strings, root: str = "") -> str:
    """A page that only says something, with the way to the front page; ``root`` leads to the root of the site."""
    given = {"root": f"{root}{strings.folder}", "base": root, "languages": ()}
    return render.rendered("notice.html", strings, "", title=title, text=text, **given)


def search_away(strings: Strings) -> str:
    """The page of ``haku/`` on a static host, which has no search."""
    return notice(strings("away.search_title"), strings("away.search"), strings, "../")


def subscribe_away(strings: Strings) -> str:
    """The page of ``tilaa/`` on a static host, by which nobody can subscribe."""
    about = {"title": strings("subscribe.away_title"), "text": strings("subscribe.away")}
    return render.rendered("notice.html", strings, keys.SUBSCRIBE, **about)


def embedded(episode: Episode, version: str, strings: Strings, links: Links) -> str:
    """The page of ``embed/ID/``: nothing but the player and a link to the episode's page."""
    broadcast = episode.broadcast
    path = keys.embed(broadcast.id).removesuffix("index.html")
    folder = f"../../{keys.EPISODES}{quote(broadcast.id)}/"
    return render.rendered(
        "embed.html",
        strings,
        path,
        b=broadcast,
        page=links.episode(broadcast.id) if links.base else folder,
        files=f"{folder}{quote(version)}",
        media=("master.m3u8" if views.has_video(episode) else "audio.m3u8") if episode.plays else "",
        poster=bool(episode.poster),
        has_captions=episode.live or bool(episode.transcript.passages),
        language=episode.transcript.language or broadcast.language,
    )
