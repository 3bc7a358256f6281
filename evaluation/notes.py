"""How far notes can be trusted: ``python -m evaluation.notes``.

- Decisions and actions that the extractive maker finds in meetings written for the project, beside the truth: a line
  counts when it rests on the right sentence and on no wrong one; an action's day when it is the right one.
  ``texts/notes.txt`` was written with the rules at hand; rules are found on the meetings of ``deciding`` and ``tuning``
  and on none of ``heldout``. Where a chair only says "so it is decided", a line may name the proposal (P) too.
- Broadcasts in which nothing is decided: what is found there as decided is wrong.
- Lines that nobody said: each was said, but for one lie in it, as a language model may tell it. None may stand. Also
  about texts that were written before the rules; and the same with two municipalities in each other's place, which is
  untrue unless they stand in a row.
- Lines in other words than those that were said, which are true. Most should stand.

The text (``texts/notes.txt``) marks its sentences: D decision, P proposal that is then adopted, A action with who and
by when, Q question, - none of these. ``=`` is a true line about the sentence before, with its kind, who, due and day,
if it has any.
"""

import random
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Literal, NamedTuple

from config import catalogue
from core.language import dates
from core.language.cues import Cues
from core.language.finnish import Analyser, fold, tokens
from core.meeting.drafting import Extractive, Material, checked, made
from core.models import Chapter, NoteLine, Notes, NoteSection, Passage, RefusedLine, Transcript
from core.text import mentions
from evaluation.sets import TEXTS

TEXT = TEXTS / "notes.txt"
OTHERS = ("meeting.txt", "district.txt", "development.txt", "council.txt", "coast.txt")
UNMARKED = "?"
PLANNED = {"§", "~"}
"""What evaluation.meetings reads beside."""
DECIDING = tuple(
    f"deciding/{name}"
    for name in (
        "board",
        "council",
        "network",
        "spoken",
        "works",
        "project",
        "welfare",
        "league",
    )
)
MEETINGS = (*DECIDING, "tuning/committee", "heldout/board", "heldout/group", "heldout/steering")
UNDECIDED = ("tuning/mixed", "tuning/silent", "tuning/studio", "tuning/unsaid")
LEXICON = catalogue.HERE / "lexicon.toml"
DAY = date(2026, 11, 24)
STEP_MS = 6_000
LIES, MORE_LIES = 500, 2_000
KINDS: dict[str, Literal["decision", "action", "question", "summary"]] = {
    "D": "decision", "A": "action", "Q": "question", "": "summary",
}  # fmt: skip
TOWNS = (
    ("Kuhmoinen", "Kuhmoisten", "Kuhmoisissa", "Kuhmoisista", "Kuhmoisiin"),
    ("Vesanto", "Vesannon", "Vesannolla", "Vesannolta", "Vesannolle"),
    ("Lestijärvi", "Lestijärven", "Lestijärvellä", "Lestijärveltä", "Lestijärvelle"),
    ("Miehikkälä", "Miehikkälän", "Miehikkälässä", "Miehikkälästä", "Miehikkälään"),
    ("Ranua", "Ranuan", "Ranualla", "Ranualta", "Ranualle"),
)
PEOPLE = ("Sari Kettunen", "Olavi Rantala", "Matti Meikäläinen", "Hanna Salonen")
ACTORS = ("Kunnanhallitus", "Puheenjohtaja", "Sihteeri", "Maakuntaliitto", "Kunnanvaltuusto")
NUMBERS = ("13", "77", "kuusikymmentäkuusi", "2 500", "yhdeksänsataa", "3,7")
DATES = ("1.3.", "viikolla 9", "helmikuun loppuun mennessä", "torstaina", "19. joulukuuta", "kuukauden kuluessa")
INVENTED = (
    "Päätettiin myydä kunnantalo.",
    "Kunnat yhdistetään vuonna 2028.",
    "Hallitus erotti kunnanjohtajan.",
    "Veroprosenttia korotetaan.",
    "Kirjasto suljetaan.",
    "Päätettiin rakentaa uimahalli.",
)
ENDINGS = (("lla", 2), ("llä", 2), ("ssa", 2), ("ssä", 2), ("lta", 3), ("ltä", 3), ("sta", 3), ("stä", 3), ("lle", 4))

