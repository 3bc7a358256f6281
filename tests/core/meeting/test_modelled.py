"""Notes by a language model, through a real server that speaks the protocol and does what no server should."""

from datetime import date

import pytest

from core.meeting.drafting import Material, made
from core.meeting.modelled import MOST_QUESTIONS, Modelled
from core.models import Chapter, Passage
from core.outside.chat import Chat
from tests.core.model_server import KEY, MODEL, ModelServer, Said, lines, told
from tests.core.transcripts import CUES, spoken

DAY = date(2026, 11, 24)
TASK = "Laadi muistio."
SAID = (
    (1, "Siirrymme ensimmäiseen kohtaan."),
    (5, "Nyt päätettiin, että verkosto tekee yhteisen lausunnon."),
    (10, "Savukosken hallitus toimittaa luonnoksen verkostolle kolmanteen joulukuuta mennessä."),
    (15, "Ehdotan, että Kustavi saa kaksikymmentä tuhatta euroa."),
    (60, "Siirrymme toiseen kohtaan."),
    (65, "Seuraavasta lähetyksestä päätettiin, että se on tammikuussa."),
)
CHAPTERS = (Chapter(start_ms=0, end_ms=60_000, title="Lausunto"), Chapter(start_ms=60_000, end_ms=90_000, title="Muut"))
GOOD = lines(
    {"kind": "summary", "text": "Verkosto tekee lausunnon.", "passages": [2]},
    {"kind": "decision", "text": "Verkosto tekee yhteisen lausunnon.", "passages": [2]},
    {
        "kind": "action",
        "text": "Luonnos toimitetaan verkostolle.",
        "who": "Savukosken hallitus",
        "due": "kolmanteen joulukuuta mennessä",
        "by": "2026-12-03",
        "passages": [3],
    },
)
OTHER = lines({"kind": "decision", "text": "Lähetys on tammikuussa.", "passages": [2]})
INVENTED = lines({"kind": "decision", "text": "Kustavi saa kaksikymmentä tuhatta euroa.", "passages": [4]})
MARKUP = lines({"text": "<script>alert(1)</script> **Lausunto** tehdään.", "passages": [2]})


def good(question):
    return GOOD if "Lausunto" in told(question) else OTHER


@pytest.fixture(scope="module")
def material(analyser):
    passages = spoken(*SAID).passages
    named = tuple(passage.model_copy(update={"id": f"p{at}"}) for at, passage in enumerate(passages, 1))
    transcript = spoken().model_copy(update={"passages": named})
    forms = analyser.dictionary(passage.text for passage in named)
    return Material(transcript, CHAPTERS, forms, DAY, analyser.forms)


@pytest.fixture(scope="module")
def quotes(material):
    return made(material, CUES)


class Answers(dict):
    def put(self, digest, answer):
        self[digest] = answer


def notes(material, server, answers=None, **changed):
    model = Modelled(Chat(server.server(**changed)), TASK, Answers() if answers is None else answers)
    return made(material, CUES, model)


def texts(found):
    return [line.text for section in found.sections for line in section.lines]


def test_notes_by_a_model(material):
    with ModelServer(good) as server:
        found = notes(material, server)
    assert texts(found) == [
        "Verkosto tekee yhteisen lausunnon.",
        "Luonnos toimitetaan verkostolle.",
        "Lähetys on tammikuussa.",
    ]
    action = found.sections[0].lines[1]
    assert (action.who, action.by, action.passages, action.at_ms) == (
        "Savukosken hallitus",
        date(2026, 12, 3),
        ("p3",),
        10_000,
    )
    assert [line.text for line in found.summary] == ["Verkosto tekee lausunnon."]
    assert (found.model, found.refused, found.remarks) == (MODEL, (), ())
    assert [question["response_format"]["type"] for question in server.asked] == ["json_schema", "json_schema"]
    assert "[3] Savukosken hallitus" in told(server.asked[0])
    assert "2026-11-24" in told(server.asked[0])


def test_what_was_answered_is_not_asked_again(material):
    answers = Answers()
    with ModelServer(good) as server:
        first = notes(material, server, answers)
        assert notes(material, server, answers) == first
    assert len(server.asked) == 2


def test_a_server_without_schemas_is_asked_in_words(material):
    with ModelServer(lambda q: Said(f"Tässä:\n```json\n{good(q).content}\n```"), knows_schemas=False) as server:
        assert len(texts(notes(material, server))) == 3
    assert all("JSON" in question["messages"][2]["content"] for question in server.asked)


def test_an_invented_decision_is_refused_and_listed(material, quotes):
    with ModelServer(lambda q: INVENTED if "Lausunto" in told(q) else OTHER) as server:
        found = notes(material, server)
    assert found.sections[0] == quotes.sections[0]
    assert texts(found)[-1] == "Lähetys on tammikuussa."
    (refused,) = found.refused
    assert (refused.text, refused.reason) == (
        "Kustavi saa kaksikymmentä tuhatta euroa.",
        "No decision was said there.",
    )
    assert found.remarks == ("“Lausunto”: nothing that the model wrote stands; these are quotes.",)


