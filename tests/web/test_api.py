"""The application on a real store."""

import pytest
from starlette.testclient import TestClient

from core import keys
from core.models import WordForms
from tests.web import demo
from web import render, serving, strings
from web.api import create_app

FORMS = {"kuhmoinen": WordForms(bases=("kuhmoinen",)), "kyläkoulu": WordForms(bases=("kyläkoulu",))}
MEDIA = f"/media/{demo.ID}/abc.mp4"
WHOLE = bytes(range(250)) * 20


def forms(words):
    """A vocabulary of two words."""
    return {word: FORMS[word] for word in words if word in FORMS}


@pytest.fixture
def client(site, index):
    index.apply(demo.search_document(demo.episode()), "changes/1")
    with TestClient(create_app(site, index, forms, strings.load_all()), follow_redirects=False) as made:
        yield made


def test_pages_are_served_with_their_type_and_never_kept_unasked(client):
    for path in ("/", "/index.html", f"/jaksot/{demo.ID}/"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert answer.headers["cache-control"] == "no-cache"


def test_the_notice_in_place_of_a_page_says_gone(client, site):
    site.put(keys.page("poistettu"), b"<!doctype html>Poistettu", gone=True)
    answer = client.get("/jaksot/poistettu/", headers={"Range": "bytes=0-3"})
    assert (answer.status_code, answer.text) == (410, "<!doctype html>Poistettu")
    assert client.head("/jaksot/poistettu/").status_code == 410
    site.put(keys.page("poistettu"), b"<!doctype html>Palautettu")
    assert client.get("/jaksot/poistettu/").status_code == 200


def test_folder_without_its_slash_is_sent_to_it(client):
    answer = client.get(f"/jaksot/{demo.ID}")
    assert (answer.status_code, answer.headers["location"]) == (308, f"{demo.ID}/")


def test_what_has_a_version_is_kept_forever(client):
    for path in (MEDIA, f"/jaksot/{demo.ID}/{demo.VERSION}/captions.vtt", f"/static/{render.digest()}/site.css"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["cache-control"]) == (200, serving.IMMUTABLE)
    assert client.get(f"/jaksot/{demo.ID}/card.json").headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [("bytes=0-9", 0, 9), ("bytes=4990-", 4990, 4999), ("bytes=-5", 4995, 4999), ("bytes=10-99999", 10, 4999)],
)
def test_range(client, asked, start, end):
    answer = client.get(MEDIA, headers={"Range": asked})
    assert (answer.status_code, answer.content) == (206, WHOLE[start : end + 1])
    assert answer.headers["content-range"] == f"bytes {start}-{end}/5000"
    assert answer.headers["content-length"] == str(end - start + 1)


@pytest.mark.parametrize("asked", ["bytes=5000-", "bytes=-0", "bytes=9999-10000"])
def test_range_beyond_the_end(client, asked):
    answer = client.get(MEDIA, headers={"Range": asked})
    assert (answer.status_code, answer.headers["content-range"]) == (416, "bytes */5000")


SEVERAL = f"bytes={'0-1,' * 2000}5-6"
HUGE = f"bytes=0-{'9' * 5000}"


@pytest.mark.parametrize(
    "asked", ["bytes=5-1", "bytes=0-1,4-5", "lines=1-2", "bytes=-", "nonsense", HUGE, SEVERAL], ids=lambda a: a[:16]
)
def test_range_that_may_be_ignored(client, asked):
    answer = client.get(MEDIA, headers={"Range": asked})
    assert (answer.status_code, answer.content) == (200, WHOLE)


def test_a_range_that_stands_there_twice_is_ignored(client):
    answer = client.get(MEDIA, headers=[("Range", "bytes=0-1"), ("Range", "bytes=4-5")])
    assert (answer.status_code, answer.content) == (200, WHOLE)


def test_range_of_another_version_gives_everything(client):
    assert client.get(MEDIA, headers={"Range": "bytes=0-1", "If-Range": '"old"'}).status_code == 200


