"""kill -9 while an episode is prepared: what was made is found, and all is as an undisturbed run makes it."""

from pathlib import Path

from chaos import speech
from maaseutu.stack import Stack

PART_S = 30
MINUTES = 2


def test_a_killed_prepare_goes_on_where_it_was(stack: Stack, small_film: Path, tmp_path: Path) -> None:
    settings = stack.settings.model_copy(update={"part_seconds": PART_S})
    outcome = speech.run(settings, MINUTES, tmp_path, small_film)
    assert outcome.altered == 0
    assert outcome.twice == 0
    assert outcome.done >= 2
    assert outcome.remade == 0
    assert outcome.before >= outcome.windows / 2 > 2
    assert 0 < outcome.decoded == outcome.added
