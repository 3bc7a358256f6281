"""Corrections stay, whatever the machine writes the next time."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.models import Edit, Transcript
from core.text.anchors import identified
from core.text.edits import applied, fitting
from core.text.transcript import NOT_RECOGNISED, spaced, timed_words
from tests.core.transcripts import TRANSCRIPTS, spoken

NOON = datetime(2026, 11, 25, 10, tzinfo=UTC)


def made(*rows, before=()):
    """A machine's transcript with ids."""
    found = spoken(*rows)
    return found.model_copy(update={"passages": identified(found.passages, before)})


def edit(transcript, number, after="", kind="text", minutes=0):
    """A person's edit of a Passage as it is shown."""
    passage = transcript.passages[number]
    return Edit(
        passage=passage.id,
        at=NOON + timedelta(minutes=minutes),
        author="Anna",
        start_ms=passage.start_ms,
        end_ms=passage.end_ms,
        before=passage.text,
        after=after,
        kind=kind,
    )


def texts(found):
    return [passage.text for passage in found.transcript.passages]


FIRST = made((0, 4, "Vierääna on Savukoske ne kunnanjohtaja."), (5, 8, "Kiitos kysymyksestä."), (9, 12, "Niin."))
NAMED = "Vieraana on Savukosken kunnanjohtaja."


def test_the_persons_text_is_shown_with_the_machines_words():
    found = applied(FIRST, [edit(FIRST, 0, NAMED)])
    passage = found.transcript.passages[0]
    assert (passage.text, passage.checked, passage.unclear) == (NAMED, True, False)
    assert passage.words == FIRST.passages[0].words
    assert [word.text for word in timed_words(passage)] == NAMED.split()
    assert found.transcript.passages[1:] == FIRST.passages[1:]


def test_what_is_unclear_becomes_clear_when_it_is_confirmed():
    unclear = FIRST.passages[2].model_copy(update={"unclear": True})
    heard = FIRST.model_copy(update={"passages": (*FIRST.passages[:2], unclear)})
    passage = applied(heard, [edit(heard, 2, kind="confirm")]).transcript.passages[2]
    assert (passage.text, passage.checked, passage.unclear) == ("Niin.", True, False)


def test_a_deleted_passage_is_gone_and_can_be_written_again():
    gone = edit(FIRST, 1, kind="delete")
    found = applied(FIRST, [gone])
    assert texts(found) == [FIRST.passages[0].text, "Niin."]
    assert [passage.id for passage in found.deleted] == [FIRST.passages[1].id]
    back = gone.model_copy(update={"at": NOON + timedelta(hours=1), "before": "", "after": "Kiitos.", "kind": "text"})
    assert texts(applied(FIRST, [gone, back])) == [FIRST.passages[0].text, "Kiitos.", "Niin."]


def test_the_later_edit_wins_and_an_edit_back_undoes():
    one = edit(FIRST, 0, NAMED)
    shown = applied(FIRST, [one]).transcript
    two = edit(shown, 0, "Vieraana on Sallan kunnanjohtaja.", minutes=1)
    assert texts(applied(FIRST, [two, one]))[0] == "Vieraana on Sallan kunnanjohtaja."
    back = edit(applied(FIRST, [one, two]).transcript, 0, FIRST.passages[0].text, minutes=2)
    assert texts(applied(FIRST, [one, two, back]))[0] == FIRST.passages[0].text


def test_two_who_correct_different_words_at_once_both_stand():
    one = edit(FIRST, 0, "Vieraana on Savukoske ne kunnanjohtaja.")
    two = edit(FIRST, 0, "Vierääna on Savukosken kunnanjohtaja.", minutes=1)
    assert texts(applied(FIRST, [one, two]))[0] == NAMED
    other = edit(FIRST, 0, "Vieras on Savukoske ne kunnanjohtaja.", minutes=2)
    assert texts(applied(FIRST, [one, two, other]))[0] == "Vieras on Savukosken kunnanjohtaja."


@pytest.mark.parametrize(
    "heard",
    [
        "Vieraana on Savu koskenkunnanjohtaja.",
        "Vieraana on Savukosken kunnanjohtaja",
        "Vierääna on taas Savukoske ne kunnan johtaja.",
    ],
)
def test_the_text_stands_when_the_machine_hears_other_words(heard):
    again = made((0.2, 4.1, heard), (5, 8, "Kiitos kysymyksestä."), (9, 12, "Niin."), before=FIRST.passages)
    found = applied(again, [edit(FIRST, 0, NAMED), edit(FIRST, 1, kind="confirm", minutes=1)])
    assert texts(found) == [NAMED, "Kiitos kysymyksestä.", "Niin."]
    assert [passage.checked for passage in found.transcript.passages] == [True, True, False]
    assert not found.unplaced


