"""Whether a broadcast can be held as it is planned."""

from datetime import timedelta

import pytest

from core.errors import InvalidInput
from core.planning import plans
from tests.web import demo

HOUR = timedelta(hours=1)
SOURCE = "rtmp://10.1.1.1/live/avain"
AT = demo.planned().starts_at


def planned(name="tulossa", source=SOURCE, **more):
    return plans.sourced(demo.planned(name, **{"starts_at": AT, "ends_at": AT + HOUR} | more), source)


OTHER = planned("toinen", title="Toinen")


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"ends_at": AT}, "would end before it begins: 26.1.2027 at 9.00 to 26.1.2027 at 9.00"),
        ({"ends_at": AT - HOUR}, "would end before it begins"),
        (
            {"starts_at": AT - 24 * HOUR},
            "begin on 25.1.2027 at 9.00, which is past. Give a time that is to come.",
        ),
        ({"ends_at": AT + 21 * HOUR}, "would last more than 20 hours. Check the day of its end."),
        (
            {"starts_at": AT + timedelta(minutes=59), "ends_at": AT + 2 * HOUR},
            "Toinen (toinen) is planned from the",
        ),
        (
            {"starts_at": AT - HOUR, "ends_at": AT + timedelta(minutes=1)},
            "from 26.1.2027 at 9.00 to 26.1.2027 at 10",
        ),
    ],
)
def test_what_cannot_be_held(wrong, why):
    with pytest.raises(InvalidInput) as raised:
        plans.require(planned(**wrong), [OTHER], AT - 2 * HOUR)
    assert why in str(raised.value)


@pytest.mark.parametrize(
    "other",
    [
        planned("toinen", starts_at=AT + HOUR, ends_at=AT + 2 * HOUR),
        planned("toinen", starts_at=AT - HOUR, ends_at=AT),
        planned("toinen", cancelled=True),
        planned("toinen", "rtmp://10.1.1.1/live/toinen"),
        planned("toinen", ""),
        planned("tulossa"),
    ],
    ids=["after", "before", "cancelled", "another key", "no source", "itself"],
)
def test_what_can_be_held_beside_another(other):
    plans.require(planned(), [other], AT - HOUR)
    plans.require(planned(source=""), [planned("toinen", "")], AT - HOUR)


def test_the_key_of_an_address_is_not_kept_but_known_again():
    made = planned()
    assert "avain" not in made.model_dump_json()
    assert plans.is_source(made, SOURCE)
    assert not plans.is_source(made, made.source)
    assert not plans.is_source(planned(source=""), "")


def test_names_of_speakers_and_their_municipalities_are_listened_for():
    pair = [{"name": "Anna Hietaniemi", "municipality": "Savukoski"}, {"name": "Matti", "municipality": "Savukoski"}]
    assert plans.listened_for(planned(speakers=pair)) == ["Anna Hietaniemi", "Savukoski", "Matti"]
