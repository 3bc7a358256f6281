"""What shows that a text was made accessible."""

from core import compliance, signing
from core.models import Passage
from core.transcript import NOT_RECOGNISED
from tests.web import demo


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
