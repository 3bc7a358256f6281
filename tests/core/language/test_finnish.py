"""Words and their forms, with the real transducer in its own process."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from config.catalogue import MUNICIPALITIES
from core.language.finnish import Analyser, fold, tokens, word_times
from core.models import Passage, Word, WordForms
from core.text.mentions import municipalities

ROOT = Path(__file__).parents[3]


def run(code, *arguments):
    """Another process of ours, which prints."""
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Pienkunta-asia ja EU-rahoitus.", ["Pienkunta-asia", "ja", "EU-rahoitus"]),
        ("THL:n luku 12,5 ja klo 12:30", ["THL:n", "luku", "12,5", "ja", "klo", "12:30"]),
        ("2\u00a0300 euroa, 2\u00a0300,5 ja 12 300", ["2\u00a0300", "euroa", "2\u00a0300,5", "ja", "12", "300"]),
        ("maa- ja metsätalous", ["maa", "ja", "metsätalous"]),
        ("Helsinki–Turku, kunta.Sitten", ["Helsinki", "Turku", "kunta", "Sitten"]),
        ("«tämä» _ja_ 'tuo'", ["tämä", "ja", "tuo"]),
        ("", []),
    ],
)
def test_words_of_a_text(text, words):
    found = tokens(text)
    assert [token.text for token in found] == words
    assert all(text[token.start : token.end] == token.text for token in found)


def test_accents_written_as_two_characters_are_folded_into_one():
    (token,) = tokens("A\u0308hta\u0308ri")
    assert token.folded == "ähtäri" == fold("ÄHTÄRI")


def test_a_figure_is_the_same_word_with_and_without_space():
    assert fold("2\u00a0300") == fold("2300") == "2300"


def test_times_of_words_follow_a_corrected_text():
    words = tuple(Word(start_ms=at * 100, end_ms=at * 100 + 90, text=text, probability=1) for at, text in
                  enumerate([" Savukoske", " ne", " esitystä,", " kunta"]))  # fmt: skip
    passage = Passage(start_ms=0, end_ms=400, text="Savukosken esitystä, kunta.", words=words)
    assert word_times(passage) == (None, 200, 300)


@pytest.mark.parametrize(
    ("word", "bases", "parts"),
    [
        ("kunnissa", ("kunta",), ()),
        ("pienkuntien", ("pienkunta",), ("pien", "pieni", "kunta")),
        ("kunnanhallituksessa", ("kunnanhallitus",), ("kunta", "hallitus")),
        ("hyvinvointialueesta", ("hyvinvointialue",), ("hyvin", "hyvinvointi", "vointi", "vointialue", "alue")),
        ("EU-rahoituksen", ("eu-rahoitus",), ("eu", "rahoitus")),
        ("Pienkunta-asiassa", ("pienkunta-asia",), ("pien", "pieni", "pienkunta", "kunta", "kunta-asia", "asia")),
        ("THL:n", ("thl",), ()),
        ("Pihtiputaalle", ("pihtipudas",), ()),
        ("Savukosken", ("savukoski",), ()),
        ("Uudessakaupungissa", ("uusikaupunki",), ()),
        ("Etelä-Pohjanmaan", ("etelä-pohjanmaa",), ("etelä", "pohjanmaa")),
        ("voin", ("voi", "voida", "vuo"), ()),
        ("xyzzyssä", ("xyzzyssä",), ()),
        ("2026:n", ("2026",), ()),
    ],
)
def test_forms(analyser, word, bases, parts):
    assert analyser.forms([word]) == {fold(word): WordForms(bases=bases, parts=parts)}


def test_known_words_need_no_transducer(analyser, tmp_path):
    known = analyser.forms(["kunnissa", "pienkuntien"])
    with Analyser(tmp_path / "other.sqlite") as replica:
        replica.learn(known)
        assert replica.forms(["Kunnissa", "kunta", "pienkunta", "2026", ""]) == {
            "kunnissa": WordForms(bases=("kunta",)),
            "kunta": WordForms(bases=("kunta",)),
            "pienkunta": WordForms(bases=("pienkunta",), parts=("pien", "pieni", "kunta")),
            "2026": WordForms(bases=("2026",)),
        }
        assert replica.transducer_pid is None


def test_weights_are_asked_for_once(tmp_path):
    with Analyser(tmp_path / "vocabulary.sqlite") as finnish:
        asked = finnish.weights(["kunta", "Savukoskella", "kuntta"])
        finnish.close()
        assert finnish.weights(["kuntta", "savukoskella"]) == {w: asked[w] for w in ("kuntta", "savukoskella")}
        assert finnish.transducer_pid is None


def test_what_is_learned_gives_way_to_a_real_answer(tmp_path):
    with Analyser(tmp_path / "v.sqlite") as replica:
        replica.learn({"voilla": WordForms(bases=("voi",))})
        real = WordForms(bases=("voi", "voida"))
        replica.learn({"voi": real})
        replica.learn({"voita": WordForms(bases=("voi",))})
        assert replica.forms(["voi"]) == {"voi": real}


def test_a_dictionary_answers_for_base_forms_and_parts(analyser):
    found = analyser.dictionary(["Pienkuntien asia."])
    assert found["pieni"].bases == ("pieniä", "pieni")
    assert {"pienkuntien", "pienkunta", "kunta", "asia"} <= found.keys()


def test_processes_share_one_vocabulary(analyser, tmp_path):
    analyser.forms(["valtuustossa", "yhdessä"])
    code = """
import sys
from pathlib import Path
from core.language.finnish import Analyser
with Analyser(Path(sys.argv[1])) as analyser:
    print(analyser.forms(["Valtuustossa"])["valtuustossa"].bases, analyser.transducer_pid)
"""
    others = [run(code, analyser.path) for _ in range(2)]
    assert [other.communicate(timeout=30)[0] for other in others] == ["('valtuusto',) None\n"] * 2


def test_threads_ask_at_once(analyser):
    words = ["kokous", "kokoukset", "kokouksia", "kokouksessa"]
    answers = []
    threads = [threading.Thread(target=lambda word=word: answers.append(analyser.forms([word]))) for word in words]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {forms.bases for answer in answers for forms in answer.values()} == {("kokous",)}


def test_a_damaged_vocabulary_is_begun_anew(tmp_path):
    file = tmp_path / "v.sqlite"
    file.write_bytes(b"not a database, but long enough to be taken for one" * 100)
    with Analyser(file) as analyser:
        analyser.learn({"kunnat": WordForms(bases=("kunta",))})
        assert analyser.forms(["kunnat"])["kunnat"].bases == ("kunta",)
    assert (tmp_path / "v.sqlite.damaged").exists()


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("Savukoski", "Savukoskella"),
        ("Kuhmoinen", "Kuhmoisissa"),
        ("Rautalampi", "Rautalammilla"),
        ("Kristiinankaupunki", "Kristiinankaupungissa"),
        ("Virrat", "Virroilla"),
        ("Pedersören kunta", "Pedersören kunnassa"),
    ],
)
def test_names_are_inflected_as_their_people_do(analyser, name, form):
    forms = analyser.inflected([name])
    assert form in forms
    assert all(each[0] == name[0] for each in forms)


def test_all_municipalities_but_one_are_inflected(analyser):
    places = [place.name_fi for place in municipalities(MUNICIPALITIES)]
    assert [name for name in places if len(analyser.inflected([name])) < 11] == ["Koski Tl"]
