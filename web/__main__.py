"""``python -m web``: the web application by the settings in force."""

from config.settings import load
from config.stores import site
from web.server import build, serve

POLL_S = 1.0


def main() -> None:
    """Serve until told to stop."""
    settings = load()
    app = build(
        site(settings),
        settings.index,
        settings.vocabulary,
        POLL_S,
        locale=settings.locale,
        base_url=settings.site_url,
        per_minute=settings.searches_per_minute,
    )
    serve(app, settings.web_host, settings.web_port, proxies=settings.proxies)


if __name__ == "__main__":
    main()
