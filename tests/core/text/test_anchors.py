"""Ids of Passages: each its own, and the same when the transcript is made again."""

from hypothesis import given
from hypothesis import strategies as st

from core.models import Passage
from core.text.anchors import identified
from core.text.transcript import passages
from tests.core.transcripts import TRANSCRIPTS

STEPS = st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 9000)), max_size=25)
LEAST_MS = 1000


def _spoken(steps, words="sanaa"):
    """Passages one after the other: (pause before, length) in ms."""
    made, at = [], 0
    for number, (pause, length) in enumerate(steps):
        made.append(Passage(start_ms=at + pause, end_ms=at + pause + length, text=f"{words} {number}"))
        at += pause + length
    return tuple(made)


def _ids(found):
    return [passage.id for passage in found]


@given(STEPS, STEPS)
def test_ids_are_unique_and_nothing_else_changes(before, after):
    known = identified(_spoken(before), ())
    found = identified(_spoken(after), known)
    assert len(set(_ids(found))) == len(found)
    assert all(_ids(found))
    assert tuple(passage.model_copy(update={"id": ""}) for passage in found) == _spoken(after)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 30), st.sampled_from("ab")), max_size=12))
def test_the_same_transcript_has_the_same_ids_even_where_passages_overlap(rows):
    said = tuple(Passage(start_ms=at, end_ms=at + length, text=text) for at, length, text in rows)
    known = identified(said, ())
    assert identified(said, known) == known
    assert identified(known, known) == known


@given(st.lists(st.tuples(st.integers(0, 3000), st.integers(LEAST_MS, 9000)), max_size=25), st.data())
def test_small_shifts_and_other_words_keep_ids(steps, data):
    known = identified(_spoken(steps), ())
    shifts = st.integers(0, LEAST_MS // 2 - 1)
    moved = tuple(
        passage.model_copy(update={"start_ms": passage.start_ms + shift, "end_ms": passage.end_ms + shift, "id": ""})
        for passage, shift in zip(_spoken(steps, "muuta"), data.draw(st.tuples(*[shifts] * len(steps))), strict=True)
    )
    assert _ids(identified(moved, known)) == _ids(known)


@given(st.integers(1000, 9000), st.integers(1000, 9000))
def test_split_and_merged_passages_keep_one_of_the_ids(first, second):
    apart = _spoken([(0, first), (0, second)])
    whole = (Passage(start_ms=0, end_ms=first + second, text="kaikki"),)
    known = identified(apart, ())
    assert identified(whole, known)[0].id == known[first < second].id
    split = identified(apart, identified(whole, ()))
    assert split[first < second].id == "p0"
    assert len(set(_ids(split))) == 2


def test_an_id_that_stood_before_is_not_given_to_another_passage():
    known = identified([Passage(start_ms=5000, end_ms=9000, text="a"), Passage(start_ms=0, end_ms=5000, text="b")], ())
    assert _ids(known) == ["p5000", "p0"]
    later = [Passage(start_ms=5000, end_ms=5300, text="c"), Passage(start_ms=5300, end_ms=9000, text="a")]
    assert _ids(identified(later, known)) == ["p5000-2", "p5000"]


def test_two_recognitions_of_one_broadcast_share_most_ids():
    known = identified(TRANSCRIPTS["reference"].passages, ())
    found = identified(TRANSCRIPTS["recognised"].passages, known)
    again = identified(passages(word for p in found for word in p.words), found)
    assert len(set(_ids(found)) & set(_ids(known))) >= 0.8 * len(known)
    assert len(set(_ids(again)) & set(_ids(found))) >= 0.8 * len(again)
