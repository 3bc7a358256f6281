"""The figures of speech as they are kept in the docs: one record, and the tables and plots that are made of it.

Hours of sound are recognised for them, so a run may measure some sets only, and what it measures is put there at once,
in the place of what was known of the same set and way. Each figure tells with which versions it was measured.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import ClassVar

from config.recognition import versions
from core.models import Record
from evaluation import plots
from evaluation.accuracy import Rate
from evaluation.ways import OURS

RECORD, TABLES = "speech-figures.json", "speech-figures.md"
TITLE = "# Figures of speech\n\nMade by `make eval`. What they mean: [speech.md](speech.md).\n"


class Row(Record):
    """How one way did on one set. ``off_ms`` is by how much words are misplaced in time: the median, and P95."""

    HEADING: ClassVar = (
        "set", "way", "words wrong", "letters wrong", "names wrong", "speech without text", "word times off",
    )  # fmt: skip
    title: str
    way: str
    words: Rate
    letters: float
    wrong_names: int
    names: int
    silent_s: float
    marked_s: float
    off_ms: tuple[float, float] | None
    versions: str = versions()

    @property
    def cells(self) -> list[str]:
        """As it stands in the table."""
        share = f"{self.wrong_names} of {self.names} ({self.wrong_names / self.names:.0%})" if self.names else "–"
        off = "{:.0f} ms, P95 {:.0f} ms".format(*self.off_ms) if self.off_ms else "–"
        marked = f", {self.marked_s:.1f} s marked" if self.marked_s else ""
        silent = f"{self.silent_s:.1f} s{marked}"
        return [self.title, self.way, str(self.words), f"{self.letters:.1%}", share, silent, off]


class Invented(Record):
    """Words that one way heard where nobody speaks."""

    HEADING: ClassVar = ("sound without speech", "way", "words invented", "an hour")
    sound: str
    way: str
    minutes: int
    words: int
    versions: str = versions()

    @property
    def cells(self) -> list[str]:
        """As it stands in the table."""
        return [
            f"{self.minutes} min of {self.sound}",
            self.way,
            str(self.words),
            f"{self.words * 60 / self.minutes:.0f}",
        ]


class Unsaid(Record):
    """Names of municipalities that one way wrote in a set in which nobody says one, and words wrong there."""

    HEADING: ClassVar = ("set without names", "way", "names that nobody said", "words wrong")
    title: str
    way: str
    unsaid: tuple[str, ...]
    of: int
    words: Rate
    versions: str = versions()

    @property
    def cells(self) -> list[str]:
        """As it stands in the table."""
        which = f": {', '.join(self.unsaid)}" if self.unsaid else ""
        return [self.title, self.way, f"{len(self.unsaid)} in {self.of} words{which}", str(self.words)]


Figure = Row | Invented | Unsaid


class Figures(Record):
    """All that was measured, each figure in the place where it was first."""

    measured: tuple[Figure, ...] = ()

    @property
    def rows(self) -> tuple[Row, ...]:
        """Those of speech."""
        return tuple(each for each in self.measured if isinstance(each, Row))

    @property
    def invented(self) -> tuple[Invented, ...]:
        """Those without speech."""
        return tuple(each for each in self.measured if isinstance(each, Invented))

    @property
    def unsaid(self) -> tuple[Unsaid, ...]:
        """Those without names."""
        return tuple(each for each in self.measured if isinstance(each, Unsaid))

    def having(self, found: Figure) -> "Figures":
        """The same with a figure, instead of what was known of the same set and way."""
        known = {tuple(each.cells[:2]): each for each in self.measured}
        return Figures(measured=tuple((known | {tuple(found.cells[:2]): found}).values()))


def put(folder: Path, found: Figure) -> None:
    """Put one figure into the record in a folder, which is made where it is not, and make its tables and plots."""
    images = folder / "images"
    images.mkdir(parents=True, exist_ok=True)
    file = folder / RECORD
    known = Figures.model_validate_json(file.read_text(encoding="utf-8")) if file.exists() else Figures()
    known = known.having(found)
    file.write_text(f"{known.model_dump_json(indent=1)}\n", encoding="utf-8")
    (folder / TABLES).write_text(tables(known), encoding="utf-8")
    plots.draw(known.rows, images)


def tables(known: Figures) -> str:
    """All tables, in Markdown."""
    lines = [TITLE]
    found: Sequence[Figure]
    for kind, found in ((Row, known.rows), (Unsaid, known.unsaid), (Invented, known.invented)):
        lines += [line((*kind.HEADING, "measured with")), line(["---"] * (len(kind.HEADING) + 1))]
        lines += [*(line((*each.cells, each.versions if each.way == OURS else "")) for each in found), ""]
    return "\n".join(lines)


def line(cells: Iterable[str]) -> str:
    """A line of a table."""
    return f"| {' | '.join(cells)} |"
