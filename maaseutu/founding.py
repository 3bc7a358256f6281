"""Writes the pages that a site has before anything was broadcast. Run as a child, since Prefect is imported for it."""

from typing import TYPE_CHECKING

from config import stores
from config.settings import Settings, load
from core import keys
from core.bucket import Bucket
from maaseutu.console import say

if TYPE_CHECKING:
    from tasks.putting import Count


def is_done(site: Bucket) -> bool:
    """Whether the site has its pages: what is written last is there, too."""
    return all(site.head(key) for key in (keys.FRONT_PAGE, keys.WRITTEN))


def write(settings: Settings) -> "Count":
    """What the pages load first, then the front page and the lists, then the pages of places and prose.

    All are made of what is on the site by now, and what is there already is left as it is.
    """
    from tasks import pages, places

    site = stores.site(settings)
    pages.publish_static(site)
    return places.write_all(site, settings)


if __name__ == "__main__":
    say(str(write(load())))
