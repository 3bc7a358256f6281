"""The figures of speech as pictures: one dot a set and way, with its interval."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from matplotlib.figure import Figure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evaluation.figures import Row

COLOURS = {"ours": "#1d6b4f", "ours, not mended": "#8fb8a4", "faster-whisper": "#b5651d", "openai-whisper": "#7a3b69"}
WIDE, ROW_HIGH = 8.0, 0.55
SAME = {"Date": None}
"""No date: the same figures give the same file."""


def draw(rows: "Sequence[Row]", folder: Path) -> None:
    """Write ``speech-words.svg`` and ``speech-names.svg``."""
    mpl.rcParams["svg.hashsalt"] = "maaseutu"
    words = [(row, row.words.value, (row.words.low, row.words.high)) for row in rows]
    _picture(words, "words wrong, %", folder / "speech-words.svg")
    named = [row for row in rows if row.names]
    shares = [(row, row.wrong_names / row.names, None) for row in named]
    _picture(shares, "names of municipalities wrong, %", folder / "speech-names.svg")


def _picture(found: "Sequence[tuple[Row, float, tuple[float, float] | None]]", label: str, file: Path) -> None:
    titles = list(dict.fromkeys(row.title for row, _, _ in found))
    figure = Figure(figsize=(WIDE, 1.2 + ROW_HIGH * len(titles)), layout="constrained")
    axes: Any = figure.add_subplot()
    for number, (way, colour) in enumerate(COLOURS.items()):
        mine = [each for each in found if each[0].way == way]
        heights = [titles.index(row.title) + 0.18 * (number - 1.5) for row, _, _ in mine]
        axes.plot([100 * share for _, share, _ in mine], heights, "o", color=colour, label=way, markersize=5)
        for height, (_, _, bounds) in zip(heights, mine, strict=True):
            if bounds:
                axes.plot([100 * edge for edge in bounds], [height, height], color=colour, linewidth=1)
    axes.set_yticks(range(len(titles)), titles)
    axes.invert_yaxis()
    axes.set_xlim(left=0)
    axes.set_xlabel(label)
    axes.grid(axis="x", color="#ddd")
    figure.legend(loc="outside upper center", ncols=len(COLOURS), frameon=False)
    figure.savefig(file, metadata=SAME)
