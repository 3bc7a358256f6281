"""A plausible episode, published into a bucket or a folder with a small real HLS: for tests and for looking at.

python -m tests.web.demo FOLDER     writes a site that any static server can show
"""

import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import imageio_ffmpeg

from config.settings import Settings
from core import keys
from core.archive import cards
from core.duties import compliance
from core.duties.signing import Kind, Signing, Step
from core.models import (
    AgendaItem,
    Broadcast,
    Chapter,
    EncodedPart,
    EncodedTrack,
    Episode,
    EpisodeCard,
    Gap,
    Hidden,
    Mention,
    NoteLine,
    Notes,
    NoteSection,
    Passage,
    SearchDocument,
    Thumbnail,
    Transcript,
    Word,
    WordForms,
)
from core.planning.planned import Planned
from core.search.results import Counts, Group, Hit, Results
from core.text import places
from tasks.pages import languages, whole_files
from tasks.places import drafts
from web import calendar, render, searching, strings
from web.links import Links

ID = "maaseutu-live-2026-11-24"
VERSION = "v1"
CONTACT = "toimitus@example.org"
SETTINGS = Settings(_env_file=None, public_url="https://example.org", contact=CONTACT)
PROGRAMMES = {"maaseutu-live": "Maaseutu LIVE"}
STARTS_AT = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
SPOKEN = (
    "Hyvää huomenta ja tervetuloa Maaseutu LIVE -lähetykseen.",
    "Tänään mukana ovat Vieremä, Kuhmoinen ja Utajärvi.",
    "Ensimmäisenä asiana on kyläkoulujen tulevaisuus pienissä kunnissa.",
    "Vieremällä koulu pidettiin auki, kun kunta vuokrasi tilat yhdistykselle iltakäyttöön.",
    "Oppilaita on nyt neljäkymmentäkaksi, ja määrä on kasvanut kolmena vuonna peräkkäin.",
    "Päätettiin, että verkosto tekee kyläkouluista yhteisen kannanoton valtuustoille.",
    "Kannanoton luonnoksen valmistelee Anna Korhonen tammikuun loppuun mennessä.",
    "Miten kuljetukset järjestetään, jos lähin koulu on neljänkymmenen kilometrin päässä?",
    "Siirrytään sitten valokuituun ja etätyöhön.",
    "Kuhmoisissa valokuitu ulottuu nyt yhdeksään kylään kymmenestä.",
    "tuota se liittymä maksoi silloin muistaakseni",
    "Liittymän hinta on ollut suurin este, ja siihen haetaan maakunnan avustusta.",
    "Sovittiin, että hankehakemus jätetään yhdessä ennen helmikuuta.",
    "Utajärvellä etätyötila on ollut käytössä syyskuusta asti.",
    "Kuinka moni etätyöntekijä on muuttanut kuntaan pysyvästi?",
    "Kiitos kaikille, seuraava lähetys on tammikuussa.",
)
HIDDEN = Hidden(start_ms=53_000, end_ms=56_000, note="Osallistujan pyynnöstä.")
STEP_MS = 3700
UNCLEAR = 10


def passages() -> tuple[Passage, ...]:
    """One passage every 3.7 s, with evenly spread words."""
    return tuple(_passage(n, text) for n, text in enumerate(SPOKEN))


def _passage(number: int, text: str) -> Passage:
    start, split = 500 + number * STEP_MS, text.split()
    each = (STEP_MS - 300) // len(split)
    words = [
        Word(start_ms=start + n * each, end_ms=start + n * each + each, text=w, probability=0.9)
        for n, w in enumerate(split)
    ]
    end = start + STEP_MS - 200
    return Passage(start_ms=start, end_ms=end, text=text, words=tuple(words), unclear=number == UNCLEAR)


def _at(number: int) -> int:
    return 500 + number * STEP_MS


def _line(kind: str, number: int, **more: str) -> NoteLine:
    return NoteLine.model_validate({"kind": kind, "at_ms": _at(number), "text": SPOKEN[number]} | more)


