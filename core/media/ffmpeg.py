"""Command lines of ffmpeg, built by ffmpeg-python. Pure: nothing is run here but the search for the program."""

import shutil
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import ffmpeg
import imageio_ffmpeg

from core.errors import Misconfigured
from core.media import confinement
from core.models import TICKS_PER_SECOND, Rung

KEYFRAME_SECONDS = 4
THUMBNAIL_SECONDS = 10
THUMBNAIL_WIDTH = 320
POSTER_AT_SECONDS = 3
HELD_SECONDS = 30
BLACK = "1280x720"
COVER = "0x2b3a35"
"""Plain, and not black: black looks like a fault."""
GENERATED = {"f": "lavfi", "format_whitelist": "lavfi"}
FRAGMENTED = "+frag_keyframe+empty_moov+default_base_moof+frag_discont+negative_cts_offsets"
QUIET = ("-hide_banner", "-nostdin", "-nostats", "-loglevel", "warning")


def program(configured: str = "") -> str:
    """Path of ffmpeg: the configured one, else the one that imageio-ffmpeg carries.

    Raises:
        Misconfigured: the configured program is not there.
    """
    if configured and not shutil.which(configured):
        raise Misconfigured(f"ffmpeg is not at {configured}.", "Correct MAASEUTU_FFMPEG, or leave it empty.")
    return configured or str(imageio_ffmpeg.get_ffmpeg_exe())


def segmenter(
    ffmpeg_path: str,
    source: str,
    folder: Path,
    suffix: str,
    *,
    seconds: int,
    options: Mapping[str, Any],
    mute: bool = False,
) -> list[str]:
    """Copy the first picture and sound of ``source`` into numbered files, each cut at a keyframe.

    Of a ``mute`` one only the picture. ``options`` are for the input, which by default may only be a file. The files
    keep one common clock that starts near 0.
    """
    streams = ffmpeg.input(source, **(confinement.options() | dict(options)))
    output = ffmpeg.output(
        streams["v:0"],
        *[streams["a:0"]] * (not mute),
        str(folder / f"%06d.{suffix}"),
        c="copy",
        f="segment",
        segment_format="mpegts" if suffix == "ts" else suffix,
        segment_time=seconds,
        reset_timestamps=0,
        muxdelay=0,
        muxpreload=0,
        map_metadata=-1,
    )
    return list(output.global_args(*QUIET).compile(cmd=ffmpeg_path))


def muxer(ffmpeg_path: str, picture: Path | None, sound: Path | None, target: Path) -> list[str]:
    """Copy the first picture and the first sound into one file, with the timestamps that they have."""
    streams = [_file(picture)["v:0"]] if picture else []
    streams += [_file(sound)["a:0"]] if sound else []
    output = ffmpeg.output(
        *streams,
        str(target),
        c="copy",
        copyts=None,
        muxdelay=0,
        muxpreload=0,
        avoid_negative_ts="disabled",
        map_metadata=-1,
    )
    return list(output.global_args(*QUIET).compile(cmd=ffmpeg_path, overwrite_output=True))


def sampler(ffmpeg_path: str, source: Path, target: Path, seconds: float) -> list[str]:
    """Copy the first picture and sound that there are, from the beginning of a file, with their timestamps."""
    streams = _file(source, t=seconds)
    output = ffmpeg.output(streams["v:0?"], streams["a:0?"], str(target), c="copy", copyts=None)
    return list(output.global_args(*QUIET).compile(cmd=ffmpeg_path, overwrite_output=True))


def _file(path: Path, **options: Any) -> Any:
    """An input that is this file and nothing else."""
    return ffmpeg.input(f"file:{path.absolute()}", **confinement.options(), **options)


class VideoJob(NamedTuple):
    """One Part's picture: the joined Segments, the ticks to cut out of them, and where the Part lies.

    Without a picture of its own it shows the last one ``before``; without a ``source`` it is black. What is ``covered``
    (ticks from its beginning) shows nothing.
    """

    source: Path | None
    start_pts: int
    end_pts: int
    start_ticks: int
    rate: Fraction
    poster: bool
    before: bool = False
    covered: tuple[tuple[int, int], ...] = ()

    @property
    def seconds(self) -> float:
        """How long it is: one frame at least, so that there is something to show."""
        return max((self.end_pts - self.start_pts) / TICKS_PER_SECOND, float(1 / self.rate))


