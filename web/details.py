"""Episodes as the API tells of them: in short from a card, whole from the Episode when it is published. Pure."""

from collections.abc import Iterable

from core import keys
from core.media.soundfile import MEDIA_TYPE, SoundFile
from core.models import Episode, EpisodeCard, Passage
from core.text.transcript import NOT_RECOGNISED
from web import views
from web.answers import Audio, EpisodeDetails, EpisodeSummary, Line, Media, NamedMunicipality, Spoken, Texts
from web.links import Links

API = "api/v1"


def summary(card: EpisodeCard, links: Links) -> EpisodeSummary:
    """The episode of a card."""
    towns = views.towns(card.mentions)
    return EpisodeSummary(
        **card.model_dump(include={"id", "title", "programme", "starts_at", "duration_ms", "live", "summary"}),
        municipalities=tuple(NamedMunicipality(code=t.code, name=t.name, mentions=len(t.at_ms)) for t in towns),
        poster=links.poster(card),
        url=links.episode(card.id),
        details=links.to(f"{API}/episodes/{card.id}"),
    )


def spoken(card: EpisodeCard, links: Links) -> list[Spoken]:
    """Every municipality named in the episode of a card, in the order of speech."""
    about = {"episode": card.id, "title": card.title, "starts_at": card.starts_at}
    return [
        Spoken(**mention.model_dump(), **about, url=links.moment(card.id, mention.at_ms)) for mention in card.mentions
    ]


def details(
    episode: Episode, card: EpisodeCard, links: Links, names: Iterable[str], sound: SoundFile | None = None
) -> EpisodeDetails:
    """All of an episode. ``names`` are the files there are in its version's folder."""
    broadcast, files = episode.broadcast, set(names)

    def file(*choice: str) -> str | None:
        found = next((name for name in choice if name in files), None)
        return links.to(keys.asset(card.id, card.version, found)) if found else None

    return EpisodeDetails(
        **card.model_dump(include={"id", "version", "title", "programme", "starts_at", "duration_ms", "live"}),
        language=episode.transcript.language or broadcast.language,
        engine=episode.transcript.engine,
        url=links.episode(card.id),
        media=Media(
            hls=file(*(["master.m3u8"] if views.has_video(episode) else []), "audio.m3u8"),
            audio=Audio(url=links.to(sound.key), size=sound.size, type=MEDIA_TYPE) if sound else None,
            poster=links.poster(card),
            thumbnails=file("thumbs.vtt"),
            embed=links.to(keys.embed(card.id)),
        ),
        texts=Texts(
            captions_vtt=file("captions.vtt"),
            captions_srt=file("captions.srt"),
            transcript_txt=file("transcript.txt"),
            words_json=file("words.json"),
            chapters_vtt=file("chapters.vtt"),
            notes_md=file("muistio.md"),
            notes_html=file("muistio.html"),
            notes_docx=file("muistio.docx"),
            notes_json=file("muistio.json"),
        ),
        chapters=views.chapters(episode),
        notes=episode.notes.shown,
        mentions=tuple(spoken(card, links)),
        gaps=episode.gaps,
        withdrawn=episode.hidden,
        transcript=tuple(_line(passage, card.id, links) for passage in episode.transcript.passages),
    )


def _line(passage: Passage, name: str, links: Links) -> Line:
    return Line(
        **passage.model_dump(include={"id", "start_ms", "end_ms", "text", "unclear", "checked"}),
        recognised=passage.text != NOT_RECOGNISED,
        url=links.moment(name, passage.start_ms),
    )
