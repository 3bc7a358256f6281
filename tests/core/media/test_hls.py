"""Playlists as a parser of others reads them."""

import m3u8

from core.media import hls
from core.models import EncodedPart, EncodedTrack, Fragment, Thumbnail


def part(number, take, start_ms, end_ms):
    pieces = (Fragment(offset=100, length=900, duration_ms=end_ms - start_ms),)
    common = {"key": "k", "sha256": str(number), "size": 1000, "init_length": 100, "init_sha256": "i"}
    audio = EncodedTrack(name="audio", codecs="mp4a.40.2", bandwidth=1000, fragments=pieces, **common)
    video = EncodedTrack(
        name="360", codecs="avc1.4d401e", width=640, height=360, bandwidth=5, fragments=pieces, **common
    )
    still = Thumbnail(at_ms=start_ms, key="k", sha256="s", width=320, height=180)
    return EncodedPart(
        number=number, take=take, start_ms=start_ms, end_ms=end_ms, tracks=(video, audio), thumbnails=(still,)
    )


PARTS = [part(0, 1, 0, 60_000), part(1, 1, 60_000, 71_240), part(2, 2, 71_240, 131_240)]
NAMES = [hls.captions_file(number) for number in range(3)]


def test_captions_have_a_segment_a_part_and_the_same_breaks():
    read = m3u8.loads(hls.captions_playlist(PARTS, NAMES))
    assert [s.uri for s in read.segments] == NAMES
    assert [s.duration for s in read.segments] == [60, 11.24, 60]
    assert [s.discontinuity for s in read.segments] == [False, False, True]
    assert read.target_duration == 60
    assert read.is_endlist
    media = m3u8.loads(hls.media_playlist(PARTS, "360", lambda track: track.sha256))
    assert [s.discontinuity for s in media.segments] == [False, False, True]


def test_captions_are_a_rendition_of_every_quality():
    read = m3u8.loads(hls.master_playlist(PARTS, "fi", "fi"))
    (found,) = [media for media in read.media if media.type == "SUBTITLES"]
    assert (found.name, found.language, found.uri) == ("Suomi", "fi", "captions.m3u8")
    assert (found.default, found.autoselect, found.forced) == ("YES", "YES", "NO")
    assert found.characteristics == "public.accessibility.transcribes-spoken-dialog"
    assert [p.stream_info.subtitles for p in read.playlists] == [found.group_id]
    assert {p.stream_info.closed_captions for p in read.playlists} == {"NONE"}


def test_a_language_without_a_name_of_its_own_is_told_by_its_code():
    assert 'NAME="smn",LANGUAGE="smn"' in hls.master_playlist(PARTS, "fi", "smn")


def test_without_speech_there_are_no_captions():
    assert "SUBTITLES" not in hls.master_playlist(PARTS, "fi")


def test_that_of_a_live_broadcast_grows_and_begins_near_its_end():
    for text in (
        hls.media_playlist(PARTS, "360", lambda track: track.sha256, hls.Growth(90)),
        hls.captions_playlist(PARTS, NAMES[: len(PARTS)], hls.Growth(90)),
    ):
        read = m3u8.loads(text)
        assert read.playlist_type == "event"
        assert not read.is_endlist
        assert read.start.time_offset == -hls.LIVE_START_SECONDS
    whole = m3u8.loads(hls.media_playlist(PARTS, "360", lambda track: track.sha256))
    assert (whole.playlist_type, whole.is_endlist, whole.start) == ("vod", True, None)


def test_the_longest_duration_of_a_growing_playlist_never_changes():
    short = [part.model_copy(update={"end_ms": part.start_ms + 10_000 * (at + 1)}) for at, part in enumerate(PARTS)]
    for growing in (short[:1], short):
        for growth in (hls.Growth(90), hls.Growth(90, ended=True)):
            text = hls.captions_playlist(growing, NAMES[: len(growing)], growth)
            assert "#EXT-X-TARGETDURATION:90\n" in text
            assert text.endswith("#EXT-X-ENDLIST\n") == growth.ended
    assert "#EXT-X-TARGETDURATION:10\n" in hls.captions_playlist(short[:1], NAMES[:1])
