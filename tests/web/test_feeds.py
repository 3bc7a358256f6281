"""What programs read of the site, each read by a library of others."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import feedparser
import pytest
from icalendar import Calendar
from jsonschema import Draft202012Validator, FormatChecker
from lxml import etree

from config.settings import Settings
from core import keys
from core.media.soundfile import SoundFile
from tasks import telling
from tests.web import demo, feed_rules
from web import calendar, oembed, plain_pages, podcast, render, strings
from web.links import Links

BASE = "https://live.example"
EVIL = '<script>alert(1)</script> & "\x00'
SOUND = SoundFile(key=f"media/{demo.ID}/abc.m4a", size=1234)
SITEMAP = etree.XMLSchema(
    etree.XML(
        """<xsd:schema xmlns:xsd="http://www.w3.org/2001/XMLSchema" elementFormDefault="qualified"
 targetNamespace="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
 <xsd:element name="urlset"><xsd:complexType><xsd:sequence>
  <xsd:any namespace="##other" minOccurs="0" maxOccurs="unbounded" processContents="lax"/>
  <xsd:element name="url" maxOccurs="unbounded"><xsd:complexType><xsd:sequence>
   <xsd:element name="loc"><xsd:simpleType><xsd:restriction base="xsd:anyURI">
    <xsd:minLength value="12"/><xsd:maxLength value="2048"/></xsd:restriction></xsd:simpleType></xsd:element>
   <xsd:element name="lastmod" minOccurs="0" type="xsd:dateTime"/>
   <xsd:any namespace="##other" minOccurs="0" maxOccurs="unbounded" processContents="lax"/>
  </xsd:sequence></xsd:complexType></xsd:element>
 </xsd:sequence></xsd:complexType></xsd:element></xsd:schema>"""
    )
)
"""The rules of sitemaps.org/schemas/sitemap/0.9/sitemap.xsd for the elements that we write."""

URL = {"type": "string", "pattern": "^https://live[.]example/"}
TIME = {"type": "string", "format": "date-time"}
JSON_FEED = {
    "type": "object",
    "required": ["version", "title", "items"],
    "properties": {
        "version": {"const": "https://jsonfeed.org/version/1.1"},
        "title": {"type": "string"},
        "home_page_url": URL,
        "feed_url": URL,
        "authors": {"type": "array", "items": {"type": "object", "required": ["name"]}},
        "items": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "content_text"],
                "properties": {
                    "id": {"type": "string", "minLength": 1},
                    "url": URL,
                    "image": URL,
                    "date_published": TIME,
                    "date_modified": TIME,
                    "tags": {"type": "array", "items": {"type": "string"}},
                    "attachments": {"type": "array", "items": {"required": ["url", "mime_type"]}},
                },
            },
        },
    },
}
"""The rules of jsonfeed.org/version/1.1 for the members that we write."""


def settings(base=BASE):
    return Settings(_env_file=None, public_url=base)


@pytest.fixture
def cards():
    shown = demo.episode()
    return [demo.card(each) for each in (demo.older("vanha", demo.episode(title=EVIL)), shown)]


def lists(cards, base=BASE, sounds=None):
    sounds = {demo.ID: SOUND, "vanha": SOUND} if sounds is None else sounds
    return telling.lists(cards, sounds, strings.load("fi"), settings(base))


def test_podcast_is_read_with_what_it_needs(cards):
    read = feedparser.parse(lists(cards)[keys.PODCAST])
    assert not read.bozo
    assert (read.version, read.feed.title, read.feed.language) == ("rss20", "Maaseutu LIVE", "fi")
    assert read.feed.links[1].href == f"{BASE}/podcast.xml"
    first, second = read.entries
    assert first.title == "Kyläkoulut, valokuitu ja etätyö"
    assert (first.link, first.guidislink) == (f"{BASE}/jaksot/{demo.ID}/", False)
    (enclosure,) = first.enclosures
    assert (enclosure.href, enclosure.length, enclosure.type) == (f"{BASE}/{SOUND.key}", "1234", "audio/mp4")
    assert parsedate_to_datetime(first.published) == demo.STARTS_AT
    assert first.itunes_duration == "60"
    assert first.podcast_chapters == {
        "url": f"{BASE}/jaksot/{demo.ID}/{demo.VERSION}/chapters.json",
        "type": "application/json+chapters",
    }
    assert second.id != first.id


def test_podcast_is_valid_by_the_rules_of_rss(cards):
    assert feed_rules.faults(feed_rules.RSS, lists(cards)[keys.PODCAST]) == []
    root = etree.fromstring(lists(cards)[keys.PODCAST])
    assert (root.tag, root.get("version"), len(root)) == ("rss", "2.0", 1)
    channel = root[0]
    assert [channel.findtext(name) for name in ("title", "link", "description")].count(None) == 0
    plain = [each.tag for each in channel if not each.tag.startswith("{")]
    assert set(plain) <= {"title", "link", "description", "language", "lastBuildDate", "item"}
    for item in channel.iter("item"):
        assert len(item.findall("enclosure")) == 1
        once = [each.tag for each in item if each.tag != _pod("transcript")]
        assert len(set(once)) == len(once)
        assert [each.get("type") for each in item.findall(_pod("transcript"))] == ["text/vtt", "application/x-subrip"]


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (b"<title>Maaseutu LIVE</title>", b""),
        (b"<item>", b"<item><published>2026</published>"),
        (b'length="1234"', b'length="long"'),
        (b" +0000</pubDate>", b"</pubDate>"),
        (b'version="2.0"', b'version="1.0"'),
    ],
)
def test_the_rules_of_rss_see_what_is_wrong(cards, right, wrong):
    told = lists(cards)[keys.PODCAST]
    assert right in told
    assert feed_rules.faults(feed_rules.RSS, told.replace(right, wrong, 1))


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (b"T07:01:00Z</updated>", b"</updated>"),
        (b"<author>", b"<author><age/>"),
        (b'<link rel="alternate"', b'<link role="alternate"'),
        (b"<summary>", b"<summary type='markdown'>"),
    ],
)
def test_atom_is_valid_by_its_rules_which_see_what_is_wrong(cards, right, wrong):
    told = render.feed(cards, strings.load("fi"), BASE).encode()
    assert feed_rules.faults(feed_rules.ATOM, told) == []
    assert right in told
    assert feed_rules.faults(feed_rules.ATOM, told.replace(right, wrong, 1))


def _pod(tag):
    return f"{{{podcast.PODCAST}}}{tag}"


def test_podcast_guid_is_as_its_specification_computes_it(cards):
    """The example of podcastindex.org/namespace/1.0#guid."""
    links, channel = Links("https://podnews.net"), podcast.Channel("rss", "x", keys.FRONT_PAGE, "en")
    root = etree.fromstring(podcast.rss([], channel, strings.load("en"), links).encode())
    assert root[0].findtext(_pod("guid")) == "9b024349-ccf0-5f69-a609-6b82873eab3c"


