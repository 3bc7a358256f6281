"""Meeting notes out of a transcript, by extraction: every line quotes what was recognised and nothing is made up.

A sentence becomes at most one of these, tried in this order: a question (by its mark, or by a verb with -ko or -kö at
its start), a decision, a question (by a question word at its start), an action. The words are those of ``Cues``. A said
form is compared by the ratio of Ratcliff and Obershelp (difflib), without the dots of ä and ö and also with two
neighbouring words taken as one: recognised Finnish has most of its errors in endings and word borders. A proposal or a
condition is no decision. Speech that the engine was unsure of is not quoted.

The summary is TextRank (Mihalcea & Tarau 2004, "TextRank: Bringing Order into Texts", section 4): sentences are linked
by the base forms they share, over the sum of the logarithms of their lengths, and ranked by PageRank with damping 0.85.
The random jump prefers decisions and the first sentences of a chapter (topic-sensitive PageRank, Haveliwala 2002).
"""

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

from core.cues import Cues, DeadlineCues, DecisionCues, QuestionCues
from core.models import Chapter, NoteLine, Notes, NoteSection, Passage, Transcript, WordForms
from core.morphology import Token, tokens, word_times

ALIKE = 0.87
"""Ratio from which a word is a said form: "pätettiin" is "päätettiin" (0.95), "käytettiin" is not (0.80)."""

MAX_WORDS = 40
JOIN_PAUSE_MS = 2_000
PAUSE_MS = 700
"""A pause that core.passages cuts at. A cut at a shorter one was made for length only."""

MIN_CONTENT = 3
PER_SUMMARY_LINE = 6
DAMPING, ROUNDS = 0.85, 40
POSITION_WEIGHT = DECISION_WEIGHT = 2.0
SAME = 0.6

_SENTENCE = re.compile(r".+?(?:[.!?…]+(?=\s+[A-ZÅÄÖ])|$)", re.DOTALL)
_DOTLESS = str.maketrans("äöå", "aoa")
_Kind = Literal["summary", "decision", "action", "question"]


class _Sentence(NamedTuple):
    """A quote: its text, words, their base forms, when it begins, and whether the engine was sure of it."""

    text: str
    words: list[Token]
    bases: list[frozenset[str]]
    start_ms: int
    is_clear: bool

    @property
    def folded(self) -> list[str]:
        return [word.folded for word in self.words]


def notes(transcript: Transcript, chapters: tuple[Chapter, ...], forms: Mapping[str, WordForms], cues: Cues) -> Notes:
    """The notes of a whole broadcast: a section for every chapter, or one without title. No speech, no notes."""
    sentences = [_sentence(group, part, forms) for group in _groups(transcript.passages) for part in _cut(group)]
    sentences = [sentence for sentence in sentences if sentence.words]
    lines = [line for sentence in sentences if sentence.is_clear and (line := _line(sentence, forms, cues))]
    starts = [chapter.start_ms for chapter in chapters] or [0]
    titles = [chapter.title for chapter in chapters] or [""] * bool(sentences)
    return Notes(summary=_summary(sentences, starts, cues), sections=_sections(titles, starts, lines))


def _sections(titles: Sequence[str], starts: Sequence[int], lines: Iterable[NoteLine]) -> tuple[NoteSection, ...]:
    kept: dict[int, list[NoteLine]] = defaultdict(list)
    for line in lines:
        kept[_chapter_of(line.at_ms, starts)].append(line)
    return tuple(
        NoteSection(title=title, start_ms=starts[at], lines=tuple(kept[at])) for at, title in enumerate(titles)
    )


def _chapter_of(at_ms: int, starts: Sequence[int]) -> int:
    return max(sum(start <= at_ms for start in starts) - 1, 0)


# Sentences


def _groups(passages: Iterable[Passage]) -> Iterator[list[Passage]]:
    """Passages that are one sentence, by ``_goes_on``."""
    group: list[Passage] = []
    for passage in passages:
        if group and not _goes_on(group, passage):
            yield group
            group = []
        group.append(passage)
    if group:
        yield group


