"""Meetings of which it is known where each item of the agenda begins, as transcripts with the times of words.

The texts in ``texts/meetings/`` were written for the project: rules are found on those in ``tuning`` and
``deciding``, and none is changed for those in ``heldout``, which were written before the rules. A line ``§`` is an
item of the agenda; ``#`` begins it (``# ~``: nothing of the agenda), ``~ 240`` is a pause of so many seconds, and the
other marks are those of evaluation.notes. A text without ``§`` has no agenda of its own; its items are those of agendas
that are made.
"""

import random
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from core.models import AgendaItem, Passage, Transcript, Word
from core.text import transcript
from evaluation.sets import TEXTS

FOLDER = TEXTS / "meetings"
TUNING, DECIDING, HELD_OUT = "tuning", "deciding", "heldout"
_LEADING_AWAY = ("meeting", "development")
CHATTER = {TUNING: _LEADING_AWAY, DECIDING: _LEADING_AWAY, HELD_OUT: ("district", "coast")}
"""Texts of other broadcasts, from which what leads away from an item is taken. None takes up an agenda of its own."""
CHATTER_LINES = (0, 40)
"""So many lines of it are in an item, evenly shared out: some items are short, some long."""
WORD_MS, LETTER_MS = 90, 58
"""How long a word lasts: some 120 words a minute, as the voices of the sample."""
SENTENCE_S, TURN_S, TURNS = (0.25, 0.8), (0.7, 2.2), 0.25
"""Pauses between sentences, pauses where another one speaks, and how often one does; items begin with either."""
LAST_S = 2
RECOMBINED, LEFT_OUT = 12, 0.2
"""So many broadcasts are made of items of several meetings; the share of their agenda that is not taken up."""
MANY = 200
ABOUT = (
    "tienhoito",
    "jätehuolto",
    "päiväkoti",
    "kirjasto",
    "kalatalous",
    "uimaranta",
    "satama",
    "metsästys",
    "lukio",
    "museo",
)
OF = (
    "Halsuan", "Kinnulan", "Perhon", "Luhangan", "Vaalan", "Puolangan", "Ranuan", "Sallan", "Posion", "Muonion",
    "Kolarin", "Inarin", "Utsjoen", "Karstulan", "Sysmän", "Kuhmoisten", "Rautavaaran", "Ilomantsin", "Kustavin",
    "Ristijärven",
)  # fmt: skip


class Said(NamedTuple):
    """A sentence, the item that it belongs to (empty: none), and the seconds before it, where the text gives them."""

    text: str
    item: str
    pause_s: float = 0.0


class Meeting(NamedTuple):
    """What is planned and what is said."""

    name: str
    agenda: tuple[AgendaItem, ...]
    said: tuple[Said, ...]


class Start(NamedTuple):
    """Where an item begins; what comes before the first has no title."""

    at_ms: int
    title: str


class Timed(NamedTuple):
    """A meeting with the times of its words, and where its items really begin."""

    name: str
    agenda: tuple[AgendaItem, ...]
    transcript: Transcript
    starts: tuple[Start, ...]
    duration_ms: int


def read(path: Path) -> Meeting:
    """The meeting in a file."""
    agenda, said, item, pause_s = [], [], "", 0.0
    for row in filter(None, path.read_text(encoding="utf-8").splitlines()):
        mark, _, rest = row.partition(" ")
        if mark == "§":
            agenda.append(AgendaItem(title=rest))
        elif mark == "#":
            item = rest.strip("~")
        elif mark == "~":
            pause_s = float(rest)
        elif mark != "=":
            said.append(Said(rest.partition(" | ")[0], item, pause_s))
            pause_s = 0.0
    return Meeting(path.stem, tuple(agenda), tuple(said))


@lru_cache
def known(part: str) -> tuple[Meeting, ...]:
    """The meetings of TUNING, DECIDING or HELD_OUT."""
    return tuple(read(path) for path in sorted((FOLDER / part).glob("*.txt")))


