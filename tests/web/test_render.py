"""Pages and the feed as text."""

import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from core.duties import compliance
from core.errors import Misconfigured
from core.models import Chapter, Gap, Notes, Passage, Transcript
from core.search.results import Results
from core.text.transcript import NOT_RECOGNISED
from maaseutu import requests
from tests.web import demo
from web import render, searching, strings, views

HOSTILE = '<script>alert("1")</script>&\'"'
VOID = {"meta", "link", "img", "input", "track", "br"}


class Page(HTMLParser):
    """A page's elements; an end tag that does not fit fails."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        """Remember it."""
        assert len(attrs) == len(dict(attrs)), f"an attribute twice in {tag}"
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        """An element of an SVG."""
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        """It ends what is open."""
        assert self.open.pop() == tag

    def values(self, name: str) -> list[str]:
        """All values of an attribute."""
        return [attrs[name] for _, attrs in self.elements if attrs.get(name)]


def pages(fi):
    """Every kind of page, with a hostile title."""
    shown = demo.episode(title=HOSTILE)
    silent = shown.model_copy(
        update={"transcript": Transcript(language="fi", engine="x"), "notes": Notes(), "chapters": (), "parts": ()}
    )
    cards = [demo.card(shown), demo.card(demo.older("b", demo.episode(video=False)))]
    return {
        "episode": render.episode_page(shown, "v1", fi, thumbnails=True),
        "live": render.episode_page(shown.model_copy(update={"live": True}), "live", fi, thumbnails=True),
        "sound": render.episode_page(demo.episode(video=False), "v1", fi),
        "silent": render.episode_page(silent, "v1", fi),
        "notes": render.notes_page(shown, "v1", fi),
        "evidence": render.evidence_page(compliance.evidence(shown, "v1", demo.signed()), fi),
        "front": render.front_page(cards, fi, coming=[demo.planned(title=HOSTILE)]),
        "empty": render.front_page([], fi),
        "coming": render.coming_page(demo.planned(title=HOSTILE, about=HOSTILE), fi),
        "checking": render.checking_page(shown.broadcast, fi),
        "search": searching.page(searching.Question(query=HOSTILE, episode=HOSTILE), Results(), fi),
        "missing": render.message_page("missing", fi, "../"),
        "unreachable": render.message_page("unreachable", fi),
    }


@pytest.fixture(
    params=[
        "episode",
        "live",
        "sound",
        "silent",
        "notes",
        "evidence",
        "front",
        "empty",
        "coming",
        "checking",
        "search",
        "missing",
        "unreachable",
    ]
)
def text(request, fi):
    return pages(fi)[request.param]


def test_page_is_well_formed_and_ids_are_unique(text):
    page = Page(text)
    ids = page.values("id")
    assert len(ids) == len(set(ids))
    assert {name for value in page.values("aria-labelledby") for name in value.split()} <= set(ids)
    assert [tag for tag, _ in page.elements].count("h1") == 1
    assert dict(page.elements)["html"] == {"lang": "fi"}


def test_page_asks_nothing_of_other_hosts_and_runs_no_inline_script(text):
    page = Page(text)
    links = [v for name in ("href", "src", "action", "poster") for v in page.values(name)]
    assert [link for link in links if re.match(r"[a-z]+:|/", link)] == []
    scripts = [attrs for tag, attrs in page.elements if tag == "script"]
    assert all("src" in s or s["type"] in {"application/json", "application/ld+json"} for s in scripts)
    assert not page.values("style")
    assert not [attrs for _, attrs in page.elements if any(name.startswith("on") for name in attrs)]


def test_hostile_title_is_text(text):
    assert "<script>alert" not in text


def test_hostile_title_stays_whole(fi):
    assert "&lt;script&gt;alert(&#34;1&#34;)&lt;/script&gt;&amp;&#39;&#34;" in pages(fi)["episode"]
    address = "https://example.org"
    text = render.episode_page(demo.episode(title=HOSTILE), "v1", fi, base_url=address)
    assert "\\u003cscript\\u003ealert" in text
    assert f'content="{address}/jaksot/{demo.ID}/"' in text


def test_same_input_gives_the_same_page(fi):
    assert pages(fi) == pages(fi)


def test_every_note_has_a_link_to_its_time(fi):
    shown = demo.episode()
    lines = [*shown.notes.summary, *(line for s in shown.notes.sections for line in s.lines)]
    for text, to in ((pages(fi)["episode"], ""), (render.notes_page(shown, "v1", fi), "../")):
        items = re.findall(r'<li class="note">\s*<a class="at" href="([^"]+)".*?<p>(.*?)</p>', text, re.DOTALL)
        assert items == [(f"{to}#t={views.seconds(line.at_ms)}", line.text) for line in lines]


def test_who_and_due_are_told_only_when_said(fi):
    text = pages(fi)["episode"]
    assert text.count("Vastuu: ") == text.count("Määräaika: ") == 1
    assert "Vastuu: Anna Korhonen" in text


def test_gap_is_told_in_the_transcript_and_beside_it(fi):
    assert pages(fi)["episode"].count("Tallenteesta puuttuu n. 12 s kohdassa 0.30.") == 2


def test_a_late_start_is_told_as_such(fi):
    late = Gap(at_ms=0, lost_ms=312_000, reason="The recording began 312 s after the broadcast.", doubtful=True)
    shown = demo.episode().model_copy(update={"gaps": (late,)})
    text = render.episode_page(shown, "v1", fi, base_url="", thumbnails=True)
    assert text.count("Tallenteen alusta puuttuu n. 5 min") == 2


def test_gap_is_marked_on_the_players_line(fi):
    shown = demo.episode()
    places = re.findall(r'<rect x="([\d.]+)%"/>', pages(fi)["episode"])
    assert [float(p) for p in places] == [round(100 * g.at_ms / shown.duration_ms, 3) for g in shown.gaps]
    assert places


def test_unclear_passage_is_marked_in_words(fi):
    text = pages(fi)["episode"]
    assert text.count('<span class="mark" lang="fi">[epäselvä]</span>') == 1
    assert 'class="passage unclear"' in text


@pytest.mark.parametrize(
    ("lang", "mark"), [("fi", "[ei tunnistettu]"), ("sv", "[inte igenkänt]"), ("en", "[not recognised]")]
)
def test_speech_without_a_word_says_so_and_nothing_else(lang, mark):
    shown = demo.episode()
    lost = Passage(start_ms=0, end_ms=2000, text=NOT_RECOGNISED, unclear=True)
    found = shown.transcript.model_copy(update={"passages": (lost,)})
    text = render.episode_page(shown.model_copy(update={"transcript": found}), "v1", strings.load(lang))
    assert f'<p><span class="mark" lang="{lang}">{mark}</span></p>' in text
    assert text.count(mark) == 2  # There, and in the words that explain it.
    assert strings.load(lang)("episode.unclear") not in text


@pytest.mark.parametrize(
    ("checked", "said"),
    [
        (0, "Teksti on tunnistettu koneellisesti."),
        (1, "Ihminen on tarkistanut siitä 6 %."),
        (15, "Ihminen on tarkistanut siitä 93 %."),
        (16, "Teksti on tunnistettu koneellisesti, ja ihminen on tarkistanut sen."),
    ],
)
def test_how_much_a_person_has_checked_is_told(fi, checked, said):
    shown = demo.episode()
    passages = [p.model_copy(update={"checked": n < checked}) for n, p in enumerate(shown.transcript.passages)]
    transcript = shown.transcript.model_copy(update={"passages": tuple(passages)})
    text = render.episode_page(shown.model_copy(update={"transcript": transcript}), "v1", fi)
    assert text.count(said) == 1
    assert (fi("site.machine") in text) == (checked < 16)
    assert (fi("site.checked") in text) == (checked == 16)


@pytest.mark.parametrize(
    ("signed", "said"),
    [
        (demo.signed(), "ja Anna Korhonen on tarkistanut ja hyväksynyt sen 1.12.2026."),
        (demo.signed("checked"), "ja Anna Korhonen on tarkistanut sen 1.12.2026."),
        (demo.signed(machine="earlier"), "Aiemman koneellisen tekstin tarkisti Anna Korhonen 1.12.2026."),
        (demo.signed("returned"), "Teksti on tunnistettu koneellisesti."),
    ],
)
def test_who_stands_behind_the_text_is_told(fi, signed, said):
    text = render.episode_page(demo.episode(), "v1", fi, signed=signed)
    assert text.count(said) == 1
    assert (fi("site.checked") in text) == (signed.settled is not None)
    assert '<a href="selvitys/">' in text


@pytest.mark.parametrize("lang", ["fi", "sv", "en"])
def test_that_the_text_was_changed_after_it_was_signed_is_told(lang):
    words, (first, by) = strings.load(lang), demo.signed().steps
    later = first.model_copy(update={"at": by.at + timedelta(days=1), "text": "2b3c"})
    others = later.model_copy(update={"text": by.text, "chapters": "x"})
    by = by.model_copy(update={"chapters": "y"})
    texts = [
        render.episode_page(demo.episode(), "v1", words, signed=demo.signed()._replace(steps=(first, by, *since)))
        for since in ((), (others,), (later,))
    ]
    said = f"{words('signing.changed')} {words.date(later.at)}."
    assert [said in text for text in texts] == [False, False, True]


@pytest.mark.parametrize("lang", ["fi", "sv", "en"])
def test_the_evidence_can_be_printed_in_every_language(lang):
    words = strings.load(lang)
    shown = compliance.evidence(demo.episode(title=HOSTILE), "v1", demo.signed())
    text = render.evidence_page(shown, words)
    assert "<script>alert" not in text
    assert words.when(demo.STARTS_AT + timedelta(days=14, hours=2)) in text
    assert f"{words('signing.state_signed')}: Anna Korhonen" in text


@pytest.mark.parametrize(("contact", "is_there"), [("toimitus@x.fi", True), ("", False), ("https://x.fi/", False)])
def test_an_error_is_reported_by_mail_where_there_is_an_address(fi, contact, is_there):
    text = render.episode_page(demo.episode(title="{at} & {x}"), "v1", fi, contact=contact)
    assert ("Ilmoita virheestä" in text) == is_there
    assert ("mailto:toimitus@x.fi?subject=Virhe%20tekstiss%C3%A4%3A%20" in text) == is_there


def test_silence_is_told(fi):
    text = pages(fi)["silent"]
    assert "Lähetyksessä ei tunnistettu puhetta, joten luettavaa tekstiä ei ole." in text
    assert "Tästä lähetyksestä ei ole tallennetta." in text
    assert "<video" not in text
    assert "captions.vtt" not in text


def test_a_broadcast_on_the_air_promises_notes_and_offers_no_files(fi):
    text = pages(fi)["live"]
    assert "Lähetys on käynnissä." in text
    assert "Muistio valmistuu, kun lähetys on päättynyt." in text
    assert "download=" not in text
    assert 'src="live/master.m3u8"' in text
    assert "live.js" in text
    assert "live.js" not in pages(fi)["episode"]
    on_air = demo.card(demo.episode()).model_copy(update={"live": True})
    assert "Suora lähetys" in render.front_page([on_air], fi)


def test_sound_alone_plays_the_sound(fi):
    text = pages(fi)["sound"]
    assert 'src="v1/audio.m3u8"' in text
    assert "Ääniraita ilman kuvaa" in text
    assert "poster=" not in text


def test_transcript_stands_under_its_chapters():
    blocks = views.transcript(demo.episode())
    assert [(b.title, len(b.lines)) for b in blocks] == [
        ("Avaus", 2),
        ("Kyläkoulujen tulevaisuus", 6),
        ("Valokuitu ja etätyö", 9),
    ]
    assert blocks[2].lines[0].gap is not None


def test_transcript_before_the_first_chapter_has_no_title():
    shown = demo.episode()
    late = shown.model_copy(update={"chapters": shown.chapters[1:], "gaps": ()})
    assert [(b.title, len(b.lines)) for b in views.transcript(late)][0] == ("", 2)


def test_words_are_given_only_when_they_are_those_of_the_text():
    shown = demo.episode()
    changed = shown.transcript.passages[0].model_copy(update={"text": "Toinen teksti"})
    edited = shown.model_copy(update={"transcript": Transcript(language="fi", engine="x", passages=(changed,))})
    assert views.transcript(shown)[0].lines[0].words.startswith("0 ")
    assert views.transcript(edited)[0].lines[0].words == ""


def test_highlights_are_marked_and_the_rest_escaped():
    assert render.highlighted("a <b> koulu", ((6, 11),)) == "a &lt;b&gt; <mark>koulu</mark>"
    assert render.highlighted("x", ()) == "x"


def test_feed_is_atom_and_sorted(fi):
    newer = demo.card(demo.episode(title=HOSTILE + "\x07"))
    older = demo.card(demo.older("b", demo.episode(video=False)))
    text = render.feed([older, newer], fi, "https://example.org")
    root = ElementTree.fromstring(text.encode())
    atom = "{http://www.w3.org/2005/Atom}"
    assert [e.findtext(f"{atom}title") for e in root.iter(f"{atom}entry")] == [HOSTILE, older.title]
    assert root.findtext(f"{atom}updated") == "2026-11-24T07:01:00Z"
    links = [e.attrib["href"] for e in root.iterfind(f"{atom}entry/{atom}link")]
    assert links == [f"https://example.org/jaksot/{demo.ID}/", "https://example.org/jaksot/b/"]
    assert text == render.feed([newer, older], fi, "https://example.org")


def test_static_files_are_named_by_the_design(fi):
    names = dict(render.static_files())
    assert {f"{render.digest()}/site.css", f"{render.digest()}/vendor/hls.min.js"} <= names.keys()
    assert all(path.is_file() for path in names.values())
    for text in pages(fi).values():
        used = [v for name in ("href", "src") for v in Page(text).values(name) if "static/" in v]
        assert {v.split("static/")[1] for v in used} <= names.keys()


def test_swedish_has_one_word_for_each_thing():
    """Sändning, kapitel, promemoria; and what was said is not a number (*tal*)."""
    texts = "\n".join(map(str, strings.load("sv").texts.values())).casefold()
    assert [word for word in ("avsnitt", "anteckning", " i talet") if word in texts] == []


def test_languages_have_the_same_keys_and_places():
    every = strings.load_all()
    assert list(every) == ["fi", "sv", "en"]
    for key, text in every["fi"].texts.items():
        wanted = set(re.findall(r"\{\w+", text)) if not key.startswith("time.") else set()
        for other in every.values():
            assert set(re.findall(r"\{\w+", other.texts[key])) >= wanted, (other.lang, key)
    assert all((len(s.weekdays), len(s.months)) == (7, 12) for s in every.values())


def test_a_language_that_lacks_a_key_is_refused(tmp_path, monkeypatch):
    for path in strings.LOCALES.glob("*.toml"):
        text = path.read_text(encoding="utf-8")
        lacking = re.sub(r"^button = .*$", "", text, flags=re.M) if path.stem == "sv" else text
        (tmp_path / path.name).write_text(lacking, encoding="utf-8")
    monkeypatch.setattr(strings, "LOCALES", tmp_path)
    with pytest.raises(Misconfigured, match=r"sv\.toml do not match: search\.button"):
        strings.load("sv")
    with pytest.raises(Misconfigured, match="no texts for the language 'no'"):
        strings.load("no")


@pytest.mark.parametrize(
    ("lang", "written"),
    [
        ("fi", "tiistai 24.11.2026 klo 9.00"),
        ("sv", "tisdag 24.11.2026 kl. 9.00"),
        ("en", "Tuesday 24 November 2026 at 9:00"),
    ],
)
def test_moment_is_written_in_helsinki_time(lang, written):
    assert strings.load(lang).when(datetime(2026, 11, 24, 7, 0, tzinfo=UTC)) == written


@pytest.mark.parametrize("date", ["2026-11-24", "2026-06-24"])
@pytest.mark.parametrize(
    ("lang", "written", "clock"),
    [("fi", "{}.2026", "klo"), ("sv", "{}.2026", "kl."), ("en", "2026", "at")],
)
def test_a_date_without_a_time_shows_no_time(date, lang, written, clock):
    shown = strings.load(lang).when(requests.moment(date).astimezone(UTC))
    day = datetime.fromisoformat(date)
    assert shown.endswith(written.format(f"{day.day}.{day.month}"))
    assert f" {clock} " not in shown


def test_the_page_of_a_broadcast_of_a_date_shows_no_time(fi):
    shown = demo.episode()
    held = shown.broadcast.model_copy(update={"starts_at": requests.moment("2026-11-24").astimezone(UTC)})
    of_day = shown.model_copy(update={"broadcast": held})
    for text in (
        render.episode_page(of_day, "v1", fi),
        render.front_page([demo.card(of_day)], fi),
        render.feed([demo.card(of_day)], fi),
    ):
        assert "tiistai 24.11.2026" in text
        assert "klo 0" not in text


@pytest.mark.parametrize(
    ("ms", "written"),
    [
        (400, "0 s"),
        (12_400, "12 s"),
        (60_000, "1 min"),
        (3_600_000, "1 t"),
        (4_980_000, "1 t 23 min"),
        (3_599_000, "1 t"),
    ],
)
def test_duration(fi, ms, written):
    assert fi.duration(ms) == written


@pytest.mark.parametrize(("ms", "written"), [(0, "0.00"), (200_999, "3.20"), (3_723_000, "1.02.03"), (-5, "0.00")])
def test_position(fi, ms, written):
    assert fi.position(ms) == written


@pytest.mark.parametrize("lang", ["sv", "en"])
def test_other_languages_render(lang):
    other = strings.load(lang)
    Page(render.episode_page(demo.episode(), "v1", other))
    Page(searching.page(searching.Question(), None, other))


def test_a_search_with_a_mistyped_word_offers_another(fi):
    asked = searching.Question(query="kunatt", lang="fi")
    page = searching.page(asked, Results(suggestion="kunnat & <b>"), fi)
    assert '<a href="?q=kunnat+%26+%3Cb%3E&amp;kieli=fi"><bdi>kunnat &amp; &lt;b&gt;</bdi></a>' in page
    assert fi("search.instead") not in searching.page(asked, Results(), fi)


def test_front_page_names_topics_and_what_is_announced(fi):
    older = demo.episode().model_copy(update={"chapters": (Chapter(start_ms=0, end_ms=9, title="Avaus"),)})
    cards = [demo.card(demo.older("b", older)), demo.card(demo.episode())]
    page = render.front_page(cards, fi, coming=[demo.planned(title="Lähetys <2>")])
    assert [(card.id, chapter.title) for card, chapter in views.topics(views.newest_first(cards))] == [
        (demo.ID, title) for title in ("Avaus", "Kyläkoulujen tulevaisuus", "Valokuitu ja etätyö")
    ]
    assert f'<a href="jaksot/{demo.ID}/#t=30.1">Valokuitu ja etätyö</a>' in page
    assert page.index("tiistai 26.1.2027") < page.index("Lähetys &lt;2&gt;")
    assert fi("coming.title") not in render.front_page(cards, fi)


def test_front_page_shows_the_newest_and_leads_to_the_rest(fi):
    cards = [demo.card(demo.older(f"kokous-{n}", demo.episode())) for n in range(views.EARLIER + 1)]
    shown = render.front_page(cards, fi, demo.PROGRAMMES)
    assert (shown.count('<ul class="cards">'), shown.count("<article")) == (1, views.EARLIER + 1)
    assert fi("front.others") not in shown
    more = render.front_page([*cards, demo.card(demo.older("vanhin", demo.episode()))], fi, demo.PROGRAMMES)
    assert more.count("<article") == views.EARLIER + 1
    assert f'<a href="#ohjelmat">{fi("front.others")}</a>' in more


def test_long_broadcast_renders_quickly_and_small(fi):
    text = "Kunnan koulujen tulevaisuus on nyt valtuuston pöydällä."
    many = tuple(Passage(start_ms=n * 4000, end_ms=n * 4000 + 3900, text=text) for n in range(2700))
    shown = demo.episode().model_copy(update={"transcript": Transcript(language="fi", engine="x", passages=many)})
    assert len(render.episode_page(shown, "v1", fi)) < 1_000_000
