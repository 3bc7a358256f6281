"""What a reviewer is asked to look at."""

from core.models import Notes, Passage, RefusedLine, Word
from core.review import doubts
from core.text.transcript import NOT_RECOGNISED
from tests.web import demo


def _shown(*passages: Passage, gaps: bool = False, notes: Notes = Notes()) -> str:  # noqa: B008, it is immutable
    shown = demo.episode()
    heard = shown.transcript.model_copy(update={"passages": passages})
    made = shown.model_copy(update={"transcript": heard, "gaps": shown.gaps if gaps else (), "notes": notes})
    return doubts.markdown(made, lambda ms: f"https://x.fi/#t={ms / 1000:g}")


def _said(at: int, text: str, probability: float | None = 0.9, **more: object) -> Passage:
    each = [Word(start_ms=at, end_ms=at + 500, text=word, probability=probability) for word in text.split()]
    return Passage.model_validate({"start_ms": at, "end_ms": at + 900, "text": text, "words": each} | more)


def test_every_kind_of_doubt_is_shown_with_its_moment() -> None:
    mended = _said(9_000, "Savukosken")
    word = mended.words[0].model_copy(update={"heard": "savukoske ne"})
    text = _shown(
        _said(1_000, "Hyvää huomenta."),
        _said(2_000, "Kuhmo_inen tuli", 0.3),
        Passage(start_ms=65_000, end_ms=68_000, text=NOT_RECOGNISED, unclear=True, language="sv"),
        _said(5_000, "tuota noin", 0.4, unclear=True),
        mended.model_copy(update={"words": (word,)}),
        gaps=True,
    )
    assert [line for line in text.splitlines() if line] == [
        "### Speech that was not recognised (1)",
        "- [0.01.05](https://x.fi/#t=65) 3 s, another language",
        "### Unclear passages (1)",
        "- [0.00.05](https://x.fi/#t=5) tuota noin",
        "### Words of which the machine is not sure (1)",
        "- [0.00.02](https://x.fi/#t=2) **Kuhmo\\_inen** **tuli**",
        "### Words that were mended (1)",
        "- [0.00.09](https://x.fi/#t=9) **Savukosken**, heard as savukoske ne",
        "### Gaps in the recording (1)",
        "- [0.00.30](https://x.fi/#t=30.1) 12 s are missing",
    ]


def test_refused_lines_of_the_notes_are_shown_with_the_reason() -> None:
    line = RefusedLine(kind="decision", text="Koulu *suljetaan*.", at_ms=61_000, reason="It was denied.")
    told = _shown(notes=Notes(refused=(line,))).splitlines()
    assert told[0] == "### Lines of the notes that were refused (1)"
    assert told[2] == "- [0.01.01](https://x.fi/#t=61) Koulu \\*suljetaan\\*. – It was denied."


def test_what_a_person_has_checked_and_what_no_engine_doubts_is_in_order() -> None:
    sure = _said(1_000, "Hyvää huomenta."), _said(2_000, "Kuhmoinen", 0.1, checked=True), _said(3_000, "Niin", None)
    assert _shown(*sure) == "Nothing is doubtful by the machine's own measures.\n"


def test_of_many_the_most_doubtful_are_shown_in_order_of_time() -> None:
    many = [_said(n * 1_000, f"sana{n}", 0.01 if n % 2 else 0.4) for n in range(100)]
    lines = _shown(*many).splitlines()
    assert lines[0].endswith("(100)")
    assert [line for line in lines if "sana" in line] == [
        f"- [0.{n // 60:02}.{n % 60:02}](https://x.fi/#t={n}) **sana{n}**" for n in range(1, 80, 2)
    ]
    assert "- and 60 more that are less doubtful" in lines
