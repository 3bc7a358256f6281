"""What a meeting decides, also where one sentence does not tell it alone (core.meeting.decisions). Pure.

- An announcement says that something is decided, and not what: ``näin tehdään``, ``ehdotus hyväksytään``. What is in
  the proposal before it: of the one who is named (``Salmen ehdotus``), else in the last; where there was a
  counter-proposal or a vote, only in that of the one who is named.
- With ``siis`` or ``eli`` the outcome of a proposal is told, or everybody is called on (``lähdetään siis``).
- A proposal is told again as what is done (``haetaanko? haetaan``), or there is a yes to what was asked.
- In a meeting with minutes, the passive in which an item ends, after somebody said what they think: what comes after
  are decisions, actions and questions only. It begins with the object (``urakka kilpailutetaan``), which was spoken of.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from core.language import numerals
from core.language.cues import Cues, DecisionCues
from core.language.sentences import Sentence
from core.language.verbs import Tense, is_denied_passive, passive
from core.meeting.decisions import (
    clauses,
    end_of_facts,
    has,
    is_decision,
    is_denied,
    is_elsewhere,
    is_fact,
    is_genitive,
    is_proposed,
    named,
)

REACH = 10
"""So many sentences before an announcement its proposal may be, where nobody is named."""
TAIL, OPENING = 3, 3
"""How many sentences of an item may be decided at its end, and how many begin it and decide nothing."""
NEAR = 2
"""In so many sentences before such an end somebody must have said what they think."""


class Agreed(NamedTuple):
    """Sentences that are one decision together: a proposal, and the one that decides it, as the last; or one alone."""

    sentences: tuple[Sentence, ...]

    @property
    def passages(self) -> tuple[str, ...]:
        """All that it rests on, in order."""
        return tuple(dict.fromkeys(name for sentence in self.sentences for name in sentence.passages))

    @property
    def bases(self) -> frozenset[str]:
        """The base forms of all words."""
        return frozenset().union(*(bases for sentence in self.sentences for bases in sentence.bases))


def agreed(
    spoken: Sequence[Sentence], places: Sequence[int], cues: Cues, is_busy: Callable[[Sentence], bool]
) -> dict[int, Agreed]:
    """All decisions, by the number of the sentence that decides. ``places`` (n,) is the item of each sentence.

    ``is_busy`` tells of a sentence whether it is an action or a question.
    """
    is_formal = any(has(sentence.folded, cues.decisions.formal) for sentence in spoken)
    found: dict[int, Agreed] = {}
    for _, numbers in groupby(range(len(spoken)), key=places.__getitem__):
        first, *rest = numbers
        item = spoken[first : first + 1 + len(rest)]
        tail = _tail(item, cues, is_busy) if is_formal else set()
        found |= {first + at: group for at, group in _of_item(item, tail, cues)}
    return found


def _of_item(item: Sequence[Sentence], tail: set[int], cues: Cues) -> Iterator[tuple[int, Agreed]]:
    talk = _Talk(item, cues)
    for at, sentence in enumerate(item):
        decides = is_decision(sentence, cues)
        adopted = talk.adopted(at) if decides or _announces(sentence, cues.decisions) or talk.is_assent(at) else []
        adopted = adopted or ([] if decides else talk.repeated(at))
        if decides or adopted or at in tail or talk.is_outcome(at):
            yield at, Agreed((*(item[each] for each in adopted), sentence))
        talk.hear(at, decides, bool(adopted))


class _Talk:
    """The proposals of an item so far: all of them, those that nobody has decided on, and whether they are several."""

    def __init__(self, item: Sequence[Sentence], cues: Cues) -> None:
        self._item, self._cues, self._said = item, cues, cues.decisions
        self._made: list[int] = []
        self._pending: list[int] = []
        self._is_contested = False

    def hear(self, at: int, decides: bool, adopts: bool) -> None:
        """Go on to the next sentence."""
        sentence = self._item[at]
        if adopts:
            self._pending, self._is_contested = [], False
        elif _rejects(sentence, self._cues):
            self._pending = self._pending[:-1]
        elif not decides and _proposes(sentence, self._cues):
            self._made.append(at)
            self._pending.append(at)
        is_contest = _is_stated(sentence, self._said) and _means(sentence, self._said.contests)
        self._is_contested = self._is_contested or is_contest

    def adopted(self, at: int) -> list[int]:
        """The proposal that the sentence decides; none if it says itself what is decided."""
        sentence = self._item[at]
        if not _is_bare(sentence, self._cues):
            return []
        owner = _owner(sentence, self._cues)
        if owner:
            return [each for each in self._made if _proposes_as(self._item[each], owner, self._said)][-1:]
        return [each for each in self._pending[-1:] if at - each <= REACH and not self._is_contested]

    def is_assent(self, at: int) -> bool:
        """Whether it is the yes to what was asked just before: ``sovitaanko, että``, ``haetaanko``."""
        words = self._item[at].folded
        return (
            self._pending[-1:] == [at - 1]
            and _asks_for_it(self._item[at - 1])
            and set(words) <= set(self._said.assents)
        )

    def repeated(self, at: int) -> list[int]:
        """The proposal of which it says again what is done: ``haetaan``."""
        sentence = self._item[at]
        content = _content(sentence, self._cues) if self._pending else frozenset()
        if not content or not _is_stated(sentence, self._said) or not _is_settled(sentence, self._cues):
            return []
        return [each for each in self._pending[-1:] if content <= _content(self._item[each], self._cues)]

    def is_outcome(self, at: int) -> bool:
        """Whether the chair tells with ``siis`` or ``eli`` what comes of it: of a proposal, or of all that was said."""
        sentence = self._item[at]
        if set(sentence.folded).isdisjoint(self._said.concluding) or not _is_settled(sentence, self._cues):
            return False
        about = [_content(self._item[each], self._cues) for each in self._made]
        is_call = _tense(sentence, 0) == "present" and not _means(sentence, self._said.moving)
        return is_call or any(_content(sentence, self._cues) & each for each in about)


def _tense(sentence: Sentence, at: int) -> Tense:
    return passive(sentence.folded[at], sentence.bases[at])


def _asks_for_it(sentence: Sentence) -> bool:
    """Whether it begins with a verb in the passive that asks."""
    word = sentence.folded[0]
    return word.endswith(("ko", "kö")) and passive(word[:-2], sentence.bases[0]) == "present"


def _is_settled(sentence: Sentence, cues: Cues) -> bool:
    """Whether it says in the present passive what is done, or after ``ei`` what is not, and neither asks nor wishes."""
    if sentence.text.endswith("?") or not is_fact(sentence, cues.decisions):
        return False
    denied = set(cues.decisions.negations)
    for clause in clauses(sentence, cues):
        words = [at for at in clause if sentence.folded[at] not in denied]
        is_turned = len(words) < len(clause)
        told = [at for at in words if _is_told(sentence, at, is_denied=is_turned)]
        if told and not is_elsewhere(sentence, clause, cues.decisions):
            return True
    return False


def _is_told(sentence: Sentence, at: int, *, is_denied: bool) -> bool:
    word, bases = sentence.folded[at], sentence.bases[at]
    is_set = word == "tulee" and sentence.folded[0].endswith("ksi")
    return is_denied_passive(word, bases) if is_denied else is_set or passive(word, bases) == "present"


def _announces(sentence: Sentence, cues: DecisionCues) -> bool:
    """Whether it says that something is decided, if something was proposed: ``näin tehdään``."""
    return _is_stated(sentence, cues) and has(sentence.folded, cues.announcing)


def _is_stated(sentence: Sentence, cues: DecisionCues) -> bool:
    return not sentence.text.endswith("?") and set(sentence.folded).isdisjoint(cues.negations)


def _means(sentence: Sentence, bases: Sequence[str]) -> bool:
    return any(each.intersection(bases) for each in sentence.bases)


def _is_bare(sentence: Sentence, cues: Cues) -> bool:
    """Whether a sentence that decides does not say what."""
    subject = named(sentence, range(len(sentence.words)), cues.decisions)
    owner = set() if subject is None else {subject - 1, subject - 2}
    return not any(_topic(sentence, at, cues) for at in range(len(sentence.words)) if at not in owner)


def _content(sentence: Sentence, cues: Cues) -> frozenset[str]:
    return frozenset().union(*(_topic(sentence, at, cues) for at in range(len(sentence.words))))


def _topic(sentence: Sentence, at: int, cues: Cues) -> frozenset[str]:
    """The base forms of a word that says what it is about: no number, no word of proposing and deciding."""
    word, bases = sentence.folded[at], sentence.bases[at]
    is_hollow = word in cues.hollow or bases & cues.hollow or word.endswith(cues.decisions.proposals)
    return frozenset() if is_hollow or word[:1].isdigit() or numerals.parse(word) else bases


def _owner(sentence: Sentence, cues: Cues) -> frozenset[str]:
    """Of ``Salmen ehdotus`` Salmi."""
    subject = named(sentence, range(len(sentence.words)), cues.decisions)
    return sentence.bases[subject - 1] if subject and is_genitive(sentence, subject - 1) else frozenset()


def _proposes_as(sentence: Sentence, owner: frozenset[str], cues: DecisionCues) -> bool:
    """Whether it is the owner who proposes it."""
    return any(bases & owner for bases in sentence.bases[: end_of_facts(sentence, cues)])


def _proposes(sentence: Sentence, cues: Cues) -> bool:
    """Whether it proposes something: with a word that says so, as a question, or as a call to do it."""
    said = cues.decisions
    folded = sentence.folded
    if not _content(sentence, cues):
        return False
    if has(folded, said.suggesting) or is_proposed(sentence, cues) or _asks_for_it(sentence):
        return True
    first = next((at for at, word in enumerate(folded) if word not in cues.questions.leads), 0)
    return _tense(sentence, first) == "present" and not _means(sentence, said.moving)


def _rejects(sentence: Sentence, cues: Cues) -> bool:
    """Whether a proposal falls: ``esitys raukesi``, ``ehdotusta ei kannatettu``."""
    said = cues.decisions
    denied = [clause for clause in clauses(sentence, cues) if is_denied(sentence, clause, said)]
    return _means(sentence, said.failing) or any(
        sentence.bases[at].intersection(said.supporting) for clause in denied for at in clause
    )


def _tail(item: Sequence[Sentence], cues: Cues, is_busy: Callable[[Sentence], bool]) -> set[int]:
    """The sentences at the end of an item that tell what is done about it, after somebody said what they think."""
    found: set[int] = set()
    for at in range(len(item) - 1, OPENING - 1, -1):
        sentence = item[at]
        if is_busy(sentence) or is_decision(sentence, cues):
            continue
        before = item[:at]
        if len(found) == TAIL or not _may_end(sentence, before, cues):
            return found if _is_debated(item[: at + 1], cues) else set()
        found.add(at)
    return set()


def _is_debated(before: Sequence[Sentence], cues: Cues) -> bool:
    """Whether somebody just said what they think. What comes right after a question is its answer."""
    near = before[-NEAR:]
    return not near[-1].text.endswith("?") and any(_is_debate(each, cues) for each in near)


def _may_end(sentence: Sentence, before: Sequence[Sentence], cues: Cues) -> bool:
    """``urakka kilpailutetaan``, if the contract was spoken of."""
    if _means(sentence, (*cues.decisions.moving, *cues.decisions.telling)) or not _is_settled(sentence, cues):
        return False
    spoken_of = frozenset().union(*(_content(each, cues) for each in before))
    return not _object(sentence, cues).isdisjoint(spoken_of)


def _object(sentence: Sentence, cues: Cues) -> frozenset[str]:
    """What is done, where the sentence begins with it: of ``urakka kilpailutetaan`` the contract."""
    verb = next((at for at in range(len(sentence.words)) if _tense(sentence, at)), len(sentence.words))
    ends = [
        at
        for at in range(verb)
        if sentence.folded[at] in sentence.bases[at] or sentence.folded[at].endswith(("t", "ksi"))
    ]
    return frozenset().union(*(_topic(sentence, at, cues) for at in range(verb) if ends))


def _is_debate(sentence: Sentence, cues: Cues) -> bool:
    """Whether somebody asks, wishes, proposes or says what they think."""
    said = cues.decisions
    is_opinion = not set(sentence.folded).isdisjoint(said.opinions) or _means(
        sentence, (*said.telling, *said.supporting)
    )
    return is_opinion or sentence.text.endswith("?") or not is_fact(sentence, said)