def lengthened(meeting: Meeting, part: str) -> Meeting:
    """The same with talk of other things in every item, somewhere after its third sentence."""
    lines = [
        line for name in CHATTER[part] for line in (TEXTS / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    ]
    chance = random.Random(meeting.name)
    said: list[Said] = []
    for item, own in groupby(meeting.said, key=lambda each: each.item):
        sentences = list(own)
        at = min(chance.randint(3, 5), len(sentences))
        chatter = [
            Said(line, item)
            for line in chance.choices([line for line in lines if line], k=chance.randint(*CHATTER_LINES))
        ]
        said += sentences if not item else [*sentences[:at], *chatter, *sentences[at:]]
    return Meeting(f"{meeting.name}, long", meeting.agenda, tuple(said))


def recombined(part: str) -> list[Meeting]:
    """Meetings of which each takes up some items of all of the part, often in another order, and leaves some out."""
    items = {
        (each.name, item): [said for said in each.said if said.item == item]
        for each in known(part)
        for item in dict.fromkeys(said.item for said in each.said if said.item)
    }
    made = []
    for number in range(RECOMBINED):
        chance = random.Random(number)
        planned = chance.sample(list(items), chance.randint(6, 10))
        taken = [each for each in planned if chance.random() > LEFT_OUT]
        if number % 3 == 0:
            chance.shuffle(taken)
        said = [one for each in taken for one in items[each]]
        agenda = tuple(AgendaItem(title=title) for _, title in planned)
        made.append(lengthened(Meeting(f"{part} {number}", agenda, tuple(said)), part))
    return made


def many() -> Meeting:
    """An agenda of MANY items, of which each tenth is not taken up."""
    titles = [f"{of} {about}" for about in ABOUT for of in OF]
    chance = random.Random(MANY)
    said = [Said("Tervetuloa, lista on pitkä.", "")]
    for number, title in enumerate(titles):
        if number % 10 != 9:
            said += [Said(f"Sitten {title.lower()}." if number % 2 else f"{title} on käsitelty valmiiksi.", title)]
            said += [Said(text, title) for text in chance.sample(_MANY, 4)]
    return Meeting("agenda of 200", tuple(AgendaItem(title=title) for title in titles), tuple(said))


_MANY = (
    "Lautakunta on käsitellyt asian syyskuussa.", "Rahaa tarvitaan ensi vuonna vähän enemmän.",
    "Kysymyksiä ei näytä olevan.", "Tässä odotetaan vielä valtion kantaa.", "Naapurit ovat tehneet samoin.",
    "Valmistelu jatkuu virkatyönä.", "Asukkailta tuli kolme viestiä.", "Hinta selviää vasta keväällä.",
)  # fmt: skip


# Times


def timed(meeting: Meeting) -> Timed:
    """The meeting as it may be spoken. The same always."""
    chance = random.Random(meeting.name)
    words: list[Word] = []
    starts: list[Start] = [Start(0, "")]
    at_ms, item = 500, ""
    for said in meeting.said:
        at_ms += round(1000 * (said.pause_s or chance.uniform(*(TURN_S if chance.random() < TURNS else SENTENCE_S))))
        if said.item and said.item != item:
            starts.append(Start(at_ms if len(words) else 0, said.item))
            item = said.item
        for text in said.text.split():
            end_ms = at_ms + WORD_MS + LETTER_MS * len(text)
            words.append(Word(start_ms=at_ms, end_ms=end_ms - 20, text=text, probability=0.9))
            at_ms = end_ms
    return whole(meeting, words, starts, at_ms + 1000 * LAST_S)


def whole(meeting: Meeting, words: Iterable[Word], starts: list[Start], duration_ms: int) -> Timed:
    """The meeting with the passages that its words make."""
    found = Transcript(language="fi", engine="text", passages=_named(transcript.passages(words)))
    first = 1 if len(starts) > 1 and starts[1].at_ms == 0 else 0
    return Timed(meeting.name, meeting.agenda, found, tuple(starts[first:]), duration_ms)


def _named(passages: Iterable[Passage]) -> tuple[Passage, ...]:
    return tuple(each.model_copy(update={"id": f"p{number}"}) for number, each in enumerate(passages))


# Errors


SWAPS = (
    ("kk", "k"), ("tt", "t"), ("pp", "p"), ("aa", "a"), ("ää", "ä"), ("ii", "i"), ("nn", "n"), ("ll", "l"), ("uu", "u"),
    ("d", "t"), ("b", "p"), ("g", "k"), ("ö", "o"), ("ä", "a"), ("nk", "ng"), ("ie", "i"), ("uo", "o"), ("k", "kk"),
    ("s", "ss"), ("n", ""),
)  # fmt: skip
"""Letters in which Whisper base errs in Finnish (of what it made of the sample)."""


def damaged(meeting: Timed, share: float = 0.3) -> Timed:
    """The same with so many of the words wrong: other letters, words that are joined or cut, no mark of a sentence."""
    chance = random.Random(f"{meeting.name} {share}")
    words: list[Word] = []
    for passage in meeting.transcript.passages:
        for word in passage.words:
            words += _wrong(word, words, chance) if chance.random() < share else [word]
    made = _named(transcript.passages(words))
    return meeting._replace(
        name=f"{meeting.name}, damaged", transcript=Transcript(language="fi", engine="text", passages=made)
    )


def _wrong(word: Word, before: list[Word], chance: random.Random) -> list[Word]:
    kind = chance.random()
    if kind < 0.2 and before and not before[-1].text.endswith((".", "?")):
        last = before.pop()
        return [last.model_copy(update={"end_ms": word.end_ms, "text": last.text + word.text.lower()})]
    if kind < 0.35 and len(word.text) > 7:
        cut, middle = len(word.text) // 2, (word.start_ms + word.end_ms) // 2
        return [
            word.model_copy(update={"end_ms": middle, "text": word.text[:cut]}),
            word.model_copy(update={"start_ms": middle, "text": word.text[cut:]}),
        ]
    return [word.model_copy(update={"text": _misspelt(word.text, chance)})]


def _misspelt(text: str, chance: random.Random) -> str:
    for old, new in chance.sample(SWAPS, len(SWAPS)):
        if old in text[1:]:
            return (text[:1] + text[1:].replace(old, new, 1)).rstrip(".,")
    return text.rstrip(".,")


def variants(part: str) -> Iterator[tuple[str, list[Timed]]]:
    """The meetings of a part in the ways in which they are measured, by name."""
    plain = [timed(meeting) for meeting in known(part)]
    long = [timed(lengthened(meeting, part)) for meeting in known(part)]
    yield "as written", plain
    yield "long", long
    yield "long, damaged", [damaged(meeting) for meeting in long]
    yield "recombined", [timed(meeting) for meeting in recombined(part)]
