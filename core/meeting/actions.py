"""Whether a sentence tells somebody to do something, who, and by when. Pure.

It has a verb of doing that is not past, and says who does it or by when. It is no action where it is only told (``Jari
kertoi, että yhtiö lähettää``), wished or conditional, a habit (``kerran kuussa``), or of another time. Somebody outside
the meeting (``ministeriö``) must have a deadline or a date. Before the first decision of an item others describe what
is done: there only what is assigned is an action, with a deadline, with ``pitää``, or of "I" (core.meeting.notes).
"""

import re

from core.language.cues import Cues
from core.language.sentences import Sentence
from core.meeting import owed
from core.meeting.claims import Known
from core.meeting.decisions import clauses, has, is_fact, is_proposed
from core.meeting.owed import Due

_TOLD = ("että", "et", "ettei")
_WISHED = re.compile(r"..isi(?:vat|vät|n|mme|tte)?$|ttaisiin$|ttäisiin$")


def action(sentence: Sentence, known: Known) -> tuple[str, Due] | None:
    """Who does what it tells, and by when, each if it is said; None if it is no action."""
    verbs = _verbs_of_doing(sentence, known.cues)
    if not verbs or _is_no_task(sentence, known.cues):
        return None
    who, due = owed.who(sentence, known), owed.due(sentence, known)
    is_somebodys = who or _is_own(sentence, known.cues)
    if not due.text and (not is_somebodys or verbs <= set(known.cues.actions.weak)):
        return None
    is_certain = _has_deadline(sentence, known.cues) or (due.by and " " in due.text)
    return None if _is_outside(sentence, known.cues) and not is_certain else (who, due)


def is_assigned(sentence: Sentence, cues: Cues) -> bool:
    """Whether an action has a deadline, must be done, or is taken on by who speaks."""
    must = not set(sentence.folded).isdisjoint(cues.actions.musts)
    return must or _is_own(sentence, cues) or _has_deadline(sentence, cues)


def _is_own(sentence: Sentence, cues: Cues) -> bool:
    return not set(cues.actions.own).isdisjoint(sentence.folded)


def _has_deadline(sentence: Sentence, cues: Cues) -> bool:
    return any(owed.is_anchor(sentence.folded, at, cues.deadlines) for at in range(len(sentence.words)))


def _verbs_of_doing(sentence: Sentence, cues: Cues) -> set[str]:
    """The verbs of doing that are not past nor only told, or their stems if there is a deadline too."""
    verbs = cues.actions
    found: set[str] = set()
    for clause in clauses(sentence, cues):
        if sentence.folded[clause.start] in _TOLD and clause.start:
            continue
        for at in clause:
            word = sentence.folded[at]
            if word.endswith(verbs.present) or not word.endswith(verbs.past):
                found |= sentence.bases[at].intersection(verbs.bases)
    if found or not _has_deadline(sentence, cues) or not set(_TOLD).isdisjoint(sentence.folded):
        return found
    return {stem for stem in verbs.stems if stem in "".join(sentence.folded)}


def _is_no_task(sentence: Sentence, cues: Cues) -> bool:
    """Whether it is proposed, wished, conditional, a habit, or of another time."""
    if is_proposed(sentence, cues) or not is_fact(sentence, cues.decisions):
        return True
    words = zip(sentence.folded, sentence.bases, strict=True)
    if any(_WISHED.search(word) and word not in bases for word, bases in words):
        return True
    past = set(cues.decisions.elsewhere).difference(cues.deadlines.starts)
    is_past = not past.isdisjoint(sentence.folded) and set(cues.actions.musts).isdisjoint(sentence.folded)
    return is_past or _is_habit(sentence, cues)


def _is_habit(sentence: Sentence, cues: Cues) -> bool:
    """``aina``, ``kerran kuussa``, ``perjantaisin``. After a comma ``joka`` is another clause."""
    heads = {clause.start for clause in clauses(sentence, cues)} - {0}
    folded = [word for at, word in enumerate(sentence.folded) if at not in heads]
    is_weekly = any(word.startswith(cues.decisions.weekdays) and word.endswith("sin") for word in folded)
    return is_weekly or not set(cues.decisions.habits).isdisjoint(folded) or has(folded, cues.actions.routines)


def _is_outside(sentence: Sentence, cues: Cues) -> bool:
    """Whether somebody outside is a subject: ``ministeriö``, ``vaaliviranomainen``."""
    return any(
        (word in bases or (word.endswith("t") and not word.endswith("tt")))
        and any(base.endswith(cues.actions.outside) for base in bases)
        for word, bases in zip(sentence.folded, sentence.bases, strict=True)
    )
