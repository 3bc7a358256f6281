"""Mends what the recogniser wrote of what it heard: names, single letters, and the borders of words.

Whisper's small models hear Finnish well and write it badly: most wrong words are right letters with a wrong border or
length (``suurinkunta``, ``kokontuu``, ``Savukoske ne sitystä``), and names they have never read (``utsioilla``). Only
what the lexicon of Finnish does not know is touched, and only what it knows is put in its place. Surest first:

1. a name that differs in nothing but what Whisper cannot tell apart (``rannualla`` is Ranualla);
2. a long name of which a letter differs (``lästi järvelle`` is Lestijärvelle), also where the lexicon would make a
   compound of what was heard (``ilomansissa``);
3. a name at the edge of an unknown word (``savukoskeneesitys`` is Savukosken and more);
4. one letter too long, too short, or front for back (``tammikussa`` is tammikuussa);
5. a name a letter or two away (``Pichtiputaalla`` is Pihtiputaalla);
6. other borders among up to three words, when all words between them are then known.

The weights were found on the text of evaluation/texts, read by synthetic voices; ``make eval`` measures them.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, combinations, pairwise
from typing import NamedTuple

from core.models import Passage, Transcript, Word
from core.speech.sounding import SHORT, Names
from core.transcript import QUOTES, SENTENCE_END, surety

VERSION = "repair-3"
LANGUAGE = "fi"

Weights = Callable[[Iterable[str]], Mapping[str, float | None]]
"""How implausible words are, by the lexicon: 0 for a word of its own, None for no word (core.finnish)."""


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


UNKNOWN, UNKNOWN_LETTER = 3.0, 0.5
"""What an unknown word costs, and each of its letters: joining two of them gains nothing."""
PER_WORD = 0.4
PER_MOVE = 0.3
PER_PIECE = 0.01
"""Of two cures of one fault, the one that touches fewer words."""
GAIN = 0.5
"""What a new border must gain beyond what it costs."""
SHORT_LETTER = 0.5
FARTHEST = 1.6
"""What is put in place must cost less: the lexicon lets almost any words be joined, at 1 for each border."""
PLAIN = 0.9
"""A word below this stands in the lexicon by itself; compounds made on the spot cost 1 and more."""
SHORTEST_MENDED = 5
LONG_NAME = 9
"""A name of so many letters is nothing else when one of them differs."""
PARTED, REST = 7, 4
"""Letters of a name that is parted from a word, and of what is left of it: less may be an ending."""
LONGEST_WINDOW = 34
MOVES = range(-3, 4)
ROUNDS = 4
MOST_WORDS = 3

FUNCTION_WORDS = _set(
    "ja on ei se ne jo me te he tai kun jos niin nyt taas oli ovat ole olla että eli mutta kuin myös sen sitä ota sai"
    " saa vei voi vuosi maa työ tie yö suu pää kuu puu luo jää aika asia joka mitä mikä kuka siis ensi sata kaksi kolme"
    " neljä viisi yksi"
)
"""Short words that are said all the time. Others of their length are more often a piece of a word."""

_PARTS = re.compile(r"^(\W*)(.*?)(\W*)$", re.DOTALL)
_OPPOSITE = dict(zip("aäoöuy", "äaöoyu", strict=True))


def mended(transcript: Transcript, weights: Weights, names: Names) -> Transcript:
    """The transcript with every Passage's words as they should stand."""
    passages = tuple(_passage(passage, weights, names) for passage in transcript.passages)
    return transcript.model_copy(update={"passages": passages})


def _passage(passage: Passage, weights: Weights, names: Names) -> Passage:
    if not passage.words:
        return passage
    words = repaired(passage.words, weights, names)
    return passage.model_copy(update={"words": words, "text": " ".join(word.text for word in words)})