_NUMBER = re.compile(
    r"\b\d[\d ]*\d\b|\b\d\b|\b\w*(?:kymmentä|sataa|tuhatta|tuhat|toista)\w*\b|\bkahdeksan\b|\bseitsemän\b|\bkaksi\b"
)
_CAPITAL = re.compile(r"\b[A-ZÅÄÖ][a-zåäö]+\b")
_DENIED = re.compile(r"\b(?:ei|eikä) (?:ole |voitu |saa |vielä )?", re.IGNORECASE)
_VERB = re.compile(r"\b(\w+(?:ttiin|taan|tään|daan|dään|aa|ää|ee|oo|i|oi|ui))\b(?=[ .,])")


class Fact(NamedTuple):
    """A sentence as it was said: its mark, and of an action who and by when."""

    mark: str
    text: str
    who: str
    by: date | None


class Truth(NamedTuple):
    """What was said, item by item, and true lines about it."""

    material: Material
    facts: dict[str, Fact]
    lines: list[NoteLine]


class Lie(NamedTuple):
    """A line with one lie of a kind in it."""

    kind: str
    line: NoteLine


def read(analyser: Analyser, text: str) -> Truth:
    """The text with its marks."""
    passages: list[Passage] = []
    chapters: list[tuple[str, int]] = []
    facts: dict[str, Fact] = {}
    lines: list[NoteLine] = []
    for row in filter(None, text.splitlines()):
        mark, _, rest = row.partition(" ")
        start = len(passages) * STEP_MS
        if mark == "#":
            chapters.append((rest.strip("~"), start))
        elif mark in PLANNED:
            continue
        elif mark == "=":
            lines.append(_true_line(rest, passages[-1]))
        else:
            said, who, day = [*map(str.strip, rest.split("|")), "", ""][:3]
            passages.append(Passage(start_ms=start, end_ms=start + STEP_MS - 500, text=said, id=f"p{len(passages)}"))
            facts[passages[-1].id] = Fact(mark, said, who, date.fromisoformat(day) if day else None)
    ends = [*(start for _, start in chapters[1:]), len(passages) * STEP_MS]
    placed = tuple(Chapter(start_ms=s, end_ms=e, title=t) for (t, s), e in zip(chapters, ends, strict=True))
    transcript = Transcript(language="fi", engine="text", passages=tuple(passages))
    forms = analyser.dictionary(passage.text for passage in passages)
    return Truth(Material(transcript, placed, forms, DAY, analyser.forms, _towns()), facts, lines)


def meeting(analyser: Analyser, name: str) -> Truth:
    """One of ``texts/meetings``."""
    return read(analyser, (TEXTS / "meetings" / f"{name}.txt").read_text(encoding="utf-8"))


def unmarked(analyser: Analyser) -> Truth:
    """The other texts of the project, in which it is not marked what was decided."""
    said = [line for name in OTHERS for line in (TEXTS / name).read_text(encoding="utf-8").splitlines() if line]
    return read(analyser, "\n".join(["# Muut", *(f"{UNMARKED} {line}" for line in said)]))


def _true_line(rest: str, passage: Passage) -> NoteLine:
    mark = rest[0] if rest[:2] in {"D ", "A "} else ""
    text, who, due, day = [*map(str.strip, rest.removeprefix(mark).split("|")), "", "", ""][:4]
    return NoteLine(
        kind=KINDS[mark], at_ms=passage.start_ms, text=text, who=who, due=due,
        by=date.fromisoformat(day) if day else None, passages=(passage.id,),
    )  # fmt: skip


# Lies


