"""Pages that say one thing, and the page of the player alone. Pure, as web.render."""

from web import render
from web.strings import Strings


def notice(title: str, text: str, strings: Strings, root: str = "") -> str:
    """A page that only says something, with the way to the front page."""
    return render._page("notice.html", strings, root, title=title, text=text)
