"""Small real media files, made by the ffmpeg that the program uses."""

import subprocess
from pathlib import Path

import imageio_ffmpeg

PICTURE = ("-f", "lavfi", "-i", "testsrc=size=160x90:rate=25")
SOUND = ("-f", "lavfi", "-i", "sine=frequency=440:sample_rate=44100")
CODECS = ("-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-pix_fmt", "yuv420p", "-c:a", "aac")


def make(
    path: Path, *, seconds: float = 4, picture: bool = True, sound: bool = True, options: tuple[str, ...] = ()
) -> Path:
    """A test picture and a tone, in the container that the name says; a keyframe each second."""
    inputs = (PICTURE if picture else ()) + (SOUND if sound else ())
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", "-y", *inputs, "-t", str(seconds)]
    subprocess.run([*command, *CODECS, *options, str(path)], check=True)
    return path


def cut(path: Path, share: float) -> Path:
    """The file without its end: only ``share`` of it is left."""
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    return path
