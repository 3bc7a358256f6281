"""The language model that writes the notes, as the settings name it."""

from config.settings import Settings
from core.outside.chat import Server


def server(settings: Settings) -> Server | None:
    """Where it is; None when notes are quotes."""
    if not settings.notes_server:
        return None
    return Server(
        settings.notes_server,
        settings.notes_model,
        settings.notes_server_key.get_secret_value(),
        settings.notes_seconds,
        settings.notes_tokens,
    )