@pytest.mark.parametrize(
    ("said", "told_of_it"),
    [
        (Said("Hei! Olen kielimalli."), "no JSON"),
        (Said("[1, 2]"), "no JSON"),
        (Said('{"rivit": 3}'), "no lines"),
        (Said('{"lines": [7, {"kind": "poem"}, {"kind": "summary", "text": "a", "by": "huomenna"}]}'), "3 lines"),
        (Said(body=b"<html>"), "no answer of a language model"),
        (Said(body=b'{"choices": []}'), "no answer of a language model"),
        (Said('{"lines": [', reason="length"), "too many tokens"),
        (Said('{"lines":' + "[" * 100_000), "no JSON"),
        (Said(endless=True), "did not end"),
        (Said("Ei nyt.", status=503), "503: Ei nyt."),
        (Said("Ei.", status=403), "403: Ei."),
        (MARKUP, "nothing that the model wrote stands"),
        (lines({"text": "Verkosto tekee lausunnon.", "passages": [99]}), "nothing that the model wrote stands"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_server_that_answers_badly_leaves_quotes(material, quotes, said, told_of_it):
    with ModelServer(lambda _: said) as server:
        found = notes(material, server)
    assert (found.summary, found.sections, found.model) == (quotes.summary, quotes.sections, "")
    assert any(told_of_it in remark for remark in found.remarks)
    assert not any(KEY in remark for remark in found.remarks)


def test_a_server_that_says_nothing_is_not_waited_for_again(material, quotes):
    with ModelServer(lambda _: Said(mute=True)) as server:
        found = notes(material, server, seconds=0.3)
    assert found.sections == quotes.sections
    assert "does not answer (ReadTimeout)" in found.remarks[0]
    assert len(server.asked) == 1


def test_a_server_that_is_down(material, quotes):
    with ModelServer(good) as server:
        pass
    found = notes(material, server)
    assert found.sections == quotes.sections
    assert "does not answer (ConnectError)" in found.remarks[0]


@pytest.mark.parametrize("changed", [{"url": "ei osoite"}, {"url": "http://"}, {"key": "avain\nja ä"}])
def test_settings_that_cannot_work(material, quotes, changed):
    with ModelServer(good) as server:
        found = notes(material, server, **changed)
    assert found.sections == quotes.sections
    assert "does not answer" in found.remarks[0]


def test_what_cannot_be_read_is_not_kept(material):
    answers = Answers()
    with ModelServer(lambda _: Said('{"rivit": 3}')) as server:
        notes(material, server, answers)
    assert (len(server.asked), answers) == (2, {})


def test_a_wrong_key_is_told_without_the_key(material):
    with ModelServer(good) as server:
        found = notes(material, server, key="wrong-and-secret")
    assert "401" in found.remarks[0]
    assert not any("wrong-and-secret" in remark for remark in found.remarks)


def test_a_passing_fault_is_tried_again(material):
    faults = [Said(status=503), Said(status=429)]
    with ModelServer(lambda question: faults.pop() if faults else good(question)) as server:
        found = notes(material, server)
    assert (len(texts(found)), found.remarks) == (3, ())


def test_a_fault_in_the_middle_leaves_quotes_there_only(material, quotes):
    with ModelServer(lambda q: good(q) if "Lausunto" in told(q) else Said("…")) as server:
        found = notes(material, server)
    assert texts(found)[:2] == ["Verkosto tekee yhteisen lausunnon.", "Luonnos toimitetaan verkostolle."]
    assert found.sections[1] == quotes.sections[1]
    assert found.model == MODEL


def test_a_long_item_is_asked_about_in_pieces_and_its_end_may_be_cut(material):
    long = Passage(start_ms=0, end_ms=1, text="Kunta toimii hyvin. " * 100)
    many = [long.model_copy(update={"id": f"p{n}", "start_ms": n * 1000}) for n in range(MOST_QUESTIONS + 4)]
    talk = Material(spoken().model_copy(update={"passages": tuple(many)}), (), material.forms, DAY, material.analyse)
    with ModelServer(lambda _: lines()) as server:
        found = notes(talk, server, tokens=3_000)
    assert len(server.asked) == MOST_QUESTIONS
    assert all(len(told(question)) < 3_000 for question in server.asked)
    assert "The broadcast: the model was told nothing after 0.00.08, by its budget." in found.remarks


def test_unclear_speech_is_not_told(material):
    unclear = tuple(p.model_copy(update={"unclear": p.id == "p3"}) for p in material.transcript.passages)
    transcript = material.transcript.model_copy(update={"passages": unclear})
    talk = Material(transcript, CHAPTERS, material.forms, DAY, material.analyse)
    with ModelServer(good) as server:
        notes(talk, server)
    assert "Savukosken" not in told(server.asked[0])


def test_quotes_stand_and_name_their_passages(quotes):
    assert (quotes.refused, quotes.model, quotes.remarks) == ((), "", ())
    lines = [*quotes.summary, *(line for section in quotes.sections for line in section.lines)]
    assert lines
    assert all(line.passages for line in lines)
    (action,) = [line for line in lines if line.kind == "action"]
    assert (action.passages, action.by) == (("p3",), date(2026, 12, 3))
