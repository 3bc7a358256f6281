"""Whether a sentence decides by itself. Pure.

It does with a verb of deciding in the passive or of "we", an organ that decides (``lautakunta hyväksyi``), or a turn of
the minutes (``merkitään tiedoksi``). It does not where it is denied, proposed or conditional, nor where its clause says
another time or place (``viime vuonna``, ``vasta``, ``meillä``). What only the sentences around it tell is found by
core.meeting.agreements.
"""

import re
from collections.abc import Sequence

from core.language.cues import Cues, DecisionCues
from core.language.sentences import Sentence, is_said
from core.language.verbs import passive

_MARKS = re.compile(r"[,.;:!?…()–—\"”]")
_INFINITIVE = re.compile(r"(?:[aeiouyäö]t?|d|st|ll|rr|nn)[aä]$")
_THAT = ("että", "et", "ettei")


def is_decision(sentence: Sentence, cues: Cues) -> bool:
    """Whether a sentence says by itself that something is decided."""
    said = cues.decisions
    if sentence.text.endswith("?") or has(sentence.folded, said.closings):
        return False
    end = end_of_facts(sentence, said)
    if has(sentence.folded[:end], said.phrases):
        return True
    here = [clause for clause in clauses(sentence, cues) if not _is_void(sentence, clause, said)]
    return any(_decides(sentence, clause, end, said) or _is_adopted(sentence, clause, said) for clause in here)


def is_fact(sentence: Sentence, cues: DecisionCues) -> bool:
    """Whether nothing in it is a proposal or a condition."""
    return end_of_facts(sentence, cues) == len(sentence.words)


def is_proposed(sentence: Sentence, cues: Cues) -> bool:
    """Whether somebody proposes what it says: ``ehdotan``, ``Salmi esitti, että``, ``ehdotus on, että``."""
    said = cues.decisions
    parts = clauses(sentence, cues)
    opened = [at for at, clause in enumerate(parts) if at and sentence.folded[clause.start] in _THAT]
    before = [at for number in opened for at in parts[number - 1]]
    return not set(sentence.folded).isdisjoint(said.proposing) or any(
        sentence.bases[at].intersection(said.propose) or _is_proposal(sentence, at, said) for at in before
    )


def _is_proposal(sentence: Sentence, at: int, cues: DecisionCues) -> bool:
    return any(base.endswith(cues.proposals) for base in sentence.bases[at])


def end_of_facts(sentence: Sentence, cues: DecisionCues) -> int:
    """The place of the first word that makes the rest a proposal or a condition, else the number of words."""
    voids = set(cues.voids)
    words = enumerate(zip(sentence.folded, sentence.bases, strict=True))
    ends = (at for at, (word, bases) in words if word in voids or bases & voids or word.endswith(cues.proposals))
    return next(ends, len(sentence.words))


def has(folded: Sequence[str], phrases: Sequence[str]) -> bool:
    """Whether one of the phrases stands in it, as whole words."""
    whole = f" {' '.join(folded)} "
    return any(f" {phrase} " in whole for phrase in phrases)


def clauses(sentence: Sentence, cues: Cues) -> list[range]:
    """The places of the words of each clause."""
    starts, end = [0], 0
    for at, (word, folded) in enumerate(zip(sentence.words, sentence.folded, strict=True)):
        if at and (folded in cues.borders or _MARKS.search(sentence.text, end, word.start)):
            starts.append(at)
        end = word.end
    return [range(*pair) for pair in zip(starts, [*starts[1:], len(sentence.words)], strict=True)]


def _is_void(sentence: Sentence, clause: range, cues: DecisionCues) -> bool:
    """Whether the clause denies, or tells of another time or place."""
    is_untold = is_denied(sentence, clause, cues) or _is_dated(sentence, clause, cues)
    return is_untold or is_elsewhere(sentence, clause, cues)


def is_denied(sentence: Sentence, clause: range, cues: DecisionCues) -> bool:
    """Whether the clause has a negation."""
    return any(sentence.folded[at] in cues.negations for at in clause)


