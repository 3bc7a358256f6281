"""Planning as a producer does it: the forms, what they refuse and in which words, and what is there afterwards."""

import io
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import docx
import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey, FlowRunFilter, FlowRunFilterName
from prefect.utilities.callables import parameter_schema
from pydantic import ValidationError

from config import catalogue, stores
from core import helsinki
from core.errors import InvalidInput, Permanent
from core.helsinki import HELSINKI
from core.planning import plans
from core.planning.agenda import LONGEST_FILE
from flows.change import ChangeRequest, change_plan
from flows.plan import PlanRequest, plan_broadcast
from flows.upkeep import ProgrammesRequest, plan_programmes
from maaseutu.runs import plain
from tasks.plans import read_agenda
from tests.core.server import Answer

HOUR = timedelta(hours=1)
SOON = datetime.now(UTC).replace(microsecond=0) + 24 * HOUR
SOURCE = "https://127.0.0.1/live.m3u8"


@pytest.fixture
def settings(storage, capturing, given):
    """Those of the store, with empty buckets of their own, also for the flows."""
    name = uuid4().hex[:8]
    own = {
        "public_url": "https://example.org",
        "private_sources": "127.0.0.1",
        "site_bucket": f"site-{name}",
        "archive_bucket": f"archive-{name}",
    }
    made = storage.settings.model_copy(update=own)
    stores.create(made)
    return given(made)


def asked(**more):
    return {"title": "Kyläkoulut", "starts_at": SOON, "ends_at": SOON + HOUR, "source_url": SOURCE} | more


def planned_by(**more):
    """What the state of the run says."""
    state = plan_broadcast(PlanRequest.model_validate(asked(**more)), return_state=True)
    return plain(state.message or "")


def changed_by(**request):
    state = change_plan(ChangeRequest.model_validate(request), return_state=True)
    return plain(state.message or "")


def waiting(broadcast):
    with get_client(sync_client=True) as client:
        found = client.read_flow_runs(flow_run_filter=FlowRunFilter(name=FlowRunFilterName(any_=[broadcast])))
    return [run for run in found if "planned" in run.tags and run.state.is_scheduled()]


def test_the_form_asks_for_what_a_producer_knows():
    form = parameter_schema(plan_broadcast).model_dump_for_openapi()["definitions"]
    assert form["PlanRequest"]["required"] == ["title", "starts_at", "ends_at"]
    assert list(form["PlanRequest"]["properties"]) == [
        *("title", "programme", "starts_at", "ends_at", "source_url", "agenda", "agenda_file"),
        *("speakers", "language", "about", "broadcast"),
    ]
    assert form["PlanRequest"]["properties"]["starts_at"]["format"] == "date-time"
    assert list(form["Speaker"]["properties"]) == ["name", "municipality", "role"]
    assert all(field["description"] and field["title"] for field in form["Speaker"]["properties"].values())
    other = parameter_schema(change_plan).model_dump_for_openapi()["definitions"]
    assert other["Change"]["enum"] == ["move it to another time", "cancel it"]
    assert other["ChangeRequest"]["required"] == ["broadcast", "change"]
    moved = other["ChangeRequest"]["properties"]["starts_at"]
    assert (moved["type"], moved["format"], "default" in moved) == ("string", "date-time", False), "a field in the form"


def test_it_is_planned_moved_and_cancelled(settings):
    name = f"kylakoulut-{uuid4().hex[:8]}"
    speakers = [{"name": "Anna <b>Hietaniemi</b>", "municipality": "savukoski", "role": "kunnanjohtaja"}]
    request = {"speakers": speakers, "agenda": "1. Avaus\n2. Kuntatalous: talous", "broadcast": name, "language": "sv"}
    said = planned_by(**request)
    assert said == (
        f"Kyläkoulut ({name}) is planned for {helsinki.moment(SOON)}. "
        f"Its recording begins on {helsinki.moment(SOON - timedelta(minutes=10))}."
    )
    assert planned_by(**request) == said
    (run,) = waiting(name)
    assert run.parameters["request"]["agenda"] == ["Avaus", "Kuntatalous: talous"]
    assert run.parameters["request"]["vocabulary"] == ["Anna <b>Hietaniemi</b>", "Savukoski"]
    assert run.parameters["request"]["language"] == "sv"
    page = stores.site(settings).get(f"jaksot/{name}/index.html").decode()
    assert "<li>Anna &lt;b&gt;Hietaniemi&lt;/b&gt;, kunnanjohtaja, Savukoski</li>" in page
    with get_client(sync_client=True) as client:
        key = ArtifactFilterKey(any_=[f"plan-{name}"])
        found = client.read_artifacts(artifact_filter=ArtifactFilter(key=key))
    assert all(str(run.id) in one.data and f"https://example.org/jaksot/{name}/" in one.data for one in found)
    assert len(found) == 2

    moved = changed_by(broadcast=name, change="move it to another time", starts_at=SOON + HOUR)
    assert f"planned for {helsinki.moment(SOON + HOUR)}" in moved
    assert [each.expected_start_time for each in waiting(name)] == [SOON + timedelta(minutes=50)]
    cancelled = f"Kyläkoulut ({name}) is cancelled, and not recorded. Its page says so."
    assert changed_by(broadcast=name, change="cancel it") == cancelled
    assert changed_by(broadcast=name, change="cancel it") == cancelled
    assert waiting(name) == []
    assert "was never planned" in changed_by(broadcast=f"{name}-ei", change="cancel it")