def test_an_episode_without_a_sound_file_is_not_in_the_podcast(cards):
    assert len(feedparser.parse(lists(cards, sounds={demo.ID: SOUND})[keys.PODCAST]).entries) == 1


def test_a_programme_has_a_podcast_of_its_own(cards):
    other = cards[0].model_copy(update={"programme": "muu"})
    found = lists([other, cards[1]])
    own = feedparser.parse(found[keys.programme_podcast("maaseutu-live")])
    assert [entry.title for entry in own.entries] == [cards[1].title]
    assert len(feedparser.parse(found[keys.PODCAST]).entries) == 2


def test_json_feed_follows_its_rules(cards):
    feed = json.loads(lists(cards)[keys.JSON_FEED])
    Draft202012Validator(JSON_FEED, format_checker=FormatChecker()).validate(feed)
    first = feed["items"][0]
    assert first["attachments"][0]["size_in_bytes"] == 1234
    assert first["tags"] == ["Vieremä", "Kuhmoinen", "Utajärvi"]


def test_markup_is_text_in_every_feed(cards):
    found = lists(cards)
    item = etree.fromstring(found[keys.PODCAST]).findall(".//item")[1]
    assert item.findtext("title") == EVIL.replace("\x00", "")
    told = podcast.rss(
        [podcast.Heard(cards[0].model_copy(update={"summary": EVIL}), SOUND)],
        podcast.Channel("x", "x", "x", "fi"),
        strings.load("fi"),
        Links(BASE),
    )
    # Programs show a description as HTML.
    assert "&lt;script&gt;" in etree.fromstring(told.encode()).findtext(".//item/description")
    assert "<script>" not in feedparser.parse(told).entries[0].description
    assert json.loads(found[keys.JSON_FEED])["items"][1]["title"] == EVIL
    for name in (keys.SITEMAP, keys.PODCAST):
        assert b"<script" not in found[name]


