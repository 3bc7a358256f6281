"""Rows of the table of speech: what counts as a word, a mark, a name and a time."""

import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest

from core.text.transcript import NOT_RECOGNISED
from evaluation import figures, plots, speech
from evaluation.figures import Figures, Invented, Unsaid
from evaluation.sets import Spoken
from evaluation.ways import OURS, PLAIN, Timed
from sample.make_broadcast import Word

SENTENCES = ("Savukoski kokoontuu huomenna.", "Iistä ei tullut ketään.")
WORDS = tuple(Word(text, at, at + 0.5) for at, text in enumerate(" ".join(SENTENCES).split()))
SAID = Spoken(np.zeros(16_000 * 8, np.float32), WORDS, SENTENCES)


def _found(*texts: str, late: float = 0.0) -> list[Timed]:
    return [Timed(text, at + late, at + late + 0.5) for at, text in enumerate(texts)]


def test_all_right_is_nothing_wrong():
    done = speech.row("x", OURS, SAID, _found(*SAID.text.split(), late=0.02))
    assert (done.words.value, done.letters, done.wrong_names, done.names) == (0, 0, 0, 2)
    assert done.off_ms == pytest.approx((20, 20))
    assert done.cells[-1] == "20 ms, P95 20 ms"


def test_a_mark_is_no_word_but_its_time_counts_as_marked():
    done = speech.row("x", OURS, SAID, _found("Savukoski", "kokoontuu", "huomenna.", NOT_RECOGNISED))
    assert done.words.value == pytest.approx(4 / 7)
    assert done.marked_s == pytest.approx(0.5)
    assert (done.wrong_names, done.names) == (1, 2)


def test_without_known_times_none_are_told():
    done = speech.row("x", OURS, SAID._replace(words=()), _found(*SAID.text.split()))
    assert done.cells[-1] == "–"


def test_pictures_are_the_same_for_the_same_figures(tmp_path: Path):
    rows = [
        speech.row(title, way, SAID, _found(*texts.split()))
        for title in ("clean", "noise")
        for way, texts in ((OURS, SAID.text), (PLAIN, "Savukoski on täällä"))
    ]
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        folder.mkdir()
        plots.draw(rows, folder)
    for name in ("speech-words.svg", "speech-names.svg"):
        assert (first / name).read_bytes() == (second / name).read_bytes()
        assert ET.parse(first / name).getroot().tag.endswith("svg")


def test_what_is_measured_again_takes_the_place_of_what_was_known(tmp_path: Path):
    folder = tmp_path / "not" / "made yet"
    first = speech.row("clean", OURS, SAID, _found("Savukoski"))
    other = speech.row("noise", OURS, SAID, _found("Savukoski"))
    again = speech.row("clean", OURS, SAID, _found(*SAID.text.split()))
    music = Invented(sound="music", way=OURS, minutes=6, words=0)
    nowhere = Unsaid(title="clean", way=PLAIN, unsaid=("Lahden", "Ii"), of=80, words=first.words)
    for found in (first, other, music, nowhere, again):
        figures.put(folder, found)
    kept = Figures.model_validate_json((folder / figures.RECORD).read_text(encoding="utf-8"))
    assert kept.rows == (again, other)
    assert kept.invented == (music,)
    assert kept.unsaid == (nowhere,)
    lines = (folder / figures.TABLES).read_text(encoding="utf-8").splitlines()
    assert [line.split(" | ")[0] for line in lines if OURS in line] == ["| clean", "| noise", "| 6 min of music"]
    assert [line.split(" | ")[2] for line in lines if PLAIN in line] == ["2 in 80 words: Lahden, Ii"]
    assert (folder / "images" / "speech-words.svg").exists()
