"""The notes of an episode, by the maker that the settings name."""

from functools import cache

from prefect.logging import get_run_logger

from config import catalogue, stores, writer
from config.settings import Settings
from core import keys
from core.bucket import Bucket
from core.errors import ObjectMissing
from core.helsinki import HELSINKI
from core.language.cues import Cues
from core.language.finnish import fold
from core.meeting.drafting import Material, made
from core.meeting.modelled import Modelled
from core.models import Episode, Notes
from core.outside.chat import Chat
from core.text import mentions
from tasks import lexicon

TASK = catalogue.HERE / "notes_task.txt"
LANGUAGE = "fi"
"""What the task and the comparison with what was said are for."""


class Kept:
    """Answers in the archive."""

    def __init__(self, archive: Bucket) -> None:
        self._archive = archive

    def get(self, digest: str) -> str | None:
        """As of core.meeting.modelled.Answers."""
        try:
            return self._archive.get(keys.answer(digest)).decode()
        except ObjectMissing:
            return None

    def put(self, digest: str, answer: str) -> None:
        """As of core.meeting.modelled.Answers."""
        self._archive.put(keys.answer(digest), answer.encode())


def noted(settings: Settings, episode: Episode, cues: Cues) -> Notes:
    """Its notes. What went otherwise than wished is in the run's log, too."""
    material = Material(
        episode.transcript,
        episode.chapters,
        episode.forms,
        episode.broadcast.starts_at.astimezone(HELSINKI).date(),
        lexicon.analyser(settings.vocabulary).forms,
        _names(),
    )
    found = made(material, cues, _model(settings, episode))
    for remark in found.remarks:
        get_run_logger().warning("Notes: %s", remark)
    for line in found.refused:
        get_run_logger().warning("Notes: a line is refused. %s It was: %s", line.reason, line.text)
    return found


@cache
def _names() -> frozenset[str]:
    towns = mentions.municipalities(catalogue.MUNICIPALITIES)
    return frozenset(fold(name) for town in towns for name in (town.name_fi, town.name_sv))


def _model(settings: Settings, episode: Episode) -> Modelled | None:
    server = writer.server(settings)
    if server is None or episode.broadcast.language != LANGUAGE:
        return None
    return Modelled(Chat(server), TASK.read_text(encoding="utf-8"), Kept(stores.archive(settings)))