def test_sitemap_is_valid_and_tells_of_videos(cards):
    root = etree.fromstring(lists(cards)[keys.SITEMAP])
    SITEMAP.assertValid(root)
    name = {"v": "http://www.google.com/schemas/sitemap-video/1.1"}
    videos = root.findall(".//v:video", name)
    assert len(videos) == 2
    assert videos[0].findtext("v:player_loc", namespaces=name) == f"{BASE}/embed/{demo.ID}/"
    assert videos[0].findtext("v:duration", namespaces=name) == "60"
    assert f"Sitemap: {BASE}/sitemap.xml" in lists(cards)[keys.ROBOTS].decode()


def test_without_an_address_there_is_no_feed_that_needs_one(cards):
    found = lists(cards, base="")
    assert {keys.JSON_FEED, keys.CALENDAR, keys.CARDS} <= found.keys()
    assert not {keys.PODCAST, keys.SITEMAP, keys.ROBOTS} & found.keys()


def test_what_is_on_the_air_is_in_lists_but_not_in_feeds(cards):
    live = cards[1].model_copy(update={"live": True})
    found = lists([cards[0], live])
    assert len(feedparser.parse(found[keys.PODCAST]).entries) == 1
    assert len(json.loads(found[keys.JSON_FEED])["items"]) == 1
    assert len(json.loads(found[keys.CARDS])["cards"]) == 2
    assert b"<video:live>yes" in found[keys.SITEMAP]


def test_calendar_has_past_and_coming_broadcasts(cards):
    fi, later = strings.load("fi"), demo.STARTS_AT + timedelta(days=60)
    length = timedelta(minutes=90)
    coming = [
        demo.planned("tulevaisuus", starts_at=later, ends_at=later + length, title="Kylät; tulevaisuus, toivo\nja muu"),
        demo.planned(demo.ID, title="Begun already"),
        demo.planned("peruttu", starts_at=later + length, ends_at=later + 2 * length, cancelled=True, revision=3),
    ]
    text = calendar.calendar(cards, coming, fi, Links(BASE))
    assert all(len(line) <= 75 for line in text.split(b"\r\n"))
    read = Calendar.from_ical(text)
    assert not read.errors
    events = read.walk("VEVENT")
    assert [str(event["summary"]) for event in events][1:3] == [cards[1].title, "Kylät; tulevaisuus, toivo ja muu"]
    assert [event.decoded("dtstart") for event in events][1:3] == [demo.STARTS_AT, later]
    assert events[2].decoded("duration") == length
    assert str(events[1]["url"]) == f"{BASE}/jaksot/{demo.ID}/"
    assert [str(event["status"]) for event in events[2:]] == ["CONFIRMED", "CANCELLED"]
    assert events[3]["sequence"] == 3
    assert len({str(event["uid"]) for event in events}) == 4
    assert datetime.now(UTC) > events[0].decoded("dtstamp")


