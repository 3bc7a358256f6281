"""A passage and an episode are withdrawn from real media, and restored: nothing of them is on the site meanwhile."""

import gzip
import io
import os
import re
import uuid
import zipfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import av
import m3u8
import numpy as np
import pytest
from prefect import flow
from prefect.client.schemas.objects import State
from pydantic import ValidationError

from config import catalogue, stores
from config.settings import PREFIX, Settings, environment
from core import keys
from core.archive import cards, recordings, unfinished
from core.archive.recordings import RecordingStore
from core.bucket import Bucket
from core.capture import recorder
from core.capture.recorder import Options
from core.duties import withdrawals
from core.errors import InvalidInput, Misconfigured
from core.media.ffmpeg import program
from core.media.soundfile import SoundFile
from core.meeting import marks
from core.models import AgendaItem, Broadcast, Change, Edit, EncodedPart, Episode, Mark
from core.planning.planned import Planned, Speaker
from flows import withdraw
from flows.publish import PublishRequest, publish_episode
from flows.withdraw import DescribeRequest, EpisodeRequest, EraseRequest, PassageRequest, RestoreRequest
from maaseutu.stack import Stack
from tasks import live, notetaking, pages, places, remaining, sweeping
from tasks.assembly import assemble
from tasks.following import Followed
from tasks.transcoding import encode_part
from tests.core.made_media import make
from tests.core.transcripts import spoken
from web import render

SPOKEN = spoken(
    (0.5, 4, "Hyvää huomenta Vieremältä."),
    (5, 9, "Koulukuljetuksista päätettiin, että kunta tekee selvityksen."),
    (9.2, 11.4, "Ville Salakuljettaja asuu Rääkkylässä osoitteessa Piilokuja."),
    (11.5, 13.8, "Sylvesterin sairaus on vakava."),
    (14.6, 18, "Siirrymme seuraavaan asiaan."),
    (20, 23, "Kiitos kaikille, hyvää päivänjatkoa."),
)
OF_PLACE = "kunnat/raakkyla/index.html"
START, END = 10.0, 14.0
PLACE = ("Rääkkyl", "raakkyl")
SECRET = (*PLACE, "osoitteessa", "Piilokuja", "Sylvesteri", "sairaus", "vakava")
"""What is said between them, and nowhere else."""
HEIGHTS = (480, 360)
FRAME = 1 / 25


class Withdrawn(NamedTuple):
    """A published episode, how its site was before, and what it is called."""

    settings: Settings
    name: str
    episode: Episode
    before: dict[str, str]

    @property
    def site(self) -> Bucket:
        return stores.site(self.settings)

    @property
    def archive(self) -> Bucket:
        return stores.archive(self.settings)


