"""Broadcasts made for measuring, and people's voices where those are at hand.

The texts were written for the project. ``meeting`` names thirty small municipalities, each in five cases or more. Rules
of mending are found on ``meeting`` and ``development``; ``council``, an agenda with sums, dates and times, and
``district`` are held out: nothing is tuned on them, and each names municipalities that no other text does. ``nowhere``
names none.
"""

import csv
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.media import sound
from evaluation import sounds, voices
from evaluation.sounds import RATE, Samples
from sample import script
from sample.make_broadcast import RATE as SPOKEN_RATE
from sample.make_broadcast import Sentence, Word

TEXTS = Path(__file__).parent / "texts"
TEXT, COUNCIL = TEXTS / "meeting.txt", TEXTS / "council.txt"
DEVELOPMENT, DISTRICT = TEXTS / "development.txt", TEXTS / "district.txt"
COAST, NOWHERE = TEXTS / "coast.txt", TEXTS / "nowhere.txt"
DATA = Path(__file__).parent.parent.parent / "shared" / "data"
"""Where the data that is not part of the project lies unless another folder is named."""
PAUSE_SECONDS, TURN_SECONDS, OVERLAP_SECONDS = 0.6, 1.0, 0.7

NAMES = {
    "Savukoski": "savukos", "Utsjoki": "utsjo", "Inari": "inari", "Enontekiö": "enontekiö", "Pelkosenniemi": "pelkosen",
    "Salla": "salla", "Posio": "posio", "Ranua": "ranua", "Muonio": "muonio", "Kolari": "kolari", "Ii": "ii",
    "Vaala": "vaala", "Puolanka": "puolan", "Ristijärvi": "ristijärv", "Hyrynsalmi": "hyrynsalm", "Perho": "perho",
    "Halsua": "halsua", "Lestijärvi": "lestijärv", "Kinnula": "kinnula", "Kivijärvi": "kivijärv",
    "Pihtipudas": "pihtipu", "Karstula": "karstula", "Luhanka": "luhan", "Sysmä": "sysmä", "Kuhmoinen": "kuhmoi",
    "Rautavaara": "rautavaara", "Pielavesi": "pielave", "Rääkkylä": "rääkkylä", "Ilomantsi": "ilomants",
    "Kustavi": "kustavi",
}  # fmt: skip
"""The municipalities that the meeting names, and what all their forms begin with."""
COUNCIL_NAMES = {
    "Pello": "pello", "Kemijärvi": "kemijärv", "Taivalkoski": "taivalkos", "Sodankylä": "sodankyl",
    "Paltamo": "paltamo", "Kuhmo": "kuhmo", "Suomussalmi": "suomussalm", "Sotkamo": "sotkamo",
    "Kannonkoski": "kannonkos", "Viitasaari": "viitasaar", "Saarijärvi": "saarijärv", "Kittilä": "kittil",
    "Savitaipale": "savitaip", "Hailuoto": "hailuo", "Utajärvi": "utajärv", "Merijärvi": "merijärv",
    "Tohmajärvi": "tohmajärv", "Multia": "multia",
}  # fmt: skip
DEVELOPMENT_NAMES = {
    "Kyyjärvi": "kyyjärv", "Karijoki": "karijo", "Toivakka": "toivak", "Tervola": "tervola", "Simo": "simo",
    "Pyhäntä": "pyhän", "Reisjärvi": "reisjärv", "Soini": "soini", "Rautalampi": "rautalam", "Vesanto": "vesan",
    "Enonkoski": "enonkos", "Sulkava": "sulkava", "Juuka": "juuka", "Polvijärvi": "polvijärv", "Padasjoki": "padasjo",
    "Hartola": "hartola", "Punkalaidun": "punkalai", "Oripää": "oripää", "Karvia": "karvia", "Isojoki": "isojo",
    "Miehikkälä": "miehikkäl", "Kemiönsaari": "kemiönsaar",
}  # fmt: skip
DISTRICT_NAMES = {
    "Konnevesi": "konneve", "Keitele": "keitele", "Tervo": "tervo", "Rantasalmi": "rantasalm", "Heinävesi": "heinäve",
    "Puumala": "puumala", "Hirvensalmi": "hirvensalm", "Joutsa": "joutsa", "Petäjävesi": "petäjäve",
    "Uurainen": "uurai", "Toholampi": "toholam", "Kaustinen": "kausti", "Veteli": "veteli", "Evijärvi": "evijärv",
    "Lappajärvi": "lappajärv", "Vimpeli": "vimpeli", "Kuortane": "kuortane", "Lumijoki": "lumijo",
    "Tyrnävä": "tyrnäv", "Siikajoki": "siikajo", "Pyhäjoki": "pyhäjo", "Ylitornio": "ylitornio",
    "Virolahti": "virolah", "Parikkala": "parikkala", "Taipalsaari": "taipalsaar", "Myrskylä": "myrskyl",
    "Taivassalo": "taivassalo", "Merikarvia": "merikarvia", "Siikainen": "siikais", "Juupajoki": "juupajo",
    "Ruovesi": "ruove", "Kaavi": "kaavi", "Tuusniemi": "tuusnie",
}  # fmt: skip
COAST_NAMES = {
    "Korsholm": "korsholm", "Malax": "malax", "Närpes": "närpes", "Nykarleby": "nykarleby", "Jakobstad": "jakobstad",
    "Kronoby": "kronoby", "Raseborg": "raseborg", "Pargas": "pargas", "Lappträsk": "lappträsk",
}  # fmt: skip
"""By their Swedish names, with Finnish endings; read by Finnish voices."""
STEMS = (
    *NAMES.values(), *COUNCIL_NAMES.values(), *DEVELOPMENT_NAMES.values(), *DISTRICT_NAMES.values(),
    *COAST_NAMES.values(),
)  # fmt: skip


