"""Topics in whatever form they were said, also as parts of compounds."""

import pytest

from core.models import WordForms
from core.search.topics import discussed
from tests.web import demo

FORMS = {
    "kyläkoulujen": WordForms(bases=("kyläkoulu",), parts=("kylä", "koulu")),
    "kuntaan": WordForms(bases=("kunta",)),
    "etätyötila": WordForms(bases=("etätyötila",), parts=("etätyö", "tila")),
}
TYPED = {"koulut": WordForms(bases=("koulu",)), "kunnat": WordForms(bases=("kunta",))}


@pytest.mark.parametrize(
    ("topic", "found"),
    [
        ("koulut", ["kyläkoulujen", "koulu", "koulu"]),
        ("Kunnat", ["kunta", "kuntaan"]),
        ("etätyö", ["etätyötila"]),
        ("koulut tulevaisuus", ["kyläkoulujen"]),
        ("valokuitu kunnat", []),
        ("<script>", []),
        ("…", []),
    ],
)
def test_passages_with_all_words_of_a_topic(topic: str, found: list[str]) -> None:
    document = demo.search_document(demo.episode()).model_copy(update={"forms": FORMS})
    quotes = discussed(topic, document, TYPED)
    assert [quote.text[quote.start : quote.end] for quote in quotes] == found
    starts = {passage.start_ms: passage.end_ms for passage in document.passages}
    assert all(any(start <= quote.at_ms < end for start, end in starts.items()) for quote in quotes)