def lies(truth: Truth, number: int = LIES, seed: int = 612) -> list[Lie]:
    """So many different lines, each kind of lie in turn, about lines that are true. The same ones always."""
    chance = random.Random(seed)
    quoted = [
        NoteLine(kind=KINDS.get(fact.mark, "summary"), at_ms=0, text=fact.text, passages=(name,))
        for name, fact in truth.facts.items()
    ]
    bases = [line for line in (*truth.lines, *quoted) if not line.text.endswith("?")]
    made: dict[tuple[str, ...], Lie] = {}
    for _ in range(number * 40):
        kind, tell = chance.choice(list(TELL.items()))
        line = tell(chance.choice(bases), chance, truth)
        if line and len(made) < number:
            made.setdefault((line.text, line.who, line.due, str(line.by), *line.passages), Lie(kind, line))
    return list(made.values())


def _changed(line: NoteLine, text: str) -> NoteLine | None:
    return line.model_copy(update={"text": text}) if text != line.text else None


def _other_town(line: NoteLine, chance: random.Random, truth: Truth) -> NoteLine | None:
    """Another municipality, in the case of the one that was said."""
    names = [match for match in _CAPITAL.finditer(line.text) if _is_town(match.group(), truth)]
    if not names:
        return None
    match = chance.choice(names)
    town = chance.choice(TOWNS)
    form = town[next((at for ending, at in ENDINGS if match.group().endswith(ending)), match.group().endswith("n"))]
    return _changed(line, line.text[: match.start()] + form + line.text[match.end() :])


def _is_town(word: str, truth: Truth) -> bool:
    known = truth.material.forms.get(fold(word))
    return known is not None and not _towns().isdisjoint(known.bases)


@cache
def _towns() -> frozenset[str]:
    return frozenset(fold(town.name_fi) for town in mentions.municipalities(catalogue.MUNICIPALITIES))


def _other_person(line: NoteLine, chance: random.Random, truth: Truth) -> NoteLine | None:
    person = chance.choice(PEOPLE)
    if line.kind == "action":
        return line.model_copy(update={"who": person})
    return _changed(line, f"{person} sanoi, että {line.text[0].lower()}{line.text[1:]}")


def _other_actor(line: NoteLine, chance: random.Random, truth: Truth) -> NoteLine | None:
    actor = chance.choice(ACTORS)
    said = truth.facts[line.passages[0]].text.lower()
    return line.model_copy(update={"who": actor}) if line.kind == "action" and actor.lower() not in said else None


def _other_number(line: NoteLine, chance: random.Random, truth: Truth) -> NoteLine | None:
    return _changed(line, _NUMBER.sub(lambda _: chance.choice(NUMBERS), line.text, count=1))


def _added_number(line: NoteLine, chance: random.Random, truth: Truth) -> NoteLine | None:
    return _changed(line, f"{line.text[:-1]}, {chance.choice(NUMBERS)} euroa.")


def _other_date(line: NoteLine, chance: random.Random, truth: Truth) -> NoteLine | None:
    day = chance.choice(DATES)
    if _days(day) & _days(truth.facts[line.passages[0]].text):
        return None
    if line.by and chance.random() < 0.5:
        return line.model_copy(update={"by": date(2027, chance.randint(4, 12), chance.randint(1, 28))})
    if line.due:
        return line.model_copy(update={"due": day, "by": None})
    return _changed(line, f"{line.text[:-1]} {day}.")


def _days(text: str) -> set[date]:
    return {each.day for each in dates.found([token.folded for token in tokens(text)], DAY)}


def _turned(line: NoteLine, chance: random.Random, truth: Truth) -> NoteLine | None:
    """Denied where it was stated, and stated where it was denied."""
    if _DENIED.search(line.text):
        return _changed(line, _DENIED.sub("", line.text, count=1))
    verb = _VERB.search(line.text)
    return _changed(line, f"{line.text[: verb.start()]}ei {line.text[verb.start() :]}") if verb else None


def _invented(line: NoteLine, chance: random.Random, truth: Truth) -> NoteLine | None:
    return line.model_copy(
        update={"text": chance.choice(INVENTED), "kind": "decision", "who": "", "due": "", "by": None}
    )


def _proposed(line: NoteLine, chance: random.Random, truth: Truth) -> NoteLine | None:
    """A decision of what was not decided."""
    if truth.facts[line.passages[0]].mark in {"D", "A", UNMARKED}:
        return None
    return line.model_copy(
        update={"kind": "decision", "text": f"Päätettiin, että {line.text[0].lower()}{line.text[1:]}"}
    )