def test_known_object_is_not_sent_again(client):
    etag = client.get(MEDIA).headers["etag"]
    for known in (etag, f"W/{etag}", f'"x", {etag}', "*"):
        answer = client.get(MEDIA, headers={"If-None-Match": known})
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", etag)
    assert client.get(MEDIA, headers={"If-None-Match": '"x"'}).status_code == 200


def test_texts_go_out_by_gzip_and_are_known_by_what_they_were(client):
    path = f"/jaksot/{demo.ID}/"
    answer = client.get(path)
    plain = client.get(path, headers={"Accept-Encoding": "identity"})
    assert (answer.headers["content-encoding"], answer.text) == ("gzip", plain.text)
    assert answer.headers["etag"] == f"W/{plain.headers['etag']}"
    assert "Accept-Encoding" in answer.headers["vary"]
    assert client.get(path, headers={"If-None-Match": answer.headers["etag"]}).status_code == 304
    assert "content-encoding" not in client.get(path, headers={"Range": "bytes=0-999"}).headers
    assert "content-encoding" not in client.get(MEDIA).headers


def test_head_tells_the_size_and_sends_nothing(client):
    answer = client.head(MEDIA)
    assert (answer.status_code, answer.content) == (200, b"")
    assert (answer.headers["content-length"], answer.headers["content-type"]) == ("5000", "video/mp4")
    assert client.head(f"/static/{render.digest()}/site.css").status_code == 200


@pytest.mark.parametrize(
    "path",
    ["/x", "/jaksot/x/y", "/..%2f..%2fetc/passwd", "/jaksot/../index.html%00", "/%2e%2e/index.html", "/a//b", "/a%5cb"],
)
def test_missing_page_is_told_in_finnish(client, path):
    answer = client.get(path)
    assert answer.status_code == 404
    assert "Sivua ei löytynyt" in answer.text
    assert answer.headers["cache-control"] == "no-store"


def test_missing_page_finds_its_style_from_any_depth(client):
    assert f'href="../../static/{render.digest()}/site.css"' in client.get("/a/b/c").text


def test_other_methods_are_refused(client):
    assert client.post("/").status_code == 405


def test_every_answer_has_the_security_headers(client):
    for path in ("/", "/haku", "/api/v1/search", "/api/none", "/none"):
        headers = client.get(path).headers
        policy = headers["content-security-policy"]
        assert "script-src 'self'; style-src 'self';" in policy
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff"


def test_only_the_pages_for_frames_may_be_framed(client, site):
    site.put(keys.embed(demo.ID), b"<!doctype html>")
    for path, ancestors in (("upotus.html", "*"), ("", "'self'"), ("upotus.html/x", "'self'")):
        policy = client.get(f"/kunnat/inari/{path}").headers["content-security-policy"]
        assert policy.endswith(f"frame-ancestors {ancestors}")
    inside, outside = client.get(f"/embed/{demo.ID}/"), client.get(f"/jaksot/{demo.ID}/")
    assert "frame-ancestors *" in inside.headers["content-security-policy"]
    assert "script-src 'self';" in inside.headers["content-security-policy"]
    assert "frame-ancestors 'self'" in outside.headers["content-security-policy"]
    assert client.get(f"/embed/{demo.ID}").headers["location"] == f"{demo.ID}/"
    escapes = client.get("/embed/../jaksot/x/")
    assert "frame-ancestors *" not in escapes.headers["content-security-policy"] or escapes.status_code == 404


def test_oembed(client):
    page = f"http://testserver/jaksot/{demo.ID}/"
    answer = client.get("/oembed", params={"url": page, "maxwidth": 400, "format": "json"})
    assert (answer.status_code, answer.json()["width"]) == (200, 400)
    assert answer.headers["access-control-allow-origin"] == "*"
    assert f"http://testserver/embed/{demo.ID}/" in answer.json()["html"]
    for url in ("", "http://evil.example/jaksot/x/", page.replace(demo.ID, "ei-ole")):
        missing = client.get("/oembed", params={"url": url})
        assert (missing.status_code, missing.headers["content-type"]) == (404, "application/problem+json")
    assert client.get("/oembed", params={"url": page, "format": "xml"}).status_code == 501


