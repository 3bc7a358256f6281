"""Notes as Markdown, JSON and DOCX; the DOCX is opened again with python-docx."""

import io
import json
import re

import pytest
from docx import Document

from core.models import Notes, RefusedLine
from tests.web import demo
from web import memo, minutes
from web.links import Links
from web.strings import load

SITE = "https://live.example"
HERE = Links(SITE)
FI = load("fi")
REFUSED = RefusedLine(kind="decision", at_ms=0, text="Utajärvi lakkautetaan.", reason="No decision was said there.")
EMPTY = Notes(refused=(REFUSED,))


@pytest.fixture(scope="module")
def episode():
    """The example, of which a line was refused."""
    found = demo.episode(title="Kokous *1*")
    return found.model_copy(update={"notes": found.notes.model_copy(update={"refused": (REFUSED,)})})


def without(episode):
    return episode.model_copy(update={"notes": EMPTY})


def paper(episode, links=HERE, strings=FI):
    return Document(io.BytesIO(memo.docx(episode, strings, links)))


def texts(paper):
    return [paragraph.text for paragraph in paper.paragraphs]


def headings(paper):
    return [(p.style.name, p.text) for p in paper.paragraphs if p.style.name.startswith("Heading")]


def addresses(part):
    return [each.target_ref for each in part.rels.values() if each.is_external]


def test_markdown(episode):
    text = minutes.markdown(episode, FI, lambda ms: f"../#t={ms}")
    assert text.startswith("# Kokous \\*1\\*\n\n24.11.2026\n\nLitterointi ja muistio on tehty koneellisesti")
    lines = [line for line in text.splitlines() if line.startswith("- ")]
    assert lines
    assert all(line.endswith(")") and "](../#t=" in line for line in lines)
    assert "(Vastuu: Anna Korhonen; Määräaika: tammikuun loppu (31.1.2027)) [0.22](../#t=22700)" in text
    assert "lakkautetaan" not in text


def test_markdown_of_nothing(episode):
    assert minutes.markdown(without(episode), FI, str).endswith("Muistioon ei poimittu kohtia.\n")


def test_json(episode):
    found = json.loads(minutes.memo(episode, HERE).model_dump_json())
    assert (found["format"], found["title"], found["refused"], found["model"]) == (
        "maaseutu-notes-1",
        "Kokous *1*",
        1,
        "",
    )
    (action,) = [line for section in found["sections"] for line in section["lines"] if line["kind"] == "action"]
    assert (action["who"], action["by"]) == ("Anna Korhonen", "2027-01-31")
    assert action["url"] == f"{SITE}/jaksot/{demo.ID}/#t=22.7"
    assert "lakkautetaan" not in json.dumps(found, ensure_ascii=False)


def test_memo_in_docx(episode):
    found = paper(episode)
    assert headings(found)[:4] == [
        ("Heading 1", "Kokous *1*"),
        ("Heading 2", "Kyläkoulujen tulevaisuus 0.07"),
        ("Heading 3", "Tiivistelmä"),
        ("Heading 3", "Päätökset"),
    ]
    whole = texts(found)
    assert any("24.11.2026" in text for text in whole)
    assert any(text.startswith("Litterointi ja muistio on tehty koneellisesti") for text in whole)
    assert "Mainitut kunnat: Kuhmoinen, Utajärvi, Vieremä" in whole
    (table,) = found.tables
    rows = [[cell.text for cell in row.cells] for row in table.rows]
    assert rows[0] == ["Kuka", "Mitä", "Mihin mennessä", "Kohta"]
    assert rows[1] == ["Anna Korhonen", demo.SPOKEN[6], "tammikuun loppu (31.1.2027)", "0.22"]
    assert f"{SITE}/jaksot/{demo.ID}/#t=22.7" in addresses(found.part)
    assert not any("lakkautetaan" in text for text in whole)


def test_every_line_of_the_docx_has_its_moment(episode):
    bullets = [p.text for p in paper(episode).paragraphs if p.style.name == "List Bullet"]
    shown = [
        *episode.notes.summary,
        *(line for s in episode.notes.sections for line in s.lines if line.kind != "action"),
    ]
    assert sorted(bullets) == sorted(f"{line.text} {FI.position(line.at_ms)}" for line in shown)


def test_docx_without_the_sites_address_has_no_links(episode):
    found = paper(episode, Links())
    assert addresses(found.part) == []
    assert headings(found)[1] == ("Heading 2", "Kyläkoulujen tulevaisuus 0.07")


def test_docx_of_nothing(episode):
    found = paper(without(episode))
    assert "Muistioon ei poimittu kohtia." in texts(found)
    assert found.tables == []


def test_the_same_notes_are_the_same_bytes(episode):
    assert memo.docx(episode, FI, HERE) == memo.docx(episode, FI, HERE)


@pytest.mark.parametrize("lang", ["fi", "sv", "en"])
def test_a_model_that_wrote_is_named(episode, lang):
    strings = load(lang)
    written = episode.model_copy(update={"notes": episode.notes.model_copy(update={"model": "malli-7"})})
    assert any("malli-7" in text for text in texts(paper(written, strings=strings)))
    assert "malli-7" in minutes.markdown(written, strings, str)


def test_signs_that_xml_forbids_do_no_harm(episode):
    odd = episode.notes.summary[0].model_copy(update={"text": "Hyvä\u0007 <b>& </w:t> ääni"})
    found = paper(episode.model_copy(update={"notes": Notes(summary=(odd,), sections=episode.notes.sections)}))
    assert any(re.match(r"Hyvä <b>& </w:t> ääni ", text) for text in texts(found))
