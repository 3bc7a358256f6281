"""How speech is recognised in a broadcast, by the settings and the tables."""

from config.catalogue import MUNICIPALITIES, WRITING
from config.settings import Settings
from core import digests
from core.finnish import ANALYSIS_VERSION
from core.models import Broadcast
from core.speech import model, repair, whisper, writing
from core.speech.whisper import Options


def recognition(settings: Settings, broadcast: Broadcast) -> Options:
    """The options. What is mended of the words depends on the lexicon and on the names that are known.

    Raises:
        ModelDamaged: the speech model is not there.
    """
    return whisper.Options(
        model.locate(settings.model, settings.state),
        broadcast.language,
        broadcast.vocabulary,
        settings.beam_size,
        settings.model_threads,
        _lexicon() if settings.repair and broadcast.language == repair.LANGUAGE else "",
        _written() if settings.written and broadcast.language == writing.LANGUAGE else "",
    )


def _lexicon() -> str:
    return f"{repair.VERSION}, lexicon {ANALYSIS_VERSION}, names {digests.of_file(MUNICIPALITIES)[:12]}"


def _written() -> str:
    return f"{writing.VERSION}, table {digests.of_file(WRITING)[:12]}"
