"""Agendas as producers have them, and what is none."""

import io
import zipfile

import docx
import pytest

from core.errors import InvalidInput
from core.planning import agenda

TOPICS = ["Avaus", "Kuntatalous ja EU:n rahoitus", "Kyläkoulut – mitä seuraavaksi"]
NUMBERED = "1. Avaus\n2. Kuntatalous ja EU:n rahoitus\n3. Kyläkoulut: mitä seuraavaksi\n"


def word(*paragraphs: tuple[str, str]) -> bytes:
    """A Word document of pairs of style and text."""
    made, file = docx.Document(), io.BytesIO()
    for style, text in paragraphs:
        made.add_paragraph(text, style)
    made.save(file)
    return file.getvalue()


def test_pasted_text_is_one_topic_a_line() -> None:
    before = "1. Avaus\r\n\n - Valtionosuudet: valtionosuus, rahoitus\n• Äänestys\n"
    assert agenda.pasted(f"{before}§ 4 Loma\n12 § Muut\n9.00 Tauko\n2026 alkaa") == [
        "Avaus",
        "Valtionosuudet: valtionosuus, rahoitus",
        "Äänestys",
        "Loma",
        "Muut",
        "9.00 Tauko",
        "2026 alkaa",
    ]
    assert agenda.pasted(" \n\u200b\n") == []


@pytest.mark.parametrize(
    "text",
    [
        f"# Esityslista\n\nAika: ti 1.12. kello 9\n\n{NUMBERED}",
        "\ufeffEsityslista\n\n* Avaus\n\n  Puheenjohtaja avaa.\n\n  * nimenhuuto\n* Kuntatalous ja\n  EU:n rahoitus\n"
        "* **Kyläkoulut**: mitä seuraavaksi",
        "# Kokous\n\n## Avaus\n\nTeksti.\n\n## Kuntatalous ja EU:n rahoitus\n\n### a\n\n"
        "## Kyläkoulut: mitä seuraavaksi",
        "Avaus\nKuntatalous ja EU:n rahoitus\nKyläkoulut: mitä seuraavaksi",
        "Aika: ti 1.12.\n\n1 § Avaus\n\n2 § Kuntatalous ja EU:n rahoitus\n\n3 § Kyläkoulut: mitä seuraavaksi",
    ],
    ids=["numbers", "list", "headings", "lines", "sections"],
)
def test_markdown(text: str) -> None:
    assert agenda.of_file(text.encode(), "lista.md") == TOPICS


@pytest.mark.parametrize(
    "document",
    [
        [("Title", "Esityslista"), ("Normal", "Aika: ti 1.12."), *[("List Number", topic) for topic in TOPICS]],
        [
            ("List Bullet", TOPICS[0]),
            ("List Bullet 2", "nimenhuuto"),
            *[("List Bullet", topic) for topic in TOPICS[1:]],
        ],
        [("Heading 1", "Kokous"), *[("Heading 2", topic) for topic in TOPICS], ("Normal", "Tervetuloa")],
        [("Title", "Kokous"), *[("Heading 1", topic) for topic in TOPICS]],
        [("Normal", "Esityslista"), ("Normal", ""), *[("Normal", line) for line in NUMBERED.splitlines()]],
        [("Normal", topic) for topic in TOPICS],
    ],
    ids=["numbers", "bullets", "headings", "titled headings", "typed numbers", "lines"],
)
def test_word(document: list[tuple[str, str]]) -> None:
    assert agenda.of_file(word(*document), "lista.docx") == TOPICS


def test_markup_stays_text() -> None:
    assert agenda.of_file(b"- <b>Avaus</b> & <script>\n- `koodi`", "lista.md") == ["<b>Avaus</b> & <script>", "koodi"]


def test_two_hundred_topics_or_minutes_instead_of_an_agenda_are_refused() -> None:
    with pytest.raises(InvalidInput, match="at most 100 topics; this one has 200"):
        agenda.pasted("\n".join(f"Asia {n}" for n in range(200)))
    with pytest.raises(InvalidInput, match="Topic 2 has 300 letters"):
        agenda.pasted("Avaus\n" + "a" * 300)


def bomb() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("word/document.xml", b"0" * (agenda.LONGEST_UNPACKED + 1))
    return file.getvalue()


def damaged() -> bytes:
    whole = bytearray(word(*[("List Number", topic) for topic in TOPICS]))
    whole[len(whole) // 3 : len(whole) // 2] = b"\0" * (len(whole) // 2 - len(whole) // 3)
    return bytes(whole)


def spreadsheet() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("xl/workbook.xml", "<workbook/>")
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "has no topics"),
        (b"\n \n", "has no topics"),
        (word(), "has no topics"),
        (b"%PDF-1.7\n\xe2\xe3\xcf\xd3", "neither a Word document"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "neither a Word document"),
        ("Päätös".encode("cp1252"), "neither a Word document"),
        (b"Avaus\0Loppu", "neither a Word document"),
        (b"PK\x03\x04", "not a Word document"),
        (spreadsheet(), "not a Word document"),
        (damaged(), "not a Word document"),
        (bomb(), "unpacks to 50 MB"),
    ],
    ids=["empty", "blank", "empty DOCX", "PDF", "DOC", "not UTF-8", "binary", "cut", "ZIP", "damaged", "bomb"],
)
def test_what_cannot_be_read_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(InvalidInput, match=why):
        agenda.of_file(data, "lista")
