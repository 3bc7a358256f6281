"""The mail server as the settings name it."""

from urllib.parse import urlsplit

from config.settings import Settings
from core.telling.post import Server


def server(settings: Settings) -> Server | None:
    """The server for messages to members; None when there is none, or the site has no address for their links."""
    if not settings.smtp_host or not settings.site_url:
        return None
    return Server(
        settings.smtp_host,
        settings.smtp_port,
        settings.smtp_security,
        settings.smtp_user,
        settings.smtp_password.get_secret_value(),
        settings.smtp_sender or f"Maaseutu LIVE <live@{urlsplit(settings.site_url).hostname}>",
    )
