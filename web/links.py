"""Addresses of the public site's objects, as other programs are told them. Pure."""

from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote

from core import keys
from core.models import EpisodeCard
from web import views


@lru_cache(maxsize=1024)
def _path(key: str) -> str:
    return quote(key.removesuffix(keys.FRONT_PAGE))


class Links(NamedTuple):
    """Addresses under ``base``, the site's own without a slash at its end; without it they begin at the site's root."""

    base: str = ""

    def to(self, key: str) -> str:
        """The address of an object; that of a page is its folder's."""
        path = _path(key)
        return f"{self.base.rstrip('/')}/{path}" if self.base else path

    def episode(self, name: str) -> str:
        """The page of an episode."""
        return self.to(keys.page(name))

    def moment(self, name: str, ms: int) -> str:
        """The page of an episode at a moment."""
        return f"{self.episode(name)}#t={views.seconds(ms)}"

    def poster(self, card: EpisodeCard) -> str | None:
        """The still of an episode, if it has one."""
        return self.to(keys.asset(card.id, card.version, "poster.jpg")) if card.poster else None