def repaired(words: Sequence[Word], weights: Weights, names: Names) -> tuple[Word, ...]:
    """The words as they should stand. One that was changed bears what was ``heard`` there.

    No word is lost, and times stay inside those of the words that were heard.
    """
    pieces = [_piece(word) for word in words]
    lexicon = _Lexicon(weights)
    _mend_names(pieces, lexicon, names, most=0)
    _mend_names(pieces, lexicon, names, most=1, shortest=LONG_NAME)
    _part_names(pieces, lexicon, names)
    _mend_letters(pieces, lexicon, names)
    _mend_names(pieces, lexicon, names, most=2)
    for _ in range(ROUNDS):
        if not _mend_borders(pieces, lexicon, names):
            break
    return tuple(_words(pieces))


class _Piece(NamedTuple):
    """A word with the punctuation around it, and the words that were heard there."""

    before: str
    text: str
    after: str
    origin: tuple[Word, ...]


def _piece(word: Word) -> _Piece:
    found = _PARTS.match(word.text)
    before, text, after = found.groups() if found else ("", word.text, "")
    return _Piece(before, text, after, (word,))


class _Lexicon:
    """Costs of words, asked for in one go and remembered."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self._known: dict[str, float | None] = {}

    def learn(self, texts: Iterable[str]) -> None:
        """Ask for all of these at once."""
        wanted = {text.lower() for text in texts} - self._known.keys()
        if wanted:
            self._known |= self._weights(wanted)

    def is_known(self, text: str) -> bool:
        """Whether it is a word, or holds no letters."""
        return self._of(text) is not None

    def is_likely(self, text: str) -> bool:
        """Whether it may be put in place of something else."""
        weight = self._of(text)
        return weight is not None and weight < FARTHEST

    def is_plain(self, text: str) -> bool:
        """Whether it stands in the lexicon by itself."""
        weight = self._of(text)
        return weight is not None and weight < PLAIN

    def cost(self, texts: Iterable[str]) -> float:
        """What these words cost together."""
        return sum(self._cost(text) + PER_WORD for text in texts)

    def _of(self, text: str) -> float | None:
        self.learn((text,))
        return self._known.get(text.lower(), 0.0)

    def _cost(self, text: str) -> float:
        weight = self._of(text)
        cost = UNKNOWN + UNKNOWN_LETTER * len(text) if weight is None else weight
        short = len(text) <= SHORT and text.lower() not in FUNCTION_WORDS
        return cost + short * (SHORT + 1 - len(text)) * SHORT_LETTER


def _mend_names(pieces: list[_Piece], lexicon: _Lexicon, names: Names, *, most: int, shortest: int = 0) -> None:
    lexicon.learn(piece.text for piece in pieces)
    is_right = lexicon.is_plain if shortest else lexicon.is_known
    at = 0
    while at < len(pieces):
        found = [
            (distance, count, form)
            for count in range(1, MOST_WORDS + 1)
            if _may_be_name(window := pieces[at : at + count], count, is_right, names)
            and len(_joined(window)) >= shortest
            and (near := names.find(_joined(window), most))
            for distance, form in [near]
        ]
        if found:
            _, count, form = min(found, key=lambda each: each[:2])
            if form.lower() != _joined(pieces[at : at + count]).lower():
                _replace(pieces, at, count, [form])
        at += 1


def _may_be_name(window: Sequence[_Piece], count: int, is_right: Callable[[str], bool], names: Names) -> bool:
    if len(window) < count or _is_divided(window) or all(is_right(piece.text) for piece in window):
        return False
    edges = (window[0].text.lower(), window[-1].text.lower())
    return edges[0] not in names if count == 1 else not FUNCTION_WORDS.intersection(edges)


def _part_names(pieces: list[_Piece], lexicon: _Lexicon, names: Names) -> None:
    """Part a name from what was written together with it, where the whole is no word."""
    for at in reversed(range(len(pieces))):
        text = pieces[at].text
        if not lexicon.is_known(text) and text not in names and (texts := _with_name(text, names)):
            _replace(pieces, at, 1, texts)


def _with_name(text: str, names: Names) -> list[str]:
    """A name and the rest, or the rest and a name; the longest name there is."""
    for length in range(len(text) - REST, PARTED - 1, -1):
        if (found := names.find(text[:length], 0)) and len(found[1]) >= PARTED:
            return [found[1], text[length:]]
        if (found := names.find(text[-length:], 0)) and len(found[1]) >= PARTED:
            return [text[:-length], found[1]]
    return []


def _mend_letters(pieces: list[_Piece], lexicon: _Lexicon, names: Names) -> None:
    mended = [
        (at, list(_one_letter_off(piece.text.lower())))
        for at, piece in enumerate(pieces)
        if len(piece.text) >= SHORTEST_MENDED and _is_odd(pieces, at, lexicon, names)
    ]
    lexicon.learn(text for _, texts in mended for text in texts)
    for at, texts in mended:
        plain = [text for text in texts if lexicon.is_plain(text)]
        if len(plain) == 1:
            _replace(pieces, at, 1, plain)


def _is_odd(pieces: Sequence[_Piece], at: int, lexicon: _Lexicon, names: Names) -> bool:
    """Whether it is no word. A capital within a sentence is a name that the lexicon may lack: a person, a product."""
    text, before = pieces[at].text, pieces[at - 1].after if at else "."
    is_name = text in names or (text[:1].isupper() and not before.rstrip(QUOTES).endswith(SENTENCE_END))
    return not is_name and not lexicon.is_known(text)


def _one_letter_off(word: str) -> Iterator[str]:
    """The word with one letter doubled, or no longer doubled, or with the other harmony."""
    made = set()
    for at, letter in enumerate(word):
        made.add(word[:at] + letter + word[at:])
        if at and word[at - 1] == letter:
            made.add(word[:at] + word[at + 1 :])
        if letter in _OPPOSITE:
            made.add(word[:at] + _OPPOSITE[letter] + word[at + 1 :])
    return iter(sorted(made))


class _Cut(NamedTuple):
    """A window of pieces and the words to put there instead."""

    gain: float
    at: int
    size: int
    texts: list[str]


def _mend_borders(pieces: list[_Piece], lexicon: _Lexicon, names: Names) -> bool:
    """One round of new borders; whether anything has changed."""
    lexicon.learn(piece.text for piece in pieces)
    places = [at for at in range(len(pieces)) if _is_odd(pieces, at, lexicon, names)]
    windows = {window for at in places for window in _windows(pieces, at)}
    options = {window: list(_options(pieces[window[0] : sum(window)])) for window in windows}
    lexicon.learn(text for each in options.values() for texts in each for text in texts)
    found = [cut for window, each in options.items() if (cut := _best(pieces, window, each, lexicon))]
    taken: set[int] = set()
    for cut in sorted(found, key=lambda cut: (-cut.gain, cut.at)):
        if taken.isdisjoint(range(cut.at, cut.at + cut.size)):
            taken.update(range(cut.at, cut.at + cut.size))
        else:
            found.remove(cut)
    for cut in sorted(found, key=lambda cut: -cut.at):
        _replace(pieces, cut.at, cut.size, cut.texts)
    return bool(found)


def _windows(pieces: Sequence[_Piece], at: int) -> Iterator[tuple[int, int]]:
    for first, end in ((at, at + 1), (at - 1, at + 1), (at, at + 2), (at - 1, at + 2)):
        window = pieces[max(first, 0) : end]
        if first >= 0 and end <= len(pieces) and not _is_divided(window) and len(_joined(window)) <= LONGEST_WINDOW:
            yield first, end - first


def _options(window: Sequence[_Piece]) -> Iterator[list[str]]:
    """The letters of the window with other borders: anywhere in one word or two, near the old ones in three."""
    letters = _joined(window)
    old = _borders([piece.text for piece in window])
    anywhere = range(2, len(letters) - 1)
    near = sorted({border + move for border in old for move in MOVES} & set(anywhere))
    places = near if len(window) == MOST_WORDS else list(anywhere)
    most = 1 if len(window) == 2 else 2
    for count in range(0 if len(window) > 1 else 1, most + 1):
        for cuts in combinations(places, count):
            texts = [letters[low:high] for low, high in pairwise((0, *cuts, len(letters)))]
            if set(cuts) != old and all(_is_long_enough(text) for text in texts):
                yield texts


def _is_long_enough(text: str) -> bool:
    return len(text) > 3 or (len(text) > 1 and text.lower() in FUNCTION_WORDS)


def _borders(texts: Iterable[str]) -> set[int]:
    return set(list(accumulate(map(len, texts)))[:-1])


def _best(
    pieces: Sequence[_Piece], place: tuple[int, int], options: Iterable[list[str]], lexicon: _Lexicon
) -> _Cut | None:
    at, count = place
    before = [piece.text for piece in pieces[at : at + count]]
    cost, old = lexicon.cost(before) - PER_PIECE * count, _borders(before)
    found = [
        _Cut(cost - lexicon.cost(texts) - PER_MOVE * len(old ^ _borders(texts)), at, count, texts)
        for texts in options
        if all(lexicon.is_likely(text) for text in texts)
    ]
    best = max(found, key=lambda cut: (cut.gain, cut.texts), default=None)
    return best if best and best.gain > GAIN else None


def _is_divided(window: Sequence[_Piece]) -> bool:
    """Whether there is punctuation between the pieces."""
    return any(left.after or right.before for left, right in pairwise(window))


def _joined(window: Iterable[_Piece]) -> str:
    return "".join(piece.text for piece in window)


def _replace(pieces: list[_Piece], at: int, count: int, texts: Sequence[str]) -> None:
    window = pieces[at : at + count]
    low, high = _kin(pieces, at, count)
    origin = tuple({id(word): word for piece in pieces[low:high] for word in piece.origin}.values())
    first, *others = texts
    first = first[0].upper() + first[1:] if window[0].text[:1].isupper() else first
    made = [_Piece("", text, "", origin) for text in (first, *others)]
    made[0] = made[0]._replace(before=window[0].before)
    made[-1] = made[-1]._replace(after=window[-1].after)
    pieces[at : at + count] = made
    for near in range(low, high + len(made) - count):
        pieces[near] = pieces[near]._replace(origin=origin)


def _kin(pieces: Sequence[_Piece], at: int, count: int) -> tuple[int, int]:
    """The pieces around the window that came of the same heard words as some in it: they share their time."""

    def akin(left: _Piece, right: _Piece) -> bool:
        return any(one is other for one in left.origin for other in right.origin)

    low, high = at, at + count
    while low and akin(pieces[low - 1], pieces[low]):
        low -= 1
    while high < len(pieces) and akin(pieces[high - 1], pieces[high]):
        high += 1
    return low, high


def _words(pieces: Sequence[_Piece]) -> Iterator[Word]:
    """Words that came of the same heard ones share their time by their letters."""
    at = 0
    while at < len(pieces):
        origin = pieces[at].origin
        end = at + 1
        while end < len(pieces) and pieces[end].origin is origin:
            end += 1
        group = [f"{piece.before}{piece.text}{piece.after}" for piece in pieces[at:end]]
        heard = " ".join(word.text for word in origin)
        yield from origin if heard == " ".join(group) else _shared(group, origin, heard)
        at = end


def _shared(texts: Sequence[str], origin: Sequence[Word], heard: str) -> Iterator[Word]:
    ends = list(accumulate(len(text) for text in texts))
    times = [_at(share / ends[-1], origin) for share in (0, *ends)]
    probability = surety(origin)
    for text, (start, end) in zip(texts, pairwise(times), strict=True):
        yield Word(start_ms=start, end_ms=max(start, end), text=text, probability=probability, heard=heard)


def _at(share: float, origin: Sequence[Word]) -> int:
    """When that share of the letters had been said; letters of a word are taken to be equally long."""
    letters = share * sum(len(word.text) for word in origin)
    for word in origin[:-1]:
        if letters < len(word.text):
            return round(word.start_ms + letters / len(word.text) * (word.end_ms - word.start_ms))
        letters -= len(word.text)
    last = origin[-1]
    return round(last.start_ms + min(1.0, letters / len(last.text)) * (last.end_ms - last.start_ms))