def notes() -> Notes:
    """Summary and two chapters with every kind of line."""
    schools = (
        _line("decision", 5),
        _line("action", 6, who="Anna Korhonen", due="tammikuun loppu", by="2027-01-31"),
        _line("question", 7),
    )
    fibre = (_line("decision", 12), _line("question", 14))
    return Notes(
        summary=(_line("summary", 3), _line("summary", 9), _line("summary", 11)),
        sections=(
            NoteSection(title="Kyläkoulujen tulevaisuus", start_ms=_at(2), lines=schools),
            NoteSection(title="Valokuitu ja etätyö", start_ms=_at(8), lines=fibre),
        ),
    )


def episode(*, video: bool = True, title: str = "Kyläkoulut, valokuitu ja etätyö") -> Episode:
    """The whole episode."""
    names = [("925", "Vieremä", 1, "Vieremä"), ("925", "Vieremä", 3, "Vieremällä")]
    names += [("291", "Kuhmoinen", 1, "Kuhmoinen"), ("291", "Kuhmoinen", 9, "Kuhmoisissa")]
    names += [("889", "Utajärvi", 1, "Utajärvi"), ("889", "Utajärvi", 13, "Utajärvellä")]
    return Episode(
        broadcast=Broadcast(id=ID, programme="maaseutu-live", title=title, starts_at=STARTS_AT),
        duration_ms=60_000,
        parts=(_part(video=video),),
        transcript=Transcript(language="fi", engine="example", passages=passages()),
        chapters=(
            Chapter(start_ms=0, end_ms=_at(2), title="Avaus"),
            Chapter(start_ms=_at(2), end_ms=_at(8), title="Kyläkoulujen tulevaisuus"),
            Chapter(start_ms=_at(8), end_ms=60_000, title="Valokuitu ja etätyö"),
        ),
        notes=notes(),
        mentions=tuple(Mention(code=c, name=n, at_ms=_at(i), said=s) for c, n, i, s in names),
        gaps=(Gap(at_ms=_at(8), lost_ms=12_400, reason="stalled"),),
        poster=Thumbnail(at_ms=0, key="k", sha256="0", width=640, height=360) if video else None,
        forms={"kuhmoisissa": WordForms(bases=("kuhmoinen",)), "kyläkoulujen": WordForms(bases=("kyläkoulu",))},
    )


def _part(*, video: bool) -> EncodedPart:
    common = {"key": "k", "sha256": "0", "size": 1, "init_length": 1, "init_sha256": "0", "fragments": ()}
    audio = EncodedTrack.model_validate(common | {"name": "audio", "codecs": "mp4a.40.2"})
    picture = EncodedTrack.model_validate(
        common | {"name": "360", "codecs": "avc1.4d401e", "width": 640, "height": 360}
    )
    small = picture.model_copy(update={"name": "180", "width": 320, "height": 180})
    tracks = (picture, small, audio) if video else (audio,)
    return EncodedPart(number=0, take=1, start_ms=0, end_ms=60_000, tracks=tracks)


def card(shown: Episode, version: str = VERSION) -> EpisodeCard:
    """The card of an episode, with the poster of ``write_hls``."""
    version = keys.LIVE if shown.live else version
    return cards.card(shown, version).model_copy(update={"poster": "poster.jpg" if shown.poster else ""})


def search_document(shown: Episode, version: str = VERSION) -> SearchDocument:
    """What the search index is told of the episode."""
    return cards.search_document(shown, version)


def captions(shown: Episode) -> str:
    """WebVTT with a cue for every passage."""
    cues = [f"{_clock(p.start_ms)} --> {_clock(p.end_ms)}\n{p.text}\n" for p in shown.transcript.passages]
    return "WEBVTT\n\n" + "\n".join(cues)


def chapters(shown: Episode) -> str:
    """WebVTT with a cue for every chapter."""
    cues = [f"{_clock(c.start_ms)} --> {_clock(c.end_ms)}\n{c.title}\n" for c in shown.chapters]
    return "WEBVTT\n\n" + "\n".join(cues)


def _clock(ms: int) -> str:
    return f"{ms // 3_600_000:02}:{ms // 60_000 % 60:02}:{ms // 1000 % 60:02}.{ms % 1000:03}"