def _elsewhere(line: NoteLine, chance: random.Random, truth: Truth) -> NoteLine | None:
    """A line that rests on a Passage which says something else."""
    other = chance.choice(list(truth.facts))
    return line.model_copy(update={"passages": (other,)}) if other not in line.passages else None


def _misannounced(line: NoteLine, chance: random.Random, truth: Truth) -> NoteLine | None:
    """What was proposed or only said, as decided by what decides another item."""
    if truth.facts[line.passages[0]].mark in {"D", "A", UNMARKED}:
        return None
    return _announced(line.passages[0], chance.choice(_decisions_elsewhere(line.passages[0], truth)), truth)


def _announced(name: str, announcement: str, truth: Truth) -> NoteLine:
    text = truth.facts[name].text
    return NoteLine(
        kind="decision",
        at_ms=0,
        text=f"Päätettiin, että {text[0].lower()}{text[1:]}",
        passages=(name, announcement),
    )


def _decisions_elsewhere(name: str, truth: Truth) -> list[str]:
    others = [item for item in truth.material.items if all(each.id != name for each in item.passages)]
    return [each.id for item in others for each in item.passages if truth.facts[each.id].mark == "D"]


def misannounced(truth: Truth) -> list[NoteLine]:
    """Every proposal that was adopted with every decision of another item."""
    adopted = [name for name, fact in truth.facts.items() if fact.mark == "P"]
    return [_announced(name, other, truth) for name in adopted for other in _decisions_elsewhere(name, truth)]


def exchanged(truth: Truth) -> list[NoteLine]:
    """What was said, with two municipalities of a sentence in each other's place."""
    lines = []
    for name, fact in truth.facts.items():
        towns = [match for match in _CAPITAL.finditer(fact.text) if _is_town(match.group(), truth)]
        for one, other in combinations(towns, 2):
            first, second = one.group(), other.group()
            if first[-2:] == second[-2:] and first[:3] != second[:3]:
                between = fact.text[one.end() : other.start()]
                text = f"{fact.text[: one.start()]}{second}{between}{first}{fact.text[other.end() :]}"
                lines.append(NoteLine(kind="summary", at_ms=0, text=text, passages=(name,)))
    return lines


Tell = Callable[[NoteLine, random.Random, Truth], NoteLine | None]
TELL: dict[str, Tell] = {
    "another municipality": _other_town,
    "another person": _other_person,
    "another actor": _other_actor,
    "another number": _other_number,
    "a number of its own": _added_number,
    "another date": _other_date,
    "denial": _turned,
    "an invented decision": _invented,
    "a decision that was none": _proposed,
    "another passage": _elsewhere,
    "another item's announcement": _misannounced,
}


class Drafted:
    """A maker that drafts the given lines."""

    def __init__(self, lines: Sequence[NoteLine]) -> None:
        self._lines = tuple(lines)

    def draft(self, material: Material) -> Notes:
        """As of core.meeting.drafting.Maker."""
        return Notes(sections=(NoteSection(title="", start_ms=0, lines=self._lines),))


def judged(truth: Truth, lines: Sequence[NoteLine], cues: Cues) -> tuple[list[NoteLine], list[RefusedLine]]:
    """The lines that stand, and the others."""
    standing: list[NoteLine] = []
    refused: list[RefusedLine] = []
    agreed = Extractive(cues).agreed(truth.material)
    for line in lines:
        found = checked(Drafted([line]).draft(truth.material), truth.material, cues, agreed)
        standing += found.sections[0].lines
        refused += found.refused
    return standing, refused


# Figures


