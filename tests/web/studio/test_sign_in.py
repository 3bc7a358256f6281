"""The way into the studio by a password: who comes in, who does not, and what is noted of it."""

from datetime import datetime

import pytest
from starlette.responses import JSONResponse
from starlette.routing import Route

from core import keys
from core.helsinki import HELSINKI
from tests.web.studio.desks import ADMIN, PASSWORD, PRODUCER, browser, sign_in
from web import strings
from web.studio import app
from web.studio.app import create_studio
from web.studio.audit import Audit
from web.studio.guard import HEADERS, way_back
from web.studio.people import Person, who


def noted(archive):
    """The log of today, in order: who, what, to what."""
    return [(e.by, e.action, e.what) for e in reversed(Audit(archive).of(datetime.now(HELSINKI).date()))]


def test_in_and_out(client, archive):
    away = client.get("/studio/loki?paiva=2026-11-01")
    assert (away.status_code, away.headers["location"]) == (
        303,
        "/studio/kirjaudu?next=%2Fstudio%2Floki%3Fpaiva%3D2026-11-01",
    )
    assert (
        'action="../studio/kirjaudu?next=/studio/loki%3Fpaiva%3D2026-11-01"'
        in client.get(away.headers["location"]).text
    )
    came = sign_in(client, back="%2Fstudio%2Floki%3Fpaiva%3D2026-11-01")
    assert (came.status_code, came.headers["location"]) == (303, "/studio/loki?paiva=2026-11-01")
    cookie = came.headers["set-cookie"]
    assert all(part in cookie for part in ("HttpOnly", "SameSite=lax", "Path=/studio;", "Max-Age=43200"))
    assert PRODUCER in client.get("/studio/").text
    out = client.post("/studio/ulos")
    assert (out.status_code, out.headers["location"]) == (303, "/studio/kirjaudu")
    assert client.get("/studio/").status_code == 303
    assert noted(archive) == [(PRODUCER, "signed-in", ""), (PRODUCER, "signed-out", "")]


def test_a_new_id_at_each_sign_in_and_the_old_one_is_over(client):
    first = sign_in(client).cookies["studio"]
    second = sign_in(client).cookies["studio"]
    assert first != second
    client.cookies.set("studio", first, path="/studio")
    client.cookies.delete("studio", path="/studio", domain="testserver.local")
    assert client.get("/studio/", headers={"Cookie": f"studio={first}"}).status_code == 303
    assert client.get("/studio/", headers={"Cookie": f"studio={second}"}).status_code == 200


def test_a_cookie_from_elsewhere_becomes_no_session(client):
    client.cookies.set("studio", "chosen-by-another", path="/studio")
    assert sign_in(client).cookies["studio"] != "chosen-by-another"


def test_signing_out_everywhere(client, archive):
    there = sign_in(client).cookies["studio"]
    client.cookies.clear()
    sign_in(client)
    client.post("/studio/ulos", data={"kaikki": "1"})
    assert client.get("/studio/", headers={"Cookie": f"studio={there}"}).status_code == 303
    assert noted(archive)[-1] == (PRODUCER, "signed-out", "everywhere")


def test_a_change_of_role_and_a_removal_hold_at_once(client, people):
    sign_in(client)
    assert client.get("/studio/loki").status_code == 403
    people.set_role(PRODUCER, "admin")
    assert client.get("/studio/loki").status_code == 200
    people.remove(PRODUCER)
    assert client.get("/studio/loki").status_code == 303


def test_a_wrong_password_and_an_unknown_name_are_told_alike(client, archive):
    answers = [sign_in(client, PRODUCER, "jokin muu salasana"), sign_in(client, PASSWORD, "jokin muu salasana")]
    assert [answer.status_code for answer in answers] == [403, 403]
    assert all("Nimi tai salasana on väärä" in answer.text for answer in answers)
    assert "studio" not in client.cookies
    # A name that nobody has may be a password in the wrong field.
    assert noted(archive) == [(PRODUCER, "refused", ""), ("?", "refused", "")]
    assert not [key for key in archive.list(keys.EVENTS) if b"salasana" in archive.get(key.key)]


def test_too_many_attempts(client, archive):
    for _ in range(5):
        assert sign_in(client, password="väärä salasana tämä").status_code == 403
    late = sign_in(client)
    assert late.status_code == 429
    assert 0 < int(late.headers["retry-after"]) <= 600
    assert "liian monta kertaa" in late.text
    assert len(noted(archive)) == 5
    # Another name is not shut out by it, but one client tries only so many.
    assert sign_in(client, ADMIN).status_code == 303
    tries = [sign_in(client, f"Nimi {number}").status_code for number in range(20)]
    assert (tries[0], tries[-1]) == (403, 429)


def test_the_right_password_forgives_the_wrong_ones(client):
    for _ in range(3):
        sign_in(client, password="väärä salasana tämä")
        sign_in(client, password="väärä salasana tämä")
        assert sign_in(client).status_code == 303


FOREIGN = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site", "Origin": "http://testserver"},
    {"Sec-Fetch-Site": "", "Origin": "null"},
]


def test_what_another_site_sends_is_refused(client, archive):
    sign_in(client)
    typed = {"name": ADMIN, "password": PASSWORD}
    for headers in FOREIGN:
        assert client.post("/studio/ulos", headers=headers).status_code == 403
        assert client.post("/studio/kirjaudu", data=typed, headers=headers).status_code == 403
        assert client.get("/studio/", headers=headers).status_code == 200
    assert len(noted(archive)) == 1