def test_what_a_static_host_shows_for_search_is_a_search_here(client, site):
    assert "Haku ei ole nyt käytössä" in site.get(keys.SEARCH_AWAY).decode()
    answer = client.get("/haku/?q=kunta&sivu=2")
    assert (answer.status_code, answer.headers["location"]) == (307, "../haku?q=kunta&sivu=2")


def test_other_sites_may_read_what_everyone_may(client):
    assert client.get(MEDIA, headers={"Range": "bytes=0-9"}).headers["access-control-allow-origin"] == "*"


def test_search_page_groups_and_links_to_the_second(client):
    text = client.get("/haku", params={"q": "kuhmoinen"}).text
    assert "<mark>Kuhmoisissa</mark>" in text
    assert f'href="jaksot/{demo.ID}/?q=kuhmoinen#t=33.8"' in text
    assert text.count('<section class="found">') == 1


def test_search_page_tells_what_it_did_not_find(client):
    assert "Kirjoita sana tai nimi" in client.get("/haku").text
    assert "ei löytynyt mitään" in client.get("/haku", params={"q": "<b>"}).text
    text = client.get("/haku", params={"q": "kuhmoinen lentokenttä"}).text
    assert "Kaikkia hakusanoja ei löytynyt" in text
    assert "&lt;b&gt;" in client.get("/haku", params={"q": "<b>"}).text


def test_search_page_in_another_language(client):
    assert '<html lang="sv">' in client.get("/haku", params={"q": "x", "kieli": "sv"}).text
    assert '<html lang="fi">' in client.get("/haku", params={"q": "x", "kieli": "../x"}).text


def test_search_pages_lead_to_each_other(client, index):
    shown = demo.episode()
    index.apply(demo.search_document(demo.older("b", shown)), "changes/2")
    index.apply(demo.search_document(demo.older("c", shown)), "changes/3")
    query = " ".join(" ".join(demo.SPOKEN).split()[:30])
    first = client.get("/haku", params={"q": query}).text
    assert "?q=" in first
    assert "sivu=2" in first
    assert 'rel="prev"' in client.get("/haku", params={"q": query, "sivu": 2}).text


@pytest.mark.parametrize("page", ["0", "-1", "x", "9" * 5000, "²"])
def test_search_page_number_out_of_bounds(client, page):
    answer = client.get("/haku", params={"q": "kuhmoinen", "sivu": page}, follow_redirects=True)
    assert answer.status_code == 200
    assert "Kuhmoisissa" in answer.text


def test_health(client):
    position = {"position": "changes/1", "waiting": 0}
    assert client.get("/api/health").json() == {"status": "ok", "storage": True, "episodes": 1, "index": position}


def test_unreachable_store_is_told_and_search_goes_on(unreachable, index):
    index.apply(demo.search_document(demo.episode()), "changes/1")
    client = TestClient(create_app(unreachable, index, forms, strings.load_all()))
    page, health = client.get("/"), client.get("/api/health")
    assert (page.status_code, page.headers["retry-after"]) == (503, "30")
    assert "Palvelu on hetken poissa käytöstä" in page.text
    assert (health.status_code, health.json()["storage"]) == (503, False)
    for _ in range(2):
        text = client.get("/haku", params={"q": "kuhmoinen"}).text
        assert "Kuhmoisissa" in text
        assert "<svg class=" not in text
    assert (client.get("/api/none").status_code, client.get("/api/v1/episodes").status_code) == (404, 503)


def test_keys_of_paths():
    assert serving.key_of("") == keys.FRONT_PAGE
    assert serving.key_of("jaksot/x/") == "jaksot/x/index.html"
    assert serving.key_of("media/x/a.mp4") == "media/x/a.mp4"
    assert [serving.key_of(p) for p in ("../x", "a/../b", "a//b", "a/./b", "/a", "a\\b", "a\x00")] == [""] * 7


def test_files_of_a_broadcast_on_the_air_are_asked_for_again():
    assert serving.cache_control("jaksot/kokous/live/text.json") == serving.REVALIDATED
    assert serving.cache_control("jaksot/kokous/live-2/text.json") == serving.IMMUTABLE
