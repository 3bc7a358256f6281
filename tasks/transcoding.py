"""A Part's picture and sound."""

from prefect import task
from prefect.logging import get_run_logger

from config import catalogue, stores
from config.settings import Settings
from core import keys
from core.archive.recordings import RecordingStore
from core.media import encode
from core.models import Broadcast, EncodedPart, Part
from tasks.policies import STEP, await_room, work_folder

RESULT = "result.json"


@task(name="encode part", task_run_name="encode part {part.number}", **STEP)
def encode_part(
    settings: Settings, broadcast: Broadcast, part: Part, covered: tuple[tuple[int, int], ...] = ()
) -> EncodedPart:
    """Encode a Part into the archive, unless the same content was encoded with the same options before.

    Where it is ``covered``, in ticks of the recording's timeline, there is neither picture nor sound.
    """
    archive, options = stores.archive(settings), _options(settings, covered)
    digest = encode.key(part, options)
    if known := encoded_before(settings, part, covered):
        get_run_logger().info("Part %d was encoded before.", part.number)
        return known
    store = RecordingStore(archive, broadcast.id)
    await_room(settings)
    with work_folder(settings) as folder:
        files = {segment: store.fetch(segment, folder) for segment in part.needed}
        output = folder / "output"
        output.mkdir()
        encoded = encode.encode_part(part, files, output, options)
        for path in sorted(output.glob("*.mp4")) + sorted(output.glob("*.jpg")):
            archive.put_file(keys.encoded(digest, path.name), path)
    archive.put_record(keys.encoded(digest, RESULT), encoded)
    return encoded


def encoded_before(settings: Settings, part: Part, covered: tuple[tuple[int, int], ...] = ()) -> EncodedPart | None:
    """What ``encode_part`` made of it, if it did."""
    archive = stores.archive(settings)
    done = keys.encoded(encode.key(part, _options(settings, covered)), RESULT)
    return EncodedPart.model_validate_json(archive.get(done)) if archive.head(done) else None


def _options(settings: Settings, covered: tuple[tuple[int, int], ...]) -> encode.Options:
    return encode.Options(catalogue.ladder(), settings.encode_threads, settings.ffmpeg, covered)