def test_without_fetch_metadata_the_origin_tells(client):
    sign_in(client)
    del client.headers["sec-fetch-site"]
    for origin, status in (("http://evil.example", 403), ("", 403), ("http://testserver", 303)):
        assert client.post("/studio/ulos", headers={"Origin": origin} if origin else {}).status_code == status


@pytest.mark.parametrize(
    ("back", "where"),
    [
        ("/studio/jaksot/x/?a=1#t=5", "/studio/jaksot/x/?a=1#t=5"),
        ("https://evil.example/studio/", "/studio/"),
        ("//evil.example/studio/", "/studio/"),
        ("/\\evil.example", "/studio/"),
        ("/studio/\n/", "/studio/"),
        ("/studio/../haku", "/studio/"),
        ("/studio/api/x", "/studio/"),
        ("/studio/kirjaudu", "/studio/"),
        ("javascript:alert(1)", "/studio/"),
        ("http://[", "/studio/"),
        ("", "/studio/"),
    ],
)
def test_where_the_sign_in_leads(back, where):
    assert way_back(back) == where


def test_headers(client):
    for path in ("/studio/kirjaudu", "/studio/", "/studio/nowhere"):
        answer = client.get(path)
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert "frame-ancestors 'self'" in client.get("/").headers["content-security-policy"]


def test_languages(client):
    assert '<html lang="fi">' in client.get("/studio/kirjaudu").text
    asked = client.get("/studio/kirjaudu?kieli=sv")
    assert "Logga in i studion" in asked.text
    assert "Logga in i studion" in client.get("/studio/kirjaudu").text
    assert (
        "The name or the password" in client.post("/studio/kirjaudu?kieli=en", data={"name": "x", "password": "y"}).text
    )
    assert "set-cookie" not in client.get("/studio/kirjaudu?kieli=xx;a=b").headers


def test_without_a_slash(client):
    assert client.get("/studio").headers["location"] == "studio/"


def test_a_body_without_end_is_not_read(client):
    assert client.post("/studio/kirjaudu", content=(b"name=x" for _ in range(3))).status_code == 413
    assert client.post("/studio/kirjaudu", content=b"x" * 10_001).status_code == 413


@pytest.fixture
def editing(archive, public, people, sessions):
    """A studio in which there is an API."""

    def edit(request):
        return JSONResponse({"name": who(request).name})

    async def edited(request):
        audit(who(request), "edited", "jakso 1")
        return edit(request)

    audit = Audit(archive)
    routes = [Route("/api/edits", edited, methods=["POST"]), Route("/api/edits", edit)]
    studio = create_studio(archive, public, strings.load_all(), door=people, sessions=sessions, editor=routes)
    with browser(studio) as made:
        yield made


def test_the_api_takes_json_of_who_is_signed_in(editing, archive):
    away = editing.post("/studio/api/edits", json={})
    assert (away.status_code, away.headers["content-type"]) == (401, "application/problem+json")
    assert away.json()["type"] == "about:blank"
    assert away.json()["title"] == "Unauthorized"
    sign_in(editing)
    assert editing.post("/studio/api/edits", json={}).json() == {"name": PRODUCER}
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""):
        answer = editing.post("/studio/api/edits", content=b"{}", headers={"Content-Type": kind})
        assert (answer.status_code, answer.headers["content-type"]) == (415, "application/problem+json")
    assert editing.post("/studio/api/edits", json={}, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert editing.get("/studio/api/nothing").status_code == 404
    assert noted(archive)[1:] == [(PRODUCER, "edited", "jakso 1")]


def test_an_address_with_tls_makes_the_cookie_secure(archive, public, people, sessions):
    given = {"door": people, "sessions": sessions, "base_url": "https://live.example"}
    studio = create_studio(archive, public, strings.load_all(), **given)
    with browser(studio, Origin="https://live.example") as client:
        came = sign_in(client)
    assert "Secure" in came.headers["set-cookie"]


def test_the_log_is_read_by_admins_by_the_day(client, archive, monkeypatch):
    audit = Audit(archive)
    sign_in(client, ADMIN)
    audit(Person("Anna <b>", "producer", "anna@example.org"), "edited", "jakso & kohta", client="192.0.2.1")
    shown = client.get("/studio/loki").text
    assert "Anna &lt;b&gt; <small>anna@example.org</small>" in shown
    assert "jakso &amp; kohta" in shown
    assert shown.index("edited") < shown.index("kirjautui")
    monkeypatch.setattr(app, "SHOWN", 1)
    newest = client.get("/studio/loki").text
    assert "edited" in newest
    assert "kirjautui" not in newest
    older = newest.partition('<a href="?paiva=')[2].partition('&amp;alku=1"')[0]
    assert older
    assert "kirjautui" in client.get("/studio/loki?alku=1").text
    assert "ei ole merkintöjä" in client.get("/studio/loki?paiva=2026-01-01").text
    assert client.get("/studio/loki?paiva=nonsense&alku=-5").status_code == 200


def test_a_store_that_is_away_is_told(unreachable, people, sessions):
    studio = create_studio(unreachable, unreachable, strings.load_all(), door=people, sessions=sessions)
    with browser(studio) as client:
        away = sign_in(client)
    # Nobody comes in of whom nothing can be noted.
    assert away.status_code == 503
    assert "Yritä hetken kuluttua uudelleen" in away.text
    assert "studio" not in away.cookies


def test_a_password_file_that_others_read_is_told(client, people, caplog):
    sign_in(client)
    people.path.chmod(0o644)
    answer = client.get("/studio/")
    assert (answer.status_code, answer.headers["cache-control"]) == (503, "no-store")
    assert "chmod 600" in caplog.text