class Spoken(NamedTuple):
    """``samples`` (n,) at 16 kHz, the sentences, and their words in the order in which they begin, in seconds.

    There are no words where the voice does not tell when they sound.
    """

    samples: Samples
    words: tuple[Word, ...]
    sentences: tuple[str, ...]

    @property
    def text(self) -> str:
        """All that is said."""
        return " ".join(self.sentences)

    @property
    def seconds(self) -> float:
        """How long it is."""
        return len(self.samples) / RATE


def turns(text: str) -> list[list[script.Line]]:
    """What each person says before another one speaks: paragraphs of a sentence a line, two people in turn."""
    people = (script.CHAIR, script.GUEST)
    return [
        [script.Line(people[number % 2], line) for line in paragraph.splitlines()]
        for number, paragraph in enumerate(text.strip().split("\n\n"))
    ]


Effect = Callable[[Samples], Samples]
Reader = Callable[[list[script.Line]], list[Sentence]]


@lru_cache(maxsize=8)
def spoken(file: Path = TEXT, *, overlap: bool = False, reader: Reader = voices.by_festival) -> Spoken:
    """The text as two people read it; with ``overlap`` each begins while the other one still speaks.

    Raises:
        CannotMake: a voice is missing; the message says what to install.
    """
    paragraphs = turns(file.read_text(encoding="utf-8"))
    sentences = reader([line for turn in paragraphs for line in turn])
    firsts = set(np.cumsum([0, *(len(turn) for turn in paragraphs)]))
    return _together(_placed(sentences, firsts, -OVERLAP_SECONDS if overlap else TURN_SECONDS))


def aloud(lines: list[script.Line]) -> Spoken:
    """The lines as they are read, with a longer pause where another person speaks.

    Raises:
        CannotMake: a voice is missing; the message says what to install.
    """
    firsts = {number for number, (one, other) in enumerate(pairwise(lines), 1) if one.speaker != other.speaker}
    return _together(_placed(voices.by_festival(lines), firsts, TURN_SECONDS))


def _placed(sentences: list[Sentence], firsts: set[int], turn_s: float) -> Iterator[tuple[float, Sentence]]:
    at = PAUSE_SECONDS
    for number, sentence in enumerate(sentences):
        if number:
            at += turn_s if number in firsts else PAUSE_SECONDS
        yield at, sentence
        at += len(sentence.samples) / SPOKEN_RATE


def _together(placed: Iterator[tuple[float, Sentence]]) -> Spoken:
    found = list(placed)
    last, sentence = found[-1]
    whole = np.zeros(round((last + PAUSE_SECONDS) * SPOKEN_RATE) + len(sentence.samples))
    for at, sentence in found:
        first = round(at * SPOKEN_RATE)
        whole[first : first + len(sentence.samples)] += sentence.samples
    words = [word.later(at) for at, sentence in found for word in sentence.words]
    texts = tuple(sentence.line.text for _, sentence in found)
    return Spoken(_at_speech_rate(whole), tuple(sorted(words, key=lambda word: word.start)), texts)


