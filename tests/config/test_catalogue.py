"""The tables of config, as producers meet them."""

from pathlib import Path

import pytest

from config import catalogue
from core.errors import InvalidInput, Misconfigured
from core.models import AgendaItem


@pytest.mark.parametrize("name", ["Pedersöre", "Pedersören kunta", "pedersören kunta"])
def test_a_municipality_has_two_names(name: str) -> None:
    assert catalogue.municipality(name).name_fi == "Pedersören kunta"


@pytest.mark.parametrize(("wrong", "right"), [("Savukosk", "Savukoski"), ("Kumoinen", "Kuhmoinen"), ("<b>", "")])
def test_an_unknown_municipality_is_refused_with_the_nearest(wrong: str, right: str) -> None:
    with pytest.raises(InvalidInput, match=rf"There is no municipality '{wrong}'\. Is it {right}"):
        catalogue.municipality(wrong)


def test_words_after_a_colon_announce_a_topic_but_a_case_ending_does_not() -> None:
    assert catalogue.agenda(["EU:n rahoitus", "Valtionosuudet: valtionosuus, rahoitus", "Avaus:", " "]) == (
        AgendaItem(title="EU:n rahoitus"),
        AgendaItem(title="Valtionosuudet", cues=("valtionosuus", "rahoitus")),
        AgendaItem(title="Avaus"),
    )


def test_a_programme_may_have_a_schedule(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commented = (catalogue.HERE / "programmes.toml").read_text()
    table = tmp_path / "programmes.toml"
    table.write_text(commented.replace("# [maa", "[maa").replace('# repeats = "', 'repeats = "'))
    monkeypatch.setattr(catalogue, "HERE", tmp_path)
    with pytest.raises(Misconfigured, match=r"programmes\.toml is not valid"):
        catalogue.schedules()
    table.write_text(
        table.read_text().replace("# at", "at").replace("# minutes", "minutes").replace("# source", "source")
    )
    assert catalogue.schedules()["maaseutu-live"].minutes == 90
    assert catalogue.programme("maaseutu-live").title == "Maaseutu LIVE"