def _goes_on(group: list[Passage], passage: Passage) -> bool:
    """Whether a passage ends without a mark and the next begins small; a comma counts only without a pause."""
    text, pause = group[-1].text.rstrip(), passage.start_ms - group[-1].end_ms
    limit = JOIN_PAUSE_MS if text[-1:].isalnum() else PAUSE_MS if text.endswith(",") else 0
    is_short = sum(len(tokens(one.text)) for one in (*group, passage)) <= MAX_WORDS
    is_alike = passage.unclear == group[-1].unclear
    return pause < limit and passage.text[:1].islower() and is_short and is_alike


def _cut(group: list[Passage]) -> list[tuple[int, int]]:
    """The sentences of the joined text, as (start, end) in characters."""
    text = _joined(group)
    return [match.span() for match in _SENTENCE.finditer(text) if match.group().strip()]


def _joined(group: list[Passage]) -> str:
    return " ".join(passage.text for passage in group)


def _sentence(group: list[Passage], span: tuple[int, int], forms: Mapping[str, WordForms]) -> _Sentence:
    text = _joined(group)
    words = tokens(text)
    times = [time for passage in group for time in (word_times(passage) if passage.words else _untimed(passage))]
    own = [at for at, word in enumerate(words) if span[0] <= word.start < span[1]]
    quote = text[span[0] : span[1]].strip()
    inside = tokens(quote)
    said = next((times[at] for at in own if at < len(times) and times[at] is not None), None)
    start = group[0].start_ms if said is None or span[0] == 0 else said
    bases = [_bases(word.folded, forms) for word in inside]
    return _Sentence(quote, inside, bases, start, not group[0].unclear)


def _untimed(passage: Passage) -> list[int | None]:
    return [passage.start_ms] * len(tokens(passage.text))


def _bases(folded: str, forms: Mapping[str, WordForms]) -> frozenset[str]:
    known = forms.get(folded)
    return frozenset(known.bases) if known and known.bases else frozenset((folded,))


# Decisions, actions, questions


def _line(sentence: _Sentence, forms: Mapping[str, WordForms], cues: Cues) -> NoteLine | None:
    kind: _Kind | None = None
    start = _start(sentence, cues.questions)
    if (sentence.text.endswith("?") and len(sentence.words) > 1) or _is_asking_verb(start, forms):
        kind = "question"
    elif _is_decision(sentence, cues.decisions):
        kind = "decision"
    elif start in cues.questions.words:
        kind = "question"
    if kind:
        return NoteLine(kind=kind, at_ms=sentence.start_ms, text=sentence.text)
    return _action(sentence, forms, cues)


def _action(sentence: _Sentence, forms: Mapping[str, WordForms], cues: Cues) -> NoteLine | None:
    verbs = _verbs_of_doing(sentence, cues)
    if not verbs:
        return None
    who, due = _who(sentence, forms, cues), _due(sentence, cues.deadlines)
    if not due and (not who or verbs <= set(cues.actions.weak)):
        return None
    return NoteLine(kind="action", at_ms=sentence.start_ms, text=sentence.text, who=who, due=due)


def _is_decision(sentence: _Sentence, cues: DecisionCues) -> bool:
    folded = sentence.folded
    if any(phrase in " ".join(folded) for phrase in cues.phrases):
        return True
    return any(
        _decides(sentence, at, cues) and not set(folded[max(at - 2, 0) : at]) & set(cues.negations)
        for at in range(_end_of_facts(sentence, cues))
    )


def _end_of_facts(sentence: _Sentence, cues: DecisionCues) -> int:
    """The place of the first word that makes the rest a proposal or a condition, else the number of words."""
    voids = (at for at, bases in enumerate(sentence.bases) if bases.intersection(cues.voids))
    return next(voids, len(sentence.words))


def _decides(sentence: _Sentence, at: int, cues: DecisionCues) -> bool:
    is_form = bool(sentence.bases[at].intersection(cues.bases)) and sentence.words[at].folded.endswith(cues.endings)
    return is_form or _is_said(sentence.folded, at, cues.said)


def _is_said(folded: Sequence[str], at: int, said: tuple[str, ...]) -> bool:
    """Whether the word at ``at``, alone or with the next one, is nearly one of ``said``."""
    return any(_alike(text, cue) for text in (folded[at], "".join(folded[at : at + 2])) for cue in said)