def write_hls(folder: Path, *, video: bool = True) -> None:
    """One minute of moving colours in two sizes and a tone: a master playlist with separate sound, and a poster."""
    ffmpeg = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y"]
    colours = "gradients=s=160x90:r=25:d=60:speed=0.02:c0=0x12362c:c1=0x3f8f73:c2=0xe9e4cf:c3=0x2a6f8f:n=4"
    colours += ",scale=640:360"
    source = ["-f", "lavfi", "-i", colours, "-f", "lavfi", "-i", "sine=frequency=330:duration=60"]
    codecs = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "50", "-c:a", "aac"]
    hls = ["-f", "hls", "-hls_time", "4", "-hls_playlist_type", "vod", "-hls_segment_type", "fmp4"]
    files = [
        "-hls_segment_filename",
        str(folder / "%v-%d.m4s"),
        "-hls_fmp4_init_filename",
        "%v-init.mp4" if video else "audio-init.mp4",
    ]
    sound = "a:0,agroup:sound,default:yes,language:fi,name:audio"
    streams = ["-var_stream_map", f"v:0,agroup:sound,name:360 v:1,agroup:sound,name:180 {sound}"]
    maps = ["-map", "0:v", "-map", "0:v", "-s:v:1", "320x180", "-b:v:1", "60k", "-map", "1:a"]
    if not video:
        maps, streams = ["-map", "1:a"], ["-var_stream_map", "a:0,name:audio"]
    master = ["-master_pl_name", "master.m3u8"] if video else []
    subprocess.run(
        [*ffmpeg, *source, *maps, *codecs, *hls, *files, *streams, *master, str(folder / "%v.m3u8")], check=True
    )
    subprocess.run([*ffmpeg, *source[:4], "-frames:v", "1", str(folder / "poster.jpg")], check=True)


def older(name: str, shown: Episode) -> Episode:
    """The episode under another name, four weeks earlier."""
    moved = {"id": name, "starts_at": datetime(2026, 10, 27, 7, tzinfo=UTC)}
    return shown.model_copy(update={"broadcast": shown.broadcast.model_copy(update=moved)})


def signed(kind: Kind = "signed", machine: str = "") -> Signing:
    """The example's text, published by machine and checked by a person a week later."""
    first = Step(at=STARTS_AT + timedelta(hours=2), kind="published", machine=machine, text="1a2b3c4d5e6f7081")
    by = first.model_copy(update={"at": STARTS_AT + timedelta(days=7), "kind": kind, "by": "Anna Korhonen"})
    return Signing("", (first, by))


def episodes() -> tuple[tuple[Episode, bool], ...]:
    """The example and two older broadcasts, and whether each has a picture."""
    main, sound = episode(), older("aani", episode(video=False, title="Kuntien yhteinen talousarvio <2027>"))
    silent = older("hiljainen", episode(video=False, title="Syyspäivät, tunnelmia")).model_copy(
        update={
            "transcript": Transcript(language="fi", engine="example"),
            "notes": Notes(),
            "mentions": (),
            "chapters": (),
        }
    )
    return (main, True), (sound.model_copy(update={"hidden": (HIDDEN,)}), False), (silent, False)


def site_pages(shown: Sequence[Episode], settings: Settings) -> dict[str, str]:
    """Key and text of every page of a site but the episodes' own."""
    told = [(card(each), places.mentioned(each)) for each in shown]
    pages = {key: draft.make() for key, draft in drafts(settings, told).items()}
    for text in languages(settings):
        front = render.front_page([card(each) for each in shown], text, PROGRAMMES, [planned()])
        pages[text.folder + keys.FRONT_PAGE] = front
        pages[text.folder + keys.page(planned().id)] = render.coming_page(planned(), text)
        gone = render.withdrawn_page("poistettu", STARTS_AT, STARTS_AT + timedelta(days=3), "Siinä oli virhe.", text)
        pages[text.folder + keys.page("poistettu")] = gone
        waits = older("tarkistettava", shown[0]).broadcast
        pages[text.folder + keys.page(waits.id)] = render.checking_page(waits, text)
    return pages


def write_site(folder: Path) -> None:
    """The whole public site of the example, with something to play."""
    for name, version, video in write_pages(folder):
        place = folder / keys.asset(name, version, "x")
        if not (place.parent / "audio.m3u8").exists():
            write_hls(place.parent, video=video)


