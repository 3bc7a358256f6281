"""Who is told what."""

from datetime import UTC, datetime, timedelta

import pytest

from core.telling.ledger import Account
from core.telling.members import Member, Wish
from core.telling.news import News, due

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
EVERY = tuple(Wish)


def news(kind: Wish, key: str = "", **more: object) -> News:
    made = News(kind, key or f"{kind}-a", NOW, "a", "Kokous", "maaseutu-live", NOW + timedelta(days=7))
    return made._replace(**more)


def member(*wishes: Wish, **more: object) -> Member:
    given = {
        "topics": ("koulu",),
        "address": "anna@x.fi",
        "wishes": wishes or EVERY,
        "municipalities": ("925",),
        "consent": "meeting",
    }
    return Member.model_validate(given | {"consented_at": NOW, "since": NOW - timedelta(days=1)} | more)


def keys(found: list[News], who: Member, heard: set[str] = frozenset(), claims: set[str] = frozenset()) -> list[str]:
    messages = due(found, who, Account(frozenset(heard), frozenset(claims)), "2026-11-24")
    return [f"{message.name}: {' '.join(each.key for each in message.news)}" for message in messages]


@pytest.mark.parametrize("kind", EVERY)
def test_only_what_is_wished(kind: Wish) -> None:
    found = [news(each, code="925", topic="koulu") for each in EVERY]
    name = "live-a" if kind is Wish.LIVE else "2026-11-24"
    assert keys(found, member(kind)) == [f"{name}: {kind}-a"]


def test_mentions_are_of_ones_own_municipality_and_programmes_of_ones_choice() -> None:
    found = [news(Wish.MENTIONED, "mentioned-a-925", code="925"), news(Wish.MENTIONED, "mentioned-a-584", code="584")]
    assert keys(found, member()) == ["2026-11-24: mentioned-a-925"]
    assert keys(found, member(programmes=("other",))) == []
    assert keys(found, member(programmes=("other", "maaseutu-live"))) == ["2026-11-24: mentioned-a-925"]


def test_topics_are_ones_own() -> None:
    found = [news(Wish.DISCUSSED, f"discussed-a-{topic}", topic=topic) for topic in ("koulu", "valokuitu")]
    assert keys(found, member()) == ["2026-11-24: discussed-a-koulu"]


def test_a_digest_begins_with_mentions_and_one_a_day_is_enough() -> None:
    found = [news(Wish.PLANNED), news(Wish.PUBLISHED), news(Wish.MENTIONED, code="925"), news(Wish.LIVE)]
    both = ["live-a: live-a", "2026-11-24: mentioned-a published-a planned-a"]
    assert keys(found, member()) == both
    assert keys(found, member(), claims={"2026-11-24"}) == both[:1]
    assert keys(found, member(), heard={"published-a"})[1:] == ["2026-11-24: mentioned-a planned-a"]


def test_a_change_of_what_somebody_has_not_heard_of_is_a_plan_and_its_end_is_nothing() -> None:
    moved = news(Wish.PLANNED, "planned-a-1", revision=1)
    over = moved._replace(key="planned-a-2", revision=2, is_cancelled=True)
    for heard, revisions in ((set(), [0]), ({"planned-a-0"}, [1])):
        [message] = due([moved], member(), Account(frozenset(heard)), "2026-11-24")
        assert [each.revision for each in message.news] == revisions
    assert keys([over], member()) == []
    assert keys([over], member(), heard={"planned-a-0"}) == ["2026-11-24: planned-a-2"]
    assert keys([over], member(), heard={"planned-ab-0"}) == []


def test_nothing_older_than_the_membership_but_what_is_to_come() -> None:
    assert keys([news(Wish.PUBLISHED), news(Wish.PLANNED)], member(since=NOW)) == ["2026-11-24: planned-a"]
