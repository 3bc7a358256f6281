"""Which questions stay open: none of the chair's own ("onko kysyttävää"), and none that was answered at once. Pure."""

from collections.abc import Sequence

from core.language.cues import Cues, QuestionCues
from core.language.sentences import Sentence
from core.meeting.decisions import has

AT_ONCE = 2
"""So many sentences after a question, of which the first may answer with a yes or no."""
REPLY, ECHO = 2, 3
"""Among so many first words of a sentence stand a yes or no, and the verb that was asked ("minusta ei kannata")."""

_ASKING = ("ko", "kö")
_BE = "olla"


def is_open(asked: Sentence, after: Sequence[Sentence], cues: Cues) -> bool:
    """Whether a question waits for its answer; ``after`` are the sentences after it in its item."""
    said = cues.questions
    if has(asked.folded, said.procedural):
        return False
    verb = _verb(asked)
    return not any(_answers(sentence, verb, said, is_next=at == 0) for at, sentence in enumerate(after[:AT_ONCE]))


def _verb(asked: Sentence) -> frozenset[str]:
    """The base forms of the verb that asks for a yes or no: of ``kannattaako`` kannattaa."""
    words = zip(asked.folded, asked.bases, strict=True)
    return next((bases for word, bases in words if word.endswith(_ASKING) and word not in bases), frozenset())


def _answers(sentence: Sentence, verb: frozenset[str], said: QuestionCues, *, is_next: bool) -> bool:
    if not verb or sentence.text.endswith("?") or _leaves_open(sentence, said):
        return False
    is_reply = is_next and not set(said.answers).isdisjoint(sentence.folded[:REPLY])
    first = 1 if _BE in verb else ECHO
    return is_reply or any(bases & verb for bases in sentence.bases[:first])


def _leaves_open(sentence: Sentence, said: QuestionCues) -> bool:
    """``en tiedä``, ``selvitetään``."""
    return any(bases.intersection(said.leaving) for bases in sentence.bases)
