"""The pages of the studio as text, from templates/studio. Pure."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from web import render
from web.strings import Strings

PREFIX = "/studio"


def rendered(template: str, strings: Strings, path: str, query: Mapping[str, str] | None = None, **values: Any) -> str:
    """A page of the address ``studio/PATH``, which was asked for with ``query``.

    Its links are relative: ``desk`` leads to the studio's first page, ``base`` to the root of the site, and ``root`` to
    the language's front page.
    """
    base = "../" * f"studio/{path}".count("/")
    languages = [(lang, name, f"?{urlencode({**(query or {}), 'kieli': lang})}") for lang, name, _ in strings.siblings]
    given = {"root": f"{base}{strings.folder}", "base": base, "desk": f"{base}studio/", "languages": languages}
    return render.rendered(f"studio/{template}", strings, path, **({"person": None} | given | values))
