"""Error rates of texts whose errors can be counted by hand."""

import pytest

from evaluation import accuracy


@pytest.mark.parametrize(
    ("heard", "rate"),
    [
        ("Kunta päätti asian.", 0),
        ("kunta päätti asian", 0),
        ("Kunta päätti", 1 / 3),
        ("Kunta päätti asian heti", 1 / 3),
        ("Kuntapäätti asian", 2 / 3),
        ("", 1),
    ],
)
def test_words_wrong(heard, rate):
    assert accuracy.word_error_rate("Kunta päätti asian.", heard) == pytest.approx(rate)


def test_letters_wrong():
    assert accuracy.character_error_rate("Salla", "Sallaa") == pytest.approx(1 / 5)


def test_errors_are_where_they_were_made():
    said = ["a", "b", "c", "d"]
    assert accuracy.errors(said, ["a", "x", "c", "d"]) == [0, 1, 0, 0]
    assert accuracy.errors(said, ["a", "b", "b", "b", "c", "d"]) == [0, 2, 0, 0]
    assert accuracy.errors(said, ["a", "d"]) == [0, 1, 1, 0]
    assert accuracy.errors(said, ["x", "a", "b", "c", "d"]) == [1, 0, 0, 0]


def test_an_interval_is_about_the_rate_and_narrows_with_more_sentences():
    few = accuracy.interval([1, 0, 2, 1], [5, 5, 5, 5])
    many = accuracy.interval([1, 0, 2, 1] * 50, [5] * 200)
    assert few.value == many.value == pytest.approx(0.2)
    assert few.low <= many.low < 0.2 < many.high <= few.high


def test_sentences_share_the_errors_of_the_whole():
    sentences = ["Kunta päätti asian.", "Salla kiitti."]
    assert accuracy.by_sentence(sentences, "kunta päätti asian sala kiitti").value == pytest.approx(1 / 5)


def test_names_are_found_where_they_were_said():
    said = "Salla kiitti, ja Sallassa juhlittiin Posion kanssa."
    names = accuracy.names(said, "Salla kiitti ja salla sajuhlittiin posion kanssa", ("salla", "posio"))
    assert [(name.said, name.heard, name.right) for name in names] == [
        ("salla", "salla", True),
        ("sallassa", "salla", False),
        ("posion", "posion", True),
    ]


def test_names_that_nobody_said():
    names = {"Lahden", "Salla", "Sallan", "Ii"}
    said = "Salla kiitti lahden asukkaita ja sallii kalastuksen Iin lahdella."
    assert accuracy.unsaid(said, said, names.__contains__) == []
    heard = "Salla kiitti Lahden asukkaita ja Sallan kalastuksen Ii lahdella Sallan"
    assert accuracy.unsaid(said, heard, names.__contains__) == ["Lahden", "Sallan", "Ii", "Sallan"]


def test_stems_leave_the_ending_open():
    assert accuracy.stems(["Savukoski", "Maaseutu LIVE"]) == ("savukos", "maaseu", "li")


def test_words_that_were_recognised_are_paired():
    assert accuracy.paired(["a", "b", "c"], ["a", "x", "x", "c"]) == [(0, 0), (2, 3)]


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ("Se maksaa kaksikymmentätuhatta euroa.", "se maksaa 20 000 euroa"),
        ("Se maksaa kaksikymmentätuhatta euroa.", "se maksaa 20000 euroa"),
        ("kolme kuntaa ja kolmessa kunnassa", "3 kuntaa ja 3 kunnassa"),
        ("kahdellakymmenellä prosentilla", "20 prosentilla"),
        ("nousi kahteenkymmeneen.", "nousi 20:een"),
        ("kaksi pilkku viisi prosenttia", "2 ,5 prosenttia"),
        ("kaksikymmentäviisi prosenttia", "25 %"),
        ("Kello kaksitoista kolmekymmentä.", "klo 12:30"),
        ("kolmantena joulukuuta", "3. joulukuuta"),
        ("vuonna kaksituhattakaksikymmentäkuusi", "Vuonna 2026"),
        ("neljätoista kuntaa", "neljä toista kuntaa"),
    ],
)
def test_numbers_count_by_their_value(said, heard):
    assert accuracy.word_error_rate(said, heard) == accuracy.character_error_rate(said, heard) == 0


def test_other_numbers_are_wrong():
    assert accuracy.word_error_rate("kaksikymmentä kuntaa", "21 kuntaa") == 1 / 2
    assert accuracy.word_error_rate("he ovat yhdessä", "he ovat 1") == 1 / 3


def test_numbers_of_two_sentences_are_two():
    assert accuracy.by_sentence(["Heitä on kaksikymmentä", "viisi puuttuu"], "heitä on 20 5 puuttuu").value == 0
    assert accuracy.by_sentence(["Heitä on kaksikymmentä.", "Viisi puuttuu"], "heitä on 20. 5 puuttuu").value == 0
