"""What is told of an episode's sound as one file, apart from media.podcast: pages and feeds need no media library."""

from core.models import Record

MEDIA_TYPE = "audio/mp4"


class SoundFile(Record):
    """A published sound file: its key in the site's bucket, and its bytes."""

    key: str
    size: int
