"""What members read, in three languages and without anything that a sender of a title could slip in."""

from datetime import timedelta

import pytest

from core.models import Quote
from core.telling.members import Asked, Member, Wish
from core.telling.news import News
from tests.web import demo
from tests.web.test_render import HOSTILE, Page
from web import letters, strings
from web.links import Links

AT = demo.STARTS_AT
LINKS = Links("https://example.org")
QUOTES = tuple(
    Quote(
        code="925", at_ms=4200 + n * 1000, text=f"Vieremällä {n} {HOSTILE}", start=0, end=10, speaker=f"Eero {HOSTILE}"
    )
    for n in range(7)
)


@pytest.fixture(scope="module")
def every() -> dict[str, strings.Strings]:
    return strings.load_all()


def news(kind: Wish, title: str = "Kylät", **more: object) -> News:
    return News(kind, f"{kind}-a", AT, "a", title, "maaseutu-live", AT)._replace(**more)


def member(language: str) -> Member:
    given = {"address": "anna@x.fi", "wishes": tuple(Wish), "language": language, "consent": "meeting"}
    return Member.model_validate(given | {"consented_at": AT - timedelta(days=9), "since": AT})


EVERYTHING = [
    news(Wish.LIVE),
    news(Wish.MENTIONED, HOSTILE, code="925", quotes=QUOTES),
    news(Wish.DISCUSSED, topic="kyläkoulut", quotes=QUOTES[:1]),
    news(Wish.PUBLISHED)._replace(broadcast="b"),
    news(Wish.CHECKED, by="Anna Korhonen"),
    news(Wish.PLANNED, about="Miten kylät pysyvät asuttuina?"),
    news(Wish.PLANNED, revision=2),
    news(Wish.PLANNED, revision=3, is_cancelled=True),
]


@pytest.mark.parametrize(("language", "folder"), [("fi", ""), ("sv", "sv/"), ("en", "en/")])
def test_a_digest_in_each_language(every: dict[str, strings.Strings], language: str, folder: str) -> None:
    made = letters.digest(EVERYTHING, member(language), every, LINKS, "https://example.org/leave")
    page = Page(made.html)
    links = set(page.values("href"))
    assert {f"https://example.org/{folder}jaksot/a/#t=4.2", f"https://example.org/{folder}tilaa/"} <= links
    assert all(link.startswith("https://example.org/") for link in links)
    assert not page.values("src")
    assert "script" not in {tag for tag, _ in page.elements}
    date = every[language].date(AT - timedelta(days=9))
    for words in (date, "Anna Korhonen", "Vieremä", "Miten kylät", "https://example.org/leave", HOSTILE):
        assert words in made.text
    assert f"4  Eero {HOSTILE}: ”Vieremällä 0 " in made.text
    assert made.text.count("#t=") == letters.QUOTES + 1
    assert every[language]("letters.more", count=2) in made.text


def test_subjects_say_the_news(every: dict[str, strings.Strings]) -> None:
    subjects = [letters.digest([each], member("fi"), every, LINKS, "x").subject for each in EVERYTHING]
    assert subjects[0] == "Nyt suorana: Kylät"
    assert subjects[2:] == [
        "Aiheesta ”kyläkoulut” puhuttiin: Kylät",
        "Julkaistu: Kylät",
        "Teksti ja muistio tarkistettu: Kylät",
        "Tulossa: Kylät",
        "Muuttunut: Kylät",
        "Peruttu: Kylät",
    ]


def test_a_confirmation_names_what_was_asked(every: dict[str, strings.Strings]) -> None:
    asked = Asked(address="a@x.fi", municipalities=("545",), topics=("byskolor",), wishes=(Wish.LIVE,), language="sv")
    made = letters.confirmation(asked, every, "https://example.org/sv/tilaa/vahvista?t=x")
    for text in (made.text, made.html):
        assert "Närpes" in text
        assert "byskolor" in text
        assert "En direktsändning börjar" in text
        assert "https://example.org/sv/tilaa/vahvista?t=x" in text
    assert not made.leave
