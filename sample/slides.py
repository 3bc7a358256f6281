"""The picture of the sample broadcast, as one ffmpeg filter graph: slides, the speaker's name, a clock and a bar."""

import shutil
import subprocess
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sample import script

WIDTH, HEIGHT, FRAMES = 1280, 720, 25
PAPER, INK, QUIET, FOREST, RED, WHITE = "0xF6F3EC", "0x1D2B24", "0x6E7A73", "0x1F5B41", "0xC43A31", "0xFFFFFF"
WRAP = 34
NAMES = {script.CHAIR: "Puheenjohtaja", script.GUEST: "Vieras, Savukosken kunnanjohtaja"}
HELSINKI_SECONDS = 2 * 3600


@dataclass(frozen=True, slots=True)
class Fonts:
    """Two font files."""

    regular: Path
    bold: Path


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when something is on the picture, in seconds."""

    start: float
    end: float

    @property
    def enable(self) -> str:
        """The ffmpeg expression that is true within the span; the end is not part of it."""
        return f"enable='gte(t,{self.start:.3f})*lt(t,{self.end:.3f})'"


def find_fonts() -> Fonts | None:
    """DejaVu Sans, or None when it is not installed."""
    regular, bold = find_font("DejaVu Sans:style=Book"), find_font("DejaVu Sans:bold")
    return Fonts(regular, bold) if regular and bold else None


def find_font(pattern: str) -> Path | None:
    """The file of that DejaVu font; fontconfig offers another family when it is missing, which is no answer."""
    tool = shutil.which("fc-match")
    if tool is None:
        return None
    found = subprocess.run([tool, "-f", "%{file}", pattern], capture_output=True, text=True, check=True).stdout
    return Path(found) if "DejaVuSans" in found else None


def box(x: int, y: int, width: int, height: int, colour: str, span: Span | None = None) -> str:
    """A filled rectangle."""
    when = f":{span.enable}" if span else ""
    return f"drawbox=x={x}:y={y}:w={width}:h={height}:color={colour}:t=fill{when}"


def words(x: int, y: int, size: int, colour: str, font: Path, text: str, span: Span | None = None) -> str:
    """One row of text; ``text`` must hold no sign that ffmpeg's filters give a meaning to."""
    when = f":{span.enable}" if span else ""
    return f"drawtext=fontfile={font}:text='{text}':expansion=none:x={x}:y={y}:fontsize={size}:fontcolor={colour}{when}"


def clock(font: Path) -> str:
    """The time of day in Finland, running with the picture."""
    began = int(datetime.fromisoformat(script.STARTS_AT).timestamp()) + HELSINKI_SECONDS
    text = rf"%{{pts\:gmtime\:{began}\:%H.%M.%S}}"
    return f"drawtext=fontfile={font}:text='{text}':x={WIDTH - 190}:y=38:fontsize=30:fontcolor={WHITE}"


def frame(fonts: Fonts) -> list[str]:
    """What every slide has."""
    return [
        box(0, 0, WIDTH, 104, FOREST),
        box(60, 42, 20, 20, RED),
        words(96, 34, 36, WHITE, fonts.bold, "Maaseutu LIVE"),
        clock(fonts.regular),
        box(0, HEIGHT - 10, WIDTH, 10, "0xD9D3C5"),
    ]


def agenda_rows(fonts: Fonts, span: Span, top: int, size: int, current: int | None) -> list[str]:
    """The agenda, the current item highlighted."""
    rows = []
    for number, item in enumerate(script.AGENDA):
        y = top + number * (size * 2)
        here = number == current
        if here:
            rows.append(box(60, y - size // 2, 10, size * 2 - 8, RED, span))
        colour, font = (INK, fonts.bold) if here or current is None else (QUIET, fonts.regular)
        rows.append(words(92, y, size, colour, font, f"{number + 1}  {item.title}", span))
    return rows


def wrapped(text: str) -> list[str]:
    """The text in rows that fit the slide at the size of a decision."""
    rows = [""]
    for word in text.split():
        if rows[-1] and len(rows[-1]) + len(word) >= WRAP:
            rows.append("")
        rows[-1] = f"{rows[-1]} {word}".strip()
    return rows


def heading(section: script.Section, fonts: Fonts, span: Span) -> str:
    """The title of a slide."""
    return words(60, 156, 58, FOREST, fonts.bold, section.title, span)


def statement(section: script.Section, fonts: Fonts, span: Span) -> list[str]:
    """A slide with the sentence that was decided or asked for, in full."""
    rows = wrapped(section.lines[0].text)
    lines = [words(92, 280 + at * 64, 46, INK, fonts.regular, row, span) for at, row in enumerate(rows)]
    return [heading(section, fonts, span), box(60, 272, 8, len(rows) * 64, RED, span), *lines]


def title(section: script.Section, fonts: Fonts, span: Span) -> list[str]:
    """The first slide and the last."""
    under = f"{script.TITLE}  ·  24.11.2026"
    return [
        words(60, 270, 96, FOREST, fonts.bold, section.title, span),
        words(64, 400, 40, QUIET, fonts.regular, under, span),
    ]


def slide(section: script.Section, fonts: Fonts, span: Span) -> list[str]:
    """One slide, of the kind its section asks for."""
    if section.kind in ("decision", "action"):
        return statement(section, fonts, span)
    if section.kind == "item":
        return [heading(section, fonts, span), *agenda_rows(fonts, span, 290, 36, section.item)]
    if section.title == "Asialista":
        return [heading(section, fonts, span), *agenda_rows(fonts, span, 290, 44, None)]
    return title(section, fonts, span)


def speaker(name: str, fonts: Fonts, span: Span) -> str:
    """Who is speaking."""
    return words(60, HEIGHT - 84, 30, QUIET, fonts.regular, NAMES[name], span)


def filter_graph(starts: tuple[float, ...], turns: list[tuple[str, float, float]], seconds: float, fonts: Fonts) -> str:
    """The graph whose output is ``[picture]``.

    ``starts`` are the seconds at which the sections of the script begin, ``turns`` who speaks from when to when.
    """
    spans = [Span(start, end) for start, end in zip(starts, (*starts[1:], seconds + 1), strict=True)]
    slides = [
        part for section, span in zip(script.SECTIONS, spans, strict=True) for part in slide(section, fonts, span)
    ]
    names = [speaker(name, fonts, Span(start, end)) for name, start, end in turns]
    canvas = f"color=c={PAPER}:s={WIDTH}x{HEIGHT}:r={FRAMES}:d={seconds:.3f}"
    bar = f"color=c={FOREST}:s={WIDTH}x10:r={FRAMES}:d={seconds:.3f}[bar]"
    drawn = ",".join([canvas, *frame(fonts), *slides, *names])
    moving = f"[slides][bar]overlay=x='-w+w*t/{seconds:.3f}':y={HEIGHT - 10}:eval=frame:shortest=1"
    return f"{drawn}[slides];{bar};{moving},format=yuv420p[picture]"
