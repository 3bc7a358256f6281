"""``python -m web``: the web application by the settings in force; ``python -m web rebuild`` makes its index anew."""

import sys

from config import mail
from config.settings import load
from config.stores import archive, site, snapshots
from core.telling.desk import Desk
from web.server import build, rebuild, serve
from web.studio import opening

POLL_S = 1.0


def main() -> None:
    """Serve until told to stop."""
    settings = load()
    if sys.argv[1:] == ["rebuild"]:
        position = rebuild(site(settings), settings.index, settings.vocabulary, snapshots(settings))
        sys.stdout.write(f"The index is made anew up to {position or 'nothing'}.\n")
        return
    app = build(
        site(settings),
        settings.index,
        settings.vocabulary,
        POLL_S,
        locale=settings.locale,
        base_url=settings.site_url,
        per_minute=settings.searches_per_minute,
        store=snapshots(settings),
        studio=opening.studio(settings),
        desk=Desk(archive(settings)),
        server=mail.server(settings),
    )
    serve(app, settings.web_host, settings.web_port, proxies=settings.proxies)


if __name__ == "__main__":
    main()
