"""Whether a line of the notes is supported by the Passages that it names. Pure; what is doubtful is refused.

A whole sentence that was said supports itself. All else must hold of every other line:

1. Every date means a day that a date of the Passages means, and ``by`` is the day of ``due``.
2. Every number was said, in figures or words, before the same word (``300 euroa``) and with the same name nearest.
3. Names of several words were said together, and a name that acts is not one that only receives, or the other way. A
   verb of doing (config/lexicon.toml) is of the past if and only if it was said so.
4. Every word that says something was said in some form, or is part of a compound that was said, or consists of such.
   In a clause with a name, it was not only said in clauses with other names.
5. The clause of the Passages that is nearest to each clause denies it if and only if the line does, and does not only
   suppose it. What is denied wherever it was said is not stated.
6. A decision rests on a sentence that says so (meeting.decisions), with half of its words; where that only says that
   something is decided, on the proposal that it decides too.

What is not seen: two of a kind that change places in one sentence, and what only the knowledge of the world refutes.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from core.language.cues import Cues
from core.language.sentences import Sentence, sentences, written
from core.meeting.agreements import Agreed
from core.meeting.claims import Claim, Clause, Known, Number, Word, plain
from core.meeting.decisions import is_decision
from core.models import NoteLine, Passage, WordForms

MOST_PASSAGES = 12
LONGEST = 400
SHARED = 0.5
"""Of a decision's words, which the sentence that decides must have."""

_MARKUP = re.compile(r"[<>{}\[\]*_#`|\\]|https?:|[\x00-\x1f\x7f]")
_ENDINGS = (
    *("n", "a", "ä", "t", "ta", "tä", "ssa", "ssä", "sta", "stä", "lla", "llä", "lta", "ltä", "lle", "na", "nä", "ksi"),
    *("en", "in", "an", "än", "on", "un", "yn", "hin", "seen", "ia", "iä", "ja", "jä", "ien", "jen"),
)


def refusal(line: NoteLine, passages: Sequence[Passage], known: Known, agreed: Sequence[Agreed] = ()) -> str:
    """Why a line is refused; empty if its ``passages`` support it. ``agreed`` is what was decided in the broadcast."""
    shape = _shape(line, passages)
    if shape:
        return shape
    forms, cues = known.forms, known.cues
    source = Claim([_plain(each, forms) for each in sentences(passages, forms)], *known)
    claim = Claim(written(plain(line.text), forms), *known)
    owed = Claim([each for text in (line.who, line.due) for each in written(plain(text), forms)], *known)
    own = _decided(line, claim, source, agreed) or _by(line, owed, source)
    if own or _is_quoted(claim, source):
        return own or _of_words(owed, source, cues, line)
    words = _of_words(claim, source, cues, line) or _of_words(owed, source, cues, line)
    return words or _company(claim, source) or _stands(claim, source)


def _plain(sentence: Sentence, forms: Mapping[str, WordForms]) -> Sentence:
    """The sentence with signs as words. Of a sentence that has none nothing changes."""
    text = plain(sentence.text)
    if text == sentence.text:
        return sentence
    parts = written(text, forms)
    return parts[0]._replace(text=text) if len(parts) == 1 else sentence


def _shape(line: NoteLine, passages: Sequence[Passage]) -> str:
    whole = f"{line.text} {line.who} {line.due}"
    if not line.text.strip():
        return "It says nothing."
    if not passages:
        return "It names no passage of this item."
    if len(passages) > MOST_PASSAGES:
        return f"It names more than {MOST_PASSAGES} passages."
    if _MARKUP.search(whole):
        return "It has markup, an address or control characters."
    return f"It is longer than {LONGEST} characters." if len(whole) > LONGEST else ""


def _is_quoted(claim: Claim, source: Claim) -> bool:
    """Whether every sentence of the line is a whole sentence that was said."""
    said = [sentence.folded for sentence in source.sentences]
    return bool(claim.sentences) and all(sentence.folded in said for sentence in claim.sentences)


def _of_words(claim: Claim, source: Claim, cues: Cues, line: NoteLine) -> str:
    checks: Iterable[Callable[[], str]] = (
        lambda: _dates(claim, source),
        lambda: _numbers(claim, source),
        lambda: _names(claim, source),
        lambda: _content(claim, source, _plain_words(line, cues)),
        lambda: _roles(claim, source, cues),
        lambda: _tenses(claim, source, cues),
    )
    return next(filter(None, (check() for check in checks)), "")


