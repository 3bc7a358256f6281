"""The API of the editor on a real store, as its page asks it."""

import gzip
import json
from datetime import UTC, datetime

import pytest
from starlette.testclient import TestClient

from config import stores
from core import digests, keys
from core.errors import ChildFailed
from core.helsinki import HELSINKI
from core.models import Passage
from maaseutu.stack import Stack
from tests.web import demo
from tests.web.studio import desk
from tests.web.studio.desks import PRODUCER, browser, sign_in
from web import strings
from web.studio.app import create_studio
from web.studio.audit import Audit
from web.studio.editor import routes


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return desk.sound(tmp_path_factory.mktemp("sound"))


@pytest.fixture(scope="module")
def studio(storage: Stack) -> desk.Studio:
    return desk.studio(storage.settings, strings.load_all())


@pytest.fixture
def store(storage: Stack, data: bytes):
    return desk.prepared(storage.settings, data)


@pytest.fixture
def anna(studio: desk.Studio) -> TestClient:
    return TestClient(studio.app, cookies={"who": "anna"})


@pytest.fixture
def olli(studio: desk.Studio) -> TestClient:
    return TestClient(studio.app, cookies={"who": "olli"})


def api(store, path=""):
    return f"/studio/api/episodes/{store.id}{path}"


def edit(passage, kind="text", after="", **more):
    made = {"passage": passage["id"], "kind": kind, "start_ms": passage["start"], "end_ms": passage["end"]}
    return made | {"before": passage["text"], "after": after} | more


def act(client, store, *edits, number=1, since="", **more):
    asked = {"id": f"{number:016x}", "edits": edits} | more
    return client.post(api(store, f"/actions?since={since}"), json=asked)


