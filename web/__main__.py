"""``python -m web``: the web application by the settings in force."""

from config.settings import load
from config.stores import site
from web.server import serve

POLL_S = 1.0


def main() -> None:
    """Serve until told to stop."""
    settings = load()
    serve(
        site(settings),
        settings.index,
        settings.vocabulary,
        settings.web_host,
        settings.web_port,
        POLL_S,
        locale=settings.locale,
    )


if __name__ == "__main__":
    main()