# Dates and numbers


def _by(line: NoteLine, owed: Claim, source: Claim) -> str:
    if line.by is None:
        return ""
    days = {each.day for each in owed.dates} or {each.day for each in source.dates}
    return "" if line.by in days else f"The day {line.by} is not what was said."


def _dates(claim: Claim, source: Claim) -> str:
    days = {each.day for each in source.dates}
    wrong = next((each for each in claim.dates if each.day not in days), None)
    return f"The date {_text(claim, wrong.first, wrong.end)} was not said." if wrong else ""


def _text(claim: Claim, first: int, end: int) -> str:
    return f"“{' '.join(word.token.text for word in claim.words[first:end])}”"


def _numbers(claim: Claim, source: Claim) -> str:
    return next(filter(None, (_number(number, claim, source) for number in _free(claim))), "")


def _free(claim: Claim) -> list[Number]:
    """The numbers that are surely numbers, and no part of a date."""
    dated = {at for each in claim.dates for at in range(each.first, each.end)}
    return [each for each in claim.numbers if not each.is_doubtful and each.first not in dated]


def _number(number: Number, claim: Claim, source: Claim) -> str:
    same = [each for each in source.numbers if each.value == number.value]
    shown = _text(claim, number.first, number.end)
    if not same:
        return f"The number {shown} was not said."
    same = [each for each in same if _counts_the_same(number, each, claim, source)]
    if not same:
        return f"The number {shown} was said of something else."
    name = _nearest(number, claim, source.named)
    nearest = [_nearest(each, source, claim.named) for each in same]
    is_same = not name or any(not other or name & other for other in nearest)
    return "" if is_same else f"The number {shown} was said with another name."


def _counts_the_same(number: Number, other: Number, claim: Claim, source: Claim) -> bool:
    if not claim.is_beside(number.end - 1, number.end):
        return True
    counted = claim.words[number.end]
    if not claim.is_content(counted):
        return True
    return source.is_beside(other.end - 1, other.end) and _is_said(counted, source.words[other.end].means)


def _nearest(number: Number, claim: Claim, known: frozenset[str]) -> frozenset[str]:
    """The name before a number in its sentence, else the one after it, else nothing."""
    sentence = claim.words[number.first].sentence
    near = [at for at in claim.names(known) if claim.words[at].sentence == sentence]
    before, after = [at for at in near if at < number.first], [at for at in near if at >= number.end]
    return claim.words[(before[-1:] or after[:1])[0]].bases if near and (before or after) else frozenset()


# Names and roles


def _names(claim: Claim, source: Claim) -> str:
    places = set(claim.names(source.named))
    for at in sorted(places):
        if at + 1 in places and claim.is_beside(at, at + 1) and not _are_said_together(at, claim, source):
            return f"The name {_text(claim, at, at + 2)} was not said."
    return ""


def _are_said_together(at: int, claim: Claim, source: Claim) -> bool:
    first, second = claim.words[at], claim.words[at + 1]
    return any(
        source.is_beside(each, each + 1)
        and _is_said(first, source.words[each].means)
        and _is_said(second, source.words[each + 1].means)
        for each in range(len(source.words) - 1)
    )


def _roles(claim: Claim, source: Claim, cues: Cues) -> str:
    """Whether who acts is somebody who only receives, or is a place, in all that was said; or the other way."""
    actors = source.named | claim.named | frozenset(cues.roles)
    for word in claim.words:
        said = [each for each in source.words if each.bases & word.bases] if word.bases & actors else []
        acts = word.is_subject and bool(said) and all(each.is_place for each in said)
        receives = word.is_place and bool(said) and all(each.is_subject for each in said)
        if acts or receives:
            return f"“{word.token.text}” has another part in what was said."
    return ""


def _tenses(claim: Claim, source: Claim, cues: Cues) -> str:
    """Whether what is to be done was done, or the other way, in all that was said."""
    verbs = frozenset(cues.actions.bases) - set(cues.decisions.bases)
    for word in claim.words:
        said = [each for each in source.words if each.bases & word.bases] if word.bases & verbs else []
        if said and all(_is_past(each, cues) != _is_past(word, cues) for each in said):
            return f"“{word.token.text}” was said of another time."
    return ""


def _is_past(word: Word, cues: Cues) -> bool:
    return word.folded.endswith(cues.actions.past) and not word.folded.endswith(cues.actions.present)