def test_a_split_passage_takes_the_words_that_were_changed():
    again = made((0, 1.5, "Vierääna on"), (1.5, 4, "Savukoske ne kunnan johtaja."), before=FIRST.passages)
    found = applied(again, [edit(FIRST, 0, NAMED)])
    assert texts(found) == ["Vieraana on", "Savukosken kunnan johtaja."]
    assert [passage.checked for passage in found.transcript.passages] == [True, False]


def test_a_merged_passage_takes_the_words_that_were_changed_and_keeps_the_others():
    again = made((0, 12, "Vierääna on Savukoske ne kunnanjohtaja. Kiitos kysymyksestä. Niin."), before=FIRST.passages)
    found = applied(again, [edit(FIRST, 0, NAMED), edit(FIRST, 1, "Kiitoksia kysymyksestä.", minutes=1)])
    assert texts(found) == [f"{NAMED} Kiitoksia kysymyksestä. Niin."]
    assert not found.transcript.passages[0].checked
    assert texts(applied(again, [edit(FIRST, 1, kind="delete")])) == [f"{FIRST.passages[0].text} Niin."]


def test_words_are_added_where_they_belong():
    again = made((0, 8, "Vierääna on Savukoske ne kunnanjohtaja. Kiitos kysymyksestä."), before=FIRST.passages)
    more = edit(FIRST, 0, "Vierääna on Savukoske ne uusi kunnanjohtaja tänään.")
    assert texts(applied(again, [more])) == ["Vierääna on Savukoske ne uusi kunnanjohtaja tänään. Kiitos kysymyksestä."]
    first = edit(FIRST, 1, "Kyllä, kiitos kysymyksestä.")
    assert texts(applied(again, [first]))[0].endswith("kunnanjohtaja. Kyllä, kiitos kysymyksestä.")


def test_a_passage_is_found_though_media_came_before_it():
    later = [(at + 9, at + 12, text) for at, text in ((0, FIRST.passages[0].text), (5, "Kiitos kysymyksestä."))]
    again = made((0, 8, "Aivan toista puhetta täällä on alussa nyt."), *later, before=FIRST.passages)
    assert texts(applied(again, [edit(FIRST, 0, NAMED)])) == [
        "Aivan toista puhetta täällä on alussa nyt.",
        NAMED,
        "Kiitos kysymyksestä.",
    ]


def test_what_finds_no_place_is_told():
    again = made((0, 4, "Musiikkia soitetaan pitkään."), (9, 12, "Niin."), before=FIRST.passages)
    found = applied(again, [edit(FIRST, 0, NAMED), edit(FIRST, 1, "Kiitos.", minutes=1), edit(FIRST, 2, "Joo.")])
    assert texts(found) == ["Musiikkia soitetaan pitkään.", "Joo."]
    assert [each.reason for each in found.unplaced] == [
        "other words are there now: Musiikkia soitetaan pitkään.",
        "nothing is said there any more",
    ]
    assert len(found.placed) == 1


def test_speech_that_was_not_recognised_is_written_by_hand():
    heard = made((0, 4, NOT_RECOGNISED))
    one = edit(heard, 0, "Hyvää huomenta.")
    assert texts(applied(heard, [one])) == ["Hyvää huomenta."]
    again = made((0.1, 3.9, "Hyvä huomenta"), before=heard.passages)
    assert texts(applied(again, [one])) == ["Hyvää huomenta."]


def test_what_a_person_writes_is_in_the_language_of_the_broadcast():
    [mark] = made((0, 4, NOT_RECOGNISED)).passages
    heard = made((0, 4, NOT_RECOGNISED)).model_copy(update={"passages": (mark.model_copy(update={"language": "sv"}),)})
    found = applied(heard, [edit(heard, 0, "Hyvää huomenta.")])
    assert [passage.language for passage in found.transcript.passages] == [""]


def test_a_transcript_of_an_earlier_version_has_no_ids():
    old = spoken((0, 4, "Kunta kokontuu."), (5, 8, "Niin."))
    one = edit(old, 0, "Kunta kokoontuu.")
    found = applied(old, [one])
    assert texts(found) == ["Kunta kokoontuu.", "Niin."]
    assert all(passage.id for passage in found.transcript.passages)


def border(transcript, number, at_word, kind="split", minutes=0):
    """A border that a person makes in a Passage, or takes away after it."""
    made = edit(transcript, number, kind=kind, minutes=minutes).model_copy(update={"at_word": at_word})
    if kind == "split":
        return made
    following = transcript.passages[number + 1]
    return made.model_copy(update={"before": f"{made.before} {following.text}", "end_ms": following.end_ms})


