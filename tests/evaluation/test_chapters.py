"""The measures of chapters, and that chapters are as good as docs/chapters.md tells."""

import pytest

from core.language.cues import Cues
from evaluation import chapters, meetings
from evaluation.chapters import Score
from evaluation.meetings import DECIDING, HELD_OUT, TUNING, Start, Timed
from evaluation.notes import LEXICON


@pytest.fixture(scope="module")
def meeting() -> Timed:
    return meetings.timed(next(each for each in meetings.known(TUNING) if each.name == "mixed"))


@pytest.fixture(scope="module")
def way(analyser) -> chapters.Way:
    return chapters.ours(analyser, Cues.load(LEXICON.read_text(encoding="utf-8")))


def test_what_is_right_has_no_error(meeting):
    found = chapters.score(meeting, meeting.starts)
    assert found == Score((0,) * 6, near=6, placed=6, wanted=6, false=0, told=6, pk=0.0, windowdiff=0.0)


def test_an_item_taken_up_twice_begins_twice(meeting):
    assert [start.title for start in meeting.starts].count("Vapaaehtoinen palokunta") == 2
    assert [start.title for start in meeting.starts].count("Rajakaupan vaikutukset") == 0


def test_what_is_wrong_is_counted(meeting):
    late = [start._replace(at_ms=start.at_ms + 12_000) for start in meeting.starts]
    skipped = Start(late[-1].at_ms + 20_000, "Rajakaupan vaikutukset")
    found = chapters.score(meeting, [*late, skipped])
    assert (found.off, found.near, found.false, found.told) == ((12_000,) * 6, 0, 1, 7)
    assert 0 < found.pk <= found.windowdiff < 1


def test_a_broadcast_is_the_same_always_and_its_errors_too():
    once, again = (meetings.damaged(meetings.timed(meetings.known(HELD_OUT)[0])) for _ in range(2))
    assert once == again
    plain = meetings.timed(meetings.known(HELD_OUT)[0])
    said = [word for passage in plain.transcript.passages for word in passage.text.split()]
    heard = [word for passage in once.transcript.passages for word in passage.text.split()]
    assert len(set(said) - set(heard)) > 0.15 * len(set(said))


def test_every_text_begins_the_items_of_its_agenda():
    for part in (TUNING, DECIDING, HELD_OUT):
        for each in meetings.known(part):
            planned, begun = {item.title for item in each.agenda}, {said.item for said in each.said if said.item}
            assert not planned or begun <= planned, each.name


@pytest.mark.parametrize(("part", "near"), [(TUNING, 0.7), (DECIDING, 0.9), (HELD_OUT, 0.5)])
def test_what_is_shown_is_where_it_is_told_to_be(part, near, way):
    """Of meetings that nobody tuned for less is found, but hardly anything that is not there."""
    scores = [chapters.score(each, way(each)) for each in map(meetings.timed, meetings.known(part)) if each.agenda]
    wanted, told = sum(one.wanted for one in scores), sum(one.told for one in scores)
    assert sum(one.near for one in scores) >= near * wanted
    assert sum(one.false for one in scores) <= 0.05 * told


def test_an_agenda_of_200_items(way):
    long = meetings.timed(meetings.many())
    found = chapters.score(long, way(long))
    assert (found.wanted, found.false) == (180, 0)
    assert found.near >= 0.95 * found.wanted
