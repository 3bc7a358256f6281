"""Words to Passages to one transcript."""

from hypothesis import given
from hypothesis import strategies as st

from core.models import Gap, Passage, Transcript, Word
from core.text import transcript


def said(text, start_ms=0, word_ms=400, pause_ms=50):
    words = []
    for part in text.split():
        words.append(Word(start_ms=start_ms, end_ms=start_ms + word_ms, text=part, probability=0.5))
        start_ms += word_ms + pause_ms
    return words


def texts(passages):
    return [passage.text for passage in passages]


@st.composite
def spoken(draw, start_ms=0):
    """Words as an engine gives them: in order, now and then with punctuation, a pause or no length at all."""
    words = []
    for _ in range(draw(st.integers(0, 40))):
        start_ms += draw(st.sampled_from([0, 20, 100, 699, 700, 3000]))
        end_ms = start_ms + draw(st.sampled_from([0, 80, 300, 900, 9000]))
        text = draw(st.sampled_from(["ja", "kunta", "päätettiin,", "asia.", "Entä?", "3.", "hyvinvointialueuudistus"]))
        words.append(Word(start_ms=start_ms, end_ms=end_ms, text=text, probability=0.5))
        start_ms = end_ms
    return words


def test_no_words_no_passages():
    assert transcript.passages([]) == ()
    assert transcript.join([]) == transcript.join([(), ()]) == ()
    assert transcript.plain_text(Transcript(language="fi", engine="test")) == ""


def test_sentences_and_pauses_end_passages():
    words = said("Hyvää huomenta. Mitä kuuluu? Kiitos hyvää") + said("ja tervetuloa", start_ms=4000)
    assert texts(transcript.passages(words)) == ["Hyvää huomenta.", "Mitä kuuluu?", "Kiitos hyvää", "ja tervetuloa"]


def test_ordinals_end_no_sentence():
    words = said("Kokous on 3. joulukuuta klo 9. Tervetuloa.")
    assert texts(transcript.passages(words)) == ["Kokous on 3. joulukuuta klo 9.", "Tervetuloa."]


def test_a_quote_ends_with_its_sentence():
    words = said("Hän sanoi: ”Sopii.” Jatketaan.")
    assert texts(transcript.passages(words)) == ["Hän sanoi: ”Sopii.”", "Jatketaan."]


def test_long_speech_is_cut_at_a_comma():
    words = said("yksi kaksi kolme neljä, viisi kuusi seitsemän kahdeksan", word_ms=2500)
    assert texts(transcript.passages(words)) == ["yksi kaksi kolme neljä,", "viisi kuusi seitsemän kahdeksan"]


@given(spoken())
def test_passages_keep_every_word_and_the_limit(words):
    found = transcript.passages(words)
    assert [word for passage in found for word in passage.words] == words
    assert all(len(p.words) == 1 or p.end_ms - p.start_ms <= transcript.MAX_MS for p in found)
    assert all(p.text == " ".join(word.text for word in p.words) for p in found)


def test_a_sentence_goes_on_over_the_border_of_parts():
    first = transcript.passages(said("Aloitetaan. Verkosto tekee"))
    second = transcript.passages(said("lausunnon yhdessä. Kiitos.", start_ms=1400))
    assert texts(transcript.join([first, second])) == [
        "Aloitetaan.",
        "Verkosto tekee lausunnon yhdessä.",
        "Kiitos.",
    ]


def test_a_pause_at_the_border_separates():
    first, second = transcript.passages(said("niin se on")), transcript.passages(said("hyvä on", start_ms=2000))
    assert texts(transcript.join([first, second])) == ["niin se on", "hyvä on"]


def test_unclear_speech_stays_by_itself():
    unclear = (transcript.passage(said("mumina", start_ms=1400), unclear=True),)
    joined = transcript.join([transcript.passages(said("niin se on")), unclear])
    assert [passage.unclear for passage in joined] == [False, True]


def test_joining_keeps_text_without_words():
    bare = (Passage(start_ms=0, end_ms=900, text="vain tekstiä"),)
    assert texts(transcript.join([bare, transcript.passages(said("ja lisää", start_ms=1000))])) == [
        "vain tekstiä",
        "ja lisää",
    ]


@given(spoken(), st.lists(st.integers(0, 40), max_size=4))
def test_join_loses_and_doubles_no_word(words, cuts):
    borders = [0, *sorted(min(cut, len(words)) for cut in cuts), len(words)]
    parts = [transcript.passages(words[a:b]) for a, b in zip(borders, borders[1:], strict=False)]
    joined = transcript.join(parts)
    assert [word for passage in joined for word in passage.words] == words
    assert all(len(p.words) == 1 or p.end_ms - p.start_ms <= transcript.MAX_MS for p in joined)


def test_corrected_words_share_the_time_of_what_was_recognised():
    passage = transcript.passage(said("nyt paatettin että tehdään")).model_copy(
        update={"text": "Nyt päätettiin yhdessä, että tehdään."}
    )
    words = transcript.timed_words(passage)
    assert [word.text for word in words] == passage.text.split()
    assert [words[0].start_ms, words[3].start_ms] == [0, 900]
    assert 400 <= words[1].start_ms < words[1].end_ms == words[2].start_ms < words[2].end_ms <= 900


@given(spoken(), st.lists(st.sampled_from(["kunta", "uusi", "sana."]), min_size=1))
def test_corrected_words_have_times_in_order(words, corrected):
    for passage in transcript.passages(words):
        found = transcript.timed_words(passage.model_copy(update={"text": " ".join(corrected)}))
        assert [word.text for word in found] == corrected
        times = [ms for word in found for ms in (word.start_ms, word.end_ms)]
        assert times == sorted(times)
        assert passage.start_ms <= times[0] <= times[-1] <= passage.end_ms


def test_plain_text_has_times_gaps_and_marks():
    passages = (
        *transcript.passages(said("Hyvää huomenta. Aloitetaan.")),
        transcript.passage(said("mumina", start_ms=3_723_000), unclear=True),
        Passage(start_ms=3_724_000, end_ms=3_727_000, text=transcript.NOT_RECOGNISED, unclear=True),
    )
    text = transcript.plain_text(
        Transcript(language="fi", engine="test", passages=passages),
        [Gap(at_ms=60_000, lost_ms=12_400, reason="source")],
    )
    assert text == (
        "[0.00.00]\nHyvää huomenta. Aloitetaan.\n\n[0.01.00]\n[– 12 s –]\n\n[1.02.03]\n[?] mumina [ei tunnistettu]\n"
    )