def found(truth: Truth, cues: Cues, name: str = "Notes") -> Iterator[tuple[str, str]]:
    """Precision and recall of decisions and actions, and of the actions' days."""
    notes = made(truth.material, cues)
    lines = [line for section in notes.sections for line in section.lines]
    for mark, kind in (("D", "decisions"), ("A", "actions"), ("Q", "questions")):
        right = {key for key, fact in truth.facts.items() if fact.mark == mark}
        told = [set(line.passages) for line in lines if line.kind == KINDS[mark]]
        yield f"{name}: {kind} ({len(right)})", _shares(told, right, _adopted(truth))
    actions = {key: line for line in lines if line.kind == "action" for key in line.passages}
    right = {key for key, fact in truth.facts.items() if fact.mark == "A" and key in actions}
    days = sum(actions[key].by == truth.facts[key].by for key in right)
    who = sum(actions[key].who == truth.facts[key].who for key in right)
    yield f"{name}: actions found, with the right day / who", f"{days} / {who} of {len(right)}"


class Count(NamedTuple):
    """How many lines of a kind are true, how many of these were found, and how many lines are wrong."""

    true: int
    found: int
    wrong: int


def counted(truth: Truth, cues: Cues, mark: str) -> Count:
    """The lines of a kind that the extractive maker finds."""
    right = {key for key, fact in truth.facts.items() if fact.mark == mark}
    lines = [line for section in made(truth.material, cues).sections for line in section.lines]
    told = [set(line.passages) for line in lines if line.kind == KINDS[mark]]
    good = sum(bool(each & right) and each <= right | _adopted(truth) for each in told)
    return Count(len(right), len(right & set().union(*told)), len(told) - good)


def _adopted(truth: Truth) -> set[str]:
    return {key for key, fact in truth.facts.items() if fact.mark == "P"}


def decided(truth: Truth, cues: Cues) -> list[str]:
    """The decisions that the extractive maker finds."""
    sections = made(truth.material, cues).sections
    return [line.text for section in sections for line in section.lines if line.kind == "decision"]


def _shares(told: Sequence[set[str]], right: set[str], adopted: set[str]) -> str:
    good = sum(bool(each & right) and each <= right | adopted for each in told)
    hits = len(right & set().union(*told))
    return f"precision {good / max(1, len(told)):.2f}, recall {hits / len(right):.2f}, of {len(told)} lines"


def run(analyser: Analyser) -> Iterator[tuple[str, str]]:
    """All figures, as (name, value)."""
    cues = Cues.load(LEXICON.read_text(encoding="utf-8"))
    truth = read(analyser, TEXT.read_text(encoding="utf-8"))
    yield from found(truth, cues)
    for name in MEETINGS:
        yield from found(meeting(analyser, name), cues, name.capitalize())
    wrong = [text for name in UNDECIDED for text in decided(meeting(analyser, name), cues)]
    yield f"Notes: decisions in {len(UNDECIDED)} broadcasts without any", f"{len(wrong)}: {' '.join(wrong)}"
    told = lies(truth)
    standing, _ = judged(truth, [lie.line for lie in told], cues)
    kinds = ", ".join(f"{name} {count}" for name, count in sorted(Counter(lie.kind for lie in told).items()))
    yield f"Notes: untrue lines that stand, of {len(told)}", f"{len(standing)} ({kinds})"
    pairs = [(each, line) for each in (meeting(analyser, name) for name in DECIDING) for line in misannounced(each)]
    wrong = [line.text for each, line in pairs if judged(each, [line], cues)[0]]
    yield f"Notes: proposals with another item's announcement, of {len(pairs)}", f"{len(wrong)}: {' '.join(wrong)}"
    others = unmarked(analyser)
    told = lies(others, MORE_LIES)
    standing, _ = judged(others, [lie.line for lie in told], cues)
    yield f"Notes: the same about older texts, of {len(told)}", f"{len(standing)}"
    turned = exchanged(others)
    standing, _ = judged(others, turned, cues)
    yield (
        f"Notes: two municipalities exchanged, of {len(turned)}",
        f"{len(standing)}: " + " ".join(line.text for line in standing),
    )
    true, _ = judged(truth, truth.lines, cues)
    yield f"Notes: true lines that stand, of {len(truth.lines)}", f"{len(true)} ({len(true) / len(truth.lines):.0%})"


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder, Analyser(Path(folder) / "vocabulary.sqlite") as analyser:
        for name, value in run(analyser):
            sys.stdout.write(f"{name:<44} {value}\n")


if __name__ == "__main__":
    main()
