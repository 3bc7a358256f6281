"""The API on a real store, read as a program of others would."""

import json
from urllib.parse import urlsplit

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from starlette.testclient import TestClient

from core import keys
from core.models import WordForms
from tasks import telling
from tests.web import demo
from web import catalogue, strings
from web.api import create_app

V1 = "/api/v1"
BASE = "https://live.example"
QUESTIONS = [
    "/search?q=kuhmoinen",
    "/search?q=kuhmoinen&year=2026&kind=passage&kind=chapter&sort=newest",
    "/search?q=",
    "/suggest?q=kuhm",
    "/episodes",
    f"/episodes/{demo.ID}",
    "/municipalities",
    "/mentions",
]
WRONG = [
    "/search",
    f"/search?q={'x' * 201}",
    "/search?q=x&limit=0",
    "/search?q=x&kind=secret",
    "/search?q=x&sort=oldest",
    "/search?q=x&limit=101",
    "/search?q=x&offset=-1",
    f"/search?q=x&offset={'9' * 5000}",
    "/episodes?year=x",
    "/episodes?municipality=1;drop",
    "/episodes/..%2f..%2fetc",
    f"/episodes/{'a' * 300}",
]


def forms(words):
    """A vocabulary of one word."""
    return {word: WordForms(bases=("kuhmoinen",)) for word in words if word == "kuhmoinen"}


@pytest.fixture
def client(site, index):
    index.apply(demo.search_document(demo.episode()), "changes/1")
    with TestClient(create_app(site, index, forms, strings.load_all(), base_url=BASE)) as made:
        yield made


@pytest.fixture
def many(client, site, storage):
    """Seven episodes, of which all but the newest are of the year before."""
    shown = demo.episode()
    older = [demo.older(f"vanha-{n}", shown) for n in range(6)]
    older = [
        each.model_copy(
            update={"broadcast": each.broadcast.model_copy(update={"starts_at": demo.STARTS_AT.replace(year=2025)})}
        )
        for each in older
    ]
    telling.write_lists(site, storage.settings, [demo.card(each) for each in (shown, *older)])
    return client


def described(client):
    return client.get(f"{V1}/openapi.json").json()


def test_description_is_openapi_and_of_every_question(client):
    text = described(client)
    assert text["openapi"].startswith("3.1")
    assert text["servers"] == [{"url": V1}]
    assert not list(OpenAPIV31SpecValidator(text).iter_errors())
    paths = {"/search", "/suggest", "/episodes", "/episodes/{id}", "/municipalities", "/mentions"}
    assert text["paths"].keys() == paths
    for path in paths:
        kinds = text["paths"][path]["get"]["responses"]
        assert {"200", "422", "429", "503"} <= kinds.keys()
        assert list(kinds["429"]["content"]) == ["application/problem+json"]