def test_all_of_it_comes_in_one_go(anna, store):
    answer = anna.get(api(store), headers={"Accept-Encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    told = answer.json()
    assert [passage["text"] for passage in told["passages"]] == list(demo.SPOKEN)
    first = told["passages"][3]
    assert first["words"][4] == [first["words"][4][0], first["words"][4][1], "kun", 0.2, ""]
    assert [(at, p["doubts"]) for at, p in enumerate(told["passages"]) if p["doubts"]] == [(3, [4]), (9, [1])]
    assert (told["me"], told["speakers"], told["last"]) == ("Anna Korhonen", ["Anna Hietaniemi"], "")
    assert told["notes"]["sections"][0]["lines"][0]["kind"] == "decision"


def test_an_action_that_is_sent_again_is_done_once(anna, store):
    passage = anna.get(api(store)).json()["passages"][6]
    edits = edit(passage, after=" Kannanoton\u202e luonnoksen\nvalmistelee Anna Hietaniemi. ")
    told = [act(anna, store, edits) for _ in range(2)]
    assert [answer.status_code for answer in told] == [200, 200]
    (changed,) = told[1].json()["passages"]
    assert (changed["text"], changed["checked"]) == ("Kannanoton luonnoksen valmistelee Anna Hietaniemi.", True)
    assert len(changed["starts"]) == 5
    (stored,) = store.edits()
    assert (stored.author, stored.before) == ("Anna Korhonen", demo.SPOKEN[6])


def test_of_two_at_once_the_second_is_told_how_it_stands(anna, olli, store):
    passage = anna.get(api(store)).json()["passages"][0]
    assert act(anna, store, edit(passage, after="Hyvää iltaa.")).status_code == 200
    refused = act(olli, store, edit(passage, after="Päivää."), number=2)
    assert refused.status_code == 409
    (now,) = refused.json()["passages"]
    assert now["text"] == "Hyvää iltaa."
    assert act(olli, store, edit(now, after="Päivää."), number=3, since=f"{1:016x}").status_code == 200
    assert [e.after for e in store.edits()] == ["Hyvää iltaa.", "Päivää."]
    assert olli.get(api(store, f"/changes?since={3:016x}")).json()["passages"] == []
    (mine,) = anna.get(api(store, f"/changes?since={1:016x}")).json()["passages"]
    assert mine["text"] == "Päivää."


def test_borders_and_what_went_into_others_are_told(anna, store):
    one, two, *_ = anna.get(api(store)).json()["passages"]
    told = act(anna, store, edit(one, "split", at_word=3)).json()
    first, second = told["passages"]
    assert [first["text"], second["text"]] == ["Hyvää huomenta ja", "tervetuloa Maaseutu LIVE -lähetykseen."]
    both = {"end_ms": two["end"], "before": f"{second['text']} {two['text']}", "at_word": 4}
    told = act(anna, store, edit(second, "merge", **both), number=2, since=told["last"]).json()
    assert (len(told["passages"]), told["gone"]) == (1, [two["id"]])
    told = act(anna, store, number=3, undoes=f"{2:016x}", since=told["last"]).json()
    assert {passage["id"] for passage in told["passages"]} == {second["id"], two["id"]}
    assert [(a["kind"], a["undone"]) for a in told["actions"]] == [("split", False), ("merge", True), ("undo", False)]


def test_history_and_captions_of_a_passage(anna, olli, store):
    passage = anna.get(api(store)).json()["passages"][6]
    act(anna, store, edit(passage, after="Kannanoton valmistelee Anna."))
    act(olli, store, edit(passage | {"text": "Kannanoton valmistelee Anna."}, "speaker", "Olli"), number=2)
    told = anna.get(api(store, f"/passages/{passage['id']}/history")).json()["edits"]
    assert [(e["by"], e["kind"], e["after"]) for e in told] == [
        ("Anna Korhonen", "text", "Kannanoton valmistelee Anna."),
        ("Olli Niemi", "speaker", "Olli"),
    ]
    caption = anna.get(api(store, f"/passages/{passage['id']}/captions")).json()["captions"][-1]
    assert "Kannanoton valmistelee Anna." in caption["lines"]
    assert anna.get(api(store, "/passages/p1/captions")).status_code == 404


def test_words_are_found_everywhere(anna, store):
    told = anna.get(api(store, "/found?words=koulu&instead=Koulukeskus")).json()
    assert [(p["count"], p["after"]) for p in told["places"]] == [
        (1, demo.SPOKEN[3].replace("koulu", "Koulukeskus")),
        (1, demo.SPOKEN[7].replace("koulu", "Koulukeskus")),
    ]
    assert told["teaches"] == ["Koulukeskus"]
    assert anna.get(api(store, "/found?words=")).status_code == 422
    assert anna.get(api(store, "/found?words=a+a+a+a+a+a+a+a+a")).status_code == 422


@pytest.mark.parametrize(
    "asked",
    [
        {"id": "x"},
        {"id": "0" * 16},
        {"id": "0" * 16, "undoes": "1" * 16},
        {"id": "0" * 16, "edits": [{"passage": "p", "kind": "steal", "start_ms": 0, "end_ms": 1, "before": ""}]},
        {"id": "0" * 16, "edits": [{"passage": "p", "kind": "text", "start_ms": -1, "end_ms": 1, "before": ""}]},
        [],
    ],
)
def test_what_is_no_action_is_refused_in_words(anna, store, asked):
    answer = anna.post(api(store, "/actions"), json=asked)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert answer.json()["detail"]
    assert store.edits() == []


def test_there_is_no_such_episode(anna):
    for name in ("ei-ole-olemassa", "..%2f..", "A"):
        assert anna.get(f"/studio/api/episodes/{name}").status_code == 404


def test_the_sound_comes_from_the_archive(anna, store, data):
    master, audio = (anna.get(api(store, f"/media/{name}.m3u8")).text for name in ("master", "audio"))
    assert "audio.m3u8" in master
    name = f"{digests.of_bytes(data)}.mp4"
    assert audio.count(name) > 10
    piece = anna.get(api(store, f"/media/{name}"), headers={"Range": "bytes=10-19"})
    assert (piece.status_code, piece.content) == (206, data[10:20])
    assert "access-control-allow-origin" not in piece.headers
    assert anna.get(api(store, f"/media/{'0' * 64}.mp4")).status_code == 404
    assert anna.get(api(store, "/media/360.m3u8")).status_code == 404


def test_the_poster_is_that_of_the_archive(anna, store):
    assert anna.get(api(store)).json()["poster"] is True
    answer = anna.get(api(store, "/media/poster.jpg"))
    assert (answer.content, answer.headers["content-type"]) == (desk.POSTER, "image/jpeg")
    assert "access-control-allow-origin" not in answer.headers
    episode = store.episode()
    store.archive.put_record(keys.episode(store.id), episode.model_copy(update={"poster": None}))
    assert anna.get(api(store)).json()["poster"] is False
    assert anna.get(api(store, "/media/poster.jpg")).status_code == 404


def test_who_did_what_is_in_the_log(storage, studio, anna, store):
    passage = anna.get(api(store)).json()["passages"][0]
    act(anna, store, edit(passage, "confirm"))
    act(anna, store, edit(passage, "confirm"))
    assert anna.post(api(store, "/runs"), json={}).json()["is_over"] is False
    assert anna.get(api(store, f"/runs/{desk.RUN}")).json()["message"] == "It is published."
    assert anna.get(api(store, "/runs/other")).status_code == 404
    assert studio.publisher.started[-1] == store.id
    events = Audit(stores.archive(storage.settings)).of(datetime.now(UTC).astimezone(HELSINKI).date())
    mine = [(event.by, event.action) for event in events if store.id in event.what]
    assert mine == [("Anna Korhonen", "publish"), ("Anna Korhonen", "edit")]


def test_a_passage_of_a_broadcast_of_four_hours(anna, storage, store):
    """Three thousand and five hundred of them, with their words."""
    made = store.episode()
    passages = tuple(
        Passage.model_validate(p.model_dump() | {"id": f"p{n}", "start_ms": n * 4100, "end_ms": n * 4100 + 3500})
        for n in range(3500)
        for p in [made.transcript.passages[n % 16]]
    )
    longer = made.model_copy(update={"transcript": made.transcript.model_copy(update={"passages": passages})})
    store.archive.put_record(f"episodes/{store.id}/episode.json", longer)
    answer = anna.get(api(store), headers={"Accept-Encoding": "gzip"})
    assert len(answer.json()["passages"]) == 3500
    assert len(gzip.compress(json.dumps(answer.json()).encode())) < 1_000_000


def test_what_was_written_is_analysed_before_it_is_published(studio, anna, store):
    """So that publishing does not wait until the lexicon is loaded."""
    first, second = anna.get(api(store)).json()["passages"][:2]
    studio.analysed.clear()
    edits = [edit(first, after="Päätimme kyläkoulujen maksusitoumuksesta."), edit(second, "speaker", "Anna Hietaniemi")]
    assert act(anna, store, *edits).status_code == 200
    assert studio.analysed == ["Päätimme kyläkoulujen maksusitoumuksesta."]


def _broken(texts):
    raise ChildFailed("The analyser of Finnish words cannot start.")


def test_behind_the_sign_in(storage, data, people, sessions, caplog):
    """A session that has ended is told to the page, and nothing comes from other sites."""
    settings = storage.settings
    store, archive = desk.prepared(settings, data), stores.archive(settings)
    editor = routes(archive, desk.Publisher(), _broken)
    made = create_studio(
        archive, stores.site(settings), strings.load_all(), door=people, sessions=sessions, editor=editor
    )
    with browser(made) as client:
        assert client.get(f"/studio/jaksot/{store.id}/").headers["location"].startswith("/studio/kirjaudu?next=")
        assert (client.get(api(store)).status_code, act(client, store).status_code) == (401, 401)
        sign_in(client)
        page = client.get(f"/studio/jaksot/{store.id}/?kieli=sv")
        assert "Spara" in page.text
        assert f'data-api="../../api/episodes/{store.id}"' in page.text
        assert client.get("/studio/jaksot/ei-ole-olemassa/").status_code == 404
        passage = client.get(api(store)).json()["passages"][0]
        assert act(client, store, edit(passage, "confirm")).status_code == 200
        assert store.edits()[0].author == PRODUCER
        assert "are not analysed yet: The analyser of Finnish words cannot start." in caplog.text
        client.headers["Sec-Fetch-Site"] = "cross-site"
        assert act(client, store, edit(passage, "delete"), number=2).status_code == 403


def test_chapters_are_told_with_what_was_found_and_what_was_done(anna, olli, store):
    told = anna.get(api(store)).json()
    assert told["agenda"] == list(desk.AGENDA)
    first = told["chapters"][1]
    assert first == {"title": "Kyläkoulujen tulevaisuus", "start": 7900, "item": "Kyläkoulujen tulevaisuus", "by": ""}
    passage = told["passages"][3]
    before = {"title": first["title"], "start_ms": first["start"], "item": first["item"]}
    after = {"start_ms": passage["start"], "passage": passage["id"], "said": passage["text"]}
    moved = {"before": before, "after": before | after}
    now = act(anna, store, chapters=[moved]).json()
    assert (now["chapters"][1]["start"], now["chapters"][1]["by"]) == (passage["start"], "Anna Korhonen")
    assert [(a["kind"], a["start"]) for a in now["actions"]] == [("chapter_move", passage["start"])]
    assert act(olli, store, chapters=[moved], number=2).status_code == 409
    assert act(olli, store, chapters=[{"after": after | {"title": "\u202e "}}], number=3).status_code == 422
    found = olli.get(api(store, "/chapters")).json()
    assert [each["start"] for each in found["found"]] == [0, 7900, 30100]
    assert [(e["by"], e["kind"], e["after"]["start"]) for e in found["edits"]] == [
        ("Anna Korhonen", "chapter_move", passage["start"])
    ]
