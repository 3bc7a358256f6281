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


@task(name="encode part", task_run_name="encode part {part.number}", **STEP)
def encode_part(
    settings: Settings, broadcast: Broadcast, part: Part, covered: tuple[tuple[int, int], ...] = ()
) -> EncodedPart:
    """Encode a Part into the archive, unless the same content was encoded with the same options before.

    Where it is ``covered``, in ticks of the recording's timeline, there is neither picture nor sound.
    """
    archive = stores.archive(settings)
    options = encode.Options(catalogue.ladder(), settings.encode_threads, settings.ffmpeg, covered)
    digest = encode.key(part, options)
    done = keys.encoded(digest, "result.json")
    if archive.head(done):
        get_run_logger().info("Part %d was encoded before.", part.number)
        return EncodedPart.model_validate_json(archive.get(done))
    store = RecordingStore(archive, broadcast.id)
    await_room(settings)
    with work_folder(settings) as folder:
        files = {segment: store.fetch(segment, folder) for segment in part.needed}
        output = folder / "output"
        output.mkdir()
        encoded = encode.encode_part(part, files, output, options)
        for path in sorted(output.glob("*.mp4")) + sorted(output.glob("*.jpg")):
            archive.put_file(keys.encoded(digest, path.name), path)
    archive.put_record(done, encoded)
    return encoded
