"""HLS: a playlist, live or finished."""

from core.outside.addresses import Rules
from core.sources.base import Head, Source


def known(head: Head, _: Rules, __: int) -> Source | None:
    """A playlist begins with a word that nothing else begins with."""
    if not head.start.lstrip().startswith(b"#EXTM3U"):
        return None
    return Source(head.url, live=True)
