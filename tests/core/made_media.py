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


def faulty(
    path: Path,
    *,
    seconds: str = "4",
    picture: str = "testsrc2=size=160x90:rate=25",
    sound: str = "aevalsrc=0.1*sin(2*PI*440*t)|0.1*sin(2*PI*550*t):s=48000",
    video: str = "null",
    audio: str = "anull",
    pixels: str = "yuv420p",
) -> Path:
    """A moving picture and a stereo tone, through filters that put a fault into them; a keyframe each four seconds."""
    inputs = ["-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", sound]
    filters = ["-vf", video, "-af", audio, "-t", seconds]
    coded = ["-c:v", "libx264", "-preset", "ultrafast", "-g", "100", "-pix_fmt", pixels, "-c:a", "aac", "-ac", "2"]
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", "-y", *inputs, *filters, *coded, str(path)]
    subprocess.run(command, check=True)
    return path


def segments_of(path: Path, folder: Path) -> list[Path]:
    """The file cut at its keyframes, about every four seconds."""
    pattern = str(folder / f"{path.stem}-%03d.ts")
    cut_up = ["-c", "copy", "-f", "segment", "-segment_time", "4", "-segment_format", "mpegts", pattern]
    subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", "-y", "-i", str(path), *cut_up], check=True)
    return sorted(folder.glob(f"{path.stem}-*.ts"))
