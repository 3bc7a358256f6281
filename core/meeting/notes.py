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
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz

from core.language.cues import Cues, QuestionCues
from core.language.sentences import MAX_WORDS, Sentence, sentences
from core.meeting.actions import action, is_assigned
from core.meeting.agreements import Agreed, agreed
from core.meeting.claims import Known
from core.meeting.decisions import is_decision, is_fact
from core.meeting.divisions import chapter_of
from core.meeting.owed import NEVER, Due
from core.meeting.questions import AT_ONCE, is_open
from core.models import Chapter, NoteLine, Notes, NoteSection, Transcript, WordForms

MIN_CONTENT = 3
PER_SUMMARY_LINE = 6
DAMPING, ROUNDS = 0.85, 40
POSITION_WEIGHT = DECISION_WEIGHT = 2.0
SAME = 0.6
LONG_FORMULA, ALIKE = 12, 92.0
"""Letters, and per cent: ``toimitetaan ensin`` has all but one of the twelve of ``otetaan ensin``, and is none."""

_Kind = Literal["summary", "decision", "action", "question"]
_Numbers = NDArray[np.intp]


class Heard:
    """A whole broadcast, taken apart once: what is decided in it, and its notes."""

    def __init__(self, transcript: Transcript, chapters: tuple[Chapter, ...], known: Known) -> None:
        self._known = known
        self._spoken = sentences(transcript.passages, known.forms)
        self._clear = [sentence for sentence in self._spoken if sentence.is_clear]
        self._starts = [chapter.start_ms for chapter in chapters] or [0]
        self._titles = [chapter.title for chapter in chapters] or [""] * bool(self._spoken)
        self._groups = _agreed(self._clear, self._starts, known)

    @property
    def agreed(self) -> tuple[Agreed, ...]:
        """What is decided in it, with the proposals that are adopted."""
        return tuple(self._groups.values())

    def notes(self) -> Notes:
        """A section for every chapter, or one without title. No speech, no notes."""
        lines = _lines(self._clear, self._groups, self._starts, self._known)
        summary = _summary(self._spoken, self._starts, self._known.cues)
        return Notes(summary=summary, sections=_sections(self._titles, self._starts, lines))


def _sections(titles: Sequence[str], starts: Sequence[int], lines: Iterable[NoteLine]) -> tuple[NoteSection, ...]:
    kept: dict[int, list[NoteLine]] = defaultdict(list)
    for line in lines:
        kept[chapter_of(line.at_ms, starts)].append(line)
    return tuple(
        NoteSection(title=title, start_ms=starts[at], lines=tuple(kept[at])) for at, title in enumerate(titles)
    )


# Decisions, actions, questions


def _lines(
    clear: Sequence[Sentence], groups: Mapping[int, Agreed], starts: Sequence[int], known: Known
) -> Iterator[NoteLine]:
    """All lines. Before the first decision of an item only what is assigned is an action. Questions are open ones."""
    places = [chapter_of(sentence.start_ms, starts) for sentence in clear]
    decided = {places[at]: at for at in sorted(groups, reverse=True)}
    for at, sentence in enumerate(clear):
        line = _decision(groups[at]) if at in groups else _line(sentence, known)
        is_early = at < decided.get(places[at], 0) and not is_assigned(sentence, known.cues)
        is_none = {"action": is_early, "question": not is_open(sentence, _after(clear, places, at), known.cues)}
        if line and not is_none.get(line.kind):
            yield line


def _after(clear: Sequence[Sentence], places: Sequence[int], at: int) -> list[Sentence]:
    """The sentences of the same item that may answer the one at ``at``."""
    near = slice(at + 1, at + 1 + AT_ONCE)
    return [each for each, place in zip(clear[near], places[near], strict=True) if place == places[at]]


def _agreed(clear: Sequence[Sentence], starts: Sequence[int], known: Known) -> dict[int, Agreed]:
    places = [chapter_of(sentence.start_ms, starts) for sentence in clear]
    return agreed(clear, places, known.cues, lambda sentence: _line(sentence, known) is not None)


def _decision(group: Agreed) -> NoteLine:
    """The quote of what decides, after that of the proposal which it decides."""
    text = " … ".join(sentence.text for sentence in group.sentences)
    return _quoted("decision", group.sentences[-1]).model_copy(update={"text": text, "passages": group.passages})


def _line(sentence: Sentence, known: Known) -> NoteLine | None:
    """A question, or what is an action if it stands where it may."""
    start = _start(sentence, known.cues.questions)
    is_question = sentence.text.endswith("?") and len(sentence.words) > 1
    if is_question or start in known.cues.questions.words or _is_asking_verb(start, known.forms):
        return _quoted("question", sentence)
    found = action(sentence, known)
    return _quoted("action", sentence, *found) if found else None


