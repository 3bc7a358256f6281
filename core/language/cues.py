"""The words by which notes and chapters are found, as records. Language is data: they stand in config/lexicon.toml."""

import tomllib
from functools import cached_property
from typing import Self

from pydantic import ValidationError

from core.errors import Misconfigured
from core.models import Record


class DecisionCues(Record):
    """Words of a decision, see config/lexicon.toml."""

    said: tuple[str, ...]
    bases: tuple[str, ...]
    endings: tuple[str, ...]
    granting: tuple[str, ...]
    resolving: tuple[str, ...]
    organs: tuple[str, ...]
    phrases: tuple[str, ...]
    turns: tuple[str, ...]
    closings: tuple[str, ...]
    negations: tuple[str, ...]
    voids: tuple[str, ...]
    elsewhere: tuple[str, ...]
    habits: tuple[str, ...]
    later: tuple[str, ...]
    ago: tuple[str, ...]
    units: tuple[str, ...]
    months: tuple[str, ...]
    weekdays: tuple[str, ...]
    seasons: tuple[str, ...]
    proposals: tuple[str, ...]
    propose: tuple[str, ...]
    proposing: tuple[str, ...]
    suggesting: tuple[str, ...]
    adopted: tuple[str, ...]
    announcing: tuple[str, ...]
    assents: tuple[str, ...]
    opinions: tuple[str, ...]
    concluding: tuple[str, ...]
    contests: tuple[str, ...]
    supporting: tuple[str, ...]
    failing: tuple[str, ...]
    moving: tuple[str, ...]
    telling: tuple[str, ...]
    hollow: tuple[str, ...]
    formal: tuple[str, ...]


class ActionCues(Record):
    """Verbs of doing, those that say little, "I", endings of past and (stronger) present forms, stems, musts, phrases
    of routine, and who is outside."""

    bases: tuple[str, ...]
    weak: tuple[str, ...]
    past: tuple[str, ...]
    present: tuple[str, ...]
    stems: tuple[str, ...]
    musts: tuple[str, ...]
    own: tuple[str, ...]
    routines: tuple[str, ...]
    outside: tuple[str, ...]


class QuestionCues(Record):
    """Words that begin a question, words that may come before them, the chair's own questions, yes and no, and verbs
    that leave it open."""

    words: tuple[str, ...]
    leads: tuple[str, ...]
    procedural: tuple[str, ...]
    answers: tuple[str, ...]
    leaving: tuple[str, ...]


class DeadlineCues(Record):
    """Words after and before a date, beginnings of its words, endings of its last word by itself, and rates."""

    ends: tuple[str, ...]
    starts: tuple[str, ...]
    times: tuple[str, ...]
    parts: tuple[str, ...]
    cases: tuple[str, ...]
    rates: tuple[str, ...]


class EvidenceCues(Record):
    """Words by which lines are compared with what was said (core.meeting.evidence), see config/lexicon.toml."""

    negations: tuple[str, ...]
    borders: tuple[str, ...]
    through: tuple[str, ...]
    plain: tuple[str, ...]
    telling: tuple[str, ...]
    decided: tuple[str, ...]


class AgendaCues(Record):
    """Words by which core.meeting.chapters knows where an item is taken up, see config/lexicon.toml.

    A formula that begins with a number ("2. toiseen kohtaan") announces that item.
    """

    formulas: tuple[str, ...] = ()
    leads: tuple[str, ...] = ()
    openings: tuple[str, ...] = ()
    subjects: tuple[tuple[str, ...], ...] = ()


class Cues(Record):
    """The words of one language by which chapters and notes are found."""

    decisions: DecisionCues
    actions: ActionCues
    questions: QuestionCues
    deadlines: DeadlineCues
    evidence: EvidenceCues
    roles: tuple[str, ...]
    agenda: AgendaCues
    stopwords: tuple[str, ...]

    @cached_property
    def hollow(self) -> frozenset[str]:
        """The words that say nothing of what is proposed or decided."""
        return frozenset((*self.stopwords, *self.decisions.hollow, *self.decisions.bases, *self.decisions.organs))

    @cached_property
    def borders(self) -> frozenset[str]:
        """The words that begin a clause."""
        return frozenset((*self.evidence.borders, *self.evidence.through, "et"))

    @classmethod
    def load(cls, text: str) -> Self:
        """Read the TOML of config/lexicon.toml.

        Raises:
            Misconfigured: it is no TOML, or a section or list is missing.
        """
        try:
            data = tomllib.loads(text)
            roles, stopwords = data.pop("roles")["words"], data.pop("summary")["stopwords"]
            return cls(roles=roles, stopwords=stopwords, **data)
        except (tomllib.TOMLDecodeError, ValidationError, KeyError, TypeError) as error:
            raise Misconfigured(f"The lexicon of cues cannot be read: {error}.", "Correct lexicon.toml.") from error