def test_oembed_keeps_to_its_bounds_and_its_site(cards):
    fi = strings.load("fi")
    told = oembed.answer(cards[0], fi, Links(BASE))
    assert (told["version"], told["type"], told["width"], told["height"]) == ("1.0", "video", 640, 360)
    frame = etree.HTML(told["html"]).find(".//iframe")
    assert frame.get("src") == f"{BASE}/embed/vanha/"
    assert len(etree.HTML(told["html"]).findall(".//script")) == 0
    small = oembed.answer(cards[0], fi, Links(BASE), 100, 500)
    assert (small["width"], small["height"]) == (100, 56)
    assert oembed.answer(cards[0], fi, Links(BASE), 0, 180)["width"] == 320


@pytest.mark.parametrize(
    ("url", "name"),
    [
        (f"{BASE}/jaksot/{demo.ID}/", demo.ID),
        (f"{BASE}/jaksot/{demo.ID}/index.html#t=12", demo.ID),
        (f"http://live.example/embed/{demo.ID}", demo.ID),
        (f"https://evil.example/jaksot/{demo.ID}/", ""),
        (f"javascript://live.example/jaksot/{demo.ID}/", ""),
        (f"{BASE}/jaksot/../jaksot/{demo.ID}/", ""),
        (f"{BASE}/jaksot/{demo.ID}/v1/captions.vtt", ""),
        (f"{BASE}/", ""),
        ("", ""),
    ],
)
def test_oembed_knows_the_addresses_of_episodes(url, name):
    assert oembed.episode_of(url, BASE) == name
    assert oembed.episode_of(f"{BASE}/sivut/jaksot/{demo.ID}/", f"{BASE}/sivut") == demo.ID


def test_chapters_for_podcasts():
    told = json.loads(podcast.chapters_json(demo.episode().chapters))
    assert told["version"] == "1.2.0"
    assert told["chapters"][1] == {"startTime": 7.9, "endTime": 30.1, "title": "Kyläkoulujen tulevaisuus"}


def test_episode_page_tells_other_services_what_it_is():
    shown = demo.episode(title=EVIL.replace("\x00", ""))
    page = etree.HTML(render.episode_page(shown, "v1", strings.load("fi"), base_url=BASE))
    meta = {each.get("property"): each.get("content") for each in page.findall(".//meta[@property]")}
    assert meta["og:video"] == f"{BASE}/embed/{demo.ID}/"
    assert meta["og:image"] == f"{BASE}/jaksot/{demo.ID}/v1/poster.jpg"
    link = page.find(".//link[@type='application/json+oembed']")
    assert link.get("href") == f"{BASE}/jaksot/{demo.ID}/oembed.json"
    (told,) = [json.loads(each.text) for each in page.findall(".//script[@type='application/ld+json']")]
    assert (told["@type"], told["name"]) == ("VideoObject", EVIL.replace("\x00", ""))
    assert told["embedUrl"] == meta["og:video"]
    assert [(clip["name"], clip["startOffset"], clip["endOffset"]) for clip in told["hasPart"]] == [
        ("Avaus", 0, 7.9),
        ("Kyläkoulujen tulevaisuus", 7.9, 30.1),
        ("Valokuitu ja etätyö", 30.1, 60),
    ]
    assert told["hasPart"][1]["url"] == f"{BASE}/jaksot/{demo.ID}/#t=7.9"
    assert not [each for each in page.iter("script") if "alert(1)" in (each.text or "") and not each.get("type")]


def test_page_of_the_player_alone_needs_no_other_site():
    page = plain_pages.embedded(demo.episode(title=EVIL), "v1", strings.load("fi"), Links(BASE))
    read = etree.HTML(page.replace("\x00", ""))
    assert read.find(".//video").get("src") == f"../../jaksot/{demo.ID}/v1/master.m3u8"
    assert [each.get("src") for each in read.iter("script") if "//" in (each.get("src") or "")] == []
    assert read.findtext(".//h1/a").startswith("<script>")
    assert read.find(".//h1/a").get("href") == f"{BASE}/jaksot/{demo.ID}/"