def is_elsewhere(sentence: Sentence, clause: range, cues: DecisionCues) -> bool:
    """Whether the clause tells of another time or place, or of a habit."""
    folded = [sentence.folded[at] for at in clause]
    if not set(folded).isdisjoint((*cues.elsewhere, *cues.habits)):
        return True
    if any(word in cues.ago and folded[max(at - 1, 0)].startswith(cues.units) for at, word in enumerate(folded)):
        return True
    if has(sentence.folded[clause.start : clause.stop + 1], cues.later):
        return True
    return any(_is_owned(sentence, at, clause, cues) for at in clause)


def _is_dated(sentence: Sentence, clause: range, cues: DecisionCues) -> bool:
    """``syyskuussa``, ``tiistaina``, ``keväällä``; not ``päätettiin pitää kokous tammikuussa``, whose day it is."""
    day = next((at for at in clause if _is_day(sentence.folded[at], cues)), None)
    return day is not None and not any(_is_infinitive(sentence, at, cues) for at in range(clause.start + 1, day))


def _is_day(word: str, cues: DecisionCues) -> bool:
    is_month = word.startswith(cues.months) and word.endswith("ssa")
    return is_month or word in cues.seasons or (word.startswith(cues.weekdays) and word.endswith("na"))


def _is_owned(sentence: Sentence, at: int, clause: range, cues: DecisionCues) -> bool:
    """``Halsuan valtuusto``: an organ of another place."""
    return sentence.folded[at] in cues.organs and at > clause.start and is_genitive(sentence, at - 1)


def _is_infinitive(sentence: Sentence, at: int, cues: DecisionCues) -> bool:
    word, bases = sentence.folded[at], sentence.bases[at]
    return word in bases and bool(_INFINITIVE.search(word)) and not bases.intersection(cues.bases)


def _decides(sentence: Sentence, clause: range, end: int, cues: DecisionCues) -> bool:
    facts = range(clause.start, min(clause.stop, end))
    return _is_turn(sentence, facts, cues) or any(
        _is_verb_of_deciding(sentence, at, cues) or _is_organs(sentence, at, clause, cues) for at in facts
    )


def _is_verb_of_deciding(sentence: Sentence, at: int, cues: DecisionCues) -> bool:
    word, bases = sentence.folded[at], sentence.bases[at]
    if bases.intersection(cues.bases):
        return word.endswith(cues.endings)
    tense = passive(word, bases.intersection(cues.granting))
    return tense == "present" or (tense == "past" and at == 0) or is_said(sentence.folded, at, cues.said)


def _is_organs(sentence: Sentence, at: int, clause: range, cues: DecisionCues) -> bool:
    """``lautakunta hyväksyi``, ``valtuusto on hyväksynyt``."""
    if sentence.folded[at] not in cues.organs:
        return False
    deciding = {*cues.bases, *cues.granting, *cues.resolving}
    after = range(at + 1, min(at + 3, clause.stop))
    return any(
        sentence.bases[each] & deciding and not passive(sentence.folded[each], sentence.bases[each]) for each in after
    )


def is_genitive(sentence: Sentence, at: int) -> bool:
    """Whether a word may be whose something is."""
    word = sentence.folded[at]
    return word.endswith("n") and word not in sentence.bases[at]


def _is_turn(sentence: Sentence, facts: range, cues: DecisionCues) -> bool:
    """A verb in the passive with the word that makes it a decision: ``merkitään ... tiedoksi``."""
    folded = {sentence.folded[at] for at in facts}
    return any(
        with_it in folded and any(passive(sentence.folded[at], sentence.bases[at] & {verb}) for at in facts)
        for verb, with_it in (turn.split() for turn in cues.turns)
    )


def _is_adopted(sentence: Sentence, clause: range, cues: DecisionCues) -> bool:
    """A proposal as the subject, which is adopted: ``ehdotus on siis hyväksytty``."""
    subject = named(sentence, clause, cues)
    if subject is None or not set(sentence.folded[:subject]).isdisjoint(cues.voids):
        return False
    return any(sentence.folded[at] in cues.adopted for at in range(subject + 1, clause.stop))


def named(sentence: Sentence, clause: range, cues: DecisionCues) -> int | None:
    """The place of the word for a proposal that is a subject."""
    return next((at for at in clause if sentence.folded[at].endswith(cues.proposals)), None)
