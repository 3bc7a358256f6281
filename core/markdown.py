"""Plain text in Markdown."""

import re

_MARKS = re.compile(r"([\\`*_\[\]<>&])")


def escaped(text: str) -> str:
    """The text so that it is shown as it is."""
    return _MARKS.sub(r"\\\1", text)
