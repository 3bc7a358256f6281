"""How many Parts are prepared, found in the archive by the same content keys as the tasks use."""

from collections.abc import Sequence

from config import catalogue, stores
from config.recognition import recognition
from config.settings import Settings
from core import keys
from core.media import encode
from core.models import Broadcast, Part
from core.speech import whisper


def count(settings: Settings, broadcast: Broadcast, parts: Sequence[Part]) -> int:
    """How many of ``parts`` are both encoded and transcribed with the options in force.

    Raises:
        ModelDamaged, Misconfigured: the speech model or its engine is not there, so that the key is unknown.
    """
    archive = stores.archive(settings)
    encoding = encode.Options(catalogue.ladder(), settings.encode_threads, settings.ffmpeg)
    recognising = recognition(settings, broadcast)
    return sum(
        archive.head(keys.encoded(encode.key(part, encoding), "result.json")) is not None
        and archive.head(keys.speech(whisper.key(part, recognising))) is not None
        for part in parts
    )