def test_the_agenda_may_be_a_file_or_an_address(settings, serve, tmp_path):
    document, file = docx.Document(), io.BytesIO()
    for topic in ("Avaus", "Kyläkaupat: missä ne ovat"):
        document.add_paragraph(topic, "List Number")
    document.save(file)
    path = tmp_path / "lista.docx"
    path.write_bytes(file.getvalue())
    assert "recording begins" in planned_by(agenda_file=str(path), broadcast="lista")
    found = [item.title for item in plans.find(stores.archive(settings), "lista").agenda]
    assert found == ["Avaus", "Kyläkaupat – missä ne ovat"]
    assert read_agenda.fn(settings, serve("/lista.docx", Answer(file.getvalue()))) == found
    (tmp_path / "iso.md").write_bytes(b"a" * (LONGEST_FILE + 1))
    for place, why in (
        ("/ei/ole.md", "There is no file /ei/ole.md."),
        (str(tmp_path / "iso.md"), "has 5 MB"),
        (serve("/ei.md"), "answers 404"),
        ("http://10.1.2.3/lista.md", "a private network"),
        ("file:///etc/passwd", "only http:// and https:// are"),
        (serve("/kuva.png", Answer(b"\x89PNG\r\n\x1a\n\xff")), r"neither a Word document \(DOCX\) nor text"),
    ):
        with pytest.raises(Permanent, match=why):
            read_agenda.fn(settings, place)


def test_a_run_that_refuses_says_what_to_do(settings):
    for wrong, why in (
        ({"starts_at": SOON - 48 * HOUR}, "which is past. Give a time that is to come."),
        ({"speakers": [{"name": "A", "municipality": "Savukosk"}]}, "no municipality 'Savukosk'. Is it Savukoski?"),
        ({"agenda": "Avaus", "agenda_file": "/a.md"}, "two agendas: the text and the file. Leave one of them empty."),
        ({"source_url": "http://10.1.2.3/a.m3u8"}, "allow it with MAASEUTU_PRIVATE_SOURCES."),
    ):
        assert why in planned_by(**wrong), wrong
    assert plans.every(stores.archive(settings)) == []


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"programme": "ei-ole"}, r"no programme 'ei-ole'\. Choose one of: maaseutu-live\."),
        ({"title": "\u200b"}, r"The title is empty\."),
    ],
)
def test_what_a_plan_refuses(wrong, why):
    with pytest.raises(InvalidInput, match=why):
        PlanRequest.model_validate(asked(**wrong)).planned([], SOURCE)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"starts_at": "2099-06-01T09:00"}, r"For Helsinki write 2099-06-01T09:00:00\+03:00"),
        ({"ends_at": "tomorrow"}, "valid datetime"),
        ({"title": ""}, "at least 1"),
        ({"source_url": "file:///etc/passwd"}, "pattern"),
        ({"broadcast": "../x"}, "pattern"),
        ({"speakers": [{"role": "kunnanjohtaja"}]}, "name"),
    ],
)
def test_what_the_form_refuses(wrong, why):
    with pytest.raises(ValidationError, match=why):
        PlanRequest.model_validate(asked(**wrong))


def test_to_move_needs_a_time():
    with pytest.raises(ValidationError, match="the new start is missing"):
        ChangeRequest(broadcast="lista", change="move it to another time")


def test_a_programme_with_a_schedule_is_planned_by_itself_once(settings, tmp_path, monkeypatch):
    text = (catalogue.HERE / "programmes.toml").read_text()
    at = (datetime.now(HELSINKI) + 6 * HOUR).replace(second=0, microsecond=0).time()
    rule = f'[maaseutu-live.schedule]\nrepeats = "FREQ=DAILY"\nat = {at}\nminutes = 60\nsource = "{SOURCE}"\n'
    (tmp_path / "programmes.toml").write_text(text + rule)
    monkeypatch.setattr(catalogue, "HERE", tmp_path)
    monkeypatch.setenv("MAASEUTU_PLAN_AHEAD_DAYS", "3")
    archive = stores.archive(settings)
    plan_programmes(ProgrammesRequest())
    assert plans.every(archive) == []
    plan_programmes(ProgrammesRequest(dry_run=False))
    first, second, third = made = plans.every(archive)
    assert first.id.endswith("-maaseutu-live")
    assert all(waiting(each.id) for each in made)
    changed_by(broadcast=first.id, change="cancel it")
    changed_by(broadcast=second.id, change="move it to another time", starts_at=second.starts_at - 5 * HOUR)
    before = plans.every(archive)
    plan_programmes(ProgrammesRequest(dry_run=False))
    assert plans.every(archive) == before
    assert [len(waiting(each.id)) for each in made] == [0, 1, 1]
    # What a producer fills in under the same Id is that broadcast, with the programme's source.
    assert "recording begins" in planned_by(**_times(third), source_url="", broadcast=third.id)
    assert plans.find(archive, third.id).title == "Kyläkoulut"
    assert len(waiting(third.id)) == 1


def _times(planned):
    return {"starts_at": planned.starts_at, "ends_at": planned.ends_at}