def write_pages(folder: Path) -> list[tuple[str, str, bool]]:
    """All of it but the media: the example, two older broadcasts without a picture and one on the air.

    Gives id and version of each, and whether it has a picture.
    """
    live = older("suora", episode(title="Hankinnat yhdessä")).model_copy(update={"live": True, "notes": Notes()})
    every = (*episodes(), (live, True))
    for shown, _ in every:
        write_episode(folder, shown)
    cards = [card(shown) for shown, _ in every]
    for key, text in site_pages([shown for shown, _ in every], SETTINGS).items():
        _write(folder, key, text)
    _write(folder, keys.FEED, render.feed(cards, strings.load("fi")))
    own, links = strings.load("fi"), Links(SETTINGS.site_url)
    _write(folder, keys.CALENDAR, calendar.calendar(cards, [planned()], own, links).decode())
    _write(folder, keys.own_calendar(planned().id), calendar.calendar([], [planned()], own, links).decode())
    for name, path in render.static_files():
        target = folder / keys.static(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    return [(shown.broadcast.id, card(shown).version, video) for shown, video in every]


def write_episode(folder: Path, shown: Episode) -> None:
    """The pages of an episode and what they refer to, but the media."""
    name, version = shown.broadcast.id, keys.LIVE if shown.live else VERSION
    for text in languages(SETTINGS):
        known = None if shown.live else signed()
        page = render.episode_page(shown, version, text, base_url=SETTINGS.site_url, contact=CONTACT, signed=known)
        _write(folder, text.folder + keys.page(name), page)
        if known:
            told = compliance.evidence(shown, version, known)
            _write(folder, text.folder + keys.evidence_page(name), render.evidence_page(told, text))
            _write(folder, keys.evidence(name), told.model_dump_json())
        _write(folder, text.folder + keys.asset(name, version, "muistio.html"), render.notes_page(shown, version, text))
    _write(folder, keys.card(name), card(shown, version).model_dump_json())
    _write(folder, keys.search_document(name, version), search_document(shown).model_dump_json())
    _write(folder, keys.asset(name, version, "captions.vtt"), captions(shown))
    _write(folder, keys.asset(name, version, "chapters.vtt"), chapters(shown))
    _write(folder, keys.asset(name, version, "forms.json"), cards.forms_json(shown))
    if not shown.live:
        for file, made in whole_files(shown, version, strings.load("fi"), SETTINGS).items():
            if not file.endswith((".m3u8", ".html", "captions.vtt")):
                target = folder / keys.asset(name, version, file)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(made)


def planned(name: str = "tulossa", **more: object) -> Planned:
    """A broadcast that is to come, two months after the example."""
    starts_at = STARTS_AT + timedelta(days=63)
    given: dict[str, object] = {
        "id": name,
        "programme": "maaseutu-live",
        "title": "Kylien tulevaisuus",
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(minutes=90),
        "about": "Miten kylät pysyvät asuttuina, kun koulu ja kauppa ovat kaukana?",
        "agenda": [AgendaItem(title="Kyläkoulut"), AgendaItem(title="Kyläkaupat ja etätyö")],
        "speakers": [{"name": "Anna Hietaniemi", "municipality": "Savukoski", "role": "kunnanjohtaja"}],
        "changed_at": STARTS_AT,
    }
    return Planned.model_validate(given | more)


def search_page(query: str) -> str:
    """The page of a search with everything on it: filters, one of them chosen, a time line, and more pages to come."""
    hit = Hit(
        episode=ID,
        version=VERSION,
        title="Kyläkoulut, valokuitu ja etätyö",
        programme="maaseutu-live",
        starts_at=STARTS_AT,
        start_ms=_at(3),
        passage_start_ms=_at(3),
        end_ms=_at(4),
        text=SPOKEN[3],
        highlights=((11, 16),),
        score=1.0,
    )
    chapter = hit.model_copy(update={"kind": "chapter", "text": "Kyläkoulujen tulevaisuus", "highlights": ((0, 12),)})
    results = Results(
        total=41,
        hits=(hit, chapter),
        groups=(Group(episode=ID, total=5, times=(_at(2), _at(3), _at(5), _at(14), 60_000)),),
        counts=Counts(year={"2025": 8, "2026": 41}, municipality={"925": 12}, kind={"passage": 40, "decision": 2}),
    )
    asked = searching.Question(query=query, year="2026", episode=ID)
    known = searching.Known((card(episode()),), PROGRAMMES)
    return searching.page(asked, results, strings.load_all()["fi"], known, anywhere=49)


def _write(folder: Path, key: str, text: str) -> None:
    path = folder / key
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write_site(Path(sys.argv[1]))
