"""kill -9 while speech is recognised: what was decoded is found, and the text is that of an undisturbed run."""

from pathlib import Path

import pytest

from chaos import speech
from maaseutu.stack import Stack

pytestmark = pytest.mark.chain
PART_S = 40
MINUTES = 2.5


def test_decoded_windows_are_not_decoded_again(stack: Stack, small_film: Path, tmp_path: Path) -> None:
    settings = stack.settings.model_copy(update={"part_seconds": PART_S})
    outcome = speech.run(settings, MINUTES, tmp_path, small_film)
    assert outcome.altered == 0
    assert outcome.twice == 0
    assert outcome.before >= outcome.windows / 2 > 2
    assert 0 < outcome.decoded == outcome.added
