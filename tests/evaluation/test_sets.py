"""The texts of the generated broadcasts, and how sets are put together. The synthetic voices are not needed here."""

from pathlib import Path

import numpy as np
import pytest

from config.catalogue import MUNICIPALITIES
from core.language.finnish import Analyser, fold, tokens
from core.models import Passage, Transcript
from core.text.mentions import mentions, municipalities
from evaluation import accuracy, sets, sounds
from evaluation.sets import Spoken
from sample.make_broadcast import Sentence, Word


@pytest.mark.parametrize("stem", sets.NAMES.values(), ids=sets.NAMES.keys())
def test_each_municipality_is_named_in_five_forms(stem):
    words = accuracy.words(sets.TEXT.read_text(encoding="utf-8"))
    assert len({word for word in words if word.startswith(stem)}) >= 5


TEXTS = {
    sets.TEXT: sets.NAMES,
    sets.COUNCIL: sets.COUNCIL_NAMES,
    sets.DEVELOPMENT: sets.DEVELOPMENT_NAMES,
    sets.DISTRICT: sets.DISTRICT_NAMES,
    sets.COAST: sets.COAST_NAMES,
}


@pytest.mark.parametrize("file", TEXTS, ids=lambda file: file.stem)
def test_each_text_names_municipalities_of_its_own(file):
    words = accuracy.words(file.read_text(encoding="utf-8"))
    own = tuple(TEXTS[file].values())
    assert all(any(word.startswith(stem) for word in words) for stem in own)
    others = tuple(stem for other, names in TEXTS.items() if other != file for stem in names.values())
    assert not [word for word in words if word.startswith(others) and not word.startswith(own)]


def test_a_text_names_nobody_though_it_has_words_of_a_names_letters(analyser: Analyser):
    text = sets.NOWHERE.read_text(encoding="utf-8")
    passages = tuple(Passage(start_ms=0, end_ms=1, text=line) for line in text.splitlines() if line)
    forms = analyser.forms(token.text for token in tokens(text))
    towns = municipalities(MUNICIPALITIES)
    assert mentions(Transcript(language="fi", engine="any", passages=passages), forms, towns) == ()
    letters = {fold(form) for form in analyser.inflected(["Lahti", "Kolari", "Aura"])}
    assert {"lahden", "kolari", "aura"} <= letters & set(accuracy.words(text))


def test_two_people_speak_in_turn():
    turns = sets.turns("Yksi.\nKaksi.\n\nKolme.\n\nNeljä.\n")
    assert [[line.text for line in turn] for turn in turns] == [["Yksi.", "Kaksi."], ["Kolme."], ["Neljä."]]
    assert turns[0][0].speaker == turns[2][0].speaker != turns[1][0].speaker


def _read(lines):
    """A second of a tone for every line, its one word in the middle."""
    tone = 0.1 * np.sin(2 * np.pi * 300 * np.arange(48_000) / 48_000)
    return [Sentence(line, (Word(line.text, 0.25, 0.75),), tone) for line in lines]


def test_words_of_overlapping_people_lie_where_they_are_heard(tmp_path: Path):
    text = tmp_path / "text.txt"
    text.write_text("Yksi.\n\nKaksi.\n", encoding="utf-8")
    apart, over = (sets.spoken(text, overlap=overlap, reader=_read) for overlap in (False, True))
    gap = sets.TURN_SECONDS + sets.OVERLAP_SECONDS
    assert apart.words[1].start - over.words[1].start == pytest.approx(gap)
    assert apart.seconds - over.seconds == pytest.approx(gap, abs=0.001)
    assert apart.text == over.text == "Yksi. Kaksi."


def test_joined_broadcasts_follow_each_other():
    one = Spoken(np.ones(16_000, np.float32), (Word("Yksi.", 0.2, 0.4),), ("Yksi.",))
    both = sets.joined([one, one._replace(words=(), sentences=()), one])
    assert both.seconds == 3
    assert [word.start for word in both.words] == pytest.approx([0.2, 2.2])
    assert both.sentences == ("Yksi.", "Yksi.")


def test_people_are_left_out_where_their_data_is_absent(tmp_path: Path):
    assert sets.people(tmp_path) == {}


def test_people_read_with_pauses_between():
    if not sets.people(sets.DATA):
        pytest.skip(f"NOT TESTED: {sets.DATA} is absent")
    said = sets.people(sets.DATA)["people"]()
    assert len(said.sentences) == 6
    assert all(len(sentence.split()) > 3 for sentence in said.sentences)
    assert said.samples.shape == (len(said.samples),)
    assert not said.samples[: sounds.RATE].any()
    assert 35 < said.seconds < 60