@pytest.mark.parametrize("question", QUESTIONS)
def test_answers_are_as_described(client, question):
    text, answer = described(client), client.get(V1 + question)
    assert answer.status_code == 200
    path = "/episodes/{id}" if question.startswith("/episodes/") else question.split("?")[0]
    schema = text["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    Draft202012Validator(schema | {"components": text["components"]}).validate(answer.json())


@pytest.mark.parametrize("question", WRONG)
def test_what_cannot_be_taken_is_told_as_a_problem(client, question):
    answer = client.get(V1 + question)
    assert answer.status_code in {404, 422}
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == answer.status_code
    assert problem["detail"]
    schema = described(client)["components"]["schemas"]["Problem"]
    Draft202012Validator(schema | {"components": described(client)["components"]}).validate(problem)


def test_a_fault_names_its_parameter(client):
    faults = client.get(f"{V1}/search?q=x&limit=0").json()["errors"]
    assert [fault["where"] for fault in faults] == ["query.limit"]


@pytest.mark.parametrize("question", QUESTIONS)
def test_what_is_known_is_not_sent_again(client, question):
    first = client.get(V1 + question)
    again = client.get(V1 + question, headers={"If-None-Match": first.headers["etag"]})
    known = first.headers["etag"].removeprefix("W/")
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", known)
    assert "cache-control" in first.headers
    head = client.head(V1 + question)
    assert (head.status_code, head.headers["etag"]) == (200, first.headers["etag"])


def test_any_site_may_read(client):
    asked = {"Origin": "https://kunta.example"}
    answer = client.get(f"{V1}/episodes", headers=asked)
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "ETag" in answer.headers["access-control-expose-headers"]
    may = client.options(
        f"{V1}/episodes",
        headers=asked | {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "if-none-match"},
    )
    assert may.status_code == 200
    assert client.get(f"{V1}/nothing", headers=asked).headers["access-control-allow-origin"] == "*"


def test_search_is_filtered(client):
    whole = client.get(f"{V1}/search", params={"q": "kuhmoinen"}).json()
    same = {"year": demo.episode().broadcast.starts_at.year, "programme": demo.episode().broadcast.programme}
    assert client.get(f"{V1}/search", params={"q": "kuhmoinen", **same}).json()["items"] == whole["items"] != []
    for other in ({"year": 1999}, {"municipality": "999"}, {"kind": "title"}, {"programme": "x"}):
        assert client.get(f"{V1}/search", params={"q": "kuhmoinen", **other}).json()["items"] == []


def test_search(client):
    found = client.get(f"{V1}/search", params={"q": "kuhmoinen", "limit": 1, "episode": demo.ID}).json()
    assert (found["total"], found["relaxed"], len(found["items"])) == (2, False, 1)
    hit = found["items"][0]
    assert hit["url"].startswith(f"{BASE}/jaksot/{demo.ID}/#t=")
    start, end = hit["highlights"][0]
    assert hit["text"][start:end].startswith("Kuhmoi")
    assert client.get(f"{V1}/search", params={"q": "kuhmoinen", "episode": "other"}).json()["total"] == 0
    assert client.get(f"{V1}/search", params={"q": "kuhmoinen", "programme": "other"}).json()["total"] == 0
    assert client.get(f"{V1}/search", params={"q": "?!"}).json()["items"] == []


def walked(client, question):
    """The items of all pages, by their links."""
    items, url = [], V1 + question
    while url:
        answer = client.get(url)
        page = answer.json()
        items += page["items"]
        assert answer.headers.get("link") == (f'<{page["next"]}>; rel="next"' if page["next"] else None)
        parts = urlsplit(page["next"] or "")
        url = page["next"] and f"{parts.path}?{parts.query}"
    return items, page["total"]


@pytest.mark.parametrize(
    "question",
    ["/search?q=kuhmoinen&limit=1", "/episodes?limit=2", "/mentions?limit=5", "/municipalities?limit=100"],
)
def test_pages_lead_through_everything_once(many, question):
    items, total = walked(many, question)
    assert len(items) == total
    assert len({json.dumps(item) for item in items}) == total > 1


def test_episodes_are_chosen(many):
    def ids(question):
        return [item["id"] for item in many.get(f"{V1}/episodes{question}").json()["items"]]

    assert ids("")[0] == demo.ID
    assert len(ids("")) == 7
    assert ids("?year=2026") == [demo.ID]
    assert ids("?programme=other") == []
    assert len(ids("?municipality=291")) == 7
    assert ids("?municipality=20") == []
    first = many.get(f"{V1}/episodes?limit=1").json()["items"][0]
    assert first["municipalities"][0] == {"code": "925", "name": "Vieremä", "mentions": 2}
    assert first["details"] == f"{BASE}{V1}/episodes/{demo.ID}"


def test_episode_tells_everything(client):
    told = client.get(f"{V1}/episodes/{demo.ID}").json()
    assert [line["text"] for line in told["transcript"]] == list(demo.SPOKEN)
    assert [line["unclear"] for line in told["transcript"]].count(True) == 1
    assert told["notes"]["sections"][0]["lines"][0]["kind"] == "decision"
    assert told["media"]["hls"].endswith(f"jaksot/{demo.ID}/{demo.VERSION}/master.m3u8")
    assert told["texts"]["captions_vtt"].endswith("captions.vtt")
    assert told["texts"]["captions_srt"] is None
    assert told["gaps"][0]["lost_ms"] == 12_400


def test_withdrawn_episode_is_missing(client, site):
    site.delete(keys.card(demo.ID))
    answer = client.get(f"{V1}/episodes/{demo.ID}")
    assert (answer.status_code, answer.json()["status"]) == (404, 404)


def test_municipalities_and_mentions(many):
    first, second = many.get(f"{V1}/municipalities?limit=2").json()["items"]
    assert (first["name_fi"], first["mentions"], first["episodes"]) == ("Kuhmoinen", 14, 7)
    assert second["mentions"] == 14
    assert many.get(f"{V1}/municipalities?mentioned=true").json()["total"] == 3
    assert many.get(f"{V1}/municipalities?region=Lappi&limit=100").json()["total"] == 21
    spoken = many.get(f"{V1}/mentions?municipality=291&episode={demo.ID}").json()
    assert [(item["name"], item["at_ms"]) for item in spoken["items"]] == [("Kuhmoinen", 4200), ("Kuhmoinen", 33_800)]
    assert spoken["items"][1]["url"] == f"{BASE}/jaksot/{demo.ID}/#t=33.8"


def test_suggestions(many):
    def asked(text):
        return [(item["kind"], item["query"]) for item in many.get(f"{V1}/suggest", params={"q": text}).json()["items"]]

    assert asked("KUHM")[0] == ("municipality", "Kuhmoinen")
    assert ("municipality", "Kuhmo") in asked("kuhm")
    assert asked("pedersöre")[0][1] in {"Pedersören kunta", "Pedersöre"}
    assert asked("valok")[0] == ("episode", "Kyläkoulut, valokuitu ja etätyö")
    assert ("word", "koulu") in asked("koul")
    # Where it may be found goes before what nobody said.
    assert asked("ko").index(("word", "koulu")) < asked("ko").index(("municipality", "Kokemäki"))
    assert asked(" ") == []
    assert len(asked("k")) == 10


def test_new_episodes_are_told_when_they_come(client, site, storage):
    assert client.get(f"{V1}/episodes").json()["total"] == 1
    telling.write_lists(site, storage.settings, [])
    known = catalogue.Catalogue(site)
    assert known.cards() == ()
    telling.write_lists(site, storage.settings, [demo.card(demo.episode())])
    known._until = 0
    assert [card.id for card in known.cards()] == [demo.ID]


def test_markup_is_text(site, index, storage):
    """JSON is never taken for a page, and what a page shows of it is escaped there."""
    evil = '<script>alert(1)</script>"&'
    shown = demo.episode(title=evil)
    telling.write_lists(site, storage.settings, [demo.card(shown)])
    index.apply(demo.search_document(shown), "changes/1")
    client = TestClient(create_app(site, index, forms, strings.load_all()))
    for question in ("/episodes", "/search?q=kuhmoinen", "/suggest?q=alert"):
        answer = client.get(V1 + question)
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert evil in json.dumps(answer.json(), ensure_ascii=False).replace('\\"', '"')


def limited(site, index, host):
    app = create_app(site, index, forms, strings.load_all(), per_minute=3)
    return TestClient(app, client=(host, 50_000))


def test_who_asks_too_much_is_told_when_to_go_on(site, index):
    client = limited(site, index, "192.0.2.7")
    answers = [client.get(f"{V1}/search?q=x") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    refused = answers[-1]
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.headers["access-control-allow-origin"] == "*"
    assert "script-src 'self'" in refused.headers["content-security-policy"]
    page = client.get("/haku?q=x")
    assert page.status_code == 429
    assert "Hae uudelleen" in page.text
    assert client.get("/").status_code == 200


def test_limits_are_of_a_client(site, index):
    app = create_app(site, index, forms, strings.load_all(), per_minute=1)

    def asked(host):
        return TestClient(app, client=(host, 1)).get(f"{V1}/episodes").status_code

    assert [asked("192.0.2.7"), asked("192.0.2.8"), asked("192.0.2.7")] == [200, 200, 429]
    assert [asked("2001:db8::1"), asked("2001:db8::2"), asked("2001:db8:0:1::1")] == [200, 429, 200]
    assert [asked("127.0.0.1"), asked("127.0.0.1"), asked("::1"), asked("::ffff:127.0.0.1")] == [200] * 4