def _quoted(kind: _Kind, sentence: Sentence, who: str = "", due: Due = NEVER) -> NoteLine:
    return NoteLine(
        kind=kind,
        at_ms=sentence.start_ms,
        text=sentence.text,
        who=who,
        due=due.text,
        by=due.by,
        passages=sentence.passages,
    )


def _start(sentence: Sentence, cues: QuestionCues) -> str:
    """The first word after at most two leads, or nothing if fewer than three words are left."""
    folded = sentence.folded
    at = next((at for at, word in enumerate(folded) if word not in cues.leads), len(folded))
    return folded[at] if at <= 2 and len(folded) - at > 2 else ""


def _is_asking_verb(word: str, forms: Mapping[str, WordForms]) -> bool:
    """Whether a word has -ko or -kö as its ending. ``verkko`` is its own base form, as is what no lexicon knows."""
    known = forms.get(word)
    return word.endswith(("ko", "kö")) and known is not None and word not in known.bases


# Summary


def _summary(sentences: Sequence[Sentence], starts: Sequence[int], cues: Cues) -> tuple[NoteLine, ...]:
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
    return tuple(_quoted("summary", pool[at]) for at in sorted(chosen))


def _is_statement(sentence: Sentence, cues: Cues) -> bool:
    """No question, proposal or condition, nothing the engine was unsure of, no announcement of the next item."""
    if not is_fact(sentence, cues.decisions):
        return False
    if not sentence.is_clear or sentence.text.endswith("?") or len(sentence.words) > MAX_WORDS:
        return False
    letters = "".join(sentence.folded)
    formulas = (formula.lstrip("0123456789. ").replace(" ", "") for formula in cues.agenda.formulas)
    return not any(formula in letters or _is_misheard(formula, letters) for formula in formulas)


def _is_misheard(formula: str, letters: str) -> bool:
    """Whether a stretch of a sentence is the formula but for a letter or so: ``toisenkohtaan``. Short ones are not."""
    is_long = LONG_FORMULA <= len(formula) <= len(letters)
    return is_long and fuzz.partial_ratio(formula, letters, score_cutoff=ALIKE) > 0


def _topics(sentence: Sentence, stop: frozenset[str]) -> frozenset[str]:
    return frozenset(_topic(bases, stop) for bases in sentence.bases) - {""}


def _topic(bases: frozenset[str], stop: frozenset[str]) -> str:
    """One base form for a word, or nothing for a word without meaning. The choice among several is the same always."""
    base = min(bases)
    return "" if bases & stop or len(base) < 3 else base


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other)


def _prior(sentences: Sequence[Sentence], starts: Sequence[int], cues: Cues) -> list[float]:
    """The chance of a random jump to each sentence, sum 1.

    It is as 1 + POSITION_WEIGHT / the sentence's number in its chapter, and DECISION_WEIGHT more for a decision.
    """
    numbers: dict[int, int] = defaultdict(int)
    weights = []
    for sentence in sentences:
        chapter = chapter_of(sentence.start_ms, starts)
        numbers[chapter] += 1
        decided = DECISION_WEIGHT * is_decision(sentence, cues)
        weights.append(1 + POSITION_WEIGHT / numbers[chapter] + decided)
    return [weight / sum(weights) for weight in weights]


def _textrank(topics: Sequence[frozenset[str]], prior: Sequence[float]) -> list[float]:
    """PageRank of sentences (n,) by power iteration. ``prior`` (n,) is the random jump."""
    count = len(topics)
    places, others, weights = _links(topics)
    totals = np.bincount(places, weights, count)
    jumps = ranks = np.array(prior)
    for _ in range(ROUNDS):
        shares = np.divide(ranks, totals, out=np.zeros(count), where=totals > 0)
        ranks = (1 - DAMPING) * jumps + DAMPING * np.bincount(places, shares[others] * weights, count)
    return [float(rank) for rank in ranks]


def _links(topics: Sequence[frozenset[str]]) -> tuple[_Numbers, _Numbers, NDArray[np.float64]]:
    """Every two sentences that share a word, both ways: the one, the other, and the weight between them (links,).

    The weight is shared words / (log length + log length).
    """
    before: dict[str, list[int]] = defaultdict(list)
    earlier: list[int] = []
    ends: list[int] = [0]
    for at, topic in enumerate(topics):
        # In one order, so that sums over floats, and what is chosen by them, are the same always.
        for word in sorted(topic):
            earlier += before[word]
            before[word].append(at)
        ends.append(len(earlier))
    later = np.repeat(np.arange(len(topics)), np.diff(ends))
    pairs = later * len(topics) + np.array(earlier, dtype=np.intp)
    found, firsts, shared = np.unique(pairs, return_index=True, return_counts=True)
    order = firsts.argsort()
    one, other = np.divmod(found[order], max(len(topics), 1))
    logs = np.array([math.log(len(topic)) for topic in topics])
    weights = shared[order] / (logs[one] + logs[other])
    return np.concatenate([one, other]), np.concatenate([other, one]), np.concatenate([weights, weights])