def _alike(word: str, cue: str) -> bool:
    """The quick ratio is an upper bound of the ratio, so it only spares time."""
    if abs(len(word) - len(cue)) > 3 or word[:1] != cue[:1]:
        return False
    matcher = SequenceMatcher(None, word.translate(_DOTLESS), cue.translate(_DOTLESS), autojunk=False)
    return matcher.quick_ratio() >= ALIKE and matcher.ratio() >= ALIKE


def _verbs_of_doing(sentence: _Sentence, cues: Cues) -> set[str]:
    """The verbs of doing that are not past, or their stems if a word that sets a deadline is there too."""
    verbs = cues.actions
    found: set[str] = set()
    for word, bases in zip(sentence.folded, sentence.bases, strict=True):
        if word.endswith(verbs.present) or not word.endswith(verbs.past):
            found |= bases.intersection(verbs.bases)
    if found or not any(_is_anchor(sentence.folded, at, cues.deadlines) for at in range(len(sentence.words))):
        return found
    return {stem for stem in verbs.stems if stem in "".join(sentence.folded)}


def _start(sentence: _Sentence, cues: QuestionCues) -> str:
    """The first word after at most two leads, or nothing if fewer than three words are left."""
    folded = sentence.folded
    at = next((at for at, word in enumerate(folded) if word not in cues.leads), len(folded))
    return folded[at] if at <= 2 and len(folded) - at > 2 else ""


def _is_asking_verb(word: str, forms: Mapping[str, WordForms]) -> bool:
    """Whether a word has -ko or -kö as its ending. ``verkko`` is its own base form, as is what no lexicon knows."""
    known = forms.get(word)
    return word.endswith(("ko", "kö")) and known is not None and word not in known.bases


# Who and by when


def _who(sentence: _Sentence, forms: Mapping[str, WordForms], cues: Cues) -> str:
    """The first role that stands as a subject, with the genitives and names before it and the name after it."""
    for at, word in enumerate(sentence.words):
        end = _role_end(word.folded, sentence.bases[at], forms, cues.roles)
        if end:
            first = at
            while first and _belongs(sentence, first - 1, forms, cues):
                first -= 1
            last = _end_of_name(sentence, at) if end == len(word.folded) else word.start + end
            return sentence.text[sentence.words[first].start : last]
    return ""


def _end_of_name(sentence: _Sentence, at: int) -> int:
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
    if folded in roles or (is_plural and bases.intersection(roles)):
        return len(folded)
    if known and (known.parts or folded not in known.bases):
        return len(folded) if folded in known.bases and set(known.parts).intersection(roles) else 0
    if any(len(role) > 6 and _alike(folded, role) for role in roles):
        return len(folded)
    return max((len(role) for role in roles if len(role) > 6 and folded.startswith(role)), default=0)


def _belongs(sentence: _Sentence, at: int, forms: Mapping[str, WordForms], cues: Cues) -> bool:
    """Whether the word belongs to the role after it: a genitive, or a name inside the sentence."""
    word = sentence.words[at]
    between = sentence.text[word.end : sentence.words[at + 1].start]
    if between.strip() or word.folded in cues.stopwords:
        return False
    is_genitive = word.folded.endswith("n") and len(word.folded) > 3
    known = forms.get(word.folded)
    return (is_genitive and not (known and word.folded in known.bases)) or (at > 0 and word.text[:1].isupper())


def _due(sentence: _Sentence, cues: DeadlineCues) -> str:
    """The first date with ``mennessä`` or ``viimeistään``, else the first that names a time; as said."""
    folded = sentence.folded
    anchored = [span for at in range(len(folded)) if (span := _anchored(folded, at, cues))]
    spans = anchored or [run for run in _runs(folded, cues) if _names_time(folded[run[0] : run[1]], cues)]
    if not spans:
        return ""
    first, end = spans[0]
    return sentence.text[sentence.words[first].start : sentence.words[end - 1].end]


def _is_anchor(folded: Sequence[str], at: int, cues: DeadlineCues) -> bool:
    return any(_alike(folded[at], cue) for cue in (*cues.ends, *cues.starts))


def _anchored(folded: Sequence[str], at: int, cues: DeadlineCues) -> tuple[int, int] | None:
    """The words from a date to the ``mennessä`` after it, or from ``viimeistään`` to the end of its date.

    Before ``mennessä`` one word is taken even if it is no known date: "kokoukseen mennessä".
    """
    first, end = at, at + 1
    if any(_alike(folded[at], cue) for cue in cues.ends):
        while first and (first == at or _is_date(folded[first - 1], cues)):
            first -= 1
    elif any(_alike(folded[at], cue) for cue in cues.starts):
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
    return any(word.startswith(cues.times) for word in folded) and folded[-1].endswith(cues.cases)


