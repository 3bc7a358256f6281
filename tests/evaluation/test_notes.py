"""Lies about a meeting do not stand, most true lines do, and a model that lies gets nothing into the notes."""

import random
import re
from collections import Counter

import pytest

from core.language.cues import Cues
from core.meeting.drafting import made
from core.meeting.modelled import Modelled
from core.outside.chat import Chat
from evaluation import notes
from tests.core.model_server import ModelServer, lines, told


class Forgetful:
    """Keeps no answers."""

    def get(self, digest):
        return None

    def put(self, digest, answer):
        pass


@pytest.fixture(scope="module")
def truth(analyser):
    return notes.read(analyser, notes.TEXT.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def development(analyser):
    return [notes.meeting(analyser, name) for name in (*notes.DECIDING, "tuning/committee", *notes.UNDECIDED)]


@pytest.fixture(scope="module")
def cues():
    return Cues.load(notes.LEXICON.read_text(encoding="utf-8"))


def test_no_lie_stands(truth, cues):
    lies = notes.lies(truth)
    assert len(lies) == notes.LIES
    assert Counter(lie.kind for lie in lies).keys() == notes.TELL.keys()
    standing, refused = notes.judged(truth, [lie.line for lie in lies], cues)
    assert [line.text for line in standing] == []
    assert all(line.reason for line in refused)


def test_most_true_lines_stand(truth, cues):
    standing, _ = notes.judged(truth, truth.lines, cues)
    assert len(standing) / len(truth.lines) > 0.9


def test_what_the_extractive_maker_finds(truth, cues):
    figures = dict(notes.found(truth, cues))
    assert figures["Notes: questions (4)"] == "precision 1.00, recall 1.00, of 4 lines"
    assert figures["Notes: actions found, with the right day / who"] == "9 / 9 of 9"


@pytest.mark.parametrize(("mark", "true", "found", "wrong"), [("D", 67, 58, 0), ("A", 39, 39, 2)])
def test_what_is_found_in_the_development_meetings_gets_no_worse(mark, true, found, wrong, development, cues):
    counts = [notes.counted(each, cues, mark) for each in development]
    assert sum(count.true for count in counts) == true
    assert sum(count.found for count in counts) >= found
    assert sum(count.wrong for count in counts) <= wrong


def test_no_proposal_stands_with_the_announcement_of_another_item(development, cues):
    pairs = [(each, line) for each in development for line in notes.misannounced(each)]
    assert len(pairs) > 100
    assert [line.text for each, line in pairs if notes.judged(each, [line], cues)[0]] == []


def test_a_lying_model_gets_nothing_into_the_notes(truth, cues):
    """Through the protocol: the model knows what was said and puts a lie into each line."""
    chance = random.Random(613)
    passages = {name: at for item in truth.material.items for at, name in _numbered(item)}
    told_lies = notes.lies(truth, seed=614)

    def liar(question):
        said = set(re.findall(r"^\[\d+\] (.*)$", told(question), re.MULTILINE))
        mine = [lie.line for lie in told_lies if truth.facts[lie.line.passages[0]].text in said]
        rows = [
            {
                "kind": line.kind,
                "text": line.text,
                "who": line.who,
                "due": line.due,
                "by": str(line.by or ""),
                "passages": [passages[name] for name in line.passages],
            }
            for line in chance.sample(mine, 20)
        ]
        return lines(*rows)

    with ModelServer(liar) as server:
        found = made(truth.material, cues, Modelled(Chat(server.server()), "Laadi muistio.", Forgetful()))
    assert (found.model, len(found.refused)) == ("", 20 * len(truth.material.items))
    assert found.sections == made(truth.material, cues).sections


def _numbered(item):
    return [(at, passage.id) for at, passage in enumerate(item.passages, 1)]
