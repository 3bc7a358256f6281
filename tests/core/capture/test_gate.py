"""What senders say to the gate, right and wrong, in pieces of any size."""

import struct

import pytest

from core.capture.gate import Dialogue, Refused

KEY = "avain-1234567"
HANDSHAKE = b"\x03" + bytes(1536) + bytes(1536)
NULL = b"\x05"


def _text(text: str) -> bytes:
    return b"\x02" + struct.pack(">H", len(text)) + text.encode()


def _message(kind: int, body: bytes, chunk: int = 128) -> bytes:
    """A message on chunk stream 3, split as the protocol asks."""
    header = b"\x03" + bytes(3) + struct.pack(">I", len(body))[1:] + bytes([kind]) + bytes(4)
    pieces = [body[at : at + chunk] for at in range(0, len(body), chunk)] or [b""]
    return header + b"\xc3".join(pieces)


def _command(name: str, *rest: bytes) -> bytes:
    return _message(20, _text(name) + b"\x00" + struct.pack(">d", 1) + b"".join(rest))


CONNECT = HANDSHAKE + _command("connect", b"\x03" + bytes(300))
SIZE = _message(1, struct.pack(">I", 4096))
MEDIA = _message(9, bytes(500), chunk=4096)
PUBLISH = _command("publish", NULL, _text(KEY), _text("live"))
ALL_OF_OBS = [_command("releaseStream", NULL, _text(KEY)), _command("FCPublish", NULL, _text(KEY))]
RIGHT = CONNECT + b"".join(ALL_OF_OBS) + _command("createStream", NULL) + PUBLISH + MEDIA


@pytest.mark.parametrize("size", [1, 7, 4096, len(RIGHT)])
def test_the_right_key_is_let_in(size: int) -> None:
    dialogue = Dialogue(KEY)
    for at in range(0, len(RIGHT), size):
        dialogue.hear(RIGHT[at : at + size])
    assert dialogue.admitted


def test_nobody_is_let_in_before_the_key_is_said() -> None:
    dialogue = Dialogue(KEY)
    dialogue.hear(CONNECT + SIZE + _command("createStream", NULL) + PUBLISH[:-1])
    assert not dialogue.admitted


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (_command("publish", NULL, _text("wrong"), _text("live")), "key is wrong"),
        (_command("publish", NULL, _text(KEY + "x"), _text("live")), "key is wrong"),
        (_command("publish", NULL, _text(""), _text("live")), "key is wrong"),
        (_command("FCPublish", NULL, _text("wrong")), "key is wrong"),
        (_command("publish", NULL), "speaks no RTMP"),
        (_command("play", NULL, _text("x")), "does not want to publish"),
        (MEDIA, "media before"),
        (_message(8, b"\xaf\x00"), "media before"),
        (_message(18, _text("@setDataFrame")), "media before"),
        (_message(20, bytes(20_000)), "too much"),
        (b"\x43" + bytes(6) + b"\x14" + b"\x09", "speaks no RTMP"),
        (b"GET / HTTP/1.1\r\n\r\n" * 20, "it "),
    ],
)
def test_all_others_are_refused(said: bytes, why: str) -> None:
    dialogue = Dialogue(KEY)
    with pytest.raises(Refused, match=why):
        dialogue.hear(CONNECT + said)
    assert not dialogue.admitted