# Summary


def _summary(sentences: Sequence[_Sentence], starts: Sequence[int], cues: Cues) -> tuple[NoteLine, ...]:
    """Two to five clear statements in time order, one for every PER_SUMMARY_LINE; fewer if there are not as many."""
    stop = frozenset(cues.stopwords)
    found = [(s, _topics(s, stop)) for s in sentences if _is_statement(s, cues)]
    pool, topics = [s for s, t in found if len(t) >= MIN_CONTENT], [t for _, t in found if len(t) >= MIN_CONTENT]
    ranks = _textrank(topics, _prior(pool, starts, cues))
    wanted = max(2, min(5, round(len(pool) / PER_SUMMARY_LINE)))
    chosen: list[int] = []
    for at in sorted(range(len(pool)), key=lambda at: (-ranks[at], at)):
        if len(chosen) < wanted and all(_overlap(topics[at], topics[other]) < SAME for other in chosen):
            chosen.append(at)
    return tuple(NoteLine(kind="summary", at_ms=pool[at].start_ms, text=pool[at].text) for at in sorted(chosen))


def _is_statement(sentence: _Sentence, cues: Cues) -> bool:
    """No question, proposal or condition, nothing the engine was unsure of, no announcement of the next item."""
    if _end_of_facts(sentence, cues.decisions) < len(sentence.words):
        return False
    if not sentence.is_clear or sentence.text.endswith("?") or len(sentence.words) > MAX_WORDS:
        return False
    letters = "".join(sentence.folded)
    return not any(formula.lstrip("0123456789. ").replace(" ", "") in letters for formula in cues.formulas)


def _topics(sentence: _Sentence, stop: frozenset[str]) -> frozenset[str]:
    return frozenset(_topic(bases, stop) for bases in sentence.bases) - {""}


def _topic(bases: frozenset[str], stop: frozenset[str]) -> str:
    """One base form for a word, or nothing for a word without meaning. The choice among several is the same always."""
    base = min(bases)
    return "" if bases & stop or len(base) < 3 else base


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other)


def _prior(sentences: Sequence[_Sentence], starts: Sequence[int], cues: Cues) -> list[float]:
    """The chance of a random jump to each sentence, sum 1.

    It is as 1 + POSITION_WEIGHT / the sentence's number in its chapter, and DECISION_WEIGHT more for a decision.
    """
    numbers: dict[int, int] = defaultdict(int)
    weights = []
    for sentence in sentences:
        chapter = _chapter_of(sentence.start_ms, starts)
        numbers[chapter] += 1
        decided = DECISION_WEIGHT * _is_decision(sentence, cues.decisions)
        weights.append(1 + POSITION_WEIGHT / numbers[chapter] + decided)
    return [weight / sum(weights) for weight in weights]


def _textrank(topics: Sequence[frozenset[str]], prior: Sequence[float]) -> list[float]:
    """PageRank of sentences (n,) by power iteration. ``prior`` (n,) is the random jump."""
    links = _links(topics)
    totals = [sum(link.values()) for link in links]
    ranks = list(prior)
    for _ in range(ROUNDS):
        shares = [rank / total if total else 0.0 for rank, total in zip(ranks, totals, strict=True)]
        ranks = [
            (1 - DAMPING) * jump + DAMPING * sum(shares[other] * weight for other, weight in link.items())
            for jump, link in zip(prior, links, strict=True)
        ]
    return ranks


def _links(topics: Sequence[frozenset[str]]) -> list[dict[int, float]]:
    """The weight between every two sentences that share a word: shared words / (log length + log length)."""
    places: dict[str, list[int]] = defaultdict(list)
    links: list[dict[int, float]] = [{} for _ in topics]
    for at, topic in enumerate(topics):
        shared: dict[int, int] = defaultdict(int)
        for word in sorted(topic):
            for other in places[word]:
                shared[other] += 1
            places[word].append(at)
        for other, count in shared.items():
            weight = count / (math.log(len(topic)) + math.log(len(topics[other])))
            links[at][other] = links[other][at] = weight
    return links
