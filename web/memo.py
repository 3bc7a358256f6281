"""Notes as a memo in DOCX, with a table of actions and a link to the moment of every line."""

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from datetime import UTC
from itertools import count

from docx import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.text.paragraph import Paragraph

from core.meeting.divisions import chapter_of
from core.models import Episode, NoteLine, NoteSection
from web import minutes, views
from web.links import Links
from web.strings import Strings

FONT = "Arial"
INK = RGBColor(0x14, 0x1F, 0x3D)
LINK = "0B5394"
PAGE, MARGIN = (Cm(21), Cm(29.7)), Cm(2.5)
WIDTHS = (Cm(3.4), Cm(6.6), Cm(3.8), Cm(2.2))
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
STILL = (1980, 1, 1, 0, 0, 0)
"""The time of every file inside: the same notes are the same bytes."""


def docx(episode: Episode, strings: Strings, links: Links) -> bytes:
    """The memo. Without the site's address times are no links, since the file is read elsewhere."""
    made = _Memo(episode, strings, links)
    made.write()
    out = io.BytesIO()
    made.paper.save(out)
    return _still(out.getvalue())


def _still(data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(zipfile.ZipInfo(name, STILL), source.read(name), zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _plain(text: str) -> str:
    """Without the signs that XML cannot hold."""
    return _FORBIDDEN.sub("", text)


class _Memo:
    """One memo while it is written."""

    def __init__(self, episode: Episode, strings: Strings, links: Links) -> None:
        self.paper = Document()
        self.episode = episode
        self.strings = strings
        self.links = links
        self._speakers = {each.id: each.speaker for each in episode.transcript.passages if each.speaker}
        self._bullet = self.paper.styles["List Bullet"].style_id
        self._linked = count(1)

    def write(self) -> None:
        """All of it, from above."""
        self._prepare()
        broadcast, notes = self.episode.broadcast, self.episode.notes
        self.paper.add_paragraph(self.strings("episode.notes"), style="Subtitle")
        self.paper.add_heading(_plain(broadcast.title), level=1)
        self._facts()
        self.paper.add_paragraph(_plain(minutes.made_by(self.episode, self.strings)), style="Quote")
        if not notes.summary and not any(section.lines for section in notes.sections):
            self.paper.add_paragraph(self.strings("notes.none"))
        starts = [section.start_ms for section in notes.sections]
        for at, section in enumerate(notes.sections):
            summary = [line for line in notes.summary if chapter_of(line.at_ms, starts) == at]
            if summary or section.lines:
                self._section(section, summary)

    def _prepare(self) -> None:
        about, broadcast = self.paper.core_properties, self.episode.broadcast
        about.title, about.language, about.author = (
            _plain(broadcast.title),
            broadcast.language,
            self.strings("site.title"),
        )
        about.created = about.modified = broadcast.starts_at.astimezone(UTC).replace(tzinfo=None)
        about.comments = ""
        sheet = self.paper.sections[0]
        sheet.page_width, sheet.page_height = PAGE
        sheet.left_margin = sheet.right_margin = sheet.top_margin = sheet.bottom_margin = MARGIN
        for name, size in (("Normal", 11), ("Heading 1", 20), ("Heading 2", 14), ("Heading 3", 11), ("Subtitle", 11)):
            style = self.paper.styles[name]
            assert isinstance(style, ParagraphStyle)
            style.font.name, style.font.size = FONT, Pt(size)
            style.font.italic = False
            style.font.color.rgb = INK if name != "Normal" else None
            # The headings of the template name a font of the theme, which goes before.
            fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
            for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
                fonts.attrib.pop(qn(f"w:{theme}"), None)
        language = OxmlElement("w:lang")
        language.set(qn("w:val"), {"fi": "fi-FI", "sv": "sv-FI"}.get(broadcast.language, broadcast.language))
        self.paper.styles["Normal"].element.get_or_add_rPr().append(language)

    def _facts(self) -> None:
        """When, how long, of which municipalities, and where it is to be seen."""
        broadcast, strings = self.episode.broadcast, self.strings
        when = f"{strings.when(broadcast.starts_at)}, {strings.duration(self.episode.duration_ms)}"
        self.paper.add_paragraph(when)
        towns = sorted(town.name for town in views.towns(self.episode.mentions))
        if towns:
            self._labelled(strings("episode.municipalities"), ", ".join(towns))
        if self.links.base:
            self._link(self.paper.add_paragraph(), self.links.episode(broadcast.id), self.links.episode(broadcast.id))

    def _labelled(self, label: str, text: str) -> None:
        paragraph = self.paper.add_paragraph()
        paragraph.add_run(f"{label}: ").bold = True
        paragraph.add_run(text)

    def _section(self, section: NoteSection, summary: Sequence[NoteLine]) -> None:
        level = 2
        if section.title:
            self._moment(self.paper.add_heading(f"{_plain(section.title)} ", level=2), section.start_ms)
            level = 3
        if summary:
            self._listed("notes.summary", summary, level)
        for kind, lines in views.by_kind(section.lines):
            if kind == "action":
                self.paper.add_heading(self.strings("notes.actions"), level=level)
                self._actions(lines)
            else:
                self._listed(f"notes.{kind}s", lines, level)

    def _listed(self, label: str, lines: Iterable[NoteLine], level: int) -> None:
        self.paper.add_heading(self.strings(label), level=level)
        for line in lines:
            paragraph = self.paper.add_paragraph(f"{self._said(line)} ")
            # By a style's name it would be looked up anew, and by the address of a link all links before.
            paragraph._p.style = self._bullet
            self._moment(paragraph, line.at_ms)

    def _said(self, line: NoteLine) -> str:
        """Its text, and who said that."""
        speakers = views.speakers(self._speakers, line)
        return _plain(f"{line.text} ({speakers})" if speakers else line.text)

    def _actions(self, lines: Sequence[NoteLine]) -> None:
        table = self.paper.add_table(rows=1, cols=len(WIDTHS), style="Table Grid")
        table.autofit = False
        labels = ("notes.column_who", "notes.column_what", "notes.column_due", "notes.column_at")
        for cell, label in zip(table.rows[0].cells, labels, strict=True):
            cell.paragraphs[0].add_run(self.strings(label)).bold = True
        # Readers say the heading with each cell, and it is printed again on every page.
        heading = OxmlElement("w:tblHeader")
        table.rows[0]._tr.get_or_add_trPr().append(heading)
        for line in lines:
            cells = table.add_row().cells
            cells[0].text, cells[1].text = _plain(line.who) or "–", self._said(line)
            cells[2].text = _plain(minutes.deadline(line, self.strings)) or "–"
            self._moment(cells[3].paragraphs[0], line.at_ms)
        for column, width in zip(table.columns, WIDTHS, strict=True):
            column.width = width
            for cell in column.cells:
                cell.width = width
        self.paper.add_paragraph()

    def _moment(self, paragraph: Paragraph, at_ms: int) -> None:
        url = self.links.moment(self.episode.broadcast.id, at_ms) if self.links.base else ""
        self._link(paragraph, self.strings.position(at_ms), url)

    def _link(self, paragraph: Paragraph, text: str, url: str) -> None:
        run = paragraph.add_run(text)
        if not url:
            return
        run.font.color.rgb, run.font.underline = RGBColor.from_string(LINK), True
        link, name = OxmlElement("w:hyperlink"), f"link{next(self._linked)}"
        paragraph.part.load_rel(RELATIONSHIP_TYPE.HYPERLINK, url, name, is_external=True)
        link.set(qn("r:id"), name)
        link.append(run._r)
        paragraph._p.append(link)