@pytest.fixture(scope="module")
def settings(prefect: None, storage: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Parts of ten seconds, in buckets of their own, in a Finland of two municipalities."""
    name = uuid.uuid4().hex[:8]
    changed = {"archive_bucket": f"a-{name}", "site_bucket": f"s-{name}", "index_bucket": ""}
    made = storage.settings.model_copy(update=changed | {"part_seconds": 10, "public_url": "https://example.org"})
    stores.create(made)
    with pytest.MonkeyPatch.context() as patch:
        for variable, value in environment(made).items():
            if variable.startswith(PREFIX):
                patch.setenv(variable, value)
        lines = catalogue.MUNICIPALITIES.read_text(encoding="utf-8").splitlines()
        few = tmp_path_factory.mktemp("config") / "municipalities.csv"
        few.write_text("\n".join(line for line in lines if re.search("code,|Rääkkylä|Vieremä", line)), encoding="utf-8")
        patch.setattr(catalogue, "MUNICIPALITIES", few)
        yield made
    for known in (notetaking._names, render._swedish):
        known.cache_clear()


@pytest.fixture(scope="module")
def prepared(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Episode:
    """A recording of 28 s in three Parts, with what is said in it, a marked moment and a correction within."""
    folder = tmp_path_factory.mktemp("recording")
    store = RecordingStore(stores.archive(settings), f"test-{uuid.uuid4().hex[:12]}")
    now = datetime.now(UTC)
    broadcast = Broadcast(id=store.id, programme="maaseutu-live", title="Kokous", starts_at=now)
    store.announce(broadcast)
    source = make(folder / "a.mp4", seconds=28, options=("-vf", "scale=120:480"))
    recorder.import_file(source, store, Options(folder / "spool"), starts_at=now, report=lambda _: None)

    @flow
    def prepare() -> None:
        followed = Followed(settings, store.id)
        parts = followed.look()
        encoded = [encode_part(settings, broadcast, part) for part in parts]
        assemble(settings, broadcast, followed.gaps, encoded, [SPOKEN], marks.moments(parts))

    prepare()
    episode = store.episode()
    assert episode
    (clock, *_) = episode.moments
    store.mark(Mark(at=clock.captured_at + timedelta(seconds=START + 1), text="Sylvesterin sairaus"))
    passage = episode.transcript.passages[2]
    after = passage.text.replace("asuu", "asuu nykyään")
    place = {"passage": passage.id, "start_ms": passage.start_ms, "end_ms": passage.end_ms, "before": passage.text}
    store.correct(Edit.model_validate(place | {"at": now, "author": "Anna", "after": after}))
    return episode


@pytest.fixture(scope="module")
def published(settings: Settings, prepared: Episode) -> Withdrawn:
    """On the site, with what a live page left."""
    name = prepared.broadcast.id
    site = stores.site(settings)
    publish_episode(PublishRequest(broadcast=name))
    before = listed(site, name)
    site.put(keys.asset(name, keys.LIVE, "text.json"), b'{"passages": "Piilokuja"}')
    site.put(keys.media(name, "0" * 64), b"of the live page")
    return Withdrawn(settings, name, prepared, before)


def listed(site: Bucket, name: str) -> dict[str, str]:
    """All that the site has of the episode, but for what tells of the time: key → ETag."""
    own = {keys.evidence(name)}
    return {
        item.key: item.etag
        for item in site.list()
        if f"/{name}/" in item.key and item.key not in own and "selvitys" not in item.key and "changes/" not in item.key
    }


ASKED = {"start": "0.10", "end": "0.14", "by": "Anna", "reason": "Pyyntö", "note": "Henkilötieto."}


def passage(name: str, **more: str) -> PassageRequest:
    return PassageRequest.model_validate({"broadcast": name} | ASKED | more)


@pytest.fixture(scope="module")
def withdrawn(published: Withdrawn) -> Withdrawn:
    """Of which a passage over a Part's border was withdrawn."""
    withdraw.withdraw_passage(passage(published.name))
    return published


def texts(data: bytes) -> Iterator[str]:
    """Every text that bytes hold: as they are, unpacked by gzip, and of each file of a zip such as a DOCX."""
    yield data.decode(errors="ignore")
    if data[:2] == b"\x1f\x8b":
        yield from texts(gzip.decompress(data))
    if data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            for inside in packed.namelist():
                yield from texts(packed.read(inside))


KNOWN: dict[str, str] = {}
"""All texts of an object, in small letters, by its ETag: what did not change is read once."""


def holding(site: Bucket, words: Sequence[str]) -> dict[str, list[str]]:
    """The objects of the whole site in whose key or content a word stands. Pages of places have all places' names."""
    stored = list(site.list())
    fresh = [item for item in stored if item.etag not in KNOWN]
    with ThreadPoolExecutor(16) as pool:
        read = pool.map(lambda item: "\n".join(texts(site.get(item.key))).lower(), fresh)
        KNOWN.update(zip((item.etag for item in fresh), read, strict=True))
    told = {item.key: f"{item.key}\n{KNOWN[item.etag]}" for item in stored}
    found = {key: [w for w in words if w.lower() in text and not _is_a_place(w, key)] for key, text in told.items()}
    return {key: hits for key, hits in found.items() if hits}


def _is_a_place(word: str, key: str) -> bool:
    return word in PLACE and "kunnat/" in key


def tracks(site: Bucket, name: str, rendition: str) -> list[str]:
    """The keys of the media of a rendition of the version that is shown, in the order of its playlist."""
    card = cards.shown(site, name)
    assert card
    playlist = m3u8.loads(site.get(keys.asset(name, card.version, f"{rendition}.m3u8")).decode())
    return list(dict.fromkeys(segment.uri.rpartition("../")[2] for segment in playlist.segments))


def pictures(site: Bucket, key: str, part: EncodedPart, folder: Path) -> dict[float, np.ndarray]:
    """Every frame of a Part by its time on the timeline (s): all have the same length."""
    path = site.download(key, folder / f"{uuid.uuid4().hex}.mp4")
    with av.open(str(path)) as file:
        frames = [frame.to_ndarray(format="gray") for frame in file.decode(video=0)]
    return {round(part.start_ms / 1000 + at * FRAME, 3): frame for at, frame in enumerate(frames)}


def samples(site: Bucket, key: str, folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """One channel of the sound, and the time (s) of each of its samples."""
    path = site.download(key, folder / f"{uuid.uuid4().hex}.mp4")
    with av.open(str(path)) as file:
        rate = file.streams.audio[0].rate
        frames = [(float(frame.pts * frame.time_base), frame.to_ndarray()[0]) for frame in file.decode(audio=0)]
    times = [start + np.arange(len(data)) / rate for start, data in frames]
    return np.concatenate([data for _, data in frames]), np.concatenate(times)


def test_before_it_is_withdrawn_it_is_everywhere(published: Withdrawn) -> None:
    found = holding(published.site, SECRET)
    assert {word for hits in found.values() for word in hits} == set(SECRET)
    assert published.name in published.site.get(OF_PLACE).decode()


def test_no_word_of_it_is_left_in_any_object_of_the_site(withdrawn: Withdrawn) -> None:
    assert holding(withdrawn.site, SECRET) == {}
    assert withdrawn.name not in withdrawn.site.get(OF_PLACE).decode()
    prefix = f"{keys.EPISODES}{withdrawn.name}/"
    folders = {item.key.removeprefix(prefix).partition("/")[0] for item in withdrawn.site.list(prefix)}
    card = cards.shown(withdrawn.site, withdrawn.name)
    assert card
    assert {folder for folder in folders if "." not in folder} == {card.version, "selvitys"}


def test_what_is_said_around_it_stays_and_the_page_tells_of_it(withdrawn: Withdrawn) -> None:
    site, name = withdrawn.site, withdrawn.name
    card = cards.shown(site, name)
    assert card
    text = site.get(keys.asset(name, card.version, "transcript.txt")).decode()
    assert "Ville Salakuljettaja" in text
    assert "[0.00.10–0.00.14]\n[poistettu]" in text
    assert "Siirrymme seuraavaan asiaan." in text
    assert "[poistettu]" in site.get(keys.asset(name, card.version, "captions.srt")).decode()
    for lang, words in (
        ("", "Kohta 0.10–0.14 on poistettu."),
        ("sv/", "har tagits bort."),
        ("en/", "has been removed."),
    ):
        page = site.get(lang + keys.page(name)).decode()
        assert words in page
        assert "Henkilötieto." in page
        assert "Pyyntö" not in page


def test_picture_and_sound_are_gone_between_the_borders_and_as_before_elsewhere(
    withdrawn: Withdrawn, tmp_path: Path
) -> None:
    site, name, parts = withdrawn.site, withdrawn.name, withdrawn.episode.parts
    for height in HEIGHTS:
        shown = tracks(site, name, str(height))
        assert [_is_as_before(part, key) for part, key in zip(parts, shown, strict=True)] == [False, False, True]
        for part, key in zip(parts[:2], shown[:2], strict=True):
            _compare(_original(withdrawn, part, str(height), tmp_path), pictures(site, key, part, tmp_path))
    sounds = tracks(site, name, "audio")
    assert [_is_as_before(part, key) for part, key in zip(parts, sounds, strict=True)] == [False, False, True]
    card = cards.shown(site, name)
    assert card
    whole = SoundFile.model_validate_json(site.get(keys.heard(name, card.version))).key
    for key in (*sounds[:2], whole):
        heard, times = samples(site, key, tmp_path)
        inside = (times > START) & (times < END)
        outside = (times < START - 0.05) | (times > END + 0.05)
        assert inside.any()
        assert np.abs(heard[inside]).max() < 0.02, "what AAC adds before and after a border, for a frame"
        assert np.abs(heard[(times > START + 0.03) & (times < END - 0.03)]).max() < 1e-4
        loud = np.abs(heard[outside & (times > 0.1)])
        assert np.percentile(loud, 99) > 0.05


def _is_as_before(part: EncodedPart, key: str) -> bool:
    return any(key.endswith(f"{track.sha256}.mp4") for track in part.tracks)


def _original(shown: Withdrawn, part: EncodedPart, name: str, folder: Path) -> dict[float, np.ndarray]:
    return pictures(shown.archive, next(t.key for t in part.tracks if t.name == name), part, folder)


def _compare(before: dict[float, np.ndarray], after: dict[float, np.ndarray]) -> None:
    """Every frame that is shown at any time in between is plain, and none that is a frame or more away."""
    assert list(before) == list(after)
    for at, picture in after.items():
        if START - FRAME < at < END:
            assert np.ptp(picture) < 8, at
        elif not START - 2 * FRAME <= at <= END + FRAME:
            assert np.abs(picture.astype(int) - before[at].astype(int)).mean() < 6, at
            assert np.ptp(picture) > 100, at


def test_stills_are_covered_too(withdrawn: Withdrawn, tmp_path: Path) -> None:
    site, name = withdrawn.site, withdrawn.name
    card = cards.shown(site, name)
    assert card
    plain = {}
    told = site.get(keys.asset(name, card.version, "thumbs.vtt")).decode()
    for at, address in re.findall(r"00:00:(\S+) --> \S+\n(\S+)", told):
        still = site.download(address.removeprefix(render.TO_ROOT), tmp_path / "still.jpg")
        with av.open(str(still)) as opened:
            (picture,) = [frame.to_ndarray(format="gray") for frame in opened.decode(video=0)]
        plain[float(at)] = bool(np.ptp(picture) < 12)
    assert [at for at, is_plain in plain.items() if is_plain] == [at for at in plain if START <= at < END]
    assert sum(plain.values()) == 2


def test_the_archive_keeps_all_and_says_who_and_why(withdrawn: Withdrawn) -> None:
    assert recordings.verify(RecordingStore(withdrawn.archive, withdrawn.name)) == []
    first, done = withdrawals.read(withdrawn.archive, withdrawn.name).steps[:2]
    assert (first.kind, first.by, first.reason, first.note) == ("passage", "Anna", "Pyyntö", "Henkilötieto.")
    assert done.kind == "cleared"


def test_again_nothing_is_added_and_nothing_is_removed(withdrawn: Withdrawn) -> None:
    known, before = withdrawals.read(withdrawn.archive, withdrawn.name), listed(withdrawn.site, withdrawn.name)
    withdraw.withdraw_passage(passage(withdrawn.name))
    assert withdrawals.read(withdrawn.archive, withdrawn.name) == known
    assert listed(withdrawn.site, withdrawn.name) == before


def test_the_change_tells_replicas_to_forget(withdrawn: Withdrawn) -> None:
    found = [Change.model_validate_json(withdrawn.site.get(item.key)) for item in withdrawn.site.list(keys.CHANGES)]
    assert [change.forgets for change in found if change.episode == withdrawn.name][:2] == [False, True]


def test_an_edit_of_the_transcript_and_another_one_keep_it_withdrawn(withdrawn: Withdrawn) -> None:
    store = RecordingStore(withdrawn.archive, withdrawn.name)
    gone = withdrawn.episode.transcript.passages[3]
    place = {"passage": gone.id, "start_ms": gone.start_ms, "end_ms": gone.end_ms, "before": gone.text}
    edit = {"at": datetime.now(UTC), "author": "Anna", "after": "Sylvesterin sairaus on hyvin vakava."}
    store.correct(Edit.model_validate(place | edit))
    moved = withdrawn.episode.model_copy(update={"transcript": SPOKEN})
    store.archive.put_record(keys.episode(withdrawn.name), moved)
    publish_episode(PublishRequest(broadcast=withdrawn.name))
    assert holding(withdrawn.site, SECRET) == {}
    store.archive.put_record(keys.episode(withdrawn.name), withdrawn.episode)
    for item in [item.key for item in store.archive.list(keys.edits(withdrawn.name))][1:]:
        store.archive.delete(item)


def test_a_run_that_was_killed_goes_on_where_it_was(withdrawn: Withdrawn, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second passage: at each of some steps the run ends, then the sweep finds what is missing."""
    name = withdrawn.name
    later = passage(name, start="0.20", end="0.23", note="")
    for module, step in ((pages, "flip_pointer"), (places, "publish_lists")):
        with monkeypatch.context() as patch:
            patch.setattr(module, step, _killed)
            with pytest.raises(SystemError):
                withdraw.withdraw_passage(later)
        assert (name, "publish") in {(case.broadcast, case.cure) for case in sweeping.unfinished(withdrawn.settings)}
    assert holding(withdrawn.site, ["päivänjatkoa"])
    publish_episode(PublishRequest(broadcast=name))
    assert holding(withdrawn.site, ["päivänjatkoa", *SECRET]) == {}
    assert [step.kind for step in withdrawals.read(withdrawn.archive, name).steps] == ["passage", "cleared"] * 2
    assert name not in {case.broadcast for case in sweeping.unfinished(withdrawn.settings)}


def test_words_and_media_are_gone_before_anything_is_encoded(
    withdrawn: Withdrawn, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """There is no encoder at first, and then one that tells what share of the processor it is given."""
    site, name = withdrawn.site, withdrawn.name
    lost = {key for rendition in ("480", "audio") for key in tracks(site, name, rendition)[1:2]}
    assert lost
    monkeypatch.setenv(f"{PREFIX}FFMPEG", str(tmp_path / "ffmpeg"))
    with pytest.raises(Misconfigured):
        withdraw.withdraw_passage(passage(name, start="0.22", end="0.23"))
    assert lost.isdisjoint(item.key for item in site.list(keys.shared(name)))
    assert "tehdään parhaillaan uudelleen" in site.get(keys.page(name)).decode()
    assert not withdrawals.read(withdrawn.archive, name).is_cleared
    shares = tmp_path / "shares"
    (tmp_path / "ffmpeg").write_text(
        f'#!/bin/sh\n{program()} "$@"; code=$?; nice >> {shares}; exit $code\n', encoding="utf-8"
    )
    (tmp_path / "ffmpeg").chmod(0o700)
    publish_episode(PublishRequest(broadcast=name))
    assert shares.read_text().split() == [str(os.getpriority(os.PRIO_PROCESS, 0))]
    assert len(tracks(site, name, "audio")) == len(withdrawn.episode.parts)
    assert "tehdään parhaillaan uudelleen" not in site.get(keys.page(name)).decode()
    restored(name, "0.22")


def _killed(*_: object, **__: object) -> State[None]:
    raise SystemError("killed")


def restored(name: str, start: str = "") -> None:
    withdraw.restore(RestoreRequest(broadcast=name, by="Pekka", reason="Erehdys", start=start))


def test_what_is_restored_is_as_it_was_before(withdrawn: Withdrawn) -> None:
    with pytest.raises(InvalidInput) as refused:
        restored(withdrawn.name, "0.11")
    assert refused.value.cure == "Withdrawn is: 0.00.10–0.00.14, 0.00.20–0.00.23."
    restored(withdrawn.name, "0.20")
    restored(withdrawn.name, "0.10")
    assert listed(withdrawn.site, withdrawn.name) == withdrawn.before
    with pytest.raises(InvalidInput, match="No such thing"):
        restored(withdrawn.name, "0.10")


def test_an_episode_is_withdrawn_as_a_whole_and_restored(withdrawn: Withdrawn) -> None:
    site, name = withdrawn.site, withdrawn.name
    withdraw.withdraw_episode(
        EpisodeRequest(broadcast=name, by="Anna", reason="Pyyntö", note="Lähetys korvataan uudella.")
    )
    assert set(listed(site, name)) == {lang + keys.page(name) for lang in ("", "en/", "sv/")}
    assert set(holding(site, [name])) - {item.key for item in site.list(keys.CHANGES)} == {
        lang + keys.page(name) for lang in ("", "en/", "sv/")
    }
    page, stored = site.get(keys.page(name)).decode(), site.head(keys.page(name))
    assert stored
    assert stored.gone
    assert "Lähetys on poistettu" in page
    assert "Lähetys korvataan uudella." in page
    assert "Kokous" not in page
    publish_episode(PublishRequest(broadcast=name))
    assert cards.shown(site, name) is None
    assert not live.may_show(withdrawn.settings, name)
    now, patience = datetime.now(UTC), timedelta(minutes=1)
    assert unfinished.standing(withdrawn.archive, site, name, now=now, patience=patience).state == "withdrawn"
    assert name not in {case.broadcast for case in sweeping.unfinished(withdrawn.settings)}
    restored(name)
    assert listed(site, name) == withdrawn.before


NAMED = AgendaItem(title="Anna Korhosen kannanotto", cues=("kannanotto",))
FIBRE = AgendaItem(title="Valokuitu ja etätyö")


@pytest.fixture
def named(settings: Settings, episode: Episode) -> Episode:
    """On the site; its title, its agenda and a speaker have the name that a passage says from 22.7 to 26.2 s."""
    archive, name = stores.archive(settings), episode.broadcast.id
    broadcast = episode.broadcast.model_copy(update={"title": "Anna Korhosen asia", "agenda": (NAMED, FIBRE)})
    made = episode.model_copy(update={"broadcast": broadcast})
    archive.put_record(keys.episode(name), made)
    first, other = made.transcript.passages[3], made.transcript.passages[11]
    for each, speaker in ((first, "Anna Korhonen"), (other, "Pekka Muu")):
        place = {"passage": each.id, "start_ms": each.start_ms, "end_ms": each.end_ms, "before": each.text}
        edit = {"at": datetime.now(UTC), "author": "Anna", "kind": "speaker", "after": speaker}
        RecordingStore(archive, name).correct(Edit.model_validate(place | edit))
    plan = {"programme": "maaseutu-live", "starts_at": broadcast.starts_at, "ends_at": broadcast.starts_at}
    for called in (name, f"{name}-toinen"):
        planned = Planned.model_validate(plan | {"id": called, "title": "Ilta", "changed_at": broadcast.starts_at})
        speakers = {"speakers": (Speaker(name="Anna Korhonen", role="asukas"),)}
        archive.put_record(keys.planned(called), planned.model_copy(update=speakers))
    publish_episode(PublishRequest(broadcast=name))
    return made


def looked(settings: Settings, name: str) -> tuple[str, set[tuple[str, str]]]:
    """What the form says where nothing is withdrawn yet, and what it lists."""
    asked = passage(name, start="22", end="0.27").model_copy(update={"dry_run": True})
    state = withdraw.withdraw_passage(asked, return_state=True)
    found = remaining.standing.fn(settings, name, remaining.said.fn(settings, name, asked.place))
    left = remaining.outside(found, name, asked.place)
    assert withdrawals.read(stores.archive(settings), name).passages == []
    return str(state.message), {(each.episode.removeprefix(name), each.field) for each in left}


def test_where_a_name_stands_is_told_and_the_episode_told_in_other_words(settings: Settings, named: Episode) -> None:
    archive, site, name = stores.archive(settings), stores.site(settings), named.broadcast.id
    said, found = looked(settings, name)
    assert {("", "title"), ("", "chapters.title"), ("", "passages.speaker"), ("-toinen", "plan.speakers.name")} <= found
    assert "Names in it (Anna Korhonen) still stand in" in said
    agenda, renamed = "Kyläkoulujen kannanotto: kannanotto\nValokuitu ja etätyö", "Anna Korhonen: asukas\nPekka Muu:"
    words = {"broadcast": name, "by": "Anna", "reason": "Pyyntö", "title": "Koulut", "agenda": agenda}
    withdraw.describe_broadcast(DescribeRequest.model_validate(words | {"speakers": renamed}))
    assert {field for other, field in looked(settings, name)[1] if not other} == set()
    # The passage itself says Korhonen.
    assert [key for key in holding(site, ["Korhosen"]) if name in key] == []
    card = cards.shown(site, name)
    assert card
    assert card.title == "Koulut"
    assert [each.title for each in card.chapters][1:] == ["Kyläkoulujen kannanotto", "Valokuitu ja etätyö"]
    document = cards.searched(site, name, card.version)
    assert document
    assert [each.speaker for each in document.passages if each.speaker] == ["asukas"]
    assert [step.kind for step in withdrawals.read(archive, name).steps] == ["described", "cleared"]
    assert sorted(edit.was for edit in RecordingStore(archive, name).edits()) == ["", "", "Anna Korhonen", "Pekka Muu"]
    planned = Planned.model_validate_json(archive.get(keys.planned(name)))
    assert (planned.title, planned.speakers[0].name) == ("Koulut", "asukas")


def test_a_time_is_read_with_a_point_or_a_colon() -> None:
    place = PassageRequest(broadcast="kokous", start="0:07", end="1.02:03", by="Anna", reason="Pyyntö").place
    assert (place.start_ms, place.end_ms) == (7000, 3_723_000)


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [("start", "keskellä", "is not a place"), ("end", "0.09", "before it begins"), ("by", "  ", "at least 1")],
)
def test_a_form_that_makes_no_sense_says_why(field: str, value: str, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        passage("test-kokous", **{field: value})


def test_the_forms_ask_what_why_and_who_and_then_the_rest() -> None:
    first = ["broadcast", "start", "end", "reason", "by"]
    assert list(PassageRequest.model_json_schema()["properties"]) == [*first, "note", "names", "dry_run"]
    assert list(EraseRequest.model_json_schema()["properties"]) == ["broadcast", "confirm", "reason", "by"]


def test_a_line_of_speakers_without_a_colon_is_refused() -> None:
    with pytest.raises(ValidationError, match="write the name that is shown, a colon"):
        DescribeRequest(broadcast="test-kokous", by="Anna", reason="Pyyntö", speakers="Anna Korhonen")


def test_what_is_recorded_or_on_the_air_is_refused_in_plain_words(settings: Settings) -> None:
    archive, site = stores.archive(settings), stores.site(settings)
    with pytest.raises(InvalidInput, match="no episode"):
        withdraw.withdraw_passage(passage("test-ei-ole"))
    RecordingStore(archive, "test-elossa").beat()
    with pytest.raises(InvalidInput, match="still recorded or prepared"):
        withdraw.withdraw_passage(passage("test-elossa"))
    assert withdrawals.read(archive, "test-elossa").steps == ()
    assert not list(site.list("jaksot/test-elossa/"))


def test_before_its_review_nothing_of_an_episode_is_shown_and_what_is_left_of_it_goes(
    settings: Settings, episode: Episode, given: Callable[[Settings], Settings]
) -> None:
    given(settings.model_copy(update={"review": "before"}))
    site, name = stores.site(settings), episode.broadcast.id
    site.put(keys.asset(name, keys.LIVE, "text.json"), b"{}")
    withdraw.withdraw_passage(passage(name))
    assert [item.key for item in site.list(f"{keys.EPISODES}{name}/")] == [keys.page(name)]
    assert "tulee tähän osoitteeseen" in site.get(keys.page(name)).decode()
    assert [step.kind for step in withdrawals.read(stores.archive(settings), name).steps] == ["passage", "cleared"]
