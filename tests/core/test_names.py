"""Whatever comes from outside, a name that is harmless comes of it."""

import unicodedata
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core import keys, names


@pytest.mark.parametrize(
    ("given", "made"),
    [
        ("kokous.mp4", "kokous.mp4"),
        ("Pöytäkirja 24.11.mp4", "Pöytäkirja 24.11.mp4"),
        ("/a/b/kokous.mp4", "kokous.mp4"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("..", "file"),
        ("/", "file"),
        ("", "file"),
        (".hidden", "hidden"),
        ("-rf.mp4", "rf.mp4"),
        ("a\0b\nc.mp4", "a-b-c.mp4"),
        ("%2e%2e%2fpasswd", "2e-2e-2fpasswd"),
        ("concat:a|b.mp4", "concat-a-b.mp4"),
        ("a\u202e4pm.exe", "a-4pm.exe"),
        ("a" * 500 + ".mp4", "a" * 116 + ".mp4"),
        ("ä" * 500 + ".mp4", "ä" * 58 + ".mp4"),
        ("a.b" + "c" * 500, "a.b" + "c" * 117),
    ],
)
def test_file_names(given: str, made: str) -> None:
    assert names.file_name(given) == made


@given(st.text(max_size=400))
@example("a.\u0301mp4")
@example("\ud800")
@example("." * 130 + "a")
@example(("a" * 119 + " .") * 3)
def test_any_text_becomes_a_name_for_a_file(text: str) -> None:
    name = names.file_name(text)
    path = Path("/spool") / name
    assert name
    assert path.parent == Path("/spool")
    assert path.name == name
    assert len(name.encode()) <= names.LONGEST_NAME
    assert not name.startswith((".", "-", " "))
    assert not name.endswith((".", " "))
    assert all(sign.isalnum() or sign in names.PLAIN for sign in name)
    assert names.file_name(name) == name
    assert keys.original("kokous", name).removeprefix("recordings/kokous/original/") == name


@given(st.text(max_size=400))
@example("a\u202eb\x1b[31mc\r\nd")
@example("e\u0301" * 300)
def test_any_text_becomes_a_title_on_one_line(text: str) -> None:
    title = names.title(text)
    assert len(title) <= names.LONGEST_TITLE
    assert title == title.strip()
    assert not {unicodedata.category(sign) for sign in title} & names.HIDDEN
    assert names.title(title) == title


def test_titles_keep_what_people_read() -> None:
    assert names.title("  Kunnanvaltuusto\n24.11. – päätökset\t🎥 ") == "Kunnanvaltuusto 24.11. – päätökset 🎥"


@given(st.text(max_size=1000))
def test_what_is_shown_stays_on_its_line(text: str) -> None:
    shown = names.shown(text)
    assert len(shown) <= names.LONGEST_SHOWN + 1
    assert not {unicodedata.category(sign) for sign in shown} & names.HIDDEN


def test_plain_addresses_are_shown_as_they_are() -> None:
    url = "https://tv.kunta.fi/pöytä/index.m3u8?token=a%20b"
    assert names.shown(url) == url
    assert names.shown("http://a/\x1b[2J\r\n") == "http://a/?[2J??"