def _at_speech_rate(samples: NDArray[np.float64]) -> Samples:
    """From 48 to 16 kHz, a minute of spectrum at a time would click: all at once."""
    wanted = len(samples) * RATE // SPOKEN_RATE
    return (np.fft.irfft(np.fft.rfft(samples)[: wanted // 2 + 1], wanted) * wanted / len(samples)).astype(np.float32)


def _heard(said: Spoken, effect: Effect) -> Spoken:
    return said._replace(samples=effect(said.samples).astype(np.float32))


def joined(parts: list[Spoken]) -> Spoken:
    """One after the other."""
    starts = np.cumsum([0.0, *(part.seconds for part in parts)])
    words = (word.later(float(at)) for part, at in zip(parts, starts, strict=False) for word in part.words)
    sentences = (sentence for part in parts for sentence in part.sentences)
    return Spoken(np.concatenate([part.samples for part in parts]), tuple(words), tuple(sentences))


def with_a_guest_on_the_line(file: Path) -> Spoken:
    """The chair speaks in the room, the guest by telephone, and both over the hum of a fan."""
    parts = []
    for number, turn in enumerate(file.read_text(encoding="utf-8").strip().split("\n\n")):
        lines = [script.Line((script.CHAIR, script.GUEST)[number % 2], line) for line in turn.splitlines()]
        part = _together(_placed(voices.by_festival(lines), {0}, 0.0))
        parts.append(_heard(part, sounds.telephone) if number % 2 else part)
    return _heard(joined(parts), sounds.quietly_noisy)


def ten_minutes() -> Spoken:
    """An agenda and a meeting, one of the two people on the telephone."""
    return joined([with_a_guest_on_the_line(COUNCIL), with_a_guest_on_the_line(TEXT)])


def an_hour() -> Spoken:
    """All kinds of sound one after the other, as one broadcast."""
    whole, agenda = spoken(), spoken(COUNCIL)
    parts = [agenda, *(_heard(whole, effect) for effect in sounds.CONDITIONS.values()), spoken(overlap=True)]
    parts += [spoken(reader=voices.by_espeak), _heard(agenda, sounds.noisy), _heard(agenda, sounds.telephone)]
    return joined(parts)


def _meeting(effect: Effect) -> Spoken:
    return _heard(spoken(), effect)


GENERATED: dict[str, Callable[[], Spoken]] = {
    **{name: partial(_meeting, effect) for name, effect in sounds.CONDITIONS.items()},
    "overlapping": lambda: spoken(overlap=True),
    "espeak": lambda: spoken(reader=voices.by_espeak),
    "agenda": lambda: spoken(COUNCIL),
    "development": lambda: spoken(DEVELOPMENT),
    "development by telephone": lambda: _heard(spoken(DEVELOPMENT), sounds.telephone),
    "district": lambda: spoken(DISTRICT),
    "district, noise": lambda: _heard(spoken(DISTRICT), sounds.noisy),
    "district by telephone": lambda: _heard(spoken(DISTRICT), sounds.telephone),
    "coast": lambda: spoken(COAST),
    "ten minutes": ten_minutes,
    "an hour": an_hour,
}
"""The generated broadcasts, by name."""
NAMELESS: dict[str, Callable[[], Spoken]] = {
    "no names": lambda: spoken(NOWHERE),
    "no names by telephone": lambda: _heard(spoken(NOWHERE), sounds.telephone),
    "no names, espeak": lambda: spoken(NOWHERE, reader=voices.by_espeak),
}
"""Those in which no municipality is named, though many words are near to names, or their very letters."""
PEOPLE = ("people", "single words")
"""Sets of people's voices, from data that is not part of the project."""
KNOWN = (*GENERATED, *NAMELESS, *PEOPLE)


def people(data: Path) -> dict[str, Callable[[], Spoken]]:
    """People who read sentences, and people who say single words, with a second between; empty without the data."""
    manifest = data / "speech" / "manifest.csv"
    if not manifest.exists():
        return {}
    with manifest.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    kinds = {
        "people": [row for row in rows if " " in row["reference"] and row["reference"].endswith(".")],
        "single words": [row for row in rows if row["reference"] and not row["reference"].endswith(".")],
    }
    return {name: partial(_clips, manifest.parent, chosen) for name, chosen in kinds.items()}


def _clips(folder: Path, rows: list[dict[str, str]]) -> Spoken:
    pause = sounds.silence(TURN_SECONDS)
    parts = [Spoken(pause, (), ())]
    for row in rows:
        samples = sound.speech([folder / row["file"]]).samples[0]
        parts += [Spoken(samples, (), (row["reference"],)), Spoken(pause, (), ())]
    return joined(parts)