def named(transcript, number, name, minutes=0):
    """A person says who speaks in a Passage."""
    was = transcript.passages[number].speaker
    return edit(transcript, number, name, "speaker", minutes).model_copy(update={"was": was})


def test_a_split_loses_no_word_and_no_time():
    found = applied(FIRST, [border(FIRST, 0, 2)])
    first, second, *_ = found.transcript.passages
    assert (first.text, second.text) == ("Vierääna on", "Savukoske ne kunnanjohtaja.")
    assert (*first.words, *second.words) == FIRST.passages[0].words
    assert (first.start_ms, second.end_ms) == (0, 4000)
    assert first.end_ms <= second.start_ms == second.words[0].start_ms
    assert (first.id, second.id) == (FIRST.passages[0].id, f"s{second.start_ms}")
    both = applied(FIRST, [border(FIRST, 0, 2), border(found.transcript, 0, 2, "merge", 1)]).transcript
    assert both == FIRST


def test_what_was_split_is_corrected_and_split_again():
    one = border(FIRST, 0, 2)
    shown = applied(FIRST, [one]).transcript
    two = edit(shown, 1, "Savukosken uusi kunnanjohtaja.", minutes=1)
    shown = applied(FIRST, [one, two]).transcript
    three = border(shown, 1, 2, minutes=2)
    found = applied(FIRST, [one, two, three])
    assert texts(found)[:3] == ["Vierääna on", "Savukosken uusi", "kunnanjohtaja."]
    assert [passage.checked for passage in found.transcript.passages] == [False, True, True, False, False]
    assert [word.text for p in found.transcript.passages for word in p.words] == [
        word.text for p in FIRST.passages for word in p.words
    ]


def test_a_merge_passes_over_what_was_deleted():
    gone = edit(FIRST, 1, kind="delete")
    shown = applied(FIRST, [gone]).transcript
    found = applied(FIRST, [gone, border(shown, 0, 5, "merge", 1)])
    assert texts(found) == ["Vierääna on Savukoske ne kunnanjohtaja. Niin."]
    assert [passage.id for passage in found.deleted] == [FIRST.passages[1].id]


def test_words_are_merged_with_a_mark_in_place_of_words():
    heard = made((0, 4, "Hyvää huomenta."), (5, 8, NOT_RECOGNISED))
    found = applied(heard, [border(heard, 0, 2, "merge")])
    assert texts(found) == ["Hyvää huomenta."]
    assert found.transcript.passages[0].end_ms == 8000


AGAIN = made(
    (0.2, 8, "Vierääna on savukosken kunnanjohtaja. Kiitos kysymyksestä."), (9, 12, "Niin."), before=FIRST.passages
)


def test_borders_stand_when_the_machine_makes_others():
    found = applied(AGAIN, [border(FIRST, 0, 2), border(FIRST, 1, 2, "merge", 1)])
    assert texts(found) == ["Vierääna on", "savukosken kunnanjohtaja. Kiitos kysymyksestä. Niin."]
    same = made((0, 1.5, "Vierääna on"), (1.5, 4, "Savukoske ne kunnanjohtaja."), before=FIRST.passages)
    assert texts(applied(same, [border(FIRST, 0, 2)])) == texts(applied(same, []))
    assert texts(applied(AGAIN, [border(FIRST, 0, 5, "merge")])) == texts(applied(AGAIN, []))
    other = made((0, 4, "Musiikkia soitetaan pitkään."), before=FIRST.passages)
    lost = applied(other, [border(FIRST, 0, 2), border(FIRST, 0, 5, "merge", 1)])
    assert len(lost.unplaced) == 2


def test_a_speaker_goes_where_the_words_are():
    edits = [named(FIRST, 0, "Anna Korhonen"), named(FIRST, 2, "Olli Niemi", 1)]
    found = applied(FIRST, edits)
    assert [p.speaker for p in found.transcript.passages] == ["Anna Korhonen", "", "Olli Niemi"]
    assert not any(p.checked for p in found.transcript.passages)
    assert [p.speaker for p in applied(AGAIN, edits).transcript.passages] == ["Anna Korhonen", "Olli Niemi"]
    halves = made((0, 1.5, "Vierääna on"), (1.5, 4, "Savukoske ne kunnan johtaja."), before=FIRST.passages)
    assert [p.speaker for p in applied(halves, edits[:1]).transcript.passages] == ["Anna Korhonen"] * 2


