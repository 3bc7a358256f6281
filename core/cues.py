"""The words by which notes and chapters are found, as records. Language is data: they stand in config/lexicon.toml."""

import tomllib
from typing import Self

from pydantic import ValidationError

from core.errors import Misconfigured
from core.models import Record


class DecisionCues(Record):
    """Words of a decision, see config/lexicon.toml."""

    said: tuple[str, ...]
    bases: tuple[str, ...]
    endings: tuple[str, ...]
    phrases: tuple[str, ...]
    negations: tuple[str, ...]
    voids: tuple[str, ...]


class ActionCues(Record):
    """Verbs of doing, those of them that say little, endings of past and (stronger) present forms, stems, musts."""

    bases: tuple[str, ...]
    weak: tuple[str, ...]
    past: tuple[str, ...]
    present: tuple[str, ...]
    stems: tuple[str, ...]
    musts: tuple[str, ...]


class QuestionCues(Record):
    """Words that begin a question, and words that may come before them."""

    words: tuple[str, ...]
    leads: tuple[str, ...]


class DeadlineCues(Record):
    """Words after and before a date, beginnings of the words of a date, and endings of its last word by itself."""

    ends: tuple[str, ...]
    starts: tuple[str, ...]
    times: tuple[str, ...]
    parts: tuple[str, ...]
    cases: tuple[str, ...]


class EvidenceCues(Record):
    """Words by which lines are compared with what was said (core.evidence), see config/lexicon.toml."""

    negations: tuple[str, ...]
    borders: tuple[str, ...]
    through: tuple[str, ...]
    plain: tuple[str, ...]
    telling: tuple[str, ...]
    decided: tuple[str, ...]


class Cues(Record):
    """The words of one language by which notes are found. ``formulas`` and ``leads`` are for core.chapters."""

    decisions: DecisionCues
    actions: ActionCues
    questions: QuestionCues
    deadlines: DeadlineCues
    evidence: EvidenceCues
    roles: tuple[str, ...]
    formulas: tuple[str, ...]
    leads: tuple[str, ...]
    stopwords: tuple[str, ...]

    @classmethod
    def load(cls, text: str) -> Self:
        """Read the TOML of config/lexicon.toml.

        Raises:
            Misconfigured: it is no TOML, or a section or list is missing.
        """
        try:
            data = tomllib.loads(text)
            formulas = data.pop("formulas")
            flat = {"roles": data.pop("roles")["words"], "formulas": formulas["said"], "leads": formulas["leads"]}
            return cls(**flat, stopwords=data.pop("summary")["stopwords"], **data)
        except (tomllib.TOMLDecodeError, ValidationError, KeyError, TypeError) as error:
            raise Misconfigured(f"The lexicon of cues cannot be read: {error}.", "Correct lexicon.toml.") from error