def fitting(ladder: Sequence[Rung], height: int) -> list[Rung]:
    """The rungs that do not enlarge the picture; below the lowest, one in the picture's own size."""
    lowest = min(ladder, key=lambda rung: rung.height)
    return [r for r in ladder if r.height <= height] or [lowest.model_copy(update={"height": height // 2 * 2})]


def video_encoder(ffmpeg_path: str, job: VideoJob, rungs: Sequence[Rung], folder: Path, threads: int) -> list[str]:
    """All renditions and stills of one Part in one command: decoded once, split, scaled, encoded.

    Frames lie on a grid that begins at the Part's first tick, keyframes every four seconds and at the start, so that
    Parts encoded apart join without a seam. The thread count is fixed because x264's output depends on it.
    """
    split = _covered(_frames(job.source, job) if job.source else _black(job), job).split()
    outputs = [_rendition(split[str(i)], job, rung, folder, threads) for i, rung in enumerate(rungs)]
    outputs.append(_thumbnails(split["thumbnails"], folder))
    if job.poster:
        outputs.append(_poster(split["poster"], job, folder))
    return list(ffmpeg.merge_outputs(*outputs).global_args(*QUIET).compile(cmd=ffmpeg_path, overwrite_output=True))


def _frames(source: Path, job: VideoJob) -> Any:
    rate = f"{job.rate.numerator}/{job.rate.denominator}"
    timed = _file(source, copyts=None)["v:0"].filter("settb", f"1/{TICKS_PER_SECOND}")
    if job.before:
        frames = timed.filter("trim", end_pts=job.end_pts).filter("setpts", f"PTS-{job.start_pts}").filter("fps", rate)
        # The last picture may be as old as the Segment before is long.
        held = frames.filter("tpad", stop_mode="clone", stop_duration=f"{HELD_SECONDS + job.seconds:.6f}")
        return held.filter("trim", start=0, end=job.seconds)
    # Of less than a frame, rounding leaves none.
    is_short = (job.end_pts - job.start_pts) * job.rate < TICKS_PER_SECOND
    return (
        timed.filter("trim", start_pts=job.start_pts, end_pts=job.end_pts)
        .filter("setpts", f"PTS-{job.start_pts}")
        .filter("fps", rate, start_time=0, eof_action="pass" if is_short else "round")
    )


def _covered(frames: Any, job: VideoJob) -> Any:
    """The frames, with a plain one instead of each of which anything is shown while it is covered.

    A frame is shown until the next one, and may be that of half a frame later, since frames are put on a grid.
    """
    frame = float(1 / job.rate)
    for start, end in job.covered:
        first, last = start / TICKS_PER_SECOND - frame, end / TICKS_PER_SECOND + frame / 2
        enable = f"gt(t,{first:.6f})*lt(t,{last:.6f})"
        frames = frames.filter(
            "drawbox", x=0, y=0, width="iw", height="ih", color=COVER, thickness="fill", enable=enable
        )
    return frames


def _black(job: VideoJob) -> Any:
    rate = f"{job.rate.numerator}/{job.rate.denominator}"
    source = f"color=black:size={BLACK}:rate={rate}:duration={job.seconds:.6f}"
    return ffmpeg.input(source, **(confinement.options() | GENERATED))["v:0"]


def _rendition(frames: Any, job: VideoJob, rung: Rung, folder: Path, threads: int) -> Any:
    scaled = frames.filter("scale", -2, rung.height, flags="bicubic").filter("setsar", 1)
    keyint = round(job.rate * KEYFRAME_SECONDS)
    return ffmpeg.output(
        scaled,
        str(folder / f"{rung.height}.mp4"),
        vcodec="libx264",
        preset="veryfast",
        pix_fmt="yuv420p",
        crf=23,
        maxrate=f"{rung.video_kbps}k",
        bufsize=f"{2 * rung.video_kbps}k",
        threads=threads,
        **{"x264-params": f"keyint={keyint}:min-keyint={keyint}:scenecut=0:open-gop=0"},
        flags="+bitexact",
        fflags="+bitexact",
        movflags=FRAGMENTED,
        use_editlist=0,
        video_track_timescale=TICKS_PER_SECOND,
        output_ts_offset=f"{job.start_ticks / TICKS_PER_SECOND:.6f}",
    )


def _thumbnails(frames: Any, folder: Path) -> Any:
    stills = frames.filter("fps", f"1/{THUMBNAIL_SECONDS}", round="up").filter("scale", THUMBNAIL_WIDTH, -2)
    return ffmpeg.output(stills, str(folder / "thumbnail-%04d.jpg"), f="image2", qscale=5, flags="+bitexact")


def _poster(frames: Any, job: VideoJob, folder: Path) -> Any:
    """A picture from a few seconds after the beginning; from the middle of a Part that is hardly as long."""
    is_one = (job.end_pts - job.start_pts) * job.rate < 2 * TICKS_PER_SECOND
    at = 0 if is_one else min(POSTER_AT_SECONDS, job.seconds / 2)
    still = frames.filter("select", f"gte(t,{at:.3f})")
    path = str(folder / "poster.jpg")
    return ffmpeg.output(still, path, f="image2", vframes=1, qscale=3, update=1, flags="+bitexact")
