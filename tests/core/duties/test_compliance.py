"""What shows that a text was made accessible."""

from datetime import timedelta

from core.duties import compliance, signing
from core.models import Passage
from core.text.transcript import NOT_RECOGNISED
from tests.web import demo
from web import render, strings


def test_evidence_counts_what_is_captioned_and_names_what_is_not() -> None:
    shown = demo.episode()
    lost = Passage(start_ms=59_700, end_ms=60_000, text=NOT_RECOGNISED, unclear=True, language="sv")
    heard = shown.transcript.model_copy(update={"passages": (*shown.transcript.passages, lost)})
    shown = shown.model_copy(update={"transcript": heard})
    found = compliance.evidence(shown, "v1", demo.signed())
    assert (found.state, found.by) == ("signed", "Anna Korhonen")
    assert (found.passages, found.checked, found.unclear) == (17, 0, 1)
    assert (found.spoken_ms, found.captioned_ms, found.captioned_percent) == (56_300, 56_000, 99)
    assert [(each.start_ms, each.language) for each in found.not_recognised] == [(59_700, "sv")]
    assert found.gaps == shown.gaps
    assert found.text == signing.text_of(shown) != signing.text_of(demo.episode())


def test_evidence_tells_viewers_nothing_of_the_work_between() -> None:
    first, by = demo.signed().steps
    back = by.model_copy(update={"kind": "returned", "note": "Nimet ovat väärin."})
    found = compliance.evidence(demo.episode(), "v1", demo.signed()._replace(steps=(first, back, by)))
    assert [each.kind for each in found.history] == ["published", "signed"]
    assert "Nimet" not in found.model_dump_json()


def test_evidence_tells_what_was_withdrawn_when_and_why_as_viewers_read_it() -> None:
    hidden = demo.HIDDEN.model_copy(update={"at": demo.signed().steps[0].at})
    shown = demo.episode().model_copy(update={"hidden": (hidden,)})
    found = compliance.evidence(shown, "v1", demo.signed())
    assert found.withdrawn == (hidden,)
    for lang, words in (("fi", "Kohta 0.53–0.56 on poistettu."), ("sv", "Borttaget"), ("en", "Removed on")):
        page = render.evidence_page(found, strings.load(lang))
        assert words in page
        assert demo.HIDDEN.note in page


def test_evidence_tells_that_other_words_were_published_since_but_not_whose() -> None:
    first, by = demo.signed().steps
    later = first.model_copy(update={"at": by.at + timedelta(days=1), "text": "2b3c", "by": "Liisa Virtanen"})
    found = compliance.evidence(demo.episode(), "v1", demo.signed()._replace(steps=(first, by, later)))
    assert (found.state, found.changed_at) == ("signed", later.at)
    assert "Liisa" not in found.model_dump_json()
    before = compliance.evidence(demo.episode(), "v1", demo.signed())
    pages = [render.evidence_page(each, strings.load("fi")) for each in (before, found)]
    assert ["Tekstiä on muutettu sen jälkeen" in page for page in pages] == [False, True]
    steps = by.model_copy(update={"chapters": "x"}), later.model_copy(update={"text": by.text, "chapters": "y"})
    found = compliance.evidence(demo.episode(), "v1", demo.signed()._replace(steps=(first, *steps)))
    assert (found.changed, found.history[-1].chapters) == ("chapters", "y")
    assert "Kohtia on muutettu sen jälkeen" in render.evidence_page(found, strings.load("fi"))
