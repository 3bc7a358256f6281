"""Requests to servers that answer well, badly, or without end."""

from pathlib import Path

import pytest

from core import fetching
from core.errors import SourceMissing, SourceUnavailable
from tests.core.server import Answer, Serve

MP4 = b"\0\0\0\x18ftypmp42" + bytes(5000)


def test_downloading(serve: Serve, tmp_path: Path) -> None:
    path = fetching.download(serve("/a/kokous.mp4", Answer(MP4, "video/mp4")), {}, tmp_path)
    assert path == tmp_path / "kokous.mp4"
    assert path.read_bytes() == MP4


def test_a_download_that_breaks_off_leaves_no_file_of_that_name(serve: Serve, tmp_path: Path) -> None:
    url = serve("/kokous.mp4", Answer(MP4, "video/mp4", promised=len(MP4) + 1))
    with pytest.raises(SourceUnavailable, match=r"kokous\.mp4 (broke off|does not answer)"):
        fetching.download(url, {}, tmp_path)
    assert not (tmp_path / "kokous.mp4").exists()


def test_content_is_whole_or_an_error(serve: Serve) -> None:
    get = {"headers": {}, "limit": 9000, "seconds": 5.0}
    assert fetching.content(serve("/a", Answer(MP4)), **get) == MP4
    with pytest.raises(SourceUnavailable, match="broke off|does not answer"):
        fetching.content(serve("/b", Answer(MP4, promised=len(MP4) + 1)), **get)
    with pytest.raises(SourceUnavailable, match="sends more than 9000 bytes"):
        fetching.content(serve("/c", Answer(MP4 * 2)), **get)
    with pytest.raises(SourceMissing, match="answers 410 Gone"):
        fetching.content(serve("/d", Answer(status=410)), **get)
    with pytest.raises(SourceUnavailable, match="answers 503"):
        fetching.content(serve("/e", Answer(status=503)), **get)