def test_words_that_are_replaced_everywhere_are_not_read():
    heard = FIRST.model_copy(update={"passages": (FIRST.passages[0].model_copy(update={"unclear": True}),)})
    one = edit(heard, 0, "Vierääna on Savukosken kunnanjohtaja.", "replace")
    (passage,) = applied(heard, [one]).transcript.passages
    assert (passage.text, passage.checked, passage.unclear) == (one.after, False, True)
    (again, *_) = applied(AGAIN, [one]).transcript.passages
    assert (again.text, again.checked) == ("Vierääna on Savukosken kunnanjohtaja. Kiitos kysymyksestä.", False)


def test_an_edit_fits_where_its_person_saw_what_is_there():
    found = applied(FIRST, [edit(FIRST, 0, NAMED), named(FIRST, 1, "Anna")])
    assert not fitting(found, [edit(FIRST, 0, "Muuta.")])
    assert not fitting(found, [named(FIRST, 1, "Olli")])
    assert not fitting(found, [border(FIRST, 0, 5, "merge")])
    assert fitting(found, [edit(found.transcript, 0, "Muuta."), named(found.transcript, 1, "Olli")])
    assert fitting(found, [border(found.transcript, 0, 4, "merge"), edit(FIRST, 2, kind="delete")])


WORDS = ("kunta", "Savukoski", "ja", "on", "tämä", "lausunto.", "2", "300")
EDITS = st.lists(
    st.tuples(
        st.integers(0, 28),
        st.sampled_from(["text", "confirm", "delete", "replace", "speaker"]),
        st.lists(st.sampled_from(WORDS), min_size=1, max_size=9),
    ),
    max_size=8,
)


def _edits(transcript, drawn):
    """Edits of one person, each made on what was shown then."""
    edits: list[Edit] = []
    for minutes, (number, kind, words) in enumerate(drawn):
        shown = applied(transcript, edits).transcript
        after = " ".join(words) if kind in ("text", "replace", "speaker") else ""
        edits.append(edit(shown, number % len(shown.passages), after, kind, minutes))
    return edits


SAMPLE = {
    name: Transcript(language="fi", engine="test", passages=identified(found.passages, ()))
    for name, found in TRANSCRIPTS.items()
}


@given(st.sampled_from(sorted(SAMPLE)))
def test_without_edits_nothing_changes(name):
    assert applied(TRANSCRIPTS[name], []).transcript == TRANSCRIPTS[name]
    assert applied(SAMPLE[name], []).transcript == SAMPLE[name]


@given(EDITS)
def test_a_transcript_that_is_made_again_alike_shows_the_same(drawn):
    heard = SAMPLE["recognised"]
    edits = _edits(heard, drawn)
    found = applied(heard, edits)
    assert found.placed == tuple(edits)
    again = heard.model_copy(update={"passages": identified(TRANSCRIPTS["recognised"].passages, heard.passages)})
    assert applied(again, reversed(edits)) == found


@given(st.lists(st.tuples(st.integers(0, 28), st.integers(1, 6), st.booleans()), max_size=8))
def test_borders_lose_no_word_and_keep_the_order(drawn):
    heard = SAMPLE["recognised"]
    edits: list[Edit] = []
    for minutes, (number, at_word, is_split) in enumerate(drawn):
        shown = applied(heard, edits).transcript
        number %= len(shown.passages) - 1
        words = len(spaced(shown.passages[number].text))
        if is_split and words > 1:
            edits.append(border(shown, number, 1 + at_word % (words - 1), minutes=minutes))
        elif not is_split:
            edits.append(border(shown, number, words, "merge", minutes))
    found = applied(heard, edits)
    assert found.placed == tuple(edits)
    passages = found.transcript.passages
    assert [word for p in passages for word in p.words] == [word for p in heard.passages for word in p.words]
    assert [word for p in passages for word in spaced(p.text)] == [
        word for p in heard.passages for word in spaced(p.text)
    ]
    assert sorted(passages, key=lambda passage: passage.start_ms) == list(passages)
    assert len({passage.id for passage in passages}) == len(passages)


@given(EDITS)
def test_no_edit_and_no_word_of_others_is_lost(drawn):
    edits = _edits(SAMPLE["reference"], drawn)
    machine = Transcript(
        language="fi",
        engine="other",
        passages=identified(TRANSCRIPTS["recognised"].passages, SAMPLE["reference"].passages),
    )
    found = applied(machine, edits)
    assert sorted([*found.placed, *(each.edit for each in found.unplaced)], key=lambda one: one.at) == edits
    assert all(each.reason for each in found.unplaced)
    shown = {passage.id: passage for passage in [*found.transcript.passages, *found.deleted]}
    assert len(shown) == len(machine.passages)
    for passage in machine.passages:
        assert shown[passage.id].words == passage.words
        near = [
            one for one in edits if one.start_ms - 31_000 < passage.end_ms and passage.start_ms < one.end_ms + 31_000
        ]
        assert near or shown[passage.id] == passage
        assert spaced(passage.text)