# Words


def _plain_words(line: NoteLine, cues: Cues) -> frozenset[str]:
    """Words that a line may add of its own."""
    return frozenset((*cues.evidence.plain, *(cues.evidence.decided if line.kind == "decision" else ())))


def _content(claim: Claim, source: Claim, allowed: frozenset[str]) -> str:
    checked = [(each.first, each.end) for each in claim.dates] + [(each.first, each.end) for each in _free(claim)]
    skip = {at for first, end in checked for at in range(first, end)}
    for at, word in enumerate(claim.words):
        free = at in skip or not claim.is_content(word) or word.bases & allowed
        if not free and not _is_said(word, source.said) and not _is_run_on(word, source):
            return f"“{word.token.text}” was not said."
    return ""


def _is_said(word: Word, said: frozenset[str]) -> bool:
    if not said.isdisjoint(word.bases) or word.folded in said:
        return True
    parts = [part for part in word.parts if not any(other != part and other in part for other in word.parts)]
    if len(parts) > 1 and said.issuperset(parts):
        return True
    return not word.is_known and not _stems(word.folded).isdisjoint(stem for each in said for stem in _stems(each))


def _stems(word: str) -> set[str]:
    """What an unknown name may be without its ending: ``Nykarlebyssä``, ``Korhosen``."""
    bare = f"{word[:-3]}se" if word.endswith("nen") else word
    found = {bare, *(bare.removesuffix(ending) for ending in _ENDINGS)}
    return {stem for stem in found if len(stem) > 3}


def _is_run_on(word: Word, source: Claim) -> bool:
    """Whether it begins a word that no lexicon knows: two words that were recognised as one."""
    return len(word.folded) > 6 and any(
        not each.is_known and each.folded.startswith(word.folded) for each in source.words
    )


def _company(claim: Claim, source: Claim) -> str:
    """Whether a word stands in a clause with one name, and was only said in clauses with others."""
    own, said = _names_by_clause(claim, source.named), _names_by_clause(source, claim.named)
    for word in claim.words:
        names = own.get(word.clause)
        if not names or word.bases & names or not claim.is_content(word):
            continue
        others = [said.get(each.clause, names) for each in source.words if _is_said(word, each.means)]
        if others and all(names.isdisjoint(each) for each in others):
            return f"“{word.token.text}” was said of another name."
    return ""


def _names_by_clause(claim: Claim, known: frozenset[str]) -> dict[int, frozenset[str]]:
    found: dict[int, frozenset[str]] = {}
    for at in claim.names(claim.named | known):
        word = claim.words[at]
        found[word.clause] = found.get(word.clause, frozenset()) | word.bases
    return found


# What is stated


def _stands(claim: Claim, source: Claim) -> str:
    stated = claim.stated & (source.denied_heads - source.stated)
    if stated:
        return f"“{min(stated)}” was denied."
    return next(filter(None, (_clause(clause, source.clauses) for clause in claim.clauses)), "")


def _clause(clause: Clause, said: Sequence[Clause]) -> str:
    if clause.is_denied and not any(each.is_denied for each in said):
        return "It denies what was said."
    nearest = max(said, key=lambda each: _nearness(clause, each), default=None)
    if nearest is None or not clause.bases & nearest.means:
        return ""
    if clause.is_denied != nearest.is_denied:
        return "It denies what was said." if clause.is_denied else "It states what was denied."
    return "It states what was only proposed." if nearest.is_supposed and not clause.is_supposed else ""


def _nearness(clause: Clause, said: Clause) -> tuple[int, float, bool]:
    """Of two clauses that are as near, the one that contradicts counts."""
    shared = len(clause.bases & said.means)
    differs = clause.is_denied != said.is_denied
    return shared, shared / len(clause.bases | said.bases), differs


def _decided(line: NoteLine, claim: Claim, source: Claim, agreed: Sequence[Agreed]) -> str:
    if line.kind != "decision":
        return ""
    wanted = frozenset().union(*(clause.bases for clause in claim.clauses)) - set(source.cues.evidence.decided)
    deciding = [frozenset().union(*each.bases) for each in source.sentences if is_decision(each, source.cues)]
    deciding += [each.bases for each in agreed if set(each.passages) <= set(line.passages)]
    shared = [len(wanted & bases) for bases in deciding]
    if not deciding:
        return "No decision was said there."
    return "" if max(shared) >= SHARED * len(wanted) else "Another decision was said there."
