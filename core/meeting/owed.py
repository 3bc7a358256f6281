"""Who does something, and by when, as a sentence says it. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from core.language import dates, timewords
from core.language.cues import Cues, DeadlineCues
from core.language.dates import Time
from core.language.sentences import Sentence, alike
from core.meeting.claims import Known
from core.models import WordForms


class Due(NamedTuple):
    """A deadline as it was said, and the day that it means, if that is certain."""

    text: str = ""
    by: date | None = None


NEVER = Due()
_AGENT = re.compile(r"[aeiouyäö][^aeiouyäö]+[aeiouyäö]+[^aeiouyäö]*[aeiouyäö]j[aä]$")


def who(sentence: Sentence, known: Known) -> str:
    """Who acts: a role or a name that stands as a subject; of those who must, whose name is in the genitive, too."""
    return _role(sentence, known) or _name(sentence, known) or _must(sentence, known)


def _role(sentence: Sentence, known: Known) -> str:
    """The first role that stands as a subject, with the genitives and names before it and the name after it."""
    for at, word in enumerate(sentence.words):
        end = _role_end(word.folded, sentence.bases[at], known.forms, known.cues.roles)
        if end:
            last = _end_of_name(sentence, at) if end == len(word.folded) else word.start + end
            return sentence.text[sentence.words[_beginning(sentence, at, known)].start : last]
    return ""


def _beginning(sentence: Sentence, at: int, known: Known) -> int:
    """The first of the genitives and names that belong to the word at ``at``."""
    first = at
    while first and _belongs(sentence, first - 1, known.forms, known.cues):
        first -= 1
    return first


def _name(sentence: Sentence, known: Known) -> str:
    """The first name that stands as a subject: of a person, which has two words, or a known one."""
    for first, end in _capitals(sentence):
        last = end - 1
        is_known = end - first > 1 or not sentence.bases[last].isdisjoint(known.names)
        if is_known and sentence.words[last].folded in sentence.bases[last]:
            return sentence.text[sentence.words[first].start : sentence.words[last].end]
    return ""


def _capitals(sentence: Sentence) -> Iterator[tuple[int, int]]:
    """The runs of words with capitals."""
    first = 0
    while first < len(sentence.words):
        end = first
        while end < len(sentence.words) and _goes_on(sentence, first, end):
            end += 1
        if end > first:
            yield first, end
        first = end + 1


def _goes_on(sentence: Sentence, first: int, at: int) -> bool:
    word = sentence.words[at]
    between = sentence.text[sentence.words[at - 1].end : word.start] if at > first else ""
    return word.text[:1].isupper() and not between.strip()


def _must(sentence: Sentence, known: Known) -> str:
    """Of ``sihteerin pitää lähettää`` the ``sihteeri``, with what belongs to it."""
    for at in range(len(sentence.words) - 1):
        word, base = sentence.words[at], min(sentence.bases[at])
        is_actor = word.text[0].isupper() or base in known.cues.roles
        is_owner = word.folded.endswith("n") and base != word.folded
        if is_actor and is_owner and sentence.words[at + 1].folded in known.cues.actions.musts:
            run = next((first for first, end in _capitals(sentence) if first <= at < end), at)
            first = sentence.words[min(run, _beginning(sentence, at, known))]
            named = base.capitalize() if word.text[0].isupper() else base
            return sentence.text[first.start : word.start] + named
    return ""


def _end_of_name(sentence: Sentence, at: int) -> int:
    """Where the capitalised words end that follow the role at ``at``, in characters."""
    end = sentence.words[at].end
    for word in sentence.words[at + 1 :]:
        if not word.text[:1].isupper() or sentence.text[end : word.start].strip():
            break
        end = word.end
    return end


def _role_end(folded: str, bases: frozenset[str], forms: Mapping[str, WordForms], roles: tuple[str, ...]) -> int:
    """How many letters of the word are the role, 0 if it is none.

    A subject is the base form or the plural in -t. In a word that no lexicon knows, a role at its beginning was
    recognised together with what came after it.
    """
    known = forms.get(folded)
    is_plural = folded.endswith("t") and not folded.endswith("tt")
    if folded in roles or _is_agent(folded, bases) or (is_plural and bases.intersection(roles)):
        return len(folded)
    if known and (known.parts or folded not in known.bases):
        return len(folded) if folded in known.bases and set(known.parts[-1:]).intersection(roles) else 0
    if any(len(role) > 6 and alike(folded, role) for role in roles):
        return len(folded)
    return max((len(role) for role in roles if len(role) > 6 and folded.startswith(role)), default=0)


def _is_agent(folded: str, bases: frozenset[str]) -> bool:
    """Whether it is one who does something: ``kaavoittaja``. ``kirja`` and ``raja`` are none."""
    return folded in bases and bool(_AGENT.search(folded))


def _belongs(sentence: Sentence, at: int, forms: Mapping[str, WordForms], cues: Cues) -> bool:
    """Whether the word belongs to the role after it: a genitive, or a name inside the sentence."""
    word = sentence.words[at]
    between = sentence.text[word.end : sentence.words[at + 1].start]
    if between.strip() or word.folded in cues.stopwords:
        return False
    is_genitive = word.folded.endswith("n") and len(word.folded) > 3
    known = forms.get(word.folded)
    return (is_genitive and not (known and word.folded in known.bases)) or (at > 0 and word.text[:1].isupper())


def due(sentence: Sentence, known: Known) -> Due:
    """The first time with ``mennessä`` or ``viimeistään``, else the first that names a time to come."""
    folded, cues = sentence.folded, known.cues.deadlines
    times = dates.times(folded, known.said_on)
    anchored = [span for at in range(len(folded)) if (span := _anchored(folded, at, cues))]
    named = [run for run in _runs(folded, cues) if _names_time(folded[run[0] : run[1]], cues)]
    spans = anchored or named or [(time.first, time.end) for time in times if time.day]
    found = [_widened(span, times) for span in spans]
    ahead = [each for each in found if not _is_since(folded, each.end)]
    if not ahead:
        return NEVER
    first, end, by = ahead[0]
    return Due(sentence.text[sentence.words[first].start : sentence.words[end - 1].end], by)


def _widened(span: tuple[int, int], times: Sequence[Time]) -> Time:
    """The span with all of the time that lies in it."""
    time = next((time for time in times if time.first < span[1] and span[0] < time.end), None)
    return Time(min(span[0], time.first), max(span[1], time.end), time.day) if time else Time(*span, None)


def _is_since(folded: Sequence[str], at: int) -> bool:
    """Whether a time before this word is when something begins: ``1.1. alkaen``, ``ensi viikon jälkeen``."""
    return at < len(folded) and folded[at] in timewords.SINCE


def is_anchor(folded: Sequence[str], at: int, cues: DeadlineCues) -> bool:
    """Whether the word sets a deadline."""
    return any(alike(folded[at], cue) for cue in (*cues.ends, *cues.starts))


def _anchored(folded: Sequence[str], at: int, cues: DeadlineCues) -> tuple[int, int] | None:
    """The words from a date to the ``mennessä`` after it, or from ``viimeistään`` to the end of its date.

    Before ``mennessä`` one word is taken even if it is no known date: "kokoukseen mennessä".
    """
    first, end = at, at + 1
    if any(alike(folded[at], cue) for cue in cues.ends):
        while first and (first == at or _is_date(folded[first - 1], cues)):
            first -= 1
    elif any(alike(folded[at], cue) for cue in cues.starts):
        while end < len(folded) and _is_date(folded[end], cues):
            end += 1
    return (first, end) if end - first > 1 else None


def _runs(folded: Sequence[str], cues: DeadlineCues) -> Iterator[tuple[int, int]]:
    first = 0
    for at in range(len(folded) + 1):
        if at == len(folded) or not _is_date(folded[at], cues):
            if at > first:
                yield first, at
            first = at + 1


def _is_date(folded: str, cues: DeadlineCues) -> bool:
    return folded[:1].isdigit() or folded.startswith((*cues.times, *cues.parts))


def _names_time(folded: Sequence[str], cues: DeadlineCues) -> bool:
    """Whether a run of date words is a time to come: "ensi viikolla", "tammikuussa", "perjantaina"; no mere month."""
    if len(folded) == 1 and folded[0] in cues.rates:
        return False
    return any(word.startswith(cues.times) for word in folded) and folded[-1].endswith(cues.cases)
